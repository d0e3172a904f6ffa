"""Several server processes on one PostgreSQL are one service: one history a contact, and one set of rules."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
import pytest

from avow import sign
from tests.support.databases import shared_cluster
from tests.support.delivery import chains_verify
from tests.support.program import Made, Server, avow, init

UPDATES = 40


async def _ping(client: httpx.AsyncClient, made: Made, **values: object) -> httpx.Response:
    token = sign("alice", values, key=made.secret, kid=made.kid)
    body = {"app_id": made.workspace_id, "user_data": {"intercom_user_jwt": token}}
    return await client.post("/messenger/web/ping", json=body)


async def _contend(made: Made, urls: list[str]) -> None:
    """Everybody changes Alice at once, each by another attribute of her."""

    async def one(number: int) -> None:
        async with httpx.AsyncClient(base_url=urls[number % len(urls)], timeout=20) as client:
            for step in range(UPDATES // 4):
                answer = await _ping(client, made, **{f"part_{number}": f"{number}-{step}"})
                assert answer.status_code == 200, answer.text

    await asyncio.gather(*(one(number) for number in range(4)))


@pytest.mark.long
async def test_they_share_one_history_and_one_set_of_rules(tmp_path: Path) -> None:
    made = init(tmp_path / "data", shared_cluster().fresh_database())
    with Server(made, "--workers", "2") as first, Server(made) as second:
        first.wait_until_ready()
        second.wait_until_ready()
        await _contend(made, [first.url, second.url])
        headers = {"authorization": f"Bearer {made.access_token}"}
        async with httpx.AsyncClient(base_url=second.url, headers=headers, timeout=20) as rest:
            [alice] = (await rest.get("/contacts")).json()["data"]
            last = {f"part_{number}": f"{number}-{UPDATES // 4 - 1}" for number in range(4)}
            assert {name: alice["custom_attributes"][name] for name in last} == last
            assert chains_verify(made.place)
            await asyncio.to_thread(avow, "key", "revoke", made.kid, "--yes", *made.place)
            revoked_at = time.monotonic()
            for url in (first.url, second.url):
                async with httpx.AsyncClient(base_url=url, timeout=20) as client:
                    refused = await _ping(client, made, plan="max")
                    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "key_revoked")
            assert time.monotonic() - revoked_at < 3
