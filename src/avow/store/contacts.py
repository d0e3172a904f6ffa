"""Where are contacts written down? One row each, values and provenance in one JSON column, saved by version.

- A row is replaced only where its version is the one it was loaded at; whoever comes second is told by `WriteConflict`.
- What an ordinary update leaves as it was (role, identity, merges, its places in lists) is not written again: indexes
  depend on it.

Source: performance.md ("one row per contact"), scale.md ("What this means for the committer").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import func, literal, select, text, tuple_

from avow.flow.contract import Save, Seen, Shelf
from avow.store import changes
from avow.store.engine.reader import Reader
from avow.store.engine.recent import Recent
from avow.store.engine.session import Row, Session, write_all
from avow.store.engine.statement import Insert, Lookup, Update, Writing
from avow.store.schema import ARCHIVED, BLOCKED, CONTACT_ID, LISTED, contact
from avow.store.search import places
from avow.trust.contact import Contact, ContactId, Holding, Role, WorkspaceId

COLUMNS: Final = (
    "id",
    "workspace_id",
    "version",
    "role",
    "created_at",
    "updated_at",
    "head",
    "external_id",
    "last_seen_at",
    "merged_into",
    "holdings",
    "ignored",
    "archived_at",
    "blocked_at",
)
"""The columns of `contact`, in the order of the fields of `Contact`."""

_HOLDINGS: Final = COLUMNS.index("holdings")
_HOT: Final = ("version", "updated_at", "head", "last_seen_at", "holdings", "ignored")
_COLD: Final = ("role", "created_at", "external_id", "merged_into", "archived_at", "blocked_at")
_AT_VERSION: Final = ("workspace_id", "id", "version")

LOAD: Final = Lookup(contact, ("workspace_id", "id"), COLUMNS)
CREATE: Final = Insert(contact, (*COLUMNS, *places.NAMES))
UPDATE: Final = Update(contact, _HOT, _AT_VERSION)
SEEN_LATER: Final = Update(contact, (*_HOT, places.NAMES[0]), _AT_VERSION)
MOVE: Final = Update(contact, (*_HOT, *places.NAMES), _AT_VERSION)
REPLACE: Final = Update(contact, (*_HOT, *places.NAMES, *_COLD), _AT_VERSION)
SEEN: Final = Update(contact, ("last_seen_at",), ("workspace_id", "id"), newer="last_seen_at")
SEEN_IN: Final = Update(contact, ("seen_hour",), ("workspace_id", "id"), newer="seen_hour")

Holdings = dict[str, Holding]
_encode = msgspec.json.Encoder().encode
decode_holdings = msgspec.json.Decoder(Holdings).decode
"""What the column of holdings says."""
_decode_ignored = msgspec.json.Decoder(dict[str, tuple[int, int]]).decode
_SHELVES: Final = {Shelf.LISTED: LISTED, Shelf.ARCHIVED: ARCHIVED, Shelf.BLOCKED: BLOCKED}
_ROLES: Final = {str(role): role for role in Role}

Identity = tuple[Role, float, str | None, ContactId | None, float | None, float | None]
"""What an ordinary update leaves as it was."""
Known = tuple[Identity, places.Places]
"""What indexes know of a contact."""


def of_row(row: Sequence[Any], known_holdings: Holdings | None = None) -> Contact:
    """A stored row (`COLUMNS`), decoded."""
    contact_id, workspace_id, version, role, created, updated, head, external_id, seen, merged, holdings, ignored = row[
        :12
    ]
    return Contact(
        contact_id,
        workspace_id,
        version,
        _ROLES[role],
        created,
        updated,
        head,
        external_id,
        seen,
        merged,
        decode_holdings(holdings) if known_holdings is None else known_holdings,
        _decode_ignored(ignored) if ignored != "{}" else {},
        row[12],
        row[13],
    )


def identity_of(contact: Contact) -> Identity:
    """The part of a contact by which it is decided how it is saved."""
    cold = (contact.role, contact.created_at, contact.external_id, contact.merged_into)
    return *cold, contact.archived_at, contact.blocked_at


def known_of(contact: Contact) -> Known:
    """What indexes know of a contact, to be compared when it is saved."""
    return identity_of(contact), places.places_of(contact)


async def load(
    session: Session, ids: Sequence[tuple[WorkspaceId, ContactId]], recent: Recent[Holdings] | None = None
) -> list[Contact]:
    """Those of these contacts that exist. What is among the `recent` is not decoded again."""
    rows = await session.read(LOAD, ids)
    if recent is None:
        return [of_row(row) for row in rows]
    return [of_row(row, recent.decoded(row[0], row[_HOLDINGS])) for row in rows]


async def save(
    session: Session, saves: Iterable[Save], loaded: Mapping[ContactId, Contact], recent: Recent[Holdings]
) -> None:
    """Save contacts and append their changes. `loaded` holds what was loaded in this same transaction."""
    rows: dict[Writing, list[Row]] = {CREATE: [], UPDATE: [], SEEN_LATER: [], MOVE: [], REPLACE: []}
    for one in sorted(saves, key=_place):
        it, (identity, stands) = one.contact, known_of(one.contact)
        place = it.workspace_id, it.id, one.loaded_version
        before = loaded.get(it.id)
        was, stood = known_of(before) if before is not None else (None, None)
        hot = _hot(it, recent)
        if not one.loaded_version:
            rows[CREATE].append((*_whole(it, hot), *stands))
        elif was != identity:
            rows[REPLACE].append((*hot, *stands, *identity, *place))
        elif stood is None or stood[1:] != stands[1:]:
            rows[MOVE].append((*hot, *stands, *place))
        elif stood != stands:
            rows[SEEN_LATER].append((*hot, stands[0], *place))
        else:
            rows[UPDATE].append((*hot, *place))
    for statement, written in rows.items():
        there = statement is CREATE
        told = "A new contact is there already" if there else "A contact has changed since it was loaded"
        await write_all(session, statement, written, told)
    await changes.append(session, [change for one in saves for change in one.changes])


async def see(session: Session, seen: Iterable[Seen]) -> None:
    """Remember when contacts were last heard of; an older time changes nothing."""
    heard = sorted((one.workspace_id, one.contact_id, one.at) for one in seen)
    await session.write(SEEN, [(at, *place, at) for *place, at in heard])
    hours = [(place, places.whole(at, places.HOUR)) for *place, at in heard]
    await session.write(SEEN_IN, [(hour, *place, hour) for place, hour in hours])


async def of_id(reader: Reader, workspace_id: WorkspaceId, contact_id: ContactId) -> Contact | None:
    """One contact."""
    rows = await reader.read(LOAD, (workspace_id, contact_id))
    return of_row(rows[0]) if rows else None


async def listed(
    reader: Reader, workspace_id: WorkspaceId, shelf: Shelf, *, before: ContactId | None, limit: int, most: int
) -> tuple[list[Contact], int]:
    """Users and leads of a shelf, newest id first, and how many there are, counted up to `most`."""
    mine = (contact.c.workspace_id == workspace_id, text(_SHELVES[shelf]))
    page = select(*(contact.c[name] for name in COLUMNS)).where(*mine)
    if before is not None:
        page = page.where(contact.c.id < before)
    counted = select(contact.c.id).where(*mine).limit(most).subquery()
    async with reader.snapshot() as snapshot:
        rows = await snapshot.rows(page.order_by(contact.c.id.desc()).limit(limit))
        count = await snapshot.rows(select(func.count()).select_from(counted))
    return [of_row(row) for row in rows], count[0][0]


async def merged(
    reader: Reader,
    workspace_id: WorkspaceId,
    into: Sequence[ContactId],
    past: tuple[float, ContactId] | None,
    *,
    limit: int,
    oldest_first: bool,
) -> list[Contact]:
    """Leads that became part of these contacts, by the time of that (and id), past the last one seen."""
    order = tuple_(contact.c.updated_at, contact.c.id)
    query = select(*(contact.c[name] for name in COLUMNS)).where(
        contact.c.workspace_id == workspace_id, contact.c.merged_into.in_(into), text("role <> 'visitor'")
    )
    if past is not None:
        seen = tuple_(literal(past[0]), literal(past[1], CONTACT_ID))
        query = query.where(order > seen if oldest_first else order < seen)
    columns = (contact.c.updated_at, contact.c.id)
    query = query.order_by(*(columns if oldest_first else (one.desc() for one in columns)))
    return [of_row(row) for row in await reader.rows(query.limit(limit))]


def _place(one: Save) -> tuple[str, str]:
    return one.contact.workspace_id, one.contact.id


def _hot(it: Contact, recent: Recent[Holdings]) -> Row:
    holdings = _encode(it.holdings).decode()
    recent.keep(it.id, holdings, it.holdings)
    return it.version, it.updated_at, it.head, it.last_seen_at, holdings, _ignored(it)


def _whole(it: Contact, hot: Row) -> Row:
    version, updated_at, head, last_seen_at, holdings, ignored = hot
    identity = (it.id, it.workspace_id, version, it.role, it.created_at, updated_at, head)
    return *identity, it.external_id, last_seen_at, it.merged_into, holdings, ignored, it.archived_at, it.blocked_at


def _ignored(it: Contact) -> str:
    return _encode(it.ignored).decode() if it.ignored else "{}"
