"""What do screens read of a store without a disk? The sums of the contract over dictionaries."""

from __future__ import annotations

from avow.flow.contract import TrafficSum, WriterSum
from avow.trust.contact import WorkspaceId
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

    async def writer_sums(self, workspace_id: WorkspaceId, *, since_day: int) -> list[WriterSum]:
        people: dict[tuple[str, str], dict[str, float]] = {}
        for row in self._memory.rows("writers", workspace_id):
            if row.day >= since_day:
                seen = people.setdefault((row.attribute, row.label), {})
                seen[row.contact_id] = max(row.at, seen.get(row.contact_id, 0.0))
        return [WriterSum(*place, len(people[place]), max(people[place].values())) for place in sorted(people)]
