"""Once the request that locks is answered, no unsigned write is applied any more: on no process, in flight or not.

Two server processes on PostgreSQL, one on SQLite, both under load. After each lock is answered the stored values are
read, the load goes on, and they are read again: nothing may have moved until the attribute is opened again.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from avow import sign
from tests.support.postgres import durable_cluster
from tests.support.program import Made, Server, init
from tests.support.scale import full_or_tenth

TOGGLES = full_or_tenth(200)
CROWD = 8
CONTACTS = 4


@asynccontextmanager
async def _load(made: Made, urls: list[str]) -> AsyncIterator[list[int]]:
    """Browsers that write `plan` unsigned, all the time, each time another value. Counts what was answered 200."""
    answered = [0]
    numbers = itertools.count()

    async def one(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=20) as client:
            while True:
                number = next(numbers)
                data = {"user_id": f"user-{number % CONTACTS}", "plan": f"forged-{number}"}
                answer = await client.post("/messenger/web/ping", json={"app_id": made.workspace_id, "user_data": data})
                answered[0] += answer.status_code == 200

    tasks = [asyncio.create_task(one(urls[number % len(urls)])) for number in range(CROWD)]
    try:
        yield answered
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _more(answered: list[int], count: int) -> None:
    """Wait until so many more writes have been answered."""
    enough = answered[0] + count
    while answered[0] < enough:  # noqa: ASYNC110 - a counter of eight tasks, looked at from outside
        await asyncio.sleep(0.002)


async def _plans(rest: httpx.AsyncClient) -> dict[str, object]:
    listed = (await rest.get("/contacts?per_page=150")).json()
    return {one["external_id"]: one["custom_attributes"].get("plan") for one in listed["data"]}


async def _toggle(rest: httpx.AsyncClient, attribute: int, enforcement: str) -> None:
    answer = await rest.put(f"/data_attributes/{attribute}", json={"enforcement": enforcement})
    assert answer.status_code == 200, answer.text


async def _run(made: Made, urls: list[str]) -> int:
    headers = {"authorization": f"Bearer {made.access_token}"}
    async with httpx.AsyncClient(base_url=urls[0], headers=headers, timeout=20) as rest:
        for number in range(CONTACTS):
            token = sign(f"user-{number}", {"plan": "free"}, key=made.secret, kid=made.kid)
            body = {"app_id": made.workspace_id, "user_data": {"intercom_user_jwt": token}}
            assert (await rest.post("/messenger/web/ping", json=body)).status_code == 200
        listed = (await rest.get("/data_attributes?model=contact")).json()["data"]
        plan = next(one["id"] for one in listed if one["name"] == "plan")
        async with _load(made, urls) as answered:
            violations, moved = 0, 0
            for _ in range(TOGGLES):
                await _toggle(rest, plan, "open")
                await _more(answered, CROWD)
                await _toggle(rest, plan, "locked")
                locked = await _plans(rest)
                moved += any(str(value).startswith("forged") for value in locked.values())
                await _more(answered, 3 * CROWD)
                violations += await _plans(rest) != locked
    # The load must have been able to write at all while the attribute was open.
    assert moved > TOGGLES // 2, (moved, TOGGLES)
    return violations


@pytest.mark.sqlite
@pytest.mark.long
async def test_on_sqlite_under_load(tmp_path: Path) -> None:
    made = init(tmp_path / "data")
    with Server(made) as server:
        server.wait_until_ready()
        assert await _run(made, [server.url]) == 0


@pytest.mark.long
async def test_across_two_processes_on_postgresql_under_load(tmp_path: Path) -> None:
    with durable_cluster() as cluster:
        made = init(tmp_path / "data", cluster.fresh_database())
        with Server(made) as first, Server(made) as second:
            first.wait_until_ready()
            second.wait_until_ready()
            assert await _run(made, [second.url, first.url]) == 0
