"""Where do screens read what they show of a whole workspace? From counters, summed up by the database.

`newest` looks at the ends of indexes and at the last two hours of counters: it is asked a few times a second.
Source: `flow/contract/screens.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, case, func, or_, select

from avow.flow.contract import HeldSlice, Kind, LeftoverCount, PeopleSum, Place, Subject, TrafficSum, WriterSum
from avow.store import contacts, counters
from avow.store.engine.reader import Reader
from avow.store.schema import CONTACT_ID, contact, fading, outbox, refusal, traffic, traffic_day, writer_seen
from avow.store.search import stored
from avow.trust.contact import Contact, ContactId, Holding, WorkspaceId

_LATEST: Final = {
    "changes": (outbox.c.at, outbox.c.workspace_id),
    "ignored": (fading.c.at, fading.c.workspace_id),
}
_decode: Final = msgspec.json.Decoder(Holding).decode


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
        day = -(-since_hour // counters.HOURS)
        whole, of = traffic_day.c, traffic_day.c.workspace_id == workspace_id
        days = select(whole.attribute, whole.kind, func.sum(whole.count), func.max(whole.last_hour))
        days = days.where(of, whole.day >= day).group_by(whole.attribute, whole.kind)
        # The first day from its middle, by the names that came then: an hour lies behind its attribute.
        names = select(whole.attribute).where(of, whole.day == day - 1)
        part = traffic.c
        hours = select(part.attribute, part.kind, func.sum(part.count), func.max(part.hour)).where(
            part.workspace_id == workspace_id,
            part.attribute.in_(names),
            part.hour >= since_hour,
            part.hour < day * counters.HOURS,
        )
        hours = hours.group_by(part.attribute, part.kind)
        sums: dict[tuple[str, str], tuple[int, int]] = {}
        async with self._reader.snapshot() as snapshot:
            for query in (days, hours):
                for name, word, count, hour in await snapshot.rows(query):
                    before, last = sums.get((name, word), (0, 0))
                    sums[name, word] = before + int(count), max(last, int(hour))
        return [TrafficSum(*place, *summed) for place, summed in sorted(sums.items())]

    async def writer_sums(
        self, workspace_id: WorkspaceId, attributes: Sequence[str], *, since_day: int
    ) -> list[WriterSum]:
        """See the contract."""
        if not attributes:
            return []
        of, label = writer_seen.c.attribute, writer_seen.c.label
        people = func.count(func.distinct(writer_seen.c.contact_id))
        query = select(of, label, people, func.max(writer_seen.c.at))
        query = query.where(_wrote(workspace_id, attributes, since_day))
        rows = await self._reader.rows(query.group_by(of, label).order_by(of, label))
        return [WriterSum(name, where, int(count), float(at)) for name, where, count, at in rows]

    async def people_sums(
        self, workspace_id: WorkspaceId, attributes: Sequence[str], *, since_day: int
    ) -> list[PeopleSum]:
        """See the contract."""
        if not attributes:
            return []
        of = writer_seen.c.attribute
        query = select(of, func.count(func.distinct(writer_seen.c.contact_id)))
        rows = await self._reader.rows(
            query.where(_wrote(workspace_id, attributes, since_day)).group_by(of).order_by(of)
        )
        return [PeopleSum(name, int(count)) for name, count in rows]

    async def count_writers(self, workspace_id: WorkspaceId, attributes: Sequence[str], *, since_day: int) -> int:
        """See the contract."""
        if not attributes:
            return 0
        query = select(func.count(func.distinct(writer_seen.c.contact_id)))
        rows = await self._reader.rows(query.where(_wrote(workspace_id, attributes, since_day)))
        return int(rows[0][0])

    async def leftovers(
        self, workspace_id: WorkspaceId, attribute: str, *, after: ContactId | None, limit: int
    ) -> list[ContactId]:
        """See the contract."""
        return await self._ids(workspace_id, stored.is_unvouched(_subject(attribute)), after, limit)

    async def count_leftovers(
        self, workspace_id: WorkspaceId, attributes: Sequence[str], *, before: ContactId | None, among: int
    ) -> LeftoverCount:
        """See the contract."""
        mine = contact.c.workspace_id == workspace_id
        looked = _newest(workspace_id, before, among)
        subjects = [_subject(name) for name in attributes]
        found = [func.sum(case((stored.is_unvouched(one), 1), else_=0)) for one in subjects]
        over = [func.sum(case((and_(stored.is_unvouched(one), stored.has_slot(one)), 1), else_=0)) for one in subjects]
        columns = [one.label(f"n{number}") for number, one in enumerate((*found, *over))]
        living = (mine, contact.c.merged_into.is_(None), contact.c.id.in_(select(looked.c.id)))
        async with self._reader.snapshot() as snapshot:
            size, people, oldest = (await snapshot.rows(_extent(looked)))[0]
            sums = [int(one or 0) for one in (await snapshot.rows(select(*columns).where(*living)))[0]]
        going = oldest if size == among else None
        return LeftoverCount(sum(sums[: len(found)]), int(people or 0), going, sum(sums[len(found) :]))

    async def unsettled(
        self, workspace_id: WorkspaceId, subject: Subject, *, before: ContactId | None, among: int
    ) -> dict[ContactId, Holding]:
        """See the contract."""
        looked = _newest(workspace_id, before, among)
        query = _of(workspace_id, stored.is_unsettled(subject), stored.whole(subject.name))
        rows = await self._reader.rows(query.where(contact.c.id.in_(select(looked.c.id))))
        return {ContactId(contact_id): _decode(raw) for contact_id, raw in rows}

    async def changed(
        self, workspace_id: WorkspaceId, *, since: float, after: ContactId | None, limit: int
    ) -> list[ContactId]:
        """See the contract."""
        return await self._ids(workspace_id, contact.c.updated_at >= since, after, limit)

    async def held_among(
        self,
        workspace_id: WorkspaceId,
        attribute: str,
        *,
        before: ContactId | None,
        among: int,
        limit: int,
        besides: Collection[ContactId] = (),
    ) -> HeldSlice:
        """See the contract."""
        looked = _newest(workspace_id, before, among)
        columns = (contact.c[name] for name in contacts.COLUMNS)
        living = (contact.c.workspace_id == workspace_id, contact.c.merged_into.is_(None))
        query = select(*columns).where(*living, contact.c.id.in_(select(looked.c.id)))
        held = or_(stored.is_held(_subject(attribute)), contact.c.id.in_(besides))
        query = query.where(held).order_by(contact.c.id.desc()).limit(limit)
        async with self._reader.snapshot() as snapshot:
            found = [contacts.of_row(row) for row in await snapshot.rows(query)]
            if len(found) == limit:  # there may be more in this part: go on behind the last one
                looked = select(looked).where(looked.c.id >= found[-1].id).subquery()
            size, people, oldest = (await snapshot.rows(_extent(looked)))[0]
        more = len(found) == limit or size == among
        return HeldSlice(tuple(found), int(people or 0), oldest if more else None)

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


def _wrote(workspace_id: WorkspaceId, attributes: Sequence[str], since_day: int) -> ColumnElement[bool]:
    """Who wrote one of these unsigned since that day."""
    one = writer_seen.c
    return and_(one.workspace_id == workspace_id, one.attribute.in_(attributes), one.day >= since_day)


def _of(workspace_id: WorkspaceId, fitting: ColumnElement[bool], *more: ColumnElement[Any]) -> Select[Any]:
    """The ids of everybody, visitors too, who was not merged and fits, and what more is asked of them."""
    mine = contact.c.workspace_id == workspace_id
    return select(contact.c.id, *more).where(mine, contact.c.merged_into.is_(None), fitting)


def _newest(workspace_id: WorkspaceId, before: ContactId | None, among: int) -> Subquery:
    """The newest contacts, of those older than `before`: ids, and what they became part of."""
    query = select(contact.c.id, contact.c.merged_into).where(contact.c.workspace_id == workspace_id)
    if before is not None:
        query = query.where(contact.c.id < bindparam(None, before, CONTACT_ID))
    return query.order_by(contact.c.id.desc()).limit(among).subquery()


def _extent(looked: Subquery) -> Select[Any]:
    """How many contacts that is, how many people, and the oldest one's id."""
    oldest = select(looked.c.id).order_by(looked.c.id).limit(1).scalar_subquery()
    people = func.sum(case((looked.c.merged_into.is_(None), 1), else_=0))
    columns: tuple[ColumnElement[Any], ...] = (func.count(), people, oldest)
    return select(*columns).select_from(looked)


def _subject(attribute: str) -> Subject:
    return Subject(attribute, Place.VALUE, attribute, Kind.TEXT)


def _counted(table: Any, workspace_id: WorkspaceId, hour: int) -> Select[Any]:
    """How much was counted lately. Not by the workspace's index, which would walk through a month: by the hour's."""
    mine = table.c.workspace_id.concat("") == workspace_id
    return select(func.count(), func.sum(table.c.count)).where(table.c.hour >= hour - 1, mine)
