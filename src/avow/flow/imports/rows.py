"""What does a record say, and of whom? Its cells or members as fields of a contact, before anything is weighed.

- A blank cell says nothing; an apostrophe that keeps a spreadsheet from running a cell is taken away again;
  in JSON Lines `null` clears, as it does by REST.
- Somebody is named by `external_id`, `email` or `id`: a row that could be anybody would be somebody new each time it
  is read.

Source: spec §3, §6 ("REST differs").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET

from avow.flow.contacts import Fields
from avow.flow.exports import unguarded
from avow.flow.exports.names import CUSTOM
from avow.flow.imports.job import Layout
from avow.flow.imports.layout import WRITABLE, attribute_of, is_custom, meaning_among_custom, meaning_of
from avow.flow.imports.reading import Fault, Record
from avow.trust.contact import ContactId, Role
from avow.trust.token_checks.user_id import MAX_USER_ID, user_id_of

MAX_MEMBERS: Final = 300
"""Names that one record may have: more than there are attributes."""
_LAST_SECOND: Final = 99_999_999_999
_ID: Final = re.compile(r"[0-9a-f]{24}\Z")
_SECONDS: Final = re.compile(r"[0-9]{1,11}\Z")


class Row(msgspec.Struct, frozen=True):
    """What one line says of somebody. `contact_id` is the id that it names, if any."""

    line: int
    fields: Fields
    contact_id: ContactId | None = None

    @property
    def width(self) -> int:
        """How many values it has."""
        return len(self.fields.raw_values) + len(self.fields.raw_custom)


class BadLine(msgspec.Struct, frozen=True):
    """A line that says nothing that could be weighed, and why."""

    line: int
    fault: Fault

    @property
    def width(self) -> int:
        """No value is known."""
        return 0


class _Unreadable(Exception):
    def __init__(self, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.fault = Fault(code, message, field)


def row_of(record: Record, layout: Layout, columns: Mapping[str, str], fresh: frozenset[str]) -> Row | BadLine:
    """The row that a record is. `columns` are the operator's meanings; what `fresh` names is not read."""
    if record.fault is not None:
        return BadLine(record.line, record.fault)
    try:
        said = dict(_said(record, layout, columns))
        return _row(record.line, {name: value for name, value in said.items() if not _is_fresh(name, fresh)})
    except _Unreadable as unreadable:
        return BadLine(record.line, unreadable.fault)


def _is_fresh(meaning: str, fresh: frozenset[str]) -> bool:
    return is_custom(meaning) and attribute_of(meaning) in fresh


def _said(record: Record, layout: Layout, columns: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    if record.cells is None:
        yield from members_of(record, columns)
        return
    if len(record.cells) != len(layout.meanings):
        found, expected = len(record.cells), len(layout.meanings)
        raise _Unreadable("bad_request", f"The record has {found} cells; the header has {expected}.")
    for name, cell in zip(layout.meanings, record.cells, strict=True):
        if name is not None and cell != "":
            yield name, unguarded(cell)


def members_of(record: Record, columns: Mapping[str, str]) -> Iterator[tuple[str, object]]:
    """What a record of JSON Lines says, by meaning. Raises `_Unreadable` for a meaning that comes twice."""
    members = record.members or {}
    custom = members.get(CUSTOM)
    if custom is not None and not isinstance(custom, dict):
        raise _Unreadable("parameter_invalid", f"{CUSTOM} is not an object, which is expected.", CUSTOM)
    if len(members) + len(custom or ()) > MAX_MEMBERS:
        raise _Unreadable("parameter_invalid", f"The record has more than {MAX_MEMBERS} names.")
    seen: set[str] = set()
    told: list[tuple[str | None, Any]] = [
        (meaning_of(name, columns), members[name]) for name in members if name != CUSTOM
    ]
    told += ((meaning_among_custom(name, columns), value) for name, value in (custom or {}).items())
    for name, value in told:
        if name is None:
            continue
        if name in seen:
            raise _Unreadable("duplicate_field", "Two names of the record mean the same. Keep one of them.", name[:64])
        seen.add(name)
        yield name, value


def _row(line: int, said: dict[str, object]) -> Row:
    contact_id = _contact_id(said.get("id"))
    external_id = _external_id(said["external_id"]) if "external_id" in said else UNSET
    if contact_id is None and not external_id and said.get("email") in (None, ""):
        raise _Unreadable("parameter_not_found", "The record names nobody: external_id, email and id are missing.")
    standard = {name: value for name, value in said.items() if name in WRITABLE}
    custom = {attribute_of(name): value for name, value in said.items() if is_custom(name)}
    fields = Fields(
        role=_role(said.get("role")),
        external_id=external_id or UNSET,
        raw_values=standard,
        raw_custom=custom,
        email_verified=_flag(said.get("email_verified")),
        last_seen_at=_seconds(said.get("last_seen_at")),
    )
    return Row(line, fields, contact_id)


def _contact_id(raw: object) -> ContactId | None:
    if raw is None or raw == "":
        return None
    if not isinstance(raw, str) or not _ID.match(raw):
        raise _Unreadable("parameter_invalid", "id is not 24 lower-case hex digits, which is expected.", "id")
    return ContactId(raw)


def _external_id(raw: object) -> str | None:
    if raw is None or raw == "":
        return None
    external_id = user_id_of(raw)
    if external_id is None or "\0" in external_id:
        message = f"external_id is not a text of 1 to {MAX_USER_ID} characters that is not blank."
        raise _Unreadable("parameter_invalid", message, "external_id")
    return external_id


def _role(raw: object) -> Role | None:
    if raw is None or raw == "":
        return None
    if raw not in (Role.USER, Role.LEAD):
        raise _Unreadable("parameter_invalid", "role is not user or lead, one of which is expected.", "role")
    return Role(str(raw))


def _flag(raw: object) -> bool | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, bool):
        return raw
    if raw not in ("true", "false"):
        raise _Unreadable("parameter_invalid", "email_verified is not true or false.", "email_verified")
    return raw == "true"


def _seconds(raw: object) -> int | None:
    if raw is None or raw == "":
        return None
    if isinstance(raw, str) and _SECONDS.match(raw):
        raw = int(raw)
    if type(raw) is not int or not 0 <= raw <= _LAST_SECOND:
        raise _Unreadable("parameter_invalid", "last_seen_at is not a time in Unix seconds.", "last_seen_at")
    return raw
