"""Where do screens read what they show of a whole workspace? From counters, summed up by the database.

`newest` looks at the ends of indexes and at the last two hours of counters: it is asked a few times a second.
Source: `flow/contract/screens.py`.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from avow.flow.contract import Kind, Place, Subject, TrafficSum, WriterSum
from avow.store import contacts
from avow.store.engine.reader import Reader
from avow.store.schema import CONTACT_ID, contact, fading, outbox, refusal, traffic, writer_seen
from avow.store.search import stored
from avow.trust.contact import Contact, ContactId, WorkspaceId

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
        return ",".join([*ends, await self._text(_counted(traffic, workspace_id, hour))])

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

    async def leftovers(
        self, workspace_id: WorkspaceId, attribute: str, *, after: ContactId | None, limit: int
    ) -> list[ContactId]:
        """See the contract."""
        return await self._ids(workspace_id, stored.is_unvouched(_subject(attribute)), after, limit)

    async def count_leftovers(self, workspace_id: WorkspaceId, attribute: str, *, most: int) -> int:
        """See the contract."""
        found = _of(workspace_id, stored.is_unvouched(_subject(attribute))).limit(most).subquery()
        return int((await self._reader.rows(select(func.count()).select_from(found)))[0][0])

    async def holders(
        self, workspace_id: WorkspaceId, attribute: str, *, after: ContactId | None, limit: int
    ) -> list[ContactId]:
        """See the contract."""
        return await self._ids(workspace_id, stored.is_held(_subject(attribute)), after, limit)

    async def doubted(self, workspace_id: WorkspaceId, attribute: str, *, since_day: int, limit: int) -> list[Contact]:
        """See the contract."""
        wrote, ignored = writer_seen.c, fading.c
        latest = func.max(wrote.at)
        writers = select(wrote.contact_id, latest).where(
            wrote.workspace_id == workspace_id, wrote.attribute == attribute, wrote.day >= since_day
        )
        writers = writers.group_by(wrote.contact_id).order_by(latest.desc(), wrote.contact_id).limit(limit)
        records = select(ignored.contact_id, ignored.at).where(ignored.workspace_id == workspace_id)
        records = records.order_by(ignored.at.desc(), ignored.contact_id).limit(limit)
        at: dict[ContactId, float] = {}
        for query in (writers, records):
            for contact_id, moment in await self._reader.rows(query):
                at[contact_id] = max(moment, at.get(contact_id, 0.0))
        columns = (contact.c[name] for name in contacts.COLUMNS)
        mine = contact.c.workspace_id == workspace_id
        rows = await self._reader.rows(select(*columns).where(mine, contact.c.id.in_(at)))
        found = [one for one in map(contacts.of_row, rows) if one.merged_into is None]
        return sorted(found, key=lambda one: (-at[one.id], one.id))

    async def _ids(
        self, workspace_id: WorkspaceId, fitting: ColumnElement[bool], after: ContactId | None, limit: int
    ) -> list[ContactId]:
        query = _of(workspace_id, fitting).order_by(contact.c.id).limit(limit)
        if after is not None:
            query = query.where(contact.c.id > bindparam(None, after, CONTACT_ID))
        return [ContactId(row[0]) for row in await self._reader.rows(query)]

    async def _text(self, query: Select[Any]) -> str:
        return ",".join(str(value) for value in (await self._reader.rows(query))[0])


def _of(workspace_id: WorkspaceId, fitting: ColumnElement[bool]) -> Select[Any]:
    """The ids of everybody, visitors too, who was not merged and fits."""
    mine = contact.c.workspace_id == workspace_id
    return select(contact.c.id).where(mine, contact.c.merged_into.is_(None), fitting)


def _subject(attribute: str) -> Subject:
    return Subject(attribute, Place.VALUE, attribute, Kind.TEXT)


def _counted(table: Any, workspace_id: WorkspaceId, hour: int) -> Select[Any]:
    """How much was counted lately. Not by the workspace's index, which would walk through a month: by the hour's."""
    mine = table.c.workspace_id.concat("") == workspace_id
    return select(func.count(), func.sum(table.c.count)).where(table.c.hour >= hour - 1, mine)
