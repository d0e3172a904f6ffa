"""Activity: which values were ignored and which requests refused, by reason and over time, and what operators changed.

- A reason can be looked at alone: its own chart, and the newest sample of each hour, without identity or value.
- Everything is live; what is shown is in the address, so that it can be sent to somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import msgspec

from avow.admin.activity.operators import AREAS, Told, told, who
from avow.admin.activity.reasons import WORDS, explained, words
from avow.admin.frame.charts import Chart, gathered, spans, stacked
from avow.admin.frame.visit import Page, Visit
from avow.errors import BadInput
from avow.flow.contract import OperatorChange, RefusalCount
from avow.flow.readiness import HEADLINE
from avow.flow.screens import activity
from avow.flow.screens.activity import Activity, Counted
from avow.trust.reasons import Reason
from avow.trust.words import Word

PATH: Final = "/activity"
SPANS: Final = {"24h": (24, 1), "7d": (28, 6), "30d": (30, 24)}
"""A stretch of time → how many bars it has, and how many hours each of them stands for."""
STRETCHES: Final = (("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"))
SAMPLES: Final = 48
_DRAWN: Final = 4
_OTHERS: Final = "series-5"

Links = tuple[tuple[str, str, bool], ...]


class Part(Word):
    """What of it is shown."""

    ALL = "all"
    VALUES = "values"
    REQUESTS = "requests"
    CHANGES = "changes"


_PARTS: Final = {
    Part.ALL: "Everything",
    Part.VALUES: "Ignored values",
    Part.REQUESTS: "Refused requests",
    Part.CHANGES: "Operators' changes",
}

_TITLES: Final = {
    Part.VALUES: (
        "Ignored values, by reason",
        "Single values that were not believed. The rest of their request was.",
        "No value was ignored",
    ),
    Part.REQUESTS: (
        "Refused requests, by reason",
        "A token or an identity was not believed. Nothing of these requests was stored.",
        "Every token was believed",
    ),
}
"""Title, what it is about, and what stands there when nothing happened."""


class Line(msgspec.Struct, frozen=True):
    """One reason: its words, where it is explained, the address that shows it alone, and its share of all (0 to 1)."""

    counted: Counted
    words: str
    explained: str
    alone: str
    share: float


class Board(msgspec.Struct, frozen=True):
    """What was ignored, or what was refused: a chart and its reasons."""

    id: str
    title: str
    lede: str
    quiet: str
    count: int
    chart: Chart | None
    lines: tuple[Line, ...]


class Alone(msgspec.Struct, frozen=True):
    """One reason by itself. `samples` are the newest refused request of each hour."""

    reason: str
    words: str
    explained: str
    count: int
    chart: Chart
    samples: tuple[RefusalCount, ...]
    back: str


class History(msgspec.Struct, frozen=True):
    """Operators' changes, and what they can be narrowed to."""

    changes: tuple[Told, ...]
    actors: tuple[tuple[str, str], ...]
    areas: tuple[tuple[str, str], ...]
    actor: str
    area: str
    first: str
    older: str


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `address` is this screen's with everything that was chosen."""

    part: Part
    parts: Links
    stretches: Links
    stretch: str
    activity: Activity
    boards: tuple[Board, ...]
    alone: Alone | None
    history: History | None
    address: str


async def show(visit: Visit) -> Page:
    """The screen."""
    raw_part, raw_stretch = visit.query.get("show") or Part.ALL, visit.query.get("over") or HEADLINE
    part = Part(raw_part) if raw_part in tuple(Part) else Part.ALL
    stretch = raw_stretch if raw_stretch in SPANS else HEADLINE
    raw_reason = visit.query.get("reason") or ""
    reason = raw_reason if raw_reason in WORDS else ""
    look = await activity.look(visit.engine.store, visit.workspace_id, stretch, visit.now)
    boards = () if reason or part is Part.CHANGES else _boards(visit, look, part, stretch)
    it = Shown(
        part,
        tuple((text, _address(visit, part=one, stretch=stretch), one is part) for one, text in _PARTS.items()),
        tuple(
            (text, _address(visit, part=part, stretch=one, reason=reason), one == stretch) for one, text in STRETCHES
        ),
        stretch,
        look,
        boards,
        _alone(visit, look, Reason(reason), part, stretch) if reason else None,
        await _history(visit, stretch) if part in (Part.ALL, Part.CHANGES) and not reason else None,
        visit.address + (f"?{asked}" if (asked := urlencode(visit.query.single)) else ""),
    )
    return Page("activity/activity.html", "Activity", it)


def drawn(title: str, parts: Sequence[tuple[str, str, dict[int, int]]], stretch: str, visit: Visit) -> Chart:
    """A chart of counts by hour: class of the series, its name, and Unix hour → count."""
    count, length = SPANS[stretch]
    starts = spans(visit.now, count, length)
    counts = {series: gathered(by_hour, starts) for series, _, by_hour in parts}
    return stacked(title, [(series, name) for series, name, _ in parts], counts, starts=starts, zone=visit.browser.zone)


def _boards(visit: Visit, look: Activity, part: Part, stretch: str) -> tuple[Board, ...]:
    counted = {Part.VALUES: look.ignored, Part.REQUESTS: look.refused}
    return tuple(_board(visit, one, counted[one], stretch) for one in _TITLES if part in (Part.ALL, one))


def _board(visit: Visit, place: Part, counted: tuple[Counted, ...], stretch: str) -> Board:
    title, lede, quiet = _TITLES[place]
    total = sum(one.count for one in counted)
    parts = [(f"series-{at}", _name(one.reason), one.by_hour) for at, one in enumerate(counted[:_DRAWN], 1)]
    if rest := counted[_DRAWN:]:
        hours: dict[int, int] = {}
        for one in rest:
            for hour, count in one.by_hour.items():
                hours[hour] = hours.get(hour, 0) + count
        parts.append((_OTHERS, "All others", hours))
    lines = tuple(
        Line(
            one,
            words(one.reason),
            explained(one.reason),
            _address(visit, part=place, stretch=stretch, reason=one.reason),
            one.count / total,
        )
        for one in counted
    )
    return Board(place, title, lede, quiet, total, drawn(title, parts, stretch, visit) if parts else None, lines)


def _alone(visit: Visit, look: Activity, reason: Reason, part: Part, stretch: str) -> Alone:
    found = look.of(reason)
    chart = drawn(
        f"{_name(reason)} over time", [("series-1", _name(reason), found.by_hour if found else {})], stretch, visit
    )
    return Alone(
        reason,
        words(reason),
        explained(reason),
        found.count if found else 0,
        chart,
        found.hours[:SAMPLES] if found else (),
        _address(visit, part=part, stretch=stretch),
    )


async def _history(visit: Visit, stretch: str) -> History:
    raw_until = visit.query.get("until")
    actor, area = visit.query.get("who") or "", visit.query.get("about") or ""

    def fits(one: OperatorChange) -> bool:
        return actor in ("", who(one.actor)) and area in ("", activity.area_of(one))

    found = await activity.changes(visit.engine.store, visit.workspace_id, until=_moment(raw_until), fits=fits)
    chosen = {"part": str(Part.CHANGES), "stretch": stretch, "who": actor, "about": area}
    actors = sorted({*map(who, found.actors), *([actor] if actor else [])})
    areas = sorted({*found.areas, *([area] if area else [])})
    return History(
        tuple(map(told, found.shown)),
        (("", "Everybody"), *((one, one) for one in actors)),
        (("", "Everything"), *((one, AREAS.get(one, one)) for one in areas)),
        actor,
        area,
        _address(visit, **chosen) if raw_until else "",
        _address(visit, **chosen, until=repr(found.older)) if found.older is not None else "",
    )


def _moment(raw_until: str | None) -> float | None:
    if raw_until is None:
        return None
    try:
        moment = float(raw_until)
    except ValueError:
        moment = float("nan")
    if not 0 <= moment < 1e11:
        raise BadInput("That is no moment; go back to the first page.", field="until")
    return moment


def _name(reason: str) -> str:
    return reason.replace("_", " ").capitalize()


def _address(visit: Visit, *, part: str, stretch: str, **more: str) -> str:
    asked = {"show": "" if part == Part.ALL else part, "over": "" if stretch == HEADLINE else stretch, **more}
    query = urlencode({name: value for name, value in asked.items() if value})
    return visit.root + PATH + (f"?{query}" if query else "")
