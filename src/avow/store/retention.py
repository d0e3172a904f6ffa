"""What is thrown away, and when? Kept answers after a day, the outbox after a week, counters after a month.

Old rows are found by the reader and removed in small transactions, so that nobody waits long for their turn.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, select

from avow.store.engine.session import Engine
from avow.store.engine.statement import Delete
from avow.store.events import KEPT_FOR
from avow.store.schema import BUCKETS, outbox, refusal, replay, traffic, workspace, writer_seen

STEP: Final = 200
"""Rows removed in one transaction."""
_HOUR: Final = 3_600
_DAY: Final = 86_400
_REMOVE: Final = {
    table.name: Delete(table, tuple(column.name for column in table.primary_key.columns))
    for table in (replay, outbox, traffic, refusal, writer_seen)
}


async def sweep(engine: Engine, now: float) -> None:
    """Remove what is too old at `now` (Unix seconds)."""
    for row in await engine.reader.rows(select(workspace.c.id)):
        for table, old in _old(row[0], now):
            await _remove(engine, table, old)


def _old(workspace_id: str, now: float) -> Iterator[tuple[Table, list[ColumnElement[bool]]]]:
    yield replay, [replay.c.workspace_id == workspace_id, replay.c.at < now - KEPT_FOR]
    yield traffic, [traffic.c.workspace_id == workspace_id, traffic.c.hour < (now - 35 * _DAY) // _HOUR]
    yield refusal, [refusal.c.workspace_id == workspace_id, refusal.c.hour < (now - 35 * _DAY) // _HOUR]
    yield writer_seen, [writer_seen.c.workspace_id == workspace_id, writer_seen.c.day < (now - 31 * _DAY) // _DAY]
    for bucket in range(BUCKETS):
        of_bucket = [outbox.c.workspace_id == workspace_id, outbox.c.bucket == bucket]
        yield outbox, [*of_bucket, outbox.c.at < now - 7 * _DAY]


async def _remove(engine: Engine, table: Table, old: list[ColumnElement[bool]]) -> None:
    query: Any = select(*table.primary_key.columns).where(*old).limit(STEP)
    while rows := await engine.reader.rows(query):
        async with engine.shared([]) as session:
            await session.write(_REMOVE[table.name], sorted(tuple(row) for row in rows))
            await session.commit()
