"""Keys change hands under load: no right token is refused, a revoked one within a second, and who is unsure refuses.

Real servers, one on SQLite and two on one PostgreSQL.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from avow import sign
from tests.support.postgres import durable_cluster
from tests.support.program import Made, Server, avow, init
from tests.support.scale import full_or_tenth

CROWD = 8
ROUNDS = full_or_tenth(30)
WITHIN = 1.0
"""Seconds in which every process has to refuse a revoked key."""


@dataclass
class Backend:
    """Acme's backend: it signs with the key that it has been given last."""

    made: Made
    kid: str
    secret: str
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    def body(self) -> dict[str, Any]:
        """What a page sends: a fresh token of the key in use."""
        number = next(self.numbers)
        token = sign(f"user-{number % 16}", {"seats": number}, key=self.secret, kid=self.kid)
        return {"app_id": self.made.workspace_id, "user_data": {"intercom_user_jwt": token}}


Answered = tuple[float, float, int, str, str | None]
"""When asked, when answered, the status, the kid that signed, the code of a refusal."""


@asynccontextmanager
async def pages(backend: Backend, urls: list[str]) -> AsyncIterator[list[Answered]]:
    """Pages that deliver what the backend signs, all the time; what they were answered."""
    answered: list[Answered] = []

    async def one(url: str) -> None:
        async with httpx.AsyncClient(base_url=url, timeout=20) as client:
            while True:
                kid, body, asked_at = backend.kid, backend.body(), time.monotonic()
                answer = await client.post("/messenger/web/ping", json=body)
                code = answer.json()["errors"][0]["code"] if answer.status_code != 200 else None
                answered.append((asked_at, time.monotonic(), answer.status_code, kid, code))
                await asyncio.sleep(0.005)

    tasks = [asyncio.create_task(one(urls[number % len(urls)])) for number in range(CROWD)]
    try:
        yield answered
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def more(answered: list[Answered], count: int) -> None:
    """Wait until so many more have been answered."""
    enough = len(answered) + count
    while len(answered) < enough:  # noqa: ASYNC110 - looked at from outside
        await asyncio.sleep(0.005)


@asynccontextmanager
async def office(made: Made, url: str) -> AsyncIterator[httpx.AsyncClient]:
    """REST with Acme's access token."""
    headers = {"authorization": f"Bearer {made.access_token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
        yield client


async def asked(client: httpx.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code in (200, 201), answer.text
    told: dict[str, Any] = answer.json()
    return told


async def rotate(made: Made, urls: list[str]) -> None:
    """Live → the next one too → the old one retiring → retired, again and again, while pages go on."""
    backend = Backend(made, made.kid, made.secret)
    async with office(made, urls[0]) as rest, pages(backend, urls) as answered:
        for _ in range(ROUNDS):
            old = backend.kid
            new = await asked(rest, "/keys")
            backend.kid, backend.secret = new["kid"], new["secret"]
            await more(answered, 2 * CROWD)  # whatever the old one had signed has arrived
            await asked(rest, f"/keys/{old}/retire", retires_at=int(time.time()) + 2)
            await more(answered, 4 * CROWD)
    assert {status for _, _, status, _, _ in answered} == {200}, [one for one in answered if one[2] != 200][:3]
    assert len({kid for _, _, _, kid, _ in answered}) == ROUNDS + 1
    await asyncio.sleep(2.1)
    async with httpx.AsyncClient(base_url=urls[-1]) as page:
        refused = await page.post("/messenger/web/ping", json=Backend(made, made.kid, made.secret).body())
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "key_retired")


@pytest.mark.long
async def test_rotating_refuses_no_right_token_on_sqlite(tmp_path: Path) -> None:
    made = init(tmp_path / "data")
    with Server(made) as server:
        server.wait_until_ready()
        await rotate(made, [server.url])


async def revoke(made: Made, urls: list[str]) -> None:
    """Revoked at one process, a key is refused at every one within a second, and nothing it signed is written after."""
    backend = Backend(made, made.kid, made.secret)
    async with office(made, urls[0]) as rest:
        for _ in range(max(1, ROUNDS // 3)):
            new = await asked(rest, "/keys")
            backend.kid, backend.secret = new["kid"], new["secret"]
            async with pages(backend, urls) as answered:
                await more(answered, 4 * CROWD)
                await asked(rest, f"/keys/{backend.kid}/revoke")
                ended = time.monotonic()
                kept = await seats(rest)
                await more(answered, 2 * CROWD)
                while time.monotonic() < ended + WITHIN:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
                await more(answered, 2 * CROWD)
                assert await seats(rest) == kept
            late = {(status, code) for begun, _, status, _, code in answered if begun > ended + WITHIN}
            assert late == {(401, "key_revoked")}
            believed = [begun for begun, _, status, _, _ in answered if status == 200 and begun > ended]
            assert not believed, f"{len(believed)} tokens were believed after the key was revoked"


async def seats(rest: httpx.AsyncClient) -> dict[str, object]:
    listed = (await rest.get("/contacts?per_page=150")).json()
    return {one["external_id"]: one["custom_attributes"].get("seats") for one in listed["data"]}


@pytest.mark.long
async def test_keys_across_two_processes_on_postgresql(tmp_path: Path) -> None:
    with durable_cluster() as cluster:
        made = init(tmp_path / "data", cluster.fresh_database())
        with Server(made) as first, Server(made) as second:
            first.wait_until_ready()
            second.wait_until_ready()
            await rotate(made, [first.url, second.url])
            await revoke(made, [first.url, second.url])
            cluster.halt()
            await refuses(made, second.url)
            cluster.start()
            await serves(made, second.url)


async def refuses(made: Made, url: str) -> None:
    """A process that cannot confirm its rules believes nobody, once what it knows is a second old."""
    await asyncio.sleep(WITHIN)
    async with httpx.AsyncClient(base_url=url, timeout=30) as page:
        answer = await page.post("/messenger/web/ping", json=Backend(made, made.kid, made.secret).body())
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "service_unavailable")


async def serves(made: Made, url: str) -> None:
    """It serves again by itself."""
    new = json.loads(avow("key", "make", "--kid", "afterwards", *made.place, "--json").stdout)
    backend = Backend(made, new["kid"], new["secret"])
    async with httpx.AsyncClient(base_url=url, timeout=30) as page:
        end = time.monotonic() + 20
        while (answer := await page.post("/messenger/web/ping", json=backend.body())).status_code != 200:
            assert time.monotonic() < end, answer.text
            await asyncio.sleep(0.2)


@pytest.mark.long
async def test_a_key_is_distrusted_by_hand_while_the_server_runs(tmp_path: Path) -> None:
    """The command works on the database itself, beside a server under load; killed in between, it is begun again."""
    made = init(tmp_path / "data")
    with Server(made) as server:
        server.wait_until_ready()
        backend = Backend(made, made.kid, made.secret)
        async with office(made, server.url) as rest, pages(backend, [server.url]) as answered:
            since = str(int(time.time()))
            await more(answered, 20 * CROWD)
            new = await asked(rest, "/keys")
            told = json.loads(await typed("key", "distrust", made.kid, "--since", since, "--yes", *made.place))
            assert (told["counts"]["contacts"], told["counts"]["created"]) == (16, 16)
            backend.kid, backend.secret = new["kid"], new["secret"]
            await more(answered, 10 * CROWD)
            again = json.loads(await typed("key", "distrust", made.kid, "--since", since, "--yes", *made.place))
            assert again["counts"]["contacts"] == 0
        assert {code for _, _, status, kid, code in answered if kid == made.kid and status != 200} <= {"key_revoked"}
        assert {status for _, _, status, kid, _ in answered if kid == new["kid"]} == {200}
    assert json.loads(avow("audit", "verify", *made.place, "--json").stdout)["verified"]


async def typed(*arguments: str) -> str:
    """A command, while everything else goes on."""
    done = await asyncio.to_thread(avow, *arguments, "--json")
    return done.stdout
