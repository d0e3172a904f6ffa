"""Mallory had Acme's key for a while. Once it is distrusted, nothing counts that he signed, whatever goes on."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest_asyncio

from avow.api.keys import distrust as distrust_by_rest
from avow.flow import distrust
from avow.flow.audit import audit
from avow.flow.distrust import steps
from avow.trust.contact import Contact
from avow.trust.weighing.distrust import Doubt, fallen_slots
from tests.support.place import OLIVE, Place, open_place

CROWD = 12
PAUSE = 0.01
AGO = int(time.time()) - 100


async def with_new_key(place: Place) -> Place:
    """Acme's backend after its key was exchanged."""
    made = (await place.rest("POST", "/keys", {"kid": "honest"})).body
    return replace(place, kid=made["kid"], secret=made["secret"])


async def taken_back(place: Place, since: int, kid: str) -> list[dict[str, Any]]:
    """Distrust over REST, step by step, until everything is done."""
    body: dict[str, Any] = {"since": since, "dry_run": False}
    told: list[dict[str, Any]] = []
    while True:
        answer = await place.rest("POST", f"/keys/{kid}/distrust", body)
        assert answer.status == 200, answer.body
        told.append(answer.body)
        if answer.body["complete"]:
            return told
        body |= answer.body["next"]


async def everybody(place: Place) -> list[Contact]:
    found, _ = await place.engine.store.contacts(place.workspace_id, before=None, limit=1000, most=1000)
    return found


async def counts_for_nothing(place: Place, kid: str, since: float) -> None:
    """No slot is left that the key wrote since then, and every record still verifies."""
    for contact in await everybody(place):
        assert fallen_slots(contact, Doubt(kid, since)) == {}
    verified = await audit(place.engine.store, place.workspace_id)
    assert verified.holds, verified.findings


async def test_a_token_that_was_believed_a_hundred_times_is_believed_no_more(place: Place) -> None:
    """Requests that come again byte for byte are recalled: the memory ends with the key."""
    token = place.token("alice", at=AGO, plan="stolen")
    for _ in range(3):
        assert (await place.ping({"intercom_user_jwt": token})).status == 200
    await taken_back(place, AGO, place.kid)
    answer = await place.ping({"intercom_user_jwt": token})
    assert (answer.status, answer.code) == (401, "key_revoked")
    await counts_for_nothing(place, place.kid, AGO)


async def test_he_cannot_put_it_back_with_a_token_from_before(place: Place) -> None:
    honest, since = await with_new_key(place), int(time.time())
    old = place.token("alice", at=AGO, plan="enterprise")
    await place.signed("alice", plan="stolen")
    await taken_back(place, since, place.kid)
    assert (await place.ping({"intercom_user_jwt": old})).code == "key_revoked"
    assert (await honest.signed("alice", plan="pro")).status == 200
    assert await place.value("alice", "plan") == "pro"


@pytest_asyncio.fixture
async def busy_place(tmp_path: Path) -> AsyncIterator[Place]:
    """A place that takes requests as fast as they come, all of them from one address."""
    limits = {f"AVOW_{name}_PER_MINUTE": "10000000" for name in ("ADDRESS", "UNPROVEN", "CONTACT", "REST")}
    async with open_place(tmp_path, **limits) as opened:
        yield opened


async def test_a_writing_that_is_under_way_falls_or_is_refused(busy_place: Place) -> None:
    """Exact under load: thieves, honest backends and browsers write on while the key is taken back."""
    place = busy_place
    honest, since = await with_new_key(place), int(time.time()) - 1
    numbers, going = itertools.count(), True

    # Whoever is refused waits a moment, as on a wire: all of them share one loop with the server.
    async def thief(number: int) -> None:
        while going:
            await asyncio.sleep(PAUSE)
            await place.signed(f"user-{number}", plan=f"stolen-{next(numbers)}")

    async def backend(number: int) -> None:
        while going:
            answer = await honest.signed(f"user-{number}", plan=f"honest-{next(numbers)}")
            assert answer.status == 200, answer.body

    async def browser(number: int) -> None:
        while going:
            await asyncio.sleep(PAUSE)
            await place.ping({"user_id": f"user-{number}", "phone": f"+49 30 {next(numbers)}"})

    crowd = [asyncio.create_task(one(number % 6)) for number in range(CROWD) for one in (thief, browser)]
    crowd += [asyncio.create_task(backend(number)) for number in range(3)]
    try:
        await asyncio.sleep(0.4)
        await taken_back(place, since, place.kid)
        await counts_for_nothing(place, place.kid, since)
        await asyncio.sleep(0.2)
    finally:
        going = False
        await asyncio.gather(*crowd)
    await counts_for_nothing(place, place.kid, since)
    for number in range(3):
        assert str(await place.value(f"user-{number}", "plan")).startswith("honest")


async def test_interrupted_it_is_begun_again_and_ends_the_same(place: Place) -> None:
    honest, since = await with_new_key(place), int(time.time())
    for number in range(9):
        await honest.signed(f"user-{number}", at=AGO, plan="pro")
        await place.signed(f"user-{number}", plan="stolen")
    engine = place.engine
    async with engine.running():
        key = await distrust.begin(engine, place.workspace_id, place.kid, since=since, actor=OLIVE)
        with patch.object(steps, "STEP", 4):
            await anext(distrust.sweep(engine, place.workspace_id, key, actor=OLIVE))
    left = [contact for contact in await everybody(place) if fallen_slots(contact, Doubt(place.kid, since))]
    assert 0 < len(left) < 9
    told = await taken_back(place, since, place.kid)
    assert sum(step["counts"]["contacts"] for step in told) == len(left)
    await counts_for_nothing(place, place.kid, since)
    assert {await place.value(f"user-{number}", "plan") for number in range(9)} == {"pro"}


async def test_two_who_take_it_back_at_once_do_it_once(place: Place) -> None:
    since = int(time.time())
    for number in range(9):
        await place.signed(f"user-{number}", plan="stolen")
    with patch.object(steps, "STEP", 4), patch.object(distrust_by_rest, "MOST_RECORDS", 4):
        both = await asyncio.gather(*(taken_back(place, since, place.kid) for _ in range(2)))
    assert sum(step["counts"]["contacts"] for told in both for step in told) == 9
    await counts_for_nothing(place, place.kid, since)


async def test_nobody_is_told_of_values(place: Place) -> None:
    since = int(time.time())
    await place.signed("alice", plan="canary-plan")
    assert "canary" not in str(await taken_back(place, since, place.kid))
