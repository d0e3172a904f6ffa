"""How far has an interrupted export come? Up to the last line that is whole; what follows it is thrown away.

A CSV line is whole when all its cells are there, as many as the header has; it tells whom it is about in its first one.
"""

from __future__ import annotations

from typing import BinaryIO, Final

import msgspec

from avow.flow.exports import Form
from avow.flow.imports.reading import CsvRecords
from avow.trust.contact import ContactId

_BLOCK: Final = 64 * 1024


class Place(msgspec.Struct, frozen=True):
    """Where to go on: behind the byte `end` and the person `last`."""

    end: int = 0
    last: ContactId | None = None


class _Named(msgspec.Struct, frozen=True):
    id: str


def last_whole_line(file: BinaryIO, form: Form) -> Place:
    """Where an export was interrupted; the file is read from its beginning."""
    return _of_csv(file) if form is Form.CSV else _of_json(file)


def _of_json(file: BinaryIO) -> Place:
    place = Place()
    file.seek(0)
    for line in file:
        if line.endswith(b"\n"):
            named = msgspec.json.decode(line, type=_Named)
            place = Place(place.end + len(line), ContactId(named.id))
    return place


def _of_csv(file: BinaryIO) -> Place:
    file.seek(0)
    header = file.readline()
    if not header.endswith(b"\n"):
        return Place()
    place = Place(len(header))
    reader = CsvRecords(",", len(header), 1)
    while block := file.read(_BLOCK):
        for record in reader.feed(block, final=False):
            if record.cells:
                place = Place(record.end, ContactId(record.cells[0]))
    return place
