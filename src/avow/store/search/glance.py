"""Who fits, without looking at everybody? An index leads to few, or so many are looked at and no more.

- Where few may fit, or few are there, it is the search itself: exact and in order.
- Else the contacts are walked past along an index in the order asked for, until the page is full or enough were looked
  at; where that was is told, and the next glance goes on behind it. So nobody is left out, only found later.

Source: performance.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Select, literal, select

from avow.flow.contract import Fixed, Glance, Mark, Search
from avow.flow.contract.query import EVERYBODY, NEWEST_FIRST
from avow.store.contacts import COLUMNS, of_row
from avow.store.engine.reader import Snapshot
from avow.store.engine.session import Engine
from avow.store.schema import contact
from avow.store.search.bounds import Bound
from avow.store.search.search import BY_AGE, SORTED_AT_MOST, Plan, Run, looked_up, plan_of
from avow.store.search.ways import Way, ways_of
from avow.trust.contact import Contact

_PAGE: Final = tuple(contact.c[name] for name in COLUMNS)


async def glance(engine: Engine, asked: Search, *, at_most: int) -> Glance:
    """The page, as far as that many contacts tell."""
    looked = await looked_up(engine.reader, asked)
    async with engine.reader.snapshot() as snapshot:
        return await _Glance(snapshot, asked, await plan_of(snapshot, asked, looked), at_most).seen()


class _Glance(Run):
    """One glance in one snapshot."""

    def __init__(self, snapshot: Snapshot, asked: Search, plan: Plan, at_most: int) -> None:
        super().__init__(snapshot, asked, plan)
        self._at_most = at_most

    async def seen(self) -> Glance:
        """What is found."""
        bound = await self._narrowest()
        if await self._is_small(bound):
            found = await self.found(bound)
            return Glance(found.contacts, found.count, found.unindexed)
        sort = self._asked.sort
        ways = ways_of(sort, self._plan.ready, bound)
        in_order = bool(ways)
        ways = ways or ways_of(NEWEST_FIRST, self._plan.ready, bound)
        contacts, reached, looked = await self._walk(ways)
        count = await self._told(bound)
        return Glance(
            tuple(contacts),
            count,
            self._plan.conditions if in_order else self._plan.unindexed,
            reached,
            looked,
            await self._everybody(ways) if looked or count is None else 0,
            in_order,
        )

    async def _narrowest(self) -> Bound | None:
        """The way that leads to the fewest, no farther counted than matters."""
        bounds = [bound for bound in self._plan.bounds if not bound.through]
        if len(bounds) < 2:
            return bounds[0] if bounds else None
        sizes = [await self._size(bound, self._at_most) for bound in bounds]
        return min(zip(sizes, bounds, strict=True), key=lambda one: (one[0], not one[1].ordered))[1]

    async def _is_small(self, bound: Bound | None) -> bool:
        """Whether all who may fit can be looked at, and sorted."""
        if bound is None:
            return await self._counted(select(contact.c.id).where(*self._listed()), self._at_most + 1) <= self._at_most
        by_age = self._asked.sort.subject.name in BY_AGE and not bound.rest
        if by_age and bound.ordered and self._asked.sort.subject.name == "id":
            return True
        most = max(self._at_most, SORTED_AT_MOST) if by_age else self._at_most
        return await self._size(bound, most) <= most

    async def _size(self, bound: Bound, most: int) -> int:
        """How many a bound leads to at most; more than `most` where it is more."""
        size = 0
        for piece in bound.pieces:
            size += await self._counted(piece, most + 1)
            if size > most:
                break
        return size

    async def _walk(self, ways: Sequence[Way]) -> tuple[list[Contact], Mark | None, int]:
        """Who fits on the ways, where they were left, if they were, and how many were looked at."""
        asked, found, looked = self._asked, list[Contact](), 0
        mark = asked.after
        if mark is not None and mark.value is None and len(ways) > 1:
            ways = ways[1:]
        everyone = asked.where == Fixed(True)
        for way in ways:
            all_fit = everyone and not way.unset
            edge = None if all_fit else await self._edge(way, mark, self._at_most - looked)
            here = await self._along(way, mark, edge, asked.limit - len(found))
            found += here
            if len(found) == asked.limit:
                # The last one only tells that there are more. Where nobody else is from here, the page ended before.
                passed = await self._passed(way, mark, here[-2]) if len(here) > 1 else 0
                return found, None, 0 if everyone else looked + passed
            if edge is not None:
                return found, way.mark(edge), 0 if everyone else self._at_most
            looked += 0 if everyone else await self._passed(way, mark, None)
            mark = None
        return found, None, looked

    async def _edge(self, way: Way, mark: Mark | None, budget: int) -> Sequence[Any] | None:
        """The last one to look at, None where a way ends there or before."""
        query = select(*way.keys).where(*way.along, *way.beyond(mark)).order_by(*way.order)
        rows = await self._rows(query.offset(max(budget, 1) - 1).limit(2))
        return rows[0] if len(rows) == 2 else None

    async def _along(self, way: Way, mark: Mark | None, edge: Sequence[Any] | None, limit: int) -> list[Contact]:
        query = select(*_PAGE).where(*way.along, *way.beyond(mark), *way.contacts, self._fitting())
        if edge is not None:
            query = query.where(way.until(edge))
        return [of_row(row) for row in await self._rows(query.order_by(*way.order).limit(limit))]

    async def _passed(self, way: Way, mark: Mark | None, last: Contact | None) -> int:
        """How many were looked at on a way: as far as somebody found, or to its end."""
        query = select(literal(1)).where(*way.along, *way.beyond(mark))
        if last is not None:
            query = query.where(way.until(way.row_of(last)))
        return await self._counted(query, self._at_most)

    async def _told(self, bound: Bound | None) -> int | None:
        """How many fit, where an index can count them."""
        asked = self._asked
        if asked.known is not None:
            return asked.known
        if bound is None:
            every = select(contact.c.id).where(*self._listed())
            return await self._counted(every, asked.most) if asked.where == Fixed(True) else None
        if bound.rest or bound.parts:
            return None
        return await self._counted(self._bounded(bound), asked.most)

    async def _everybody(self, ways: Sequence[Way]) -> int:
        """Past how many the ways lead."""
        within = ways[0].along if ways[0].narrow else self._listed()
        every: Select[Any] = select(literal(1)).where(*within)
        return await self._counted(every, EVERYBODY + 1)
