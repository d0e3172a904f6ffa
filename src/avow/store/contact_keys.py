"""Which contact does a key lead to? One row for each external id, e-mail, session or erased identity.

- A key of a unique kind leads to one contact: whoever puts it second, for another contact, gets `WriteConflict`.
- Putting a key again for the same contact raises its `not_before`, and never lowers it: what has ended stays ended,
  whatever a clock says later.
- Dropping a key that leads elsewhere by now, or nowhere, changes nothing.
- Several may share an e-mail, so no row stands in the way of a second one: whoever looks an address up has it alone
  until the transaction ends, and nobody else makes somebody new of it meanwhile.
- Anybody may claim an address for one name after the other. Of a crowd no more is read than tells that it is one.

Source: scale.md rules 3 and 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from avow.flow.contract import MOST_OF_ADDRESS, SHARED, KeyKind, KeyRow, LookupKey
from avow.store.engine.reader import Reader
from avow.store.engine.session import Session, write_all
from avow.store.engine.statement import Delete, Insert, Lookup
from avow.store.schema import contact_key
from avow.trust.contact import ContactId, WorkspaceId

_COLUMNS: Final = ("workspace_id", "kind", "value", "holder", "contact_id", "not_before")
_PLACE: Final = ("workspace_id", "kind", "value", "holder")
_OF_ADDRESS: Final = SHARED | {KeyKind.EMAIL_PROOF}
_KINDS: Final = {str(kind): kind for kind in KeyKind}
_FOUND: Final = ("workspace_id", "kind", "value", "contact_id", "not_before")
_AT_ONCE: Final = 1_000

FIND: Final = Lookup(contact_key, _PLACE[:3], _FOUND)
FIND_SHARED: Final = Lookup(
    contact_key, _PLACE[:3], _FOUND, more=f" ORDER BY holder LIMIT {MOST_OF_ADDRESS + 1}", most=_AT_ONCE
)
"""Nobody beyond one more than a crowd begins with."""
OF_CONTACT: Final = Lookup(
    contact_key,
    ("workspace_id", "contact_id"),
    ("workspace_id", "kind", "value", "contact_id", "not_before"),
)
PUT: Final = Insert(
    contact_key,
    _COLUMNS,
    "(workspace_id, kind, value, holder) DO UPDATE SET not_before ="
    " CASE WHEN contact_key.not_before > excluded.not_before OR excluded.not_before IS NULL"
    " THEN contact_key.not_before ELSE excluded.not_before END"
    " WHERE contact_key.contact_id = excluded.contact_id"
    " OR (contact_key.contact_id IS NULL AND excluded.contact_id IS NULL)",
)
DROP: Final = Delete(contact_key, (*_PLACE, "contact_id"))
DROP_UNLED: Final = Delete(contact_key, _PLACE)


def of_row(row: Sequence[Any]) -> KeyRow:
    """A stored row (`FIND`), decoded."""
    workspace_id, kind, value, contact_id, not_before = row
    return KeyRow(LookupKey(workspace_id, _KINDS[kind], value), contact_id, not_before)


async def find(session: Session, keys: Sequence[LookupKey]) -> list[KeyRow]:
    """Where these keys lead, in no order. What leads from an address stays so until the transaction ends."""
    addresses = [f"{key.workspace_id} {key.value}" for key in keys if key.kind in _OF_ADDRESS]
    if addresses:
        await session.hold(addresses)
    shared = [key for key in keys if key.kind in SHARED] if addresses else ()
    alone = [key for key in keys if key.kind not in SHARED] if shared else keys
    rows = await session.read(FIND, [(key.workspace_id, key.kind._value_, key.value) for key in alone])
    found = [of_row(row) for row in rows]
    return found + await _find_shared(session, shared) if shared else found


async def _find_shared(session: Session, keys: Sequence[LookupKey]) -> list[KeyRow]:
    """Where these lead: all at once; where a crowd leaves no room for the others, one by one."""
    asked = [(key.workspace_id, key.kind._value_, key.value) for key in keys]
    rows = await session.read(FIND_SHARED, asked)
    if len(rows) >= _AT_ONCE:
        rows = [row for one in asked for row in await session.read(FIND_SHARED, [one])]
    led: dict[LookupKey, list[KeyRow]] = {}
    for row in map(of_row, rows):
        led.setdefault(row.key, []).append(row)
    return [row for rows_of_one in led.values() for row in rows_of_one[: MOST_OF_ADDRESS + 1]]


async def of_key(reader: Reader, key: LookupKey) -> list[KeyRow]:
    """Where one key leads: of a crowd, up to its bound."""
    lookup = FIND_SHARED if key.kind in SHARED else FIND
    return [of_row(row) for row in await reader.read(lookup, (key.workspace_id, key.kind, key.value))]


async def of_contact(reader: Reader, workspace_id: WorkspaceId, contact_id: ContactId) -> list[KeyRow]:
    """Every key that leads to a contact, by kind and value, but for kinds that a newer version knows."""
    rows = [row for row in await reader.read(OF_CONTACT, (workspace_id, contact_id)) if row[1] in _KINDS]
    return sorted(map(of_row, rows), key=lambda row: (row.key.kind, row.key.value))


async def drop(session: Session, rows: Iterable[KeyRow]) -> None:
    """Away with these keys, where they still lead to the contact that is named."""
    led = sorted((*_place(row), row.contact_id) for row in rows if row.contact_id is not None)
    await session.write(DROP, led)
    await session.write(DROP_UNLED, sorted(_place(row) for row in rows if row.contact_id is None))


async def put(session: Session, rows: Iterable[KeyRow]) -> None:
    """Let these keys lead where they say."""
    placed = [(*_place(row), row.contact_id, row.not_before) for row in sorted(rows, key=_place)]
    await write_all(session, PUT, placed, "A key leads to another contact by now")


def _place(row: KeyRow) -> tuple[str, str, str, str]:
    holder = row.contact_id if row.key.kind in SHARED and row.contact_id is not None else ""
    return row.key.workspace_id, row.key.kind, row.key.value, holder
