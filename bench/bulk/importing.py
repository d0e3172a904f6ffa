"""What does an import cost? `avow import` of a CSV file into a fresh database: rows a second, and memory at its peak.

Everybody is counted afterwards. The memory is that of the one process which imports, looked at all the time.
"""

from __future__ import annotations

import json
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from bench.databases import Database
from bench.found import Missing
from tests.support.program import AVOW, init

LOOK_EVERY: Final = 0.02


@dataclass(frozen=True, slots=True)
class Importing:
    """What came of it."""

    rows: int
    rows_a_second: float
    peak_mib: float


def bring_in(database: Database, folder: Path, rows: int) -> Importing:
    """Import so many new people. Raises `Missing` where somebody is not there afterwards."""
    folder.mkdir()
    sheet, url = folder / "people.csv", database.fresh(folder)
    with sheet.open("w") as file:
        file.write("external_id,email,name,plan,seats,signed_up_at\n")
        for number in range(rows):
            seats, since = number % 500, 1_700_000_000 + number
            file.write(f"user-{number},u{number}@customer.example,Person {number},pro,{seats},{since}\n")
    made = init(folder / "data", url)
    began = time.monotonic()
    process = subprocess.Popen(
        [*AVOW, "import", str(sheet), "--create-attributes", *made.place, "--json"], stdout=subprocess.PIPE
    )
    peak = _peak_of(process)
    took = time.monotonic() - began
    told = json.loads(process.communicate()[0] or b"{}")
    found = database.rows(url, "SELECT count(*) FROM contact")[0][0]
    if process.returncode or told.get("created") != rows or found != rows:
        raise Missing(f"of {rows:,} people imported into {database.name}, {found:,} are there")
    return Importing(rows, rows / took, peak / 2**20)


def _peak_of(process: subprocess.Popen[bytes]) -> int:
    """The most memory that a process was seen to have, in bytes, until it ends.

    What the system tells in the end (`ru_maxrss`) begins with the memory of whoever started the process.
    """
    watched, peak = psutil.Process(process.pid), 0
    while process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            peak = max(peak, watched.memory_info().rss)
        time.sleep(LOOK_EVERY)
    return peak
