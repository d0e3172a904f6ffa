"""What does the reference say of each address, and by which examples? The sections of `reference/http.md`, read once.

- A section is headed by its method and address. Its blocks of JSON are requests (`json POST /path`), answers
  (`json 200`), or both (`json GET /path 200`); everything else is prose.
- The same blocks are run against a server by `tests/docs`: what stands here is so.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

import msgspec

from avow.manual import shelf

_SECTION: Final = re.compile(r"^#{2,4} `([A-Z]+ /[^`]*)`\n(.*?)(?=^#{1,4} |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK: Final = re.compile(r"^```(?:json|text) ([^\n]+)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_LED: Final = re.compile(r"(?:\A|(?<=\n\n)|(?<=[.)]\s))((?:(?!\n\n|[.)]\s).)+):\s*\Z", re.DOTALL)


class Example(msgspec.Struct, frozen=True):
    """One request and its answer, with `…` and `<names>` in them. `lead` is the sentence that leads up to it."""

    method: str
    address: str
    body: Any
    status: int | None
    answer: Any
    lead: str


class Section(msgspec.Struct, frozen=True):
    """What is said of one address: prose (Markdown) and examples, of other addresses too where they lead up to it."""

    prose: str
    examples: tuple[Example, ...]

    def of(self, method: str, path: str) -> list[Example]:
        """The examples of the address itself."""
        shape = re.compile(re.sub(r"\\\{\w+\\\}", "[^/?]+", re.escape(path)) + r"(\?.*)?")
        return [one for one in self.examples if one.method == method and shape.fullmatch(one.address)]


NOTHING: Final = Section("", ())


@cache
def sections() -> dict[str, Section]:
    """Every section by its heading."""
    return {found[1]: _section(found[2]) for found in _SECTION.finditer(shelf.text(shelf.HTTP))}


def _section(text: str) -> Section:
    prose, after = "", 0
    examples: list[Example] = []
    for found in _BLOCK.finditer(text):
        prose += text[after : found.start()]
        after = found.end()
        words = found[1].split()
        if len(words) == 1:
            examples[-1] = msgspec.structs.replace(examples[-1], status=int(words[0]), answer=_value(found[2]))
            continue
        led = _LED.search(prose)
        if led:
            prose = prose[: led.start()].rstrip() + "\n\n"
        lead = " ".join(led[1].split()) if led else ""
        whole = len(words) == 3
        value, status = _value(found[2]), int(words[2]) if whole else None
        examples.append(Example(words[0], words[1], None if whole else value, status, value if whole else None, lead))
    prose += text[after:]
    return Section(re.sub(r"\n{3,}", "\n\n", prose).strip(), tuple(examples))


def _value(text: str) -> Any:
    """What a block holds: JSON, or else text."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
