"""Is this what the page says would come? `…` stands for anything within a line, a line of it alone for any lines.

In JSON `…` stands for any part of a text; a text that is `…` alone for any value; a member named `…` for any further
members, an element `…` for any further elements. `<name>` is any text, the same one wherever the page says it again.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping

_NAMED = re.compile(r"<([A-Za-z_]+)>")


def text_matches(expected: str, actual: str) -> bool:
    """Compare what a command printed, runs of blanks taken as one."""
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else _pattern(line) + r"\n" for line in _lines(expected))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(actual))) is not None


def difference(expected: object, actual: object, names: MutableMapping[str, str], at: str = "") -> str | None:
    """Where a JSON value first differs from what was expected, or None. Learns the texts of new names."""
    if expected == "…":
        return None
    if isinstance(expected, dict) and isinstance(actual, dict):
        return _of_objects(expected, actual, names, at)
    if isinstance(expected, list) and isinstance(actual, list):
        return _of_lists(expected, actual, names, at)
    if isinstance(expected, str) and isinstance(actual, str):
        return _of_texts(expected, actual, names, at)
    if type(expected) is type(actual) and expected == actual:
        return None
    return f"{at or 'the value'}: expected {expected!r}, found {actual!r}"


def filled(text: str, names: MutableMapping[str, str]) -> str:
    """The text with the names that are known put in."""
    return _NAMED.sub(lambda found: names.get(found[1], found[0]), text)


def _lines(text: str) -> list[str]:
    return [re.sub(r"[ \t]+", " ", line).strip() for line in text.strip("\n").split("\n")] if text.strip() else []


def _pattern(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split("…"))


def _of_objects(
    expected: dict[str, object], actual: dict[str, object], names: MutableMapping[str, str], at: str
) -> str | None:
    missing = expected.keys() - actual.keys() - {"…"}
    further = actual.keys() - expected.keys()
    if missing or (further and "…" not in expected):
        return f"{at or 'the object'}: missing {sorted(missing)}, found besides {sorted(further)}"
    for name, value in expected.items():
        if name != "…" and (found := difference(value, actual[name], names, f"{at}.{name}")):
            return found
    return None


def _of_lists(expected: list[object], actual: list[object], names: MutableMapping[str, str], at: str) -> str | None:
    rest = bool(expected) and expected[-1] == "…"
    wanted = expected[:-1] if rest else expected
    if len(actual) < len(wanted) or (len(actual) > len(wanted) and not rest):
        return f"{at or 'the list'}: expected {len(wanted)} elements, found {len(actual)}"
    for position, value in enumerate(wanted):
        if found := difference(value, actual[position], names, f"{at}[{position}]"):
            return found
    return None


def _of_texts(expected: str, actual: str, names: MutableMapping[str, str], at: str) -> str | None:
    known = filled(expected, names)
    pattern, unknown = "", []
    for part in re.split(r"(<[A-Za-z_]+>)", known):
        if _NAMED.fullmatch(part):
            unknown.append(part[1:-1])
            pattern += "(.+?)"
        else:
            pattern += _pattern(part)
    found = re.fullmatch(pattern, actual, re.DOTALL)
    if found is None:
        return f"{at or 'the text'}: expected {known!r}, found {actual!r}"
    names.update(zip(unknown, found.groups(), strict=True))
    return None
