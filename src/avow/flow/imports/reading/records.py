"""What is read of a file before anybody knows what it means: records, each with its line and where it ends."""

from __future__ import annotations

from typing import Protocol

import msgspec

from avow.trust.words import Word


class Form(Word):
    """How a file is written."""

    CSV = "csv"
    JSON_LINES = "jsonl"


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a line: a stable code, what was expected, and which column or field it is about.

    The message never repeats what came.
    """

    code: str
    message: str
    field: str | None = None


class Record(msgspec.Struct, frozen=True, gc=False):
    """One row as it stands. `line` is counted from 1, `end` is the byte after it, `ended_by` the line it ends on.

    Exactly one of `cells` (CSV), `members` (JSON Lines) and `fault` is there.
    """

    line: int
    end: int
    ended_by: int
    cells: list[str] | None = None
    members: dict[str, object] | None = None
    fault: Fault | None = None


class Records(Protocol):
    """Reads a file bit by bit. `final` says that nothing follows."""

    def feed(self, block: bytes, *, final: bool) -> list[Record]: ...
