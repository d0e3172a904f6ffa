"""kill -9 in the middle of an import, again and again: the same command ends it, nobody doubled and nobody missed."""

from __future__ import annotations

import json
import random
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.postgres import durable_cluster
from tests.support.program import AVOW, Made, avow, init
from tests.support.scale import full_or_tenth

PEOPLE = 20_000
SEED = 31


def _sheet(path: Path, people: int) -> Path:
    with path.open("w") as file:
        file.write("external_id,email,name,seats\n")
        for number in range(people):
            file.write(f"u{number},u{number}@x.example,Person {number},{number}\n")
    return path


def _command(made: Made, sheet: Path) -> list[str]:
    return ["import", str(sheet), "--create-attributes", *made.place, "--json"]


def _killed(made: Made, sheet: Path, seconds: float) -> bool:
    """Begin or go on, and kill it; whether it was still at work."""
    with subprocess.Popen(
        [*AVOW, *_command(made, sheet)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            return True
        return False


def _run(made: Made, sheet: Path, people: int, kills: int) -> None:
    dice, survived = random.Random(SEED), 0
    usual = _time_of_nothing(made)
    for _ in range(kills):
        survived += _killed(made, sheet, usual + dice.uniform(0.0, 1.5))
    assert survived, "nothing was ever killed"
    told = json.loads(avow(*_command(made, sheet)).stdout)
    done = told["created"] + told["updated"] + told["unchanged"]
    assert (told["state"], told["rows"], done, told["rejected"]) == ("completed", people, people, 0)
    lines = [json.loads(line) for line in avow("export", "--format", "jsonl", *made.place).stdout.splitlines()]
    assert len(lines) == people
    assert {one["external_id"]: one["custom_attributes"]["seats"] for one in lines} == {
        f"u{number}": number for number in range(people)
    }
    assert {one["provenance"]["seats"]["change"] for one in lines} == {1}
    verified = json.loads(avow("audit", "verify", *made.place, "--json").stdout)
    assert verified["verified"], verified


def _time_of_nothing(made: Made) -> float:
    """How long the program takes on this machine before it does anything."""
    began = time.monotonic()
    avow("workspace", "list", *made.place)
    return time.monotonic() - began


@pytest.mark.long
def test_an_import_into_sqlite_survives(tmp_path: Path) -> None:
    people = full_or_tenth(PEOPLE)
    _run(init(tmp_path / "data"), _sheet(tmp_path / "people.csv", people), people, full_or_tenth(20))


@pytest.mark.long
def test_an_import_into_postgresql_survives(tmp_path: Path) -> None:
    people = full_or_tenth(PEOPLE)
    with durable_cluster() as cluster:
        made = init(tmp_path / "data", cluster.fresh_database())
        _run(made, _sheet(tmp_path / "people.csv", people), people, full_or_tenth(20))
