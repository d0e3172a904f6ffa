"""What does a CSV file say? Records as RFC 4180 has them, each with its line, whatever stands beside it.

- A quoted cell may hold delimiters, doubled quotes and line ends. What stands between quotes is never read as a row.
- Quotes that open and are not closed within `MAX_LINES` lines: the line where they open is at fault, and reading goes
  on with the next one.
- A blank line is no record. Not checked here: how many cells a record has, and what they mean.

Source: RFC 4180 §2.
"""

from __future__ import annotations

import csv
from typing import Final

from avow.flow.imports.reading.lines import MAX_RECORD, Lines
from avow.flow.imports.reading.records import Fault, Record

MAX_LINES: Final = 256
"""Lines of one record: a text value has no more characters."""
DELIMITERS: Final = (",", ";", "\t")
_NOT_TEXT: Final = Fault("bad_request", "The line is not UTF-8. Save the file as UTF-8.")
_NUL: Final = Fault("parameter_invalid", "The line holds U+0000, which no value may.")
_TOO_LONG: Final = Fault("request_too_large", f"The record is longer than {MAX_RECORD} bytes.")
_OPEN: Final = Fault("bad_request", "A quote opens here and is not closed. Close it, or double it where it is meant.")
_QUOTES: Final = Fault("bad_request", 'Text follows a closing quote. Double quotes that are meant: "".')


def delimiter_of(raw_header: bytes) -> str:
    """What separates the cells of a header: a comma, unless there is none and there are semicolons or tabs."""
    text = raw_header.decode("utf-8", "replace")
    return next((one for one in DELIMITERS if _cells_of(text, one) > 1), ",")


def _cells_of(text: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([text], delimiter=delimiter), ()))
    except csv.Error:
        return 1


class CsvRecords:
    """`Records` of CSV, from the byte `end` on, which stands behind line `number`."""

    def __init__(self, delimiter: str, end: int = 0, number: int = 0) -> None:
        self._delimiter = delimiter
        self._lines = Lines(end, number)
        self._number = number
        self._open: list[tuple[bytes, int]] = []
        self._size = 0

    def feed(self, block: bytes, *, final: bool) -> list[Record]:
        """See `Records`."""
        records: list[Record] = []
        for line, end in self._lines.feed(block, final=final):
            self._number += 1
            self._take(line, end, self._number, records)
        while final and self._open:
            self._give_up(_OPEN, records)
        return records

    def _take(self, line: bytes | None, end: int, number: int, records: list[Record]) -> None:
        if not self._open and line is not None and b'"' not in line:
            self._plain(line, end, number, records)
            return
        if line is None:
            while self._open:  # what is open cannot be closed within bounds any more
                self._give_up(_OPEN, records)
            records.append(Record(number, end, number, fault=_TOO_LONG))
            return
        self._open.append((line, end))
        self._size += len(line)
        if self._size > MAX_RECORD or len(self._open) > MAX_LINES:
            self._give_up(_OPEN, records)
        elif not _is_open(line, len(self._open) > 1, self._delimiter.encode()):
            self._close(number, records)

    def _plain(self, line: bytes, end: int, number: int, records: list[Record]) -> None:
        """A line without a quote is a record by itself."""
        content = line.rstrip(b"\r\n")
        if not content.strip():
            return
        if b"\0" in content:
            records.append(Record(number, end, number, fault=_NUL))
            return
        try:
            cells = content.decode().split(self._delimiter)
        except UnicodeDecodeError:
            records.append(Record(number, end, number, fault=_NOT_TEXT))
            return
        records.append(Record(number, end, number, cells))

    def _close(self, number: int, records: list[Record]) -> None:
        """The record that the open lines make."""
        first, end = number - len(self._open) + 1, self._open[-1][1]
        raw = [line for line, _ in self._open]
        self._open, self._size = [], 0
        fault: Fault | None = None
        cells: list[str] | None = None
        try:
            text = [line.decode() for line in raw]
            cells = next(csv.reader(text, delimiter=self._delimiter, strict=True))
        except UnicodeDecodeError:
            fault = _NOT_TEXT
        except (csv.Error, StopIteration):
            fault = _QUOTES
        if any(b"\0" in line for line in raw):
            cells, fault = None, _NUL
        records.append(Record(first, end, number, cells, None, fault))

    def _give_up(self, fault: Fault, records: list[Record]) -> None:
        """The line where the quotes open is at fault; those after it are read again."""
        first = self._number - len(self._open) + 1
        again = self._open[1:]
        records.append(Record(first, self._open[0][1], first, fault=fault))
        self._open, self._size = [], 0
        last = self._number
        for position, (line, end) in enumerate(again, first + 1):
            self._number = position
            self._take(line, end, position, records)
        self._number = last


def _is_open(line: bytes, is_open: bool, delimiter: bytes) -> bool:
    """Whether a quoted cell goes on after this line. Quotes open only where a cell begins."""
    at = 0
    while True:
        if is_open:
            at = line.find(b'"', at)
            if at < 0:
                return True
            if line[at + 1 : at + 2] == b'"':
                at += 2
                continue
            is_open = False
            at += 1
        elif line[at : at + 1] == b'"':
            is_open = True
            at += 1
            continue
        at = line.find(delimiter, at)
        if at < 0:
            return False
        at += 1
