"""What does it come to? The rows of the table: each figure, its floor, its aim, and the verdict."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.browser.screens import PEOPLE, ScreenCost
from bench.browser.script import ScriptCost
from bench.duel import CONSTANT, HANDLER, MANY, PINGS, UPDATES, Duel, Plan


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what was measured, and the two bounds that it is held against."""

    what: str
    figure: float
    unit: str
    floor: float
    aim: float
    higher_is_better: bool

    @property
    def verdict(self) -> str:
        """In words."""
        reached: Callable[[float, float], bool] = operator.ge if self.higher_is_better else operator.le
        if reached(self.figure, self.aim):
            return "aim met"
        return "floor met" if reached(self.figure, self.floor) else "not met"

    def shown(self, value: float) -> str:
        """A value as it stands in the table."""
        text = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
        return f"{text} {self.unit}".rstrip()

    def bound(self, value: float) -> str:
        """The same, for a bound."""
        return f"{'≥' if self.higher_is_better else '≤'} {self.shown(value)}"


def lines(duels: Sequence[Duel], plan: Plan) -> list[Line]:
    """The table, for every kind of database that was measured."""
    return [line for duel in duels for line in _of(duel, plan)]


def of_script(cost: ScriptCost) -> Line:
    """What a page pays for the script."""
    return Line("the script's longest task in a page's main thread", cost.longest_ms, "ms", 50, 16, False)


def of_screens(cost: ScreenCost) -> list[Line]:
    """What whoever looks waits for the server, and for a contact's page."""
    path, slowest = cost.slowest
    found = [Line(f"the slowest screen at {PEOPLE:,} people ({path or '/'})", slowest, "ms", 100, 50, False)]
    if cost.contact is not None:
        found.append(Line(f"a contact's page at {PEOPLE:,} people", cost.contact, "ms", 30, 15, False))
    return found


def _of(duel: Duel, plan: Plan) -> list[Line]:
    on, figures, many = duel.database, duel.figures, f"{plan.many:,}"
    rate = {name: one.rate for name, one in figures.items()}
    loaded = max(figures[name].memory_mib for name in (UPDATES, PINGS, MANY))
    return [
        Line(f"updates ÷ constant answer, {on}", rate[UPDATES] / rate[CONSTANT], "", 0.20, 0.33, True),
        Line(f"updates ÷ ORM handler, {on}", rate[UPDATES] / rate[HANDLER], "", 20, 40, True),
        Line(f"pings that change nothing ÷ constant answer, {on}", rate[PINGS] / rate[CONSTANT], "", 0.35, 0.6, True),
        Line(f"cost of an update at {many} people ÷ at 1,000, {on}", rate[UPDATES] / rate[MANY], "", 3, 1.5, False),
        Line(f"p99 of updates at 64 connections, {on}", figures[UPDATES].p99_ms, "ms", 40, 15, False),
        Line(f"memory at rest, {on}", duel.at_rest_mib, "MiB", 120, 100, False),
        Line(f"memory under that load, {on}", loaded, "MiB", 250, 160, False),
        Line(f"a page of 50 from a filter over {many} people, {on}", duel.paging.page_ms, "ms", 20, 2, False),
        Line(
            f"memory of an import of {duel.importing.rows:,} people, {on}",
            duel.importing.peak_mib,
            "MiB",
            300,
            150,
            False,
        ),
    ]
