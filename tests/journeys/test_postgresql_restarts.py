"""PostgreSQL restarted in mid-load: writes answer 503 meanwhile, service resumes, nothing answered is lost."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from tests.support.delivery import Delivery, chains_verify, delivering, seats
from tests.support.postgres import Cluster, durable_cluster
from tests.support.program import Made, Server, init

RESUMED_WITHIN = 5.0


async def _restart(cluster: Cluster, delivery: Delivery, url: str, *, hard: bool) -> float:
    """Seconds from PostgreSQL's return until everybody has been answered again."""
    await asyncio.to_thread(cluster.kill if hard else cluster.halt)
    away_at = time.monotonic()
    await asyncio.sleep(0.5)
    async with httpx.AsyncClient(base_url=url, timeout=20) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
    while_away = [status for at, status in delivery.refusals if at > away_at]
    assert while_away, "nobody was refused while the database was away"
    assert set(while_away) == {503}
    assert delivery.last_answer < away_at + 0.5
    await asyncio.to_thread(cluster.start)
    back_at = time.monotonic()
    await delivery.more(1)
    return time.monotonic() - back_at


async def _run(made: Made, cluster: Cluster, servers: list[Server]) -> None:
    urls = [server.url for server in servers]
    async with delivering(made, *urls) as delivery:
        for hard in (False, True):
            await delivery.more(3)
            assert await _restart(cluster, delivery, urls[0], hard=hard) < RESUMED_WITHIN
        await delivery.more(3)
    stored = seats(made, urls[0])
    lost = {name: number for name, number in delivery.answered.items() if stored[name] < number}
    assert lost == {}
    assert {name: number for name, number in stored.items() if number > delivery.tried[name]} == {}
    assert chains_verify(made.place)


@pytest.mark.long
async def test_under_load_of_two_server_processes(tmp_path: Path) -> None:
    with durable_cluster() as cluster:
        made = init(tmp_path / "data", cluster.fresh_database())
        with Server(made) as first, Server(made) as second:
            first.wait_until_ready()
            second.wait_until_ready()
            await _run(made, cluster, [first, second])
