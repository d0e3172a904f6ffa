"""How often did a contact do something? What was tracked, counted, and what the company says of the time before.

- A summary that is handed in again takes the place of the one before; what was tracked is never counted into it.
- The counting reads one contact's events, which stand together.

Source: contract/intercom-notes.md §4.2 (`POST /events/summaries`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import func, select

from avow.flow.contract import EventSummary
from avow.store.engine.reader import Reader
from avow.store.engine.session import Session
from avow.store.engine.statement import Insert, Lookup
from avow.store.schema import event, event_summary
from avow.trust.contact import ContactId, WorkspaceId

_COLUMNS: Final = ("workspace_id", "contact_id", "name", "count", "first_at", "last_at")

OF_CONTACT: Final = Lookup(event_summary, ("workspace_id", "contact_id"), _COLUMNS)
PUT: Final = Insert(
    event_summary,
    _COLUMNS,
    "(workspace_id, contact_id, name) DO UPDATE SET count = excluded.count, first_at = excluded.first_at,"
    " last_at = excluded.last_at",
)


async def put(session: Session, summaries: Iterable[EventSummary]) -> None:
    """Keep what is said of the time before."""
    ordered = sorted(summaries, key=lambda one: (one.workspace_id, one.contact_id, one.name))
    await session.write(PUT, [msgspec.structs.astuple(one) for one in ordered])


async def of_contact(
    reader: Reader, workspace_id: WorkspaceId, contact_id: ContactId, *, most: int
) -> list[EventSummary]:
    """Both together, by name."""
    mine = (event.c.workspace_id == workspace_id, event.c.contact_id == contact_id)
    tracked = select(event.c.name, func.count(), func.min(event.c.created_at), func.max(event.c.created_at))
    rows = await reader.rows(tracked.where(*mine).group_by(event.c.name).order_by(event.c.name).limit(most))
    found = {row[0]: EventSummary(workspace_id, contact_id, *row) for row in rows}
    for row in await reader.read(OF_CONTACT, (workspace_id, contact_id)):
        one = EventSummary(*row)
        found[one.name] = _joined(found[one.name], one) if one.name in found else one
    return [found[name] for name in sorted(found)[:most]]


def _joined(one: EventSummary, other: EventSummary) -> EventSummary:
    return msgspec.structs.replace(
        one,
        count=one.count + other.count,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
    )
