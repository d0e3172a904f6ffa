"""What does one process know of itself, and what do several know together? Readings: numbers under labels.

- A process that has ended keeps what it counted: sums never go down because somebody was replaced.
- Its gauges end with it.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from avow.observe.catalogue import METRICS, Join, Kind

Labels = tuple[str, ...]


class Number(msgspec.Struct, frozen=True, array_like=True):
    """One value of a counter or gauge."""

    name: str
    labels: Labels
    value: float


class Spread(msgspec.Struct, frozen=True, array_like=True):
    """One histogram: cells as in `flow.bookkeeping.pulse.Histogram`, not summed up."""

    name: str
    labels: Labels
    bounds: tuple[float, ...]
    cells: tuple[int, ...]
    total: float


class Readings(msgspec.Struct, frozen=True, array_like=True):
    """Everything of one moment."""

    numbers: tuple[Number, ...] = ()
    spreads: tuple[Spread, ...] = ()


def together(several: Iterable[Readings]) -> Readings:
    """What they are as one server."""
    numbers: dict[tuple[str, Labels], float] = {}
    spreads: dict[tuple[str, Labels], Spread] = {}
    for readings in several:
        for number in readings.numbers:
            at = (number.name, number.labels)
            known = numbers.get(at)
            numbers[at] = number.value if known is None else _joined(number.name, known, number.value)
        for spread in readings.spreads:
            at = (spread.name, spread.labels)
            spreads[at] = _added(spreads[at], spread) if at in spreads else spread
    return Readings(
        tuple(Number(name, labels, value) for (name, labels), value in numbers.items()), tuple(spreads.values())
    )


def left_behind(readings: Readings) -> Readings:
    """What stays of a process that has ended: what only grows."""
    counters = tuple(one for one in readings.numbers if METRICS[one.name].kind is Kind.COUNTER)
    return Readings(counters, readings.spreads)


def _joined(name: str, one: float, other: float) -> float:
    return one + other if METRICS[name].join is Join.SUM else max(one, other)


def _added(one: Spread, other: Spread) -> Spread:
    cells = tuple(a + b for a, b in zip(one.cells, other.cells, strict=True))
    return Spread(one.name, one.labels, one.bounds, cells, one.total + other.total)
