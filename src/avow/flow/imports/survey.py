"""What is in a file, before anything of it is written? One look through all of it: its columns, rows, and types.

- A file that cannot be meant (no header, nobody named, two columns with one meaning, unknown attributes) is refused as
  a whole, with everything that is wrong with it.
- Lines that cannot be read are counted and told when their turn comes; with `strict` they refuse the file now.
- A column that becomes an attribute has the narrowest type that every one of its values fits.

Source: spec §2 (types; attributes first created by REST are `locked`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import msgspec

from avow.flow.exports import unguarded
from avow.flow.exports.names import CUSTOM
from avow.flow.imports.job import MAX_FAULTS, Details, FileFault, Layout
from avow.flow.imports.layout import attribute_of, faults_of_header, faults_of_names, meaning_of, unknown_to
from avow.flow.imports.reading import MAX_RECORD, CsvRecords, Form, JsonRecords, Record, delimiter_of
from avow.flow.imports.reading.records import Records
from avow.flow.imports.rows import BadLine, members_of, row_of
from avow.flow.imports.source import Source, blocks
from avow.trust.attribute import Attribute, AttributeType, Enforcement
from avow.trust.rules import Rules
from avow.trust.weighing.values import Unfit, coerce

BOM: Final = b"\xef\xbb\xbf"
MAX_NAMES: Final = 1_000
"""Different names that a file may have."""
_ENCODED_OTHERWISE: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_NARROWEST: Final = (AttributeType.BOOLEAN, AttributeType.INTEGER, AttributeType.FLOAT, AttributeType.STRING)
OnBytes = Callable[[int], Awaitable[None]]
"""Told up to which byte the file has been looked through."""


class Refusal(Exception):
    """The file cannot be imported as it stands: nothing was written."""

    def __init__(self, faults: Iterable[FileFault]) -> None:
        self.faults = tuple(faults)[:MAX_FAULTS]
        super().__init__(self.faults[0].message)


async def survey(source: Source, details: Details, rules: Rules, on_bytes: OnBytes) -> Layout:
    """Look through a file. Raises `Refusal`."""
    options = details.options
    head = await _head(source)
    start = len(BOM) if head.startswith(BOM) else 0
    layout = Layout(start=start)
    reader: Records = JsonRecords(start)
    if options.form is Form.CSV:
        layout = _of_header(head, start, details, rules)
        reader = CsvRecords(layout.delimiter, layout.start, layout.line)
    look = _Look(details, layout, rules)
    offset = layout.start
    async for block, last in blocks(source, layout.start):
        for record in reader.feed(block, final=last):
            look.at(record)
        offset += len(block)
        await on_bytes(offset)
        await asyncio.sleep(0)
    return look.done(offset)


async def _head(source: Source) -> bytes:
    """Enough of the file's beginning to hold blanks and a header. Raises `Refusal` where it is no text of ours."""
    head = b""
    while len(head) < 2 * MAX_RECORD + len(BOM) and (more := await source.read(len(head))):
        head += more
    if head.startswith(_ENCODED_OTHERWISE):
        raise Refusal([FileFault(1, "bad_request", "The file is UTF-16 or UTF-32. Save it as UTF-8.")])
    if not head.removeprefix(BOM).strip():
        raise Refusal([FileFault(1, "bad_request", "The file is empty. It needs rows, and a CSV file a header.")])
    return head


def _of_header(head: bytes, start: int, details: Details, rules: Rules) -> Layout:
    begin = head[start : start + 2 * MAX_RECORD]
    if not begin[:MAX_RECORD].strip():
        message = f"The file begins with {MAX_RECORD} bytes of blanks. Begin it with the header."
        raise Refusal([FileFault(1, "bad_request", message)])
    delimiter = delimiter_of(next(line for line in begin.splitlines() if line.strip()))
    header = next(iter(CsvRecords(delimiter, start).feed(begin, final=True)))
    if header.cells is None:
        message = header.fault.message if header.fault is not None else ""
        raise Refusal([FileFault(header.line, "bad_request", f"The header cannot be read: {message}")])
    cells = [unguarded(cell) for cell in header.cells]
    if len(cells) > MAX_NAMES:
        message = f"The header has {len(cells)} columns; there can be {MAX_NAMES}."
        raise Refusal([FileFault(header.line, "parameter_invalid", message)])
    columns = details.options.columns
    meanings = tuple(meaning_of(cell, columns) for cell in cells)
    faults = faults_of_header(cells, meanings, line=header.line)
    for column in (one for one in columns if one not in cells):
        message = f"The file has no column {column[:64]!r}, which is given a meaning. Look at its header."
        faults.append(FileFault(header.line, "parameter_not_found", message, column[:64]))
    names = [name for name in meanings if name is not None]
    faults = faults or faults_of_names(rules, names, line=header.line, create=details.options.create_attributes)
    if faults:
        raise Refusal(faults)
    ignored = tuple(cell for cell, name in zip(cells, meanings, strict=True) if name is None)
    return Layout(header.end, header.ended_by, delimiter=delimiter, meanings=meanings, ignored=ignored)


class _Look:
    """What one look through the file has found so far."""

    def __init__(self, details: Details, layout: Layout, rules: Rules) -> None:
        self._details = details
        self._layout = layout
        self._rules = rules
        self._rows = 0
        self._names = dict.fromkeys((name for name in layout.meanings if name is not None), layout.line)
        """Every meaning, with the line where it came first."""
        self._ignored = dict.fromkeys(layout.ignored)
        self._unseen = list(details.options.columns) if details.options.form is Form.JSON_LINES else []
        """What is given a meaning and no line of JSON has named yet; a header was asked before."""
        self._types = {name: _Type(name) for name in unknown_to(rules, self._names)}
        self._bad: list[FileFault] = []

    def at(self, record: Record) -> None:
        """Look at one record."""
        options = self._details.options
        self._rows += 1
        if options.strict and len(self._bad) < MAX_FAULTS:
            row = row_of(record, self._layout, options.columns, frozenset())
            if isinstance(row, BadLine):
                self._bad.append(FileFault(row.line, row.fault.code, row.fault.message, row.fault.field))
        if record.members is not None:
            self._learn(record)
        elif record.cells is not None and self._types and len(record.cells) == len(self._layout.meanings):
            for name, cell in zip(self._layout.meanings, record.cells, strict=True):
                if name in self._types:
                    self._types[name].fit(cell)

    def _learn(self, record: Record) -> None:
        columns, members = self._details.options.columns, record.members or {}
        if self._unseen:
            custom = members.get(CUSTOM)
            named = {*members, *(custom if isinstance(custom, dict) else ())} - {CUSTOM}
            self._unseen = [column for column in self._unseen if column not in named]
        for column in members:
            if column != CUSTOM and meaning_of(column, columns) is None:
                self._ignored[column] = None
        try:
            said = dict(members_of(record, columns))
        except Exception:  # noqa: BLE001 - a line that cannot be read is told when its turn comes
            return
        for name in (one for one in said if one not in self._names):
            if len(self._names) >= MAX_NAMES:
                message = f"The file has more than {MAX_NAMES} different names."
                raise Refusal([FileFault(record.line, "parameter_invalid", message)])
            self._names[name] = record.line
            for unknown in unknown_to(self._rules, (name,)):
                self._types[unknown] = _Type(unknown)
        for name in said.keys() & self._types.keys():
            self._types[name].fit(said[name])

    def done(self, size: int) -> Layout:
        """What the file holds. Raises `Refusal`."""
        create = self._details.options.create_attributes
        unfit = (
            fault
            for name, line in self._names.items()
            for fault in faults_of_names(self._rules, (name,), line=line, create=create)
        )
        unseen = (_unseen(column) for column in self._unseen)
        if faults := sorted((*unseen, *unfit, *self._bad), key=lambda fault: fault.line):
            raise Refusal(faults)
        return msgspec.structs.replace(
            self._layout,
            rows=self._rows,
            bytes=size,
            ignored=tuple(name[:64] for name in self._ignored)[:MAX_FAULTS],
            fresh={attribute_of(name): found.type for name, found in self._types.items()},
        )


def _unseen(column: str) -> FileFault:
    message = f"No value in any line is called {column[:64]!r}, which is given a meaning. Look at the lines' names."
    return FileFault(0, "parameter_not_found", message, column[:64])


class _Type:
    """The types that every value of a new attribute has fitted so far. Text is always among them."""

    def __init__(self, name: str) -> None:
        dated = (AttributeType.DATE,) if name.endswith("_at") else ()
        self._left = [Attribute(0, name, kind, Enforcement.LOCKED) for kind in (*dated, *_NARROWEST)]
        self._seen = False

    def fit(self, value: object) -> None:
        """Keep the types that this value fits."""
        if value is None or value == "":
            return
        self._seen = True
        if len(self._left) > 1:
            self._left = [one for one in self._left[:-1] if _fits(one, value)] + self._left[-1:]

    @property
    def type(self) -> AttributeType:
        """What the attribute becomes: the narrowest; text where nothing was ever said of it."""
        return self._left[0 if self._seen else -1].type


def _fits(attribute: Attribute, value: object) -> bool:
    try:
        coerce(attribute, value)
    except Unfit:
        return False
    return True
