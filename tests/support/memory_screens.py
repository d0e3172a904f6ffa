"""What do screens read of a store without a disk? The sums of the contract over dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from avow.flow.contract import HeldSlice, LeftoverCount, PeopleSum, Subject, TrafficSum, WriterSum
from avow.trust.contact import Contact, ContactId, Holding, WorkspaceId
from tests.support.memory_tables import Memory


class MemoryScreens:
    """`flow.contract.ScreenReads`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def newest(self, workspace_id: WorkspaceId, what: str, *, hour: int) -> str:
        names = {"refusals": ["refusals"], "traffic": ["traffic"]}.get(what, ["outbox", "fading", "traffic"])
        return repr([self._memory.rows(name, workspace_id)[-1:] for name in names])

    async def traffic_sums(self, workspace_id: WorkspaceId, *, since_hour: int) -> list[TrafficSum]:
        sums: dict[tuple[str, str], TrafficSum] = {}
        for row in self._memory.rows("traffic", workspace_id):
            if row.hour >= since_hour:
                known = sums.get((row.attribute, row.kind), TrafficSum(row.attribute, row.kind, 0, 0))
                last = max(known.last_hour, row.hour)
                sums[row.attribute, row.kind] = TrafficSum(row.attribute, row.kind, known.count + row.count, last)
        return [sums[place] for place in sorted(sums)]

    async def writer_sums(
        self, workspace_id: WorkspaceId, attributes: Sequence[str], *, since_day: int
    ) -> list[WriterSum]:
        people: dict[tuple[str, str], dict[str, float]] = {}
        for row in self._memory.rows("writers", workspace_id):
            if row.day >= since_day and row.attribute in attributes:
                seen = people.setdefault((row.attribute, row.label), {})
                seen[row.contact_id] = max(row.at, seen.get(row.contact_id, 0.0))
        return [WriterSum(*place, len(people[place]), max(people[place].values())) for place in sorted(people)]

    async def people_sums(
        self, workspace_id: WorkspaceId, attributes: Sequence[str], *, since_day: int
    ) -> list[PeopleSum]:
        counts = {one: await self.count_writers(workspace_id, [one], since_day=since_day) for one in set(attributes)}
        return [PeopleSum(name, counts[name]) for name in sorted(counts) if counts[name]]

    async def count_writers(self, workspace_id: WorkspaceId, attributes: Sequence[str], *, since_day: int) -> int:
        rows = self._memory.rows("writers", workspace_id)
        return len({row.contact_id for row in rows if row.attribute in attributes and row.day >= since_day})

    async def leftovers(
        self, workspace_id: WorkspaceId, attribute: str, *, after: ContactId | None, limit: int
    ) -> list[ContactId]:
        return self._ids(workspace_id, attribute, _is_unvouched, after)[:limit]

    async def count_leftovers(
        self, workspace_id: WorkspaceId, attributes: Sequence[str], *, before: ContactId | None, among: int
    ) -> LeftoverCount:
        rows = {it.id: it for it in self._memory.rows("contacts", workspace_id)}
        newest = [one for one in rows if before is None or one < before][-among:]
        found = [(name, one) for name in attributes for one in self._ids(workspace_id, name, _is_unvouched, None)]
        found = [(name, one) for name, one in found if one in newest]
        people = sum(rows[one].merged_into is None for one in newest)
        over = sum(rows[one].holding(name).slot is not None for name, one in found)
        return LeftoverCount(len(found), people, newest[0] if len(newest) == among else None, over)

    async def unsettled(
        self, workspace_id: WorkspaceId, subject: Subject, *, before: ContactId | None, among: int
    ) -> dict[ContactId, Holding]:
        """All that nobody vouched for: here nobody knows a type."""
        found = self._ids(workspace_id, subject.name, _is_unvouched, None)
        rows = {it.id: it for it in self._memory.rows("contacts", workspace_id)}
        newest = [one for one in rows if before is None or one < before][-among:]
        return {one: rows[one].holding(subject.name) for one in newest if one in found}

    async def changed(
        self, workspace_id: WorkspaceId, *, since: float, after: ContactId | None, limit: int
    ) -> list[ContactId]:
        rows = [one for one in self._memory.rows("contacts", workspace_id) if one.merged_into is None]
        return [one.id for one in rows if one.updated_at >= since and (after is None or one.id > after)][:limit]

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
        rows = {it.id: it for it in self._memory.rows("contacts", workspace_id)}
        newest = sorted((one for one in rows if before is None or one < before), reverse=True)[:among]
        held = self._ids(workspace_id, attribute, lambda one: one.held is not None, None)
        found = [rows[one] for one in newest if one in held or one in besides][:limit]
        if len(found) == limit:
            newest = newest[: newest.index(found[-1].id) + 1]
        more = len(found) == limit or len(newest) == among
        people = sum(rows[one].merged_into is None for one in newest)
        return HeldSlice(tuple(found), people, newest[-1] if more else None)

    async def doubted(self, workspace_id: WorkspaceId, attribute: str, *, since_day: int, limit: int) -> list[Contact]:
        wrote: dict[ContactId, float] = {}
        for row in self._memory.rows("writers", workspace_id, attribute):
            if row.day >= since_day:
                wrote[row.contact_id] = max(row.at, wrote.get(row.contact_id, 0.0))
        ignored = [(row.at, row.contact_id) for row in self._memory.rows("fading", workspace_id)]
        at: dict[ContactId, float] = {}
        for rows in ([(moment, one) for one, moment in wrote.items()], ignored):
            for moment, one in sorted(rows, key=lambda row: (-row[0], row[1]))[:limit]:
                at[one] = max(moment, at.get(one, 0.0))
        found = [one for one in self._memory.rows("contacts", workspace_id) if one.merged_into is None]
        return sorted((one for one in found if one.id in at), key=lambda one: (-at[one.id], one.id))

    def _ids(
        self, workspace_id: WorkspaceId, attribute: str, fits: Callable[[Holding], bool], after: ContactId | None
    ) -> list[ContactId]:
        rows = [one for one in self._memory.rows("contacts", workspace_id) if one.merged_into is None]
        return [one.id for one in rows if fits(one.holding(attribute)) and (after is None or one.id > after)]


def _is_unvouched(holding: Holding) -> bool:
    return holding.value is not None and holding.source is not None and not holding.source.verified
