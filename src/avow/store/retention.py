"""What is thrown away, and when? Kept answers after a day, the outbox after a week, counters after a month.

- Old rows are found by the reader and removed in small transactions, so that nobody waits long for their turn.
- Records of what was ignored fade when their owner says: `fading` has a row for each that is still to fade.

Source: spec §1 (retention of held values and ignored writes).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, select

from avow.flow.contract import Fading
from avow.store.beside import tags
from avow.store.engine.clearing import clear
from avow.store.engine.reader import Reader
from avow.store.engine.session import Engine, Session
from avow.store.engine.statement import Delete, Insert, Update
from avow.store.events import KEPT_FOR
from avow.store.schema import change, fading, outbox, refusal, replay, traffic, traffic_day, workspace, writer_seen
from avow.trust.change import Change, ChangeKind
from avow.trust.contact import WorkspaceId

AT_ONCE: Final = 100
"""Workspaces that one query looks into."""
_HOUR: Final = 3_600
_DAY: Final = 86_400
_REMOVE: Final = {
    table.name: Delete(table, tuple(column.name for column in table.primary_key.columns))
    for table in (replay, outbox, traffic, traffic_day, refusal, writer_seen)
}
_PLACE: Final = ("workspace_id", "contact_id", "seq")

REMEMBER: Final = Insert(fading, (*_PLACE, "at"))
BLANK: Final = Update(change, ("raw_values",), _PLACE)
FORGET: Final = Delete(fading, _PLACE)


async def remember(session: Session, records: Sequence[Change]) -> None:
    """Note which of these records will fade."""
    rows = [
        (one.facts.workspace_id, one.facts.contact_id, one.facts.seq, one.facts.at)
        for one in records
        if one.facts.kind is ChangeKind.IGNORED
    ]
    if rows:
        await session.write(REMEMBER, rows)


async def let_go(session: Session, faded: Sequence[Fading]) -> None:
    """Remove the values halves of these records; their facts stay."""
    places = sorted((one.workspace_id, one.contact_id, one.seq) for one in faded)
    await session.write(BLANK, [(None, *place) for place in places])
    await session.write(FORGET, places)


async def due(reader: Reader, workspace_id: WorkspaceId, *, before: float, limit: int) -> list[Fading]:
    """Those written before that time (Unix seconds), oldest first."""
    columns = (fading.c.workspace_id, fading.c.contact_id, fading.c.seq, fading.c.at)
    query = select(*columns).where(fading.c.workspace_id == workspace_id, fading.c.at < before)
    return [Fading(*row) for row in await reader.rows(query.order_by(fading.c.at).limit(limit))]


async def sweep(engine: Engine, now: float) -> None:
    """Remove what is too old at `now` (Unix seconds)."""
    ids = [row[0] for row in await engine.reader.rows(select(workspace.c.id))]
    some = [ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)]
    for table, old in (*by_time(now), *(one for ids in some for one in by_workspace(ids, now))):
        await clear(engine, old, _REMOVE[table.name])
    await tags.sweep(engine)


def by_time(now: float) -> Iterator[tuple[Table, Select[Any]]]:
    """What an index finds by its time alone, in all workspaces at once.

    To name one would lead SQLite past all that it has, by its key; and Citus to every node all the same.
    """
    month = now - 35 * _DAY
    yield _old(replay, replay.c.at < now - KEPT_FOR)
    yield _old(traffic, traffic.c.hour < month // _HOUR)
    yield _old(refusal, refusal.c.hour < month // _HOUR)
    yield _old(writer_seen, writer_seen.c.day < (now - 31 * _DAY) // _DAY)


def by_workspace(ids: Sequence[str], now: float) -> Iterator[tuple[Table, Select[Any]]]:
    """What lies in order of time in each workspace, so that it needs no other index."""
    yield _old(traffic_day, traffic_day.c.workspace_id.in_(ids), traffic_day.c.day < (now - 35 * _DAY) // _DAY)
    yield _old(outbox, outbox.c.workspace_id.in_(ids), outbox.c.at < now - 7 * _DAY)


def _old(table: Table, *where: ColumnElement[bool]) -> tuple[Table, Select[Any]]:
    return table, select(*table.primary_key.columns).where(*where)
