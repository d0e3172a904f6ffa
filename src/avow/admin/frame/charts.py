"""How do counts over time become a picture? Stacked bars on a grid of round numbers, with the times under them.

The geometry is made here; the template draws it, and writes the same numbers as a table.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

WIDTH: Final = 720
HEIGHT: Final = 220
LEFT: Final = 44
_TOP: Final = 10
_BOTTOM: Final = 26
_HOUR: Final = 3_600
_DAY: Final = 86_400


class Bar(msgspec.Struct, frozen=True):
    """One piece of a bar. `series` is a class of `charts.css`."""

    series: str
    x: float
    y: float
    width: float
    height: float
    told: str


class Line(msgspec.Struct, frozen=True):
    """A line of the grid, and its number."""

    y: float
    text: str


class Mark(msgspec.Struct, frozen=True):
    """A time below the bars."""

    x: float
    text: str
    anchor: str


class Row(msgspec.Struct, frozen=True):
    """One stretch of time as the table has it."""

    text: str
    counts: tuple[int, ...]


class Chart(msgspec.Struct, frozen=True):
    """All that is drawn and told. `series` pairs classes with what they are called."""

    told: str
    series: tuple[tuple[str, str], ...]
    bars: tuple[Bar, ...]
    grid: tuple[Line, ...]
    marks: tuple[Mark, ...]
    rows: tuple[Row, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT

    @property
    def names(self) -> list[str]:
        """What the series are called."""
        return [name for _, name in self.series]


def stacked(
    told: str,
    series: Sequence[tuple[str, str]],
    counts: Mapping[str, Mapping[int, int]],
    *,
    starts: Sequence[int],
    zone: ZoneInfo,
) -> Chart:
    """A chart of `counts`: series → start of a stretch (Unix seconds) → how many. `starts` are all, oldest first."""
    totals = [sum(counts.get(name, {}).get(at, 0) for name, _ in series) for at in starts]
    most = _round_up(max(totals, default=0))
    label = _label(starts, zone)
    scale = (HEIGHT - _TOP - _BOTTOM) / most
    step = (WIDTH - LEFT) / max(len(starts), 1)
    bars: list[Bar] = []
    for place, at in enumerate(starts):
        y = float(HEIGHT - _BOTTOM)
        for name, words in series:
            count = counts.get(name, {}).get(at, 0)
            if count:
                height = max(count * scale, 1.0)
                y -= height
                x = LEFT + place * step + step * 0.12
                text = f"{label(at)}: {count:,} {words.lower()}"
                bars.append(Bar(name, round(x, 2), round(y, 2), round(step * 0.76, 2), round(height, 2), text))
    grid = tuple(
        Line(round(HEIGHT - _BOTTOM - part * most * scale / 4, 2), f"{most * part // 4:,}") for part in (0, 2, 4)
    )
    rows = tuple(
        Row(label(at), tuple(counts.get(name, {}).get(at, 0) for name, _ in series)) for at in reversed(starts)
    )
    return Chart(told, tuple(series), tuple(bars), grid, _marks(starts, step, label), rows)


def hours(now: float, count: int) -> list[int]:
    """The beginnings of the last `count` hours, this one included, oldest first (Unix seconds)."""
    this = int(now // _HOUR) * _HOUR
    return [this - back * _HOUR for back in range(count - 1, -1, -1)]


def spans(now: float, count: int, length: int) -> list[int]:
    """The beginnings of the last `count` stretches of `length` hours, oldest first (Unix seconds)."""
    this = int(now // _HOUR) // length * length * _HOUR
    return [this - back * length * _HOUR for back in range(count - 1, -1, -1)]


def gathered(by_hour: Mapping[int, int], starts: Sequence[int]) -> dict[int, int]:
    """Counts by hour (Unix hours) as counts by these stretches, each up to the next one's start."""
    found = dict.fromkeys(starts, 0)
    for hour, count in by_hour.items():
        at = hour * _HOUR
        begun = [start for start in starts if start <= at]
        if begun:
            found[begun[-1]] += count
    return found


def _label(starts: Sequence[int], zone: ZoneInfo) -> Callable[[int], str]:
    span = starts[1] - starts[0] if len(starts) > 1 else _HOUR

    def label(at: int) -> str:
        local = datetime.fromtimestamp(at, zone)
        return f"{local.day} {local:%b}" if span >= _DAY else f"{local.day} {local:%b, %H:%M}"

    return label


def _marks(starts: Sequence[int], step: float, label: Callable[[int], str]) -> tuple[Mark, ...]:
    if not starts:
        return ()
    places = sorted({0, len(starts) // 2, len(starts) - 1})
    anchors = {0: "start", len(starts) - 1: "end"}
    return tuple(
        Mark(
            round(LEFT + place * step + (step if place == len(starts) - 1 else 0 if place == 0 else step / 2), 2),
            label(starts[place]),
            anchors.get(place, "middle"),
        )
        for place in places
    )


def _round_up(most: int) -> int:
    """The next number whose quarters are round: 4, 8, 20, 40, 80, 200, …."""
    if most <= 4:
        return 4
    power = 10 ** math.floor(math.log10(most))
    return next(int(part * power) for part in (2, 4, 8, 10, 20, 40) if part * power >= most and part * power % 4 == 0)
