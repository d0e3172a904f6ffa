"""Where do screens read what they show of a whole workspace? From counters, summed up by the database.

`newest` looks at the ends of indexes and at the last two hours of counters: it is asked a few times a second.
Source: `flow/contract/screens.py`.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Select, func, select

from avow.flow.contract import TrafficSum, WriterSum
from avow.store.engine.reader import Reader
from avow.store.schema import fading, outbox, refusal, traffic, writer_seen
from avow.trust.contact import WorkspaceId

_LATEST: Final = {
    "changes": (outbox.c.at, outbox.c.workspace_id),
    "ignored": (fading.c.at, fading.c.workspace_id),
}


class Screens:
    """`flow.contract.ScreenReads`."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def newest(self, workspace_id: WorkspaceId, what: str, *, hour: int) -> str:
        """See the contract."""
        if what == "refusals":
            return await self._text(_counted(refusal, workspace_id, hour))
        if what == "traffic":
            return await self._text(_counted(traffic, workspace_id, hour))
        ends = [await self._text(select(func.max(at)).where(whose == workspace_id)) for at, whose in _LATEST.values()]
        return " ".join([*ends, await self._text(_counted(traffic, workspace_id, hour))])

    async def traffic_sums(self, workspace_id: WorkspaceId, *, since_hour: int) -> list[TrafficSum]:
        """See the contract."""
        of, kind = traffic.c.attribute, traffic.c.kind
        query = select(of, kind, func.sum(traffic.c.count), func.max(traffic.c.hour))
        query = query.where(traffic.c.workspace_id == workspace_id, traffic.c.hour >= since_hour)
        rows = await self._reader.rows(query.group_by(of, kind).order_by(of, kind))
        return [TrafficSum(name, word, int(count), int(hour)) for name, word, count, hour in rows]

    async def writer_sums(self, workspace_id: WorkspaceId, *, since_day: int) -> list[WriterSum]:
        """See the contract."""
        of, label = writer_seen.c.attribute, writer_seen.c.label
        people = func.count(func.distinct(writer_seen.c.contact_id))
        query = select(of, label, people, func.max(writer_seen.c.at))
        query = query.where(writer_seen.c.workspace_id == workspace_id, writer_seen.c.day >= since_day)
        rows = await self._reader.rows(query.group_by(of, label).order_by(of, label))
        return [WriterSum(name, where, int(count), float(at)) for name, where, count, at in rows]

    async def _text(self, query: Select[Any]) -> str:
        return " ".join(str(value) for value in (await self._reader.rows(query))[0])


def _counted(table: Any, workspace_id: WorkspaceId, hour: int) -> Select[Any]:
    """How much was counted lately. Not by the workspace's index, which would walk through a month: by the hour's."""
    mine = table.c.workspace_id.concat("") == workspace_id
    return select(func.count(), func.sum(table.c.count)).where(table.c.hour >= hour - 1, mine)
