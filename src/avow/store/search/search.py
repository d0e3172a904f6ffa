"""Which contacts fit a question, a page of them? By the best index there is; one contact after the other where none is.

- Newest first comes from an index that is in that order, from a few thousand of the newest contacts where many fit, or
  from those who fit, sorted, where few do: so a page costs the same at a thousand people and at a million.
- Searches that look at every contact run on connections of their own, a few at a time: they hold up nobody else.
- Which indexes are ready is read in the same snapshot as the contacts.

Source: performance.md, scale.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, TextClause, and_, exists, func, literal, or_, select, text

from avow.flow.contract import FilterState, Found, KeyKind, Mark, Search, Sort, Test
from avow.store.contact_keys import FIND
from avow.store.contacts import COLUMNS, of_row
from avow.store.engine.reader import Reader, Snapshot
from avow.store.engine.session import Engine
from avow.store.engine.statement import Lookup
from avow.store.schema import CONTACT_ID, LISTED, contact, filter_value
from avow.store.search import filters
from avow.store.search.bounds import Bound, Looked, asks_by_key, bounds_of, unindexed
from avow.store.search.conditions import WORKSPACE, condition, operand, sort_value
from avow.trust.contact import Contact, ContactId
from avow.trust.identity import fold_email

NEWEST: Final = 5_000
"""So many of the newest contacts are looked at before those who fit are sorted."""
SORTED_AT_MOST: Final = 10_000
"""So many who are within a bound are sorted for every page, however many more there are."""
LOOKED_AT: Final = 2_000
"""So far ways are compared."""
MOST_BY_KEY: Final = 1_000
_LED_TO: Final = Lookup(FIND.table, FIND.by, FIND.columns, more=f" LIMIT {MOST_BY_KEY + 1}")
BY_AGE: Final = ("id", "created_at")
"""Orders that an index has."""


async def search(engine: Engine, asked: Search) -> Found:
    """The page, and how many there are."""
    looked = await looked_up(engine.reader, asked)
    async with engine.reader.snapshot() as snapshot:
        plan = await plan_of(snapshot, asked, looked)
        if plan.bounds or not plan.unindexed:
            return await Run(snapshot, asked, plan).searched()
    async with engine.patient.snapshot() as snapshot:
        return await Run(snapshot, asked, await plan_of(snapshot, asked, looked)).searched()


async def plan_of(snapshot: Snapshot, asked: Search, looked: Looked) -> Plan:
    """How it can be answered, by what is ready in this moment."""
    rows = await snapshot.read(filters.OF_WORKSPACE, [(asked.workspace_id,)])
    ready = {it.attribute_id for it in map(filters.of_row, rows) if it.state is FilterState.READY}
    return Plan.of(asked, ready, looked)


async def looked_up(reader: Reader, asked: Search) -> Looked:
    """Whom the e-mails and external ids lead to that are named. Too many for one test: it is asked like any other."""
    looked: dict[Test, Sequence[ContactId]] = {}
    for test in asks_by_key(asked.where):
        kind = KeyKind.EMAIL if test.subject.name == "email" else KeyKind.EXTERNAL_ID
        ids: set[ContactId | None] = set()
        for value in test.operands:
            exact = fold_email(str(value)) if kind is KeyKind.EMAIL else str(value)
            ids.update(row[3] for row in await reader.read(_LED_TO, (asked.workspace_id, kind, exact)))
        if len(ids) <= MOST_BY_KEY:
            looked[test] = sorted(one for one in ids if one is not None)
    return looked


@dataclass(frozen=True, slots=True)
class Plan:
    """By which indexes it could go, which are ready, and for which fields (`conditions`, and the order) is none."""

    ready: set[int]
    bounds: tuple[Bound, ...]
    conditions: tuple[str, ...]
    unindexed: tuple[str, ...]

    @classmethod
    def of(cls, asked: Search, ready: set[int], looked: Looked) -> Plan:
        bounds = bounds_of(asked.where, ready, looked)
        fields = tuple(dict.fromkeys(unindexed(asked.where, ready, looked)))
        order = asked.sort.subject
        every = fields if order.name in BY_AGE else tuple(dict.fromkeys((*fields, order.field)))
        return cls(ready, tuple(bounds), fields, every)


class Run:
    """One search in one snapshot."""

    def __init__(self, snapshot: Snapshot, asked: Search, plan: Plan) -> None:
        self._snapshot = snapshot
        self._asked = asked
        self._plan = plan

    async def searched(self) -> Found:
        """The page by the best way there is."""
        return await self.found(await self._best())

    async def found(self, bound: Bound | None) -> Found:
        """The page by a bound, and the count where the page does not tell it."""
        asked = self._asked
        contacts = await self._page(bound)
        total = asked.known
        if total is None:
            whole = asked.after is None and len(contacts) < asked.limit
            total = len(contacts) if whole else await self._count(bound)
        return Found(tuple(contacts), total, self._plan.unindexed)

    async def _best(self) -> Bound | None:
        """The way that leads to the fewest, as far as a short look tells."""
        bounds = self._plan.bounds
        if len(bounds) < 2:
            return bounds[0] if bounds else None
        sizes = [await self._counted(bound.rows, LOOKED_AT) for bound in bounds]
        return min(zip(sizes, bounds, strict=True), key=lambda one: (one[0], not one[1].ordered))[1]

    async def _page(self, bound: Bound | None) -> list[Contact]:
        by_id = self._asked.sort.subject.name == "id"
        if bound is None:
            return await self._look_through()
        if by_id and bound.ordered:
            return await self._step_through(bound)
        narrow = await self._counted(bound.rows, SORTED_AT_MOST + 1) <= SORTED_AT_MOST
        if not narrow and self._asked.sort.subject.name in BY_AGE and (page := await self._newest()):
            return page
        return await (self._step_through(bound) if by_id else self._look_through(contact.c.id.in_(bound.rows)))

    async def _look_through(self, *more: ColumnElement[bool]) -> list[Contact]:
        """Contacts in the order asked for, those who fit."""
        asked = self._asked
        query = select(*(contact.c[name] for name in COLUMNS)).where(*self._listed(), *more, self._fitting())
        query = query.where(*_past(asked.sort, asked.after)).order_by(*_order(asked.sort)).limit(asked.limit)
        return [of_row(row) for row in await self._rows(query)]

    async def _newest(self) -> list[Contact]:
        """The page, if it can be had from the first few thousand contacts in the order of age; else nobody."""
        asked, value = self._asked, contact.c[self._asked.sort.subject.name]
        order, past = _order(asked.sort), _past(asked.sort, asked.after)
        edge = select(value).where(*self._listed(), *past).order_by(*order).offset(NEWEST).limit(1)
        last = [row[0] for row in await self._rows(edge)]
        if not last:
            return []
        bound = operand(asked.sort.subject, last[0])
        contacts = await self._look_through(value > bound if asked.sort.descending else value < bound)
        return contacts if len(contacts) == asked.limit else []

    async def _step_through(self, bound: Bound) -> list[Contact]:
        """The page by the bound, in the order of ids."""
        asked, column = self._asked, bound.column
        query = self._bounded(bound)
        if not bound.ordered:
            # Kept apart, so that nobody walks through all entries in the order of ids to find a few.
            apart = query.offset(0).subquery()
            query, column = select(apart.c[0]), apart.c[0]
        if asked.after is not None:
            edge = _id(asked.after.contact_id)
            query = query.where(column < edge if asked.sort.descending else column > edge)
        order = column.desc() if asked.sort.descending else column.asc()
        ids = query.order_by(order).limit(asked.limit)
        page = select(*(contact.c[name] for name in COLUMNS)).where(*self._listed(), contact.c.id.in_(ids))
        return [of_row(row) for row in await self._rows(page.order_by(*_order(asked.sort)))]

    async def _count(self, bound: Bound | None) -> int:
        whole = select(contact.c.id).where(*self._listed(), self._fitting())
        return await self._counted(whole if bound is None else self._bounded(bound), self._asked.most)

    async def _counted(self, query: Select[Any], most: int) -> int:
        rows = await self._rows(select(func.count()).select_from(query.limit(most).subquery()))
        return int(rows[0][0])

    def _bounded(self, bound: Bound) -> Select[Any]:
        """The ids within a bound that fit. An index of an attribute knows only whom lists show."""
        rest = [condition(part, self._plan.ready) for part in bound.rest]
        if bound.source is contact:
            return bound.rows.where(*rest)
        if bound.source is filter_value and not rest:
            return bound.rows
        fits = select(1).select_from(contact).where(*self._listed(), contact.c.id == bound.column, *rest)
        return bound.rows.where(exists(fits.correlate(bound.column.table)))

    def _listed(self) -> tuple[ColumnElement[bool] | TextClause, ...]:
        return contact.c.workspace_id == WORKSPACE, text(LISTED)

    def _fitting(self) -> ColumnElement[bool]:
        return condition(self._asked.where, self._plan.ready)

    async def _rows(self, query: Select[Any]) -> Sequence[Any]:
        return await self._snapshot.rows(query.params(workspace=self._asked.workspace_id))


def _order(sort: Sort) -> list[ColumnElement[Any]]:
    place = contact.c.id.desc() if sort.descending else contact.c.id.asc()
    if sort.subject.name == "id":
        return [place]
    value = sort_value(sort.subject)
    by_value = value.desc() if sort.descending else value.asc()
    return [by_value, place] if _always_set(sort) else [value.is_(None), by_value, place]


def _past(sort: Sort, after: Mark | None) -> list[ColumnElement[bool]]:
    """What lies beyond the last contact seen."""
    if after is None:
        return []
    edge = _id(after.contact_id)
    beyond = contact.c.id < edge if sort.descending else contact.c.id > edge
    if sort.subject.name == "id":
        return [beyond]
    value = sort_value(sort.subject)
    if after.value is None:
        return [and_(value.is_(None), beyond)]
    last = operand(sort.subject, after.value)
    further = value < last if sort.descending else value > last
    unset = [] if _always_set(sort) else [value.is_(None)]
    return [or_(further, and_(value == last, beyond), *unset)]


def _always_set(sort: Sort) -> bool:
    return sort.subject.name in ("created_at", "updated_at", "role") or sort.subject.blank is not None


def _id(contact_id: ContactId) -> ColumnElement[Any]:
    return literal(contact_id, CONTACT_ID)
