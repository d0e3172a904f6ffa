"""What was refused and ignored, and why? And what have operators changed? For a stretch of time, by reason.

- Refused is a whole request, ignored a single value; both are counted by reason and hour (`bookkeeping/tally.py`).
- Of each hour the newest refused request is kept as a sample: platform, key and origin, no identity and no value.
- Operators' changes come in pages by time. What was changed in one transaction has one time, and stands on one page.

Source: spec §7, §10 ("Activity").
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import msgspec

from avow.flow.contract import OperatorChange, RefusalCount, Store
from avow.flow.readiness import WINDOWS
from avow.trust.contact import WorkspaceId
from avow.trust.readiness import UNSIGNED
from avow.trust.reasons import OF_VALUES
from avow.trust.traffic import TrafficClass

PAGE: Final = 50
MOST_LOOKED_AT: Final = 1_000
"""Operators' changes looked through for one page; one transaction makes at most some hundreds."""
_HOUR: Final = 3_600


class Counted(msgspec.Struct, frozen=True):
    """One reason: how often, when last (Unix seconds), and its hours, newest first, each with a sample."""

    reason: str
    count: int
    last_at: float
    hours: tuple[RefusalCount, ...]

    @property
    def newest(self) -> RefusalCount:
        """The newest hour's sample."""
        return self.hours[0]

    @property
    def by_hour(self) -> dict[int, int]:
        """Unix hour → how often."""
        return {row.hour: row.count for row in self.hours}


class Activity(msgspec.Struct, frozen=True):
    """A stretch of time. Reasons come most frequent first; `signed` and `unsigned` count writes that were weighed."""

    refused: tuple[Counted, ...]
    ignored: tuple[Counted, ...]
    signed: int
    unsigned: int

    @property
    def all_refused(self) -> int:
        """How many requests were refused."""
        return sum(one.count for one in self.refused)

    @property
    def all_ignored(self) -> int:
        """How many values were ignored."""
        return sum(one.count for one in self.ignored)

    def of(self, reason: str) -> Counted | None:
        """One reason, if it occurred."""
        return next((one for one in (*self.refused, *self.ignored) if one.reason == reason), None)


class Changes(msgspec.Struct, frozen=True):
    """A page of operators' changes, newest first. `older` is where the next page begins (`until`), None on the last.

    `actors` and `areas` are those among what was looked at: they are what can be chosen from.
    """

    shown: tuple[OperatorChange, ...]
    older: float | None
    actors: tuple[str, ...]
    areas: tuple[str, ...]


async def look(store: Store, workspace_id: WorkspaceId, stretch: str, now: float) -> Activity:
    """What was weighed and refused in `stretch` (a word of `readiness.WINDOWS`) before `now` (Unix seconds)."""
    since = int((now - WINDOWS[stretch]) // _HOUR)
    rows, sums = await asyncio.gather(
        store.refusals(workspace_id, since_hour=since), store.screens.traffic_sums(workspace_id, since_hour=since)
    )
    counts = {kind: sum(one.count for one in sums if one.kind == kind) for kind in TrafficClass}
    return Activity(
        _counted(row for row in rows if row.reason not in OF_VALUES),
        _counted(row for row in rows if row.reason in OF_VALUES),
        counts[TrafficClass.SIGNED],
        sum(counts[kind] for kind in UNSIGNED),
    )


async def changes(
    store: Store, workspace_id: WorkspaceId, *, until: float | None = None, fits: Callable[[OperatorChange], bool]
) -> Changes:
    """Operators' changes before `until` that fit."""
    rows = await store.operator_changes(workspace_id, limit=MOST_LOOKED_AT + 1, until=until)
    seen = _whole(rows, MOST_LOOKED_AT)
    fitting = [one for one in seen if fits(one)]
    page = _whole(fitting, PAGE)
    if len(page) < len(fitting):
        older: float | None = page[-1].at
    else:
        older = seen[-1].at if len(seen) < len(rows) else None
    return Changes(
        tuple(page), older, tuple(sorted({one.actor for one in seen})), tuple(sorted({area_of(one) for one in seen}))
    )


async def changes_of(store: Store, workspace_id: WorkspaceId, subject: str, *, limit: int) -> list[OperatorChange]:
    """The newest changes of one attribute, among the last `MOST_LOOKED_AT` of the workspace."""
    rows = await store.operator_changes(workspace_id, limit=MOST_LOOKED_AT)
    return [one for one in rows if one.subject == subject and area_of(one) == "attribute"][:limit]


def area_of(change: OperatorChange) -> str:
    """What a change is about: the first word of its action."""
    return change.action.partition(".")[0]


def _whole(rows: Sequence[OperatorChange], size: int) -> list[OperatorChange]:
    """The first rows, and those of the same moment as the last of them: no moment is cut in two."""
    if len(rows) <= size:
        return list(rows)
    last = rows[size - 1].at
    return [row for at, row in enumerate(rows) if at < size or row.at == last]


def _counted(rows: Iterable[RefusalCount]) -> tuple[Counted, ...]:
    groups: dict[str, list[RefusalCount]] = {}
    for row in rows:
        groups.setdefault(row.reason, []).append(row)
    found = [
        Counted(
            reason,
            sum(row.count for row in group),
            max(row.last_at for row in group),
            tuple(sorted(group, key=lambda row: -row.hour)),
        )
        for reason, group in groups.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.count, one.reason)))
