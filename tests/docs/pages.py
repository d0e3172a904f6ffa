"""Which pages does a person read, and what stands on them: links, headings, and blocks that are meant to run."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.house.tree import ROOT

_FENCE = re.compile(r"^(`{3,})([^`\n]*)\n(.*?)^\1[ \t]*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(([^()\s]+)\)|!\[[^\]]*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_BEGINS = re.compile(r"<!-- begins with: (.+?) -->")


class Block(NamedTuple):
    """One fenced block: `info` are the words after the fence, the first of them its language."""

    page: str
    line: int
    info: tuple[str, ...]
    text: str

    @property
    def language(self) -> str:
        return self.info[0] if self.info else ""


@cache
def pages() -> dict[str, str]:
    """Every page by its path in the project."""
    found = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in found}


def page(path: str) -> str:
    return pages()[path]


def blocks(path: str) -> list[Block]:
    text = page(path)
    return [
        Block(path, text.count("\n", 0, found.start()) + 1, tuple(found[2].split()), found[3])
        for found in _FENCE.finditer(text)
    ]


def prose(path: str) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page(path))


def links(path: str) -> list[str]:
    """Where the page points, as written, in prose and pictures."""
    return [found[1] or found[2] for found in _LINK.finditer(_without_code(prose(path)))]


def anchors(path: str) -> set[str]:
    """The fragments by which the page's headings are reached."""
    found: set[str] = set()
    for heading in _HEADING.findall(prose(path)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.add(slug if slug not in found else f"{slug}-1")
    return found


def begins_with(path: str) -> str:
    """What the page needs before its first example: `nothing`, `data` or `a server`."""
    found = _BEGINS.search(page(path))
    return found[1] if found else "nothing"


def target(path: str, link: str) -> tuple[Path, str]:
    """The file and the fragment that a link leads to."""
    file, _, fragment = link.partition("#")
    return (ROOT / path).parent.joinpath(file).resolve() if file else ROOT / path, fragment


def _without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", lambda found: "`" * 2 if "](" in found[0] else found[0], text)
