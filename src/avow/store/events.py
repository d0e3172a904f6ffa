"""Where is it written down what a person did, and how a request was answered? Beside the contact, in one transaction.

- An event is stored once, however often it is handed in, and stays as it was unless somebody vouches for it now and
  nobody did before; one of a contact that is gone is a conflict.
- An answer is kept for a day under its idempotency key. Whoever comes second with the same key gets `WriteConflict`,
  and finds the first one's answer when it asks again.

Source: spec §7.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from sqlalchemy import Double, literal, select, tuple_

from avow.flow.contract import EventPlace, EventRow, Replay
from avow.store.engine.reader import Reader
from avow.store.engine.session import Session, write_all
from avow.store.engine.statement import Insert, Lookup
from avow.store.schema import event, replay
from avow.store.schema.columns import TEXT
from avow.trust.contact import ContactId, WorkspaceId

KEPT_FOR: Final = 86_400.0
"""Seconds for which an answer can be asked for again."""

COLUMNS: Final = ("workspace_id", "contact_id", "id", "name", "created_at", "received_at", "verified", "metadata")
_REPLAY: Final = ("workspace_id", "scope", "body", "outcome", "at", "contact_id")

RECORD: Final = Insert(
    event,
    COLUMNS,
    "(workspace_id, contact_id, created_at, id) DO UPDATE SET received_at = excluded.received_at,"
    " verified = excluded.verified, metadata = excluded.metadata WHERE excluded.verified AND NOT event.verified",
)
ANSWERED: Final = Lookup(replay, ("workspace_id", "scope"), _REPLAY)
ANSWER: Final = Insert(
    replay,
    _REPLAY,
    "(workspace_id, scope) DO UPDATE SET body = excluded.body, outcome = excluded.outcome, at = excluded.at,"
    f" contact_id = excluded.contact_id WHERE replay.at < excluded.at - {KEPT_FOR:.0f}",
)


async def record(session: Session, rows: Iterable[EventRow]) -> None:
    """Store what people did."""
    await session.write(RECORD, [msgspec.structs.astuple(row) for row in _once(rows)])


def _once(rows: Iterable[EventRow]) -> list[EventRow]:
    """Each event once, for one statement touches no row twice; in one order, so that no two servers lock crosswise."""
    kept: dict[tuple[str, str, float, str], EventRow] = {}
    for row in rows:
        place = (row.workspace_id, row.contact_id, row.created_at, row.id)
        if place not in kept or (row.verified and not kept[place].verified):
            kept[place] = row
    return [kept[place] for place in sorted(kept)]


async def of_contact(
    reader: Reader,
    workspace_id: WorkspaceId,
    contact_id: ContactId,
    *,
    since: float,
    before: EventPlace | None,
    limit: int,
) -> list[EventRow]:
    """What a person did, newest first."""
    query = select(*(event.c[name] for name in COLUMNS)).where(
        event.c.workspace_id == workspace_id, event.c.contact_id == contact_id, event.c.created_at >= since
    )
    if before is not None:
        place = tuple_(event.c.created_at, event.c.id)
        query = query.where(place < tuple_(literal(before[0], Double), literal(before[1], TEXT)))
    rows = await reader.rows(query.order_by(event.c.created_at.desc(), event.c.id.desc()).limit(limit))
    return [EventRow(*row) for row in rows]


async def answered(session: Session, scopes: Sequence[tuple[WorkspaceId, str]]) -> list[Replay]:
    """The answers that are still kept."""
    found = [Replay(*row) for row in await session.read(ANSWERED, scopes)]
    return [one for one in found if one.at >= session.now - KEPT_FOR]


async def answer(session: Session, replays: Iterable[Replay]) -> None:
    """Keep answers for whoever asks again."""
    rows = [msgspec.structs.astuple(one) for one in sorted(replays, key=lambda one: (one.workspace_id, one.scope))]
    await write_all(session, ANSWER, rows, "The same request is being answered already")
