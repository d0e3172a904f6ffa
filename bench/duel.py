"""Who runs against whom on one kind of database? The constant answer, Avow, the handler, and Avow among a million.

Each has a database of its own. All of them run for the whole time; only one at a time has anything to do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench.bulk.importing import Importing, bring_in
from bench.databases import Database
from bench.load import Generator
from bench.rounds import Contestant, Figures, measure
from bench.search.pages import Paging
from bench.servers import Server
from bench.sides import Avow, Handler

FEW = 1000

CONSTANT = "constant answer"
UPDATES = "Avow, updates"
PINGS = "Avow, pings that change nothing"
HANDLER = "ORM handler, updates"
MANY = "Avow, updates among many"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: people of the large database, rounds, seconds of a round."""

    many: int
    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Duel:
    """What came of it on one kind of database. `at_rest_mib` is Avow's memory before the first request."""

    database: str
    figures: Mapping[str, Figures]
    at_rest_mib: float
    fill_seconds: float
    paging: Paging
    importing: Importing


def fight(generator: Generator, database: Database, folder: Path, plan: Plan, say: Callable[[str], None]) -> Duel:
    """Measure, then look for every update. Raises `LoadFailed`, `Missing` or `ServerFailed`: then nothing counts."""
    few = Avow(generator, database, folder / f"few-{database.name}", f"few {database.name}")
    many = Avow(generator, database, folder / f"many-{database.name}", f"many {database.name}")
    handler = Handler(generator, database, folder / f"handler-{database.name}", few.company)
    say(f"{database.name}: filling a database with {plan.many:,} people")
    begun = time.monotonic()
    with many.serve() as server:
        many.introduce(server, FEW)
    many.multiply(plan.many)
    filled = time.monotonic() - begun
    say(f"{database.name}: filled in {filled:.0f} s; warming up")
    with ExitStack() as running:
        servers = [running.enter_context(one) for one in (few.serve(), many.serve(), handler.serve())]
        at_rest = servers[0].memory() / 2**20
        few.introduce(servers[0], FEW)
        handler.introduce(servers[2], FEW)
        contestants = [
            _constant(generator, running.enter_context(Server("constant", {})), few),
            few.contestant(UPDATES, servers[0]),
            few.contestant(PINGS, servers[0], again=True),
            handler.contestant(HANDLER, servers[2]),
            many.contestant(MANY, servers[1]),
        ]
        measure(generator, contestants, count=plan.rounds, seconds=plan.seconds, say=say)
        say(f"{database.name}: building an index over {plan.many:,} people, and searching by it")
        paging = many.search(servers[1], plan.rounds)
    for one in (few, many, handler):
        one.check()
    rows = plan.many // 5
    say(f"{database.name}: importing {rows:,} people")
    importing = bring_in(database, folder / f"import-{database.name}", rows)
    return Duel(database.name, {it.name: it.figures() for it in contestants}, at_rest, filled, paging, importing)


def _constant(generator: Generator, server: Server, like: Avow) -> Contestant:
    generator.people(CONSTANT, like.company, FEW, 1)
    generator.introduce(CONSTANT, server.port)
    return Contestant(CONSTANT, server, CONSTANT, bool, again=True)
