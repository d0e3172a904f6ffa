"""What is there to read, in which order? The lists of the documentation's first page, and the API's reference."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from avow.manual import addresses, shelf

_CHAPTER: Final = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_ENTRY: Final = re.compile(r"^- \[([^\]]+)\]\(([^)#]+\.md)\)", re.MULTILINE)
REFERENCE: Final = "Reference"


class Entry(msgspec.Struct, frozen=True):
    """A page by its title."""

    title: str
    address: str


class Chapter(msgspec.Struct, frozen=True):
    """Pages that belong together."""

    title: str
    entries: tuple[Entry, ...]


def contents() -> tuple[Chapter, ...]:
    """Every chapter with pages in it."""
    found = (_chapter(title, text) for title, text in _CHAPTER.findall(shelf.text(shelf.FRONT)))
    return tuple(chapter for chapter in found if chapter.entries)


def _chapter(title: str, text: str) -> Chapter:
    entries = [Entry(name, addresses.target(shelf.FRONT, link) or "") for name, link in _ENTRY.findall(text)]
    if title == REFERENCE:
        entries.insert(0, Entry("API", addresses.API))
    return Chapter(title, tuple(entry for entry in entries if entry.address))
