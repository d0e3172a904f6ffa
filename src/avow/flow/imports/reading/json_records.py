"""What does a file of JSON Lines say? One strict JSON object a line; a line that is none is at fault by itself.

Blank lines are none. Source: https://jsonlines.org; the strictness is `trust/strict_json.py`'s.
"""

from __future__ import annotations

from typing import Final

from avow.flow.imports.reading.lines import MAX_RECORD, Lines
from avow.flow.imports.reading.records import Fault, Record
from avow.trust.strict_json import DuplicateName, StrictJsonError, loads

MAX_DEPTH: Final = 8
_TOO_LONG: Final = Fault("request_too_large", f"The line is longer than {MAX_RECORD} bytes.")
_NO_OBJECT: Final = Fault("bad_request", "The line is no JSON object. Write one object a line.")


class JsonRecords:
    """`Records` of JSON Lines, from the byte `end` on, which stands behind line `number`."""

    def __init__(self, end: int = 0, number: int = 0) -> None:
        self._lines = Lines(end, number)
        self._number = number

    def feed(self, block: bytes, *, final: bool) -> list[Record]:
        """See `Records`."""
        records: list[Record] = []
        for line, end in self._lines.feed(block, final=final):
            self._number += 1
            if line is None:
                records.append(Record(self._number, end, self._number, fault=_TOO_LONG))
            elif line.strip():
                members = _members(line)
                if isinstance(members, Fault):
                    records.append(Record(self._number, end, self._number, fault=members))
                else:
                    records.append(Record(self._number, end, self._number, members=members))
        return records


def _members(line: bytes) -> dict[str, object] | Fault:
    try:
        value = loads(line, max_depth=MAX_DEPTH)
    except DuplicateName as error:
        return Fault("duplicate_field", f"The line is ambiguous: {error}.")
    except StrictJsonError as error:
        return Fault("bad_request", f"The line is not the JSON that is expected: {error}.")
    return value if isinstance(value, dict) else _NO_OBJECT
