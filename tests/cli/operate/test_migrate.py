"""`avow migrate` says what there is to do, does it once, and leaves what a newer program made alone."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from avow.store import current, head
from tests.cli.conftest import Avow


def test_tables_of_this_version_need_nothing(avow: Avow) -> None:
    told = avow.told("migrate", "--check")
    assert (told["migrated"], told["is"], told["steps"]) == (True, head(), [])
    assert avow.told("migrate")["is"] == head()


def test_an_empty_database_is_migrated_when_it_is_asked_for_and_not_when_it_is_looked_at(
    avow: Avow, tmp_path: Path, postgres_url: str
) -> None:
    place = ("--data", str(tmp_path / "new"), "--database", postgres_url)
    looked = avow.anywhere("migrate", "--check", *place, "--json")
    assert (looked.code, looked.told["migrated"], looked.told["is"]) == (1, False, None)
    assert asyncio.run(current(postgres_url)) is None
    done = avow.anywhere("migrate", *place, "--json")
    assert (done.code, done.told["is"], done.told["steps"]) == (0, head(), looked.told["steps"])
    assert asyncio.run(current(postgres_url)) == head()


@pytest.mark.parametrize(
    "command", [("migrate",), ("migrate", "--check"), ("serve",), ("key", "list"), ("backup", "x")]
)
def test_a_database_from_the_future_is_refused_with_what_to_do(avow: Avow, command: tuple[str, ...]) -> None:
    avow.falsify("UPDATE alembic_version SET version_num = '9999'")
    code, error, message = avow.refused(*command)
    assert (code, error) == (2, "usage")
    assert "newer version of Avow (9999" in message
    assert "Use the newer program" in message


def test_commands_do_not_migrate_on_the_way(avow: Avow) -> None:
    """A newer program beside older servers must not pull the tables from under them."""
    avow.falsify("UPDATE alembic_version SET version_num = '0001'")
    code, _, message = avow.refused("key", "list")
    assert (code, "avow migrate" in message) == (2, True)
    assert asyncio.run(current(avow.database)) == "0001"


def test_a_command_that_has_nothing_to_migrate_does_not_load_what_migrates(avow: Avow) -> None:
    """Alembic takes as long to load as everything else together."""
    program = f"""
import sys
from avow.cli.main import answer
assert answer(["key", "list", *{avow.place!r}]) == 0
assert "alembic" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
