"""Who runs against whom on one kind of database? Avow, Avow among a million, the constant answer, and the handler.

Each has a database of its own. All of them run for the whole time; only one at a time has anything to do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import crowd
from bench.databases import Database
from bench.found import check_avow, check_handler
from bench.load import Generator
from bench.rounds import Contestant, Figures, measure
from bench.servers import Server, ServerFailed
from bench.traffic import KID, Company, expected

FEW = 1000
# Tokens of a run begin this long before it: younger with each update, and never of the future.
BEFORE = 24 * 3600
UNLIMITED = {
    f"AVOW_{name}_PER_MINUTE": "100000000" for name in ("REST", "CONTACT", "ADDRESS", "UNPROVEN")
}

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    many: int
    rounds: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Duel:
    """What came of it, for one kind of database. `at_rest_mib` is Avow's memory before the first request."""

    database: str
    figures: Mapping[str, Figures]
    at_rest_mib: float
    fill_seconds: float


def fight(generator: Generator, database: Database, folder: Path, plan: Plan, say: Say) -> Duel:
    """Measure, then look for every update. Raises `LoadFailed`, `Missing` or `ServerFailed`: then nothing counts."""
    with ExitStack() as running:
        few, many = (Avow(generator, database, folder / f"{database.name}-{size}", size) for size in (FEW, plan.many))
        say(f"{database.name}: {plan.many:,} people for the second Avow")
        begun = time.monotonic()
        many.people_it(say)
        filled = time.monotonic() - begun
        at_rest = running.enter_context(few.serve()).memory() / 2**20
        few.introduce()
        running.enter_context(many.serve())
        handler = Handler(generator, database, few.company)
        running.enter_context(handler.serve())
        constant = running.enter_context(Server("constant", {}))
        generator.people("constant", few.company, FEW, 1)
        generator.introduce("constant", constant.port)
        contestants = [
            Contestant("constant", constant, "constant", bool, again=True),
            few.contestant("updates"),
            few.contestant("pings", again=True),
            handler.contestant("handler"),
            many.contestant("updates among many"),
        ]
        measure(generator, contestants, count=plan.rounds, seconds=plan.seconds, say=say)
    for one in (few, many, handler):
        one.check()
    return Duel(database.name, {it.name: it.figures() for it in contestants}, at_rest, filled)
