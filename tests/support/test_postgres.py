"""The servers that tests get are private, keep what they answered, and are gone afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from tests.support.postgres import Cluster, durable_cluster

ROOT = Path(__file__).parents[2]


async def ask(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_every_test_has_a_database_of_its_own(postgres: Cluster) -> None:
    mine, yours = postgres.fresh_database(), postgres.fresh_database()
    await ask(mine, "create table people (name text)")
    with pytest.raises(asyncpg.UndefinedTableError):
        await ask(yours, "select name from people")
    copy = postgres.fresh_database(template=mine.rpartition("/")[2])
    assert await ask(copy, "select count(*) from people") == 0


async def test_a_server_for_tests_of_crashes_waits_for_the_disk_and_survives_being_killed() -> None:
    with durable_cluster() as cluster:
        url = cluster.fresh_database()
        assert await ask(url, "show fsync") == "on"
        await ask(url, "create table answered as select 42 as value")
        for end in (cluster.kill, cluster.halt):
            end()
            with pytest.raises(OSError, match="Connect"):
                await ask(url, "select 1")
            cluster.start()
            assert await ask(url, "select value from answered") == 42


def test_a_server_does_not_outlive_a_killed_owner() -> None:
    script = "from tests.support.postgres import *; c = fast_cluster(); print(c.pid, c.folder, flush=True); input()"
    owner = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        pid, folder = owner.stdout.readline().split()
        os.kill(int(pid), 0)
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 15
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(folder).exists()
