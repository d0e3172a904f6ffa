"""Where is it counted? In rows by hour or day that are added to, so that several processes may count at once.

- Adding is an upsert: nothing is read first, nothing is lost.
- Who wrote unsigned is kept by name, within bounds: so many labels and so many people per attribute and day, of whom no
  label has more than are left for others: who syncs everybody at midnight hides no page. Several processes that count
  at the same instant may exceed the bounds by what they had in hand. Whoever was erased before it was written down is
  not named.

Source: spec §7 (traffic counters), §8.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Table, select

from avow.flow.contract import Alert, KeyUse, RefusalCount, Tally, TrafficCount, WriterSeen
from avow.store import contacts
from avow.store.engine.reader import Reader
from avow.store.engine.session import Row, Session
from avow.store.engine.statement import Insert, Lookup
from avow.store.schema import alert, contact, key_use, refusal, traffic, traffic_day, writer_seen
from avow.trust.contact import ContactId, WorkspaceId

MOST_LABELS: Final = 50
MOST_WRITERS: Final = 1_000
HOURS: Final = 24
"""Of a day."""
OTHER: Final = "other"
"""The label of everybody after the first `MOST_LABELS`."""

_TRAFFIC: Final = ("workspace_id", "attribute", "hour", "kind", "count")
_WRITER: Final = ("workspace_id", "attribute", "day", "label", "contact_id", "at")
_REFUSAL: Final = ("workspace_id", "reason", "hour", "count", "last_at", "platform", "kid", "origin")
_KEY_USE: Final = ("workspace_id", "kid", "day", "count", "last_at")
_ALERT: Final = ("workspace_id", "kind", "subject", "day", "at")


def _newest(table: str, *columns: str) -> str:
    """Assignments that keep what belongs to the later of two `last_at`."""
    later = f"CASE WHEN excluded.last_at >= {table}.last_at THEN excluded.{{0}} ELSE {table}.{{0}} END"
    return ", ".join(f"{name} = {later.format(name)}" for name in columns)


ADD_TRAFFIC: Final = Insert(
    traffic, _TRAFFIC, "(workspace_id, attribute, hour, kind) DO UPDATE SET count = traffic.count + excluded.count"
)
ADD_TO_DAYS: Final = Insert(
    traffic_day,
    ("workspace_id", "day", "attribute", "kind", "count", "last_hour"),
    "(workspace_id, day, attribute, kind) DO UPDATE SET count = traffic_day.count + excluded.count, last_hour = "
    "CASE WHEN excluded.last_hour > traffic_day.last_hour THEN excluded.last_hour ELSE traffic_day.last_hour END",
)
ADD_REFUSALS: Final = Insert(
    refusal,
    _REFUSAL,
    "(workspace_id, reason, hour) DO UPDATE SET count = refusal.count + excluded.count, "
    + _newest("refusal", "platform", "kid", "origin", "last_at"),
)
ADD_KEY_USES: Final = Insert(
    key_use,
    _KEY_USE,
    "(workspace_id, kid, day) DO UPDATE SET count = key_use.count + excluded.count, " + _newest("key_use", "last_at"),
)
RAISE_ALERTS: Final = Insert(alert, _ALERT, "(workspace_id, kind, subject, day) DO NOTHING")
NAME_WRITERS: Final = Insert(writer_seen, _WRITER, "(workspace_id, attribute, day, label, contact_id) DO NOTHING")
LABELS: Final = Lookup(writer_seen, ("workspace_id", "attribute", "day"), ("label", "count(*)"), " GROUP BY label")
STILL_THERE: Final = Lookup(contact, ("workspace_id", "id"), ("workspace_id", "id"))


async def add(session: Session, tally: Tally) -> None:
    """Add what was counted. Rows are locked in one order, the same for every process."""
    await contacts.see(session, tally.seen)
    await session.write(ADD_TRAFFIC, _rows(tally.traffic, _TRAFFIC))
    await session.write(ADD_TO_DAYS, _by_day(tally.traffic))
    await _name_writers(session, tally.writers)
    await session.write(ADD_REFUSALS, _rows(tally.refusals, _REFUSAL))
    await session.write(ADD_KEY_USES, _rows(tally.key_uses, _KEY_USE))
    await session.write(RAISE_ALERTS, _rows(tally.alerts, _ALERT))


async def traffic_of(
    reader: Reader, workspace_id: WorkspaceId, attribute: str, *, since_hour: int
) -> list[TrafficCount]:
    """An attribute's traffic, oldest hour first."""
    rows = await _select(reader, traffic, _TRAFFIC, workspace_id, attribute=attribute, hour=since_hour)
    return [TrafficCount(*row) for row in rows]


async def writers_of(reader: Reader, workspace_id: WorkspaceId, attribute: str, *, since_day: int) -> list[WriterSeen]:
    """Who wrote an attribute unsigned, oldest day first."""
    rows = await _select(reader, writer_seen, _WRITER, workspace_id, attribute=attribute, day=since_day)
    return [WriterSeen(*row) for row in rows]


async def refusals_of(reader: Reader, workspace_id: WorkspaceId, *, since_hour: int) -> list[RefusalCount]:
    """Refused requests, oldest hour first."""
    rows = await _select(reader, refusal, _REFUSAL, workspace_id, hour=since_hour)
    return [RefusalCount(*row) for row in rows]


async def key_uses_of(reader: Reader, workspace_id: WorkspaceId, *, since_day: int) -> list[KeyUse]:
    """Uses of signing keys, oldest day first."""
    rows = await _select(reader, key_use, _KEY_USE, workspace_id, day=since_day)
    return [KeyUse(*row) for row in rows]


async def alerts_of(reader: Reader, workspace_id: WorkspaceId, *, since_day: int) -> list[Alert]:
    """Alerts, oldest day first."""
    rows = await _select(reader, alert, _ALERT, workspace_id, day=since_day)
    return [Alert(*row) for row in rows]


async def _name_writers(session: Session, writers: Sequence[WriterSeen]) -> None:
    groups: defaultdict[tuple[WorkspaceId, str, int], list[WriterSeen]] = defaultdict(list)
    for one in writers:
        groups[one.workspace_id, one.attribute, one.day].append(one)
    rows: list[tuple[WorkspaceId, str, int, str, ContactId, float]] = []
    for place, group in sorted(groups.items()):
        labels = {label: int(count) for label, count in await session.read(LABELS, [place])}
        room = MOST_WRITERS - sum(labels.values())
        for one in group:
            label = one.label if one.label in labels or len(labels) < MOST_LABELS else OTHER
            count = labels.setdefault(label, 0)
            if count >= room:
                continue
            labels[label], room = count + 1, room - 1
            rows.append((*place, label, one.contact_id, one.at))
    there = {(row[0], row[1]) for row in await session.read(STILL_THERE, sorted({(row[0], row[4]) for row in rows}))}
    await session.write(NAME_WRITERS, sorted(row for row in rows if (row[0], row[4]) in there))


def _by_day(counts: Sequence[TrafficCount]) -> list[Row]:
    days: dict[tuple[WorkspaceId, int, str, str], tuple[int, int]] = {}
    for one in counts:
        place = one.workspace_id, one.hour // HOURS, one.attribute, str(one.kind)
        count, last = days.get(place, (0, one.hour))
        days[place] = count + one.count, max(last, one.hour)
    return [(*place, *counted) for place, counted in sorted(days.items())]


def _rows(counts: Sequence[Any], columns: tuple[str, ...]) -> list[Row]:
    rows = [tuple(getattr(one, name) for name in columns) for one in counts]
    return [*sorted(rows, key=lambda row: row[:4])]


async def _select(
    reader: Reader,
    table: Table,
    columns: tuple[str, ...],
    workspace_id: WorkspaceId,
    *,
    attribute: str = "",
    **since: int,
) -> Sequence[Row]:
    query = select(*(table.c[name] for name in columns)).where(table.c.workspace_id == workspace_id)
    if attribute:
        query = query.where(table.c.attribute == attribute)
    for name, first in since.items():
        query = query.where(table.c[name] >= first).order_by(table.c[name])
    return await reader.rows(query.order_by(*table.primary_key.columns))
