"""Is it safe to lock an attribute? Counters of the last day, week and month, handed to `trust/readiness.py`.

Hours and days are counted whole: a stretch of time includes the hour (for people: the day) in which it begins, so
what is shown is never less than what arrived. Source: spec §7 (traffic counters), §8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec

from avow.flow.contract import Store, TrafficCount, WriterSeen
from avow.trust.attribute import Attribute
from avow.trust.contact import WorkspaceId
from avow.trust.readiness import UNSIGNED, Assessment, Writers, assess
from avow.trust.traffic import TrafficClass

_HOUR: Final = 3600
_DAY: Final = 86_400
WINDOWS: Final = {"24h": _DAY, "7d": 7 * _DAY, "30d": 30 * _DAY}
"""What the stretches of time are called → how many seconds each has."""
HEADLINE: Final = "7d"
"""The stretch that speaks for the whole: it covers weekly visitors, and soon shows that a release has landed."""


class Report(msgspec.Struct, frozen=True):
    """What each stretch of time says, and when the last write of either kind came (Unix seconds, to the hour)."""

    attribute: Attribute
    windows: dict[str, Assessment]
    last_signed_at: int | None
    last_unsigned_at: int | None

    @property
    def headline(self) -> Assessment:
        """The stretch that speaks for the whole."""
        return self.windows[HEADLINE]


async def report(store: Store, workspace_id: WorkspaceId, attribute: Attribute, now: float) -> Report:
    """Look at everything that was counted of an attribute. `now` is Unix seconds."""
    first = now - max(WINDOWS.values())
    traffic = await store.traffic(workspace_id, attribute.name, since_hour=int(first // _HOUR))
    writers = await store.writers(workspace_id, attribute.name, since_day=int(first // _DAY))
    windows = {
        name: assess(
            _counts(traffic, int((now - seconds) // _HOUR)),
            _writers(writers, int((now - seconds) // _DAY)),
            people=_people(writers, int((now - seconds) // _DAY)),
            ever_signed=attribute.ever_signed,
        )
        for name, seconds in WINDOWS.items()
    }
    return Report(attribute, windows, _last(traffic, (TrafficClass.SIGNED,)), _last(traffic, UNSIGNED))


def _counts(traffic: Sequence[TrafficCount], since_hour: int) -> Counter[TrafficClass]:
    counts: Counter[TrafficClass] = Counter()
    for row in traffic:
        if row.hour >= since_hour:
            counts[TrafficClass(row.kind)] += row.count
    return counts


def _writers(seen: Sequence[WriterSeen], since_day: int) -> list[Writers]:
    people: dict[str, set[str]] = {}
    last: dict[str, float] = {}
    for row in seen:
        if row.day >= since_day:
            people.setdefault(row.label, set()).add(row.contact_id)
            last[row.label] = max(row.at, last.get(row.label, 0.0))
    return [Writers(label, len(who), last[label]) for label, who in people.items()]


def _people(seen: Sequence[WriterSeen], since_day: int) -> int:
    return len({row.contact_id for row in seen if row.day >= since_day})


def _last(traffic: Sequence[TrafficCount], kinds: Sequence[TrafficClass]) -> int | None:
    hours = [row.hour for row in traffic if row.kind in kinds]
    return max(hours) * _HOUR if hours else None
