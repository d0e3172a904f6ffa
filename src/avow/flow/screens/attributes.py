"""How do all attributes stand at once? Each with what arrived in the last week, and what of it speaks for a lock.

- The same assessment as `flow/readiness.py` makes of one attribute, from sums that the database makes of all.
- Recommended is a lock for what arrives signed and still accepts unsigned writes: the ready ones first.

Source: spec §8.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from avow.flow import attributes
from avow.flow.contract import Store, TrafficSum, WriterSum
from avow.flow.readiness import HEADLINE, WINDOWS
from avow.trust.attribute import Attribute
from avow.trust.contact import WorkspaceId
from avow.trust.readiness import UNSIGNED, Assessment, Readiness, Writers, assess
from avow.trust.traffic import TrafficClass

_HOUR: Final = 3_600
_DAY: Final = 86_400


class Row(msgspec.Struct, frozen=True):
    """One attribute, and what the last week says of it. Times are Unix seconds, to the hour."""

    attribute: Attribute
    assessment: Assessment
    last_signed_at: int | None
    last_unsigned_at: int | None

    @property
    def name(self) -> str:
        """The attribute's name."""
        return self.attribute.name

    @property
    def signed(self) -> int:
        """How many signed writes came."""
        return self.assessment.counts[TrafficClass.SIGNED]

    @property
    def unsigned(self) -> int:
        """How many unsigned writes came, of callers who had proven whom they speak about."""
        return sum(self.assessment.counts[kind] for kind in UNSIGNED)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing came."""
        return not self.signed and not self.unsigned

    @property
    def recommended(self) -> bool:
        """Whether it arrives signed and still accepts unsigned writes."""
        one = self.attribute
        return self.signed > 0 and not one.locked and not one.archived and not one.provisional

    @property
    def ready(self) -> bool:
        """Whether nothing would be missed if it were locked."""
        return self.assessment.state is Readiness.READY


async def every(store: Store, workspace_id: WorkspaceId, now: float, *, asked: Sequence[str] = ()) -> list[Row]:
    """All attributes, standard ones first. `now` is Unix seconds. Raises `NotFound` for no such workspace.

    Who still writes unsigned is counted where a sentence says so, and for the attributes `asked`.
    """
    since = now - WINDOWS[HEADLINE]
    known, traffic = await asyncio.gather(
        attributes.every(store, workspace_id),
        store.screens.traffic_sums(workspace_id, since_hour=int(since // _HOUR)),
    )
    arrived = _grouped(traffic)
    named = [one.name for one in known.values() if one.name in asked or _names_writers(one, arrived.get(one.name, []))]
    wrote: dict[str, list[WriterSum]] = {}
    for one in await store.screens.writer_sums(workspace_id, named, since_day=int(since // _DAY)):
        wrote.setdefault(one.attribute, []).append(one)
    people = {name: sums[0].people for name, sums in wrote.items() if len(sums) == 1}
    several = [name for name in wrote if name not in people]
    for each in await store.screens.people_sums(workspace_id, several, since_day=int(since // _DAY)):
        people[each.attribute] = each.people
    return [
        _row(one, arrived.get(one.name, []), wrote.get(one.name, []), people.get(one.name, 0)) for one in known.values()
    ]


async def unsigned_writers(store: Store, workspace_id: WorkspaceId, names: Sequence[str], now: float) -> int:
    """How many different people wrote one of these attributes unsigned in the last week. `now` is Unix seconds."""
    since_day = int((now - WINDOWS[HEADLINE]) // _DAY)
    return await store.screens.count_writers(workspace_id, names, since_day=since_day)


def recommended(rows: Iterable[Row]) -> list[Row]:
    """Those to lock, the ready ones first."""
    found = [row for row in rows if row.recommended]
    return sorted(found, key=lambda row: (not row.ready, -row.signed, row.name))


def any_locked_and_signed(rows: Iterable[Row]) -> bool:
    """Whether an attribute that arrives signed is locked."""
    return any(row.attribute.locked and (row.attribute.ever_signed or row.signed) for row in rows)


def _names_writers(one: Attribute, traffic: Sequence[TrafficSum]) -> bool:
    """Whether it is said who stands in the way of a lock."""
    return not one.locked and not one.archived and _row(one, traffic, [], 0).assessment.state is Readiness.NOT_YET


def _row(one: Attribute, traffic: Sequence[TrafficSum], writers: Sequence[WriterSum], people: int) -> Row:
    counts = {TrafficClass(each.kind): each.count for each in traffic}
    last = {TrafficClass(each.kind): each.last_hour * _HOUR for each in traffic}
    wrote = [Writers(each.label, each.people, each.last_at) for each in writers]
    return Row(
        one,
        assess(counts, wrote, people=people, ever_signed=one.ever_signed),
        last.get(TrafficClass.SIGNED),
        max((at for kind, at in last.items() if kind in UNSIGNED), default=None),
    )


def _grouped(sums: Iterable[TrafficSum]) -> dict[str, list[TrafficSum]]:
    groups: dict[str, list[TrafficSum]] = {}
    for one in sums:
        groups.setdefault(one.attribute, []).append(one)
    return groups
