"""`avow distribute` shows its SQL to anybody, and says plainly where it cannot run."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.cli.conftest import Avow
from tests.support.databases import copy_of, migrated


def test_a_dry_run_asks_no_database(avow: Avow) -> None:
    ended = avow.anywhere("distribute", "--dry-run", "--database", "postgresql://nobody@127.0.0.1:9/none", "--json")
    told = ended.told
    assert (ended.code, told["distributed"]) == (0, False)
    assert told["statements"][0] == "CREATE EXTENSION IF NOT EXISTS citus"
    assert "SELECT create_distributed_table('contact', 'id')" in told["statements"]


def test_a_dry_run_prints_the_sql_whatever_the_database_is(avow: Avow) -> None:
    ended = avow.anywhere("distribute", "--dry-run", "--data", str(avow.data / "none"), "--json")
    assert ended.code == 0, ended.err
    assert "SELECT create_distributed_table('contact', 'id')" in ended.told["statements"]


def test_sqlite_cannot_be_distributed(avow: Avow) -> None:
    ended = avow.anywhere("distribute", "--data", str(avow.data), "--json")
    assert (ended.code, "needs PostgreSQL" in ended.refusal[1]) == (2, True)


def test_where_the_extension_is_it_is_used_and_where_not_that_is_said(avow: Avow) -> None:
    with copy_of(migrated()) as url:
        place = ("--data", str(avow.data), "--database", url, "--json")
        first = avow.anywhere("distribute", *place)
        if not asyncio.run(_has_citus(url)):
            assert (first.code, "has not the extension citus" in first.refusal[1]) == (2, True)
            return
        assert first.code == 0
        again = avow.anywhere("distribute", *place)
        assert again.told["statements"] == ["CREATE EXTENSION IF NOT EXISTS citus"]


async def _has_citus(url: str) -> bool:
    connection = await asyncpg.connect(url)
    try:
        return bool(
            await connection.fetchval("SELECT count(*) FROM pg_available_extensions WHERE name = 'citus'")
        ) and "citus" in str(await connection.fetchval("SHOW shared_preload_libraries"))
    finally:
        await connection.close()


@pytest.mark.parametrize("flag", ["--help"])
def test_help_says_when_it_pays(avow: Avow, flag: str) -> None:
    assert "six machines" in avow.anywhere("distribute", flag).out
