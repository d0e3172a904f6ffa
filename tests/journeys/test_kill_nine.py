"""kill -9 under load: every update that was answered is there afterwards, and every chain verifies."""

from __future__ import annotations

import asyncio
import json
import random
import time
from pathlib import Path

import httpx
import pytest

from avow import sign
from tests.support.postgres import durable_cluster
from tests.support.program import Made, Server, avow, init
from tests.support.scale import full_or_tenth

CROWD = 8
SEED = 20


async def _deliver(made: Made, url: str, seconds: float, counts: dict[str, int], answered: dict[str, int]) -> None:
    """Signed updates, `seats` one higher each time, until the server is gone. Notes what was answered 200."""
    end = time.monotonic() + seconds

    async def one(user_id: str) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=5) as client:
            while time.monotonic() < end:
                counts[user_id] = number = counts.get(user_id, 0) + 1
                token = sign(user_id, {"seats": number}, key=made.secret, kid=made.kid)
                body = {"app_id": made.workspace_id, "user_data": {"intercom_user_jwt": token}}
                try:
                    answer = await client.post("/messenger/web/ping", json=body)
                except httpx.TransportError:
                    return
                assert answer.status_code == 200, answer.text
                answered[user_id] = number

    await asyncio.gather(*(one(f"user-{number}") for number in range(CROWD)))


async def _cycle(made: Made, dice: random.Random, counts: dict[str, int]) -> dict[str, int]:
    with Server(made) as server:
        server.wait_until_ready()
        answered: dict[str, int] = {}
        load = asyncio.create_task(_deliver(made, server.url, 10.0, counts, answered))
        await asyncio.sleep(dice.uniform(0.02, 0.4))
        while not answered and not load.done():  # noqa: ASYNC110 - a slow machine answers later, not never
            await asyncio.sleep(0.01)
        server.kill()
        await load
        return answered


def _stored(made: Made) -> dict[str, int]:
    with Server(made) as server:
        server.wait_until_ready()
        headers = {"authorization": f"Bearer {made.access_token}"}
        listed = httpx.get(f"{server.url}/contacts?per_page=150", headers=headers).json()["data"]
        return {one["external_id"]: one["custom_attributes"]["seats"] for one in listed}


async def _run(made: Made, cycles: int) -> None:
    dice, counts, answered = random.Random(SEED), dict[str, int](), dict[str, int]()
    for _ in range(cycles):
        for user_id, number in (await _cycle(made, dice, counts)).items():
            answered[user_id] = max(number, answered.get(user_id, 0))
    stored = _stored(made)
    assert answered, "nothing was ever answered"
    lost = {user_id: number for user_id, number in answered.items() if stored.get(user_id, 0) < number}
    assert not lost
    invented = {user_id: number for user_id, number in stored.items() if number > counts[user_id]}
    assert not invented
    verified = json.loads(avow("audit", "verify", *made.place, "--json").stdout)
    assert verified["verified"], verified


@pytest.mark.sqlite
@pytest.mark.long
async def test_nothing_answered_is_lost_on_sqlite(tmp_path: Path) -> None:
    await _run(init(tmp_path / "data"), full_or_tenth(200))


@pytest.mark.long
async def test_nothing_answered_is_lost_on_postgresql(tmp_path: Path) -> None:
    with durable_cluster() as cluster:
        await _run(init(tmp_path / "data", cluster.fresh_database()), full_or_tenth(50))
