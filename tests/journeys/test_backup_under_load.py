"""A backup that is taken while a crowd writes comes back whole: every chain verifies, nothing from before is lost."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from tests.support.delivery import chains_verify, delivering, seats
from tests.support.postgres import durable_cluster
from tests.support.program import Made, Server, avow, init


async def _backed_up_under_load(made: Made, to: Path) -> tuple[dict[str, int], dict[str, int]]:
    """What had been answered before the backup began, and what had been tried when it ended."""
    with Server(made) as server:
        server.wait_until_ready()
        async with delivering(made, server.url) as delivery:
            await delivery.more(3)
            before = dict(delivery.answered)
            await asyncio.to_thread(avow, "backup", str(to), *made.place)
            after = dict(delivery.tried)
            await delivery.more(2)
            assert not delivery.refusals, "the server was disturbed"
    return before, after


def _check(restored: Made, before: dict[str, int], after: dict[str, int]) -> None:
    assert chains_verify(restored.place)
    with Server(restored) as server:
        server.wait_until_ready()
        stored = seats(restored, server.url)
    assert set(stored) == set(before)
    for name, found in stored.items():
        assert before[name] <= found <= after[name]


def _restore(made: Made, source: Path, *place: str) -> None:
    told = json.loads(
        avow("restore", str(source), "--master-key-file", str(made.data / "master.key"), *place, "--json").stdout
    )
    assert told["opened_keys"] == 1


@pytest.mark.long
@pytest.mark.sqlite
async def test_on_sqlite(tmp_path: Path) -> None:
    made = init(tmp_path / "data")
    before, after = await _backed_up_under_load(made, tmp_path / "backup")
    with sqlite3.connect(tmp_path / "backup" / "avow.db") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    copy.close()
    _restore(made, tmp_path / "backup", "--data", str(tmp_path / "restored"))
    _check(Made(tmp_path / "restored", None, made.told), before, after)


@pytest.mark.long
async def test_on_postgresql(tmp_path: Path) -> None:
    with durable_cluster() as cluster:
        made = init(tmp_path / "data", cluster.fresh_database())
        before, after = await _backed_up_under_load(made, tmp_path / "backup")
        url = cluster.fresh_database()
        _restore(made, tmp_path / "backup", "--data", str(tmp_path / "restored"), "--database", url)
        _check(Made(tmp_path / "restored", url, made.told), before, after)
