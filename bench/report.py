"""How is it told? As a table for people, with the method beside the figures, and as JSON for machines."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from avow.trust.keys import secret_from_random
from bench.duel import Duel, Plan
from bench.table import Line
from bench.traffic import LANES, Company

PACKAGES = "uvicorn uvloop httptools starlette msgspec asyncpg sqlalchemy fastapi pydantic pyjwt".split()
BUSY = 0.9


def show(console: Console, duels: Sequence[Duel], table: Sequence[Line], plan: Plan, facts: dict[str, str]) -> None:
    """Print everything."""
    console.print()
    console.print(_verdicts(table))
    for duel in duels:
        console.print()
        console.print(_figures(duel))
        console.print(_paging(duel))
        console.print(_importing(duel))
    console.print()
    for name, fact in facts.items():
        console.print(f"{name}: {fact}")
    for line in method(plan):
        console.print(f"- {line}")
    for duel in duels:
        for name, one in duel.figures.items():
            if one.generator_busy > BUSY:
                busy = f"the load generator was busy {one.generator_busy:.0%} of the time"
                console.print(f"! {duel.database}, {name}: {busy} and may have held the server back")


def save(path: Path, duels: Sequence[Duel], table: Sequence[Line], plan: Plan, facts: dict[str, str]) -> None:
    """Write everything to a file."""
    told: dict[str, Any] = {
        "table": [{**dataclasses.asdict(line), "verdict": line.verdict} for line in table],
        "figures": {duel.database: dataclasses.asdict(duel) for duel in duels},
        "plan": dataclasses.asdict(plan),
        "method": method(plan),
        "facts": facts,
    }
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")


def facts(folder: Path, databases: Sequence[str]) -> dict[str, str]:
    """What it was measured on."""
    load = os.getloadavg()[0]
    packages = [f"{name} {version(name)}" for name in PACKAGES]
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB, "
        f"{platform.system()} {platform.release()}; load before the run {load:.1f}",
        "disk": f"{_file_system(folder)}, {_sync_ms(folder):.2f} ms for a synced write of 8 KiB",
        "versions": ", ".join([f"Python {platform.python_version()}", *databases, *packages]),
    }


def method(plan: Plan) -> list[str]:
    """How it was measured, in sentences."""
    request = Company("abcd1234", "acme-2024", secret_from_random(bytes(range(32))), int(time.time())).request(1, 1)
    body = len(request.partition(b"\r\n\r\n")[2])
    pinned = f"the load generator keeps to one of {os.cpu_count()} cores, all others run where the system puts them"
    text = f"""
        {LANES} connections kept alive on loopback, each waiting for its reply; bodies of {body} bytes.
        Tokens are HS256, made by avow.sign before the clock starts; an update changes all six attributes in it.
        One process a server, with the same loop (uvloop) and parser (httptools); {pinned}.
        All in this run: warm-up, {plan.rounds} rounds of {plan.seconds:g} s in turn, of each figure the median.
        Every reply was a success; every update was in the database afterwards: records counted, values compared.
        The constant answer is given by Avow's own server class, to an application that reads the body.
        The handler is bench/handler.py: pooled, indexed, WAL, synchronous=FULL, one transaction a request.
        The {plan.many:,} people are copies of a thousand that were pinged; updates are scattered over all of them.
        Both databases wait for the disk. CPU is the server process's, a request; database is PostgreSQL's own.
        The script: 15 loads in fresh profiles of Chromium, the tasks that run it as traced; the median.
        Pages: POST /contacts/search by a filterable attribute, one at a time; every fifth counts, up to 10,000.
    """
    return [line.strip() for line in text.strip().splitlines()]


def _verdicts(table: Sequence[Line]) -> Table:
    drawn = _table("what", "measured", "floor", "aim", "verdict")
    for line in table:
        drawn.add_row(line.what, line.shown(line.figure), line.bound(line.floor), line.bound(line.aim), line.verdict)
    return drawn


def _figures(duel: Duel) -> Table:
    columns = ("a second", "least – most", "p50 ms", "p99 ms", "CPU µs", "database µs", "MiB", "generator")
    drawn = _table(duel.database, *columns)
    for name, one in duel.figures.items():
        drawn.add_row(
            name,
            f"{one.rate:,.0f}",
            f"{one.least:,.0f} – {one.most:,.0f}",
            f"{one.p50_ms:.1f}",
            f"{one.p99_ms:.1f}",
            f"{one.cpu_us:.0f}",
            f"{one.database_cpu_us:.0f}",
            f"{one.memory_mib:.0f}",
            f"{one.generator_busy:.0%}",
        )
    return drawn


def _importing(duel: Duel) -> str:
    it = duel.importing
    return f"{duel.database}: {it.rows:,} people imported, {it.rows_a_second:,.0f} a second."


def _paging(duel: Duel) -> str:
    it = duel.paging
    times = f"median {it.page_ms:.1f} ms, of first ones {it.first_ms:.1f} ms, worst {it.worst_ms:.1f} ms"
    return f"{duel.database}, {it.pages} pages from a filter: {times}; its index was built in {it.build_seconds:.0f} s"


def _table(first: str, *others: str) -> Table:
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    drawn.add_column(first, no_wrap=True)
    for name in others:
        drawn.add_column(name, justify="right", no_wrap=True)
    return drawn


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _file_system(folder: Path) -> str:
    """The type of the file system that a folder is on."""
    place = folder.resolve()
    mounts = {Path(one.mountpoint): one.fstype for one in psutil.disk_partitions(all=True)}
    return next((mounts[one] for one in (place, *place.parents) if one in mounts), "unknown file system")


def _sync_ms(folder: Path, writes: int = 100) -> float:
    with tempfile.TemporaryFile(dir=folder) as file:
        times = []
        for _ in range(writes):
            file.write(b"x" * 8192)
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    return 1000 * sorted(times)[writes // 2]
