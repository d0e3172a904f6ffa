"""What does it cost? `python -m bench` measures Avow side by side with two others, prints a table, and takes minutes.

It ends with 0 if it could measure, whatever the figures are: a machine that is busy with something else tells nothing.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bench.browser import screens, script
from bench.databases import Database, PostgreSQL, SQLite
from bench.duel import Duel, Plan, fight
from bench.found import Missing
from bench.load import Generator, LoadFailed
from bench.report import facts, save, show
from bench.search.pages import SearchFailed
from bench.servers import ServerFailed
from bench.table import lines, of_screens, of_script
from tests.support.browser import ChromiumMissing
from tests.support.postgres import PostgresMissing, durable_cluster

KINDS = ("sqlite", "postgresql")


def main() -> int:
    """Measure, print, and return the exit code."""
    chosen = _arguments()
    if chosen.screens:
        return _screens()
    plan = Plan(100_000 if chosen.quick else 1_000_000, chosen.rounds, chosen.seconds)
    console = Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else 160)
    progress = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)
    begun = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="avow-bench-") as place:
            surroundings, duels = _measure(chosen.only or KINDS, Path(place), plan, progress.print)
            progress.print("the browser's script: loading a page in Chromium")
            held_up = script.measure(Path(place))
            progress.print(f"the screens, at {screens.PEOPLE:,} people")
            shown = screens.measure(Path(place))
    except (
        ChromiumMissing, LoadFailed, Missing, PostgresMissing, screens.ScreenFailed, SearchFailed, ServerFailed
    ) as error:  # fmt: skip
        progress.print(f"bench: nothing that was measured counts: {error}")
        return 1
    table = [*lines(duels, plan), of_script(held_up), *of_screens(shown)]
    quick = ", quick: a tenth of the people" if chosen.quick else ""
    surroundings["run"] = f"{time.monotonic() - begun:.0f} s{quick}"
    show(console, duels, table, plan, surroundings)
    if chosen.json:
        save(chosen.json, duels, table, plan, surroundings)
    return 0


def _screens() -> int:
    """Every screen and view, the slowest first, on standard output."""
    with tempfile.TemporaryDirectory(prefix="avow-bench-") as place:
        try:
            found = screens.measure(Path(place))
        except (screens.ScreenFailed, ServerFailed) as error:
            print(f"bench: nothing that was measured counts: {error}", file=sys.stderr)
            return 1
    for path, cost in sorted(found.medians.items(), key=lambda one: -one[1]):
        print(f"{cost:8.1f} ms  {path or '/'}")
    return 0


def _measure(
    kinds: Sequence[str], folder: Path, plan: Plan, say: Callable[[str], None]
) -> tuple[dict[str, str], list[Duel]]:
    mine = sorted(os.sched_getaffinity(0))
    with Generator(mine[-1] if len(mine) > 1 else None) as generator:
        surroundings: dict[str, str] = {}
        duels: list[Duel] = []
        for kind in kinds:
            with _database(kind) as database:
                surroundings |= facts(folder, [database.version()]) if not duels else {}
                duels.append(fight(generator, database, folder, plan, say))
    return surroundings, duels


@contextmanager
def _database(kind: str) -> Iterator[Database]:
    if kind == "sqlite":
        yield SQLite()
    else:
        with durable_cluster() as cluster:
            yield PostgreSQL(cluster)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100,000 people instead of a million")
    parser.add_argument("--only", choices=KINDS, action="append", help="measure on this database only")
    parser.add_argument("--screens", action="store_true", help="the screens alone, every one and its views")
    parser.add_argument("--rounds", type=int, default=5, help="how many rounds (5)")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each is (2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything that was found to a file, too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
