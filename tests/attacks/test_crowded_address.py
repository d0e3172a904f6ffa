"""Mallory claims one address for three hundred names. Who pays for it, and who is turned away?"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
import pytest_asyncio

from avow.flow.contract import MOST_OF_ADDRESS, KeyRow
from avow.flow.desk import Desk
from avow.trust.contact import Contact, ContactId
from avow.trust.keys import HashedField
from avow.trust.policy import MessengerSecurity, Platform
from tests.support.place import Answer, Place, open_place

ALICE = "alice@customer.example"
CROWD = 300
REQUIRED = dict.fromkeys(Platform, MessengerSecurity.REQUIRED)


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """One in which Mallory has all the time that she needs."""
    async with open_place(tmp_path, AVOW_UNPROVEN_PER_MINUTE="100000") as opened:
        yield opened


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> set[ContactId | None]:
    """Everybody who was read for some work: by a key, or herself."""
    ids: set[ContactId | None] = set()
    lay_out, lay_out_keys = Desk.lay_out, Desk.lay_out_keys

    def read(desk: Desk, contacts: Iterable[Contact]) -> None:
        contacts = list(contacts)
        ids.update(one.id for one in contacts)
        lay_out(desk, contacts)

    def found(desk: Desk, rows: Iterable[KeyRow]) -> None:
        rows = list(rows)
        ids.update(row.contact_id for row in rows)
        lay_out_keys(desk, rows)

    monkeypatch.setattr(Desk, "lay_out", read)
    monkeypatch.setattr(Desk, "lay_out_keys", found)
    return ids


async def _crowd(place: Place) -> None:
    claims = ({"user_id": f"mallory-{number}", "email": ALICE} for number in range(CROWD))
    answers = await asyncio.gather(*(place.ping(claim) for claim in claims))
    assert {answer.status for answer in answers} == {200}


async def _by_rest(place: Place, **fields: str) -> Answer:
    return await place.rest("POST", "/contacts", {"email": ALICE, **fields})


async def test_a_claim_of_a_crowded_address_is_answered_as_one_of_two_and_reads_no_crowd(
    place: Place, seen: set[ContactId | None]
) -> None:
    for name in ("mallory", "mallory-too"):
        await place.ping({"user_id": name, "email": ALICE})
    of_two = await place.ping({"email": ALICE, "name": "Mallory"})
    await _crowd(place)
    seen.clear()
    of_many = await place.ping({"email": ALICE, "name": "Mallory"})
    assert (of_many.status, of_many.code, of_many.body["errors"]) == (409, "conflict", of_two.body["errors"])
    assert len(seen) <= MOST_OF_ADDRESS + 1


async def test_a_claim_that_must_be_proven_and_is_not_reads_nobody(place: Place, seen: set[ContactId | None]) -> None:
    await place.signed("alice", email=ALICE)
    session = (await place.ping({})).body["anonymous_session"]
    await place.policy(messenger_security=REQUIRED)
    assert (await place.ping({"user_id": "alice"})).status == 403  # from now on the server knows what is required
    seen.clear()
    for claim in ({"user_id": "alice"}, {"email": ALICE}, {"user_id": "alice", "email": ALICE}):
        answer = await place.ping(claim, anonymous_session=session)
        assert (answer.status, answer.code) == (403, "identity_unproven")
    assert seen == set()
    await place.policy()
    assert (await place.ping({"email": ALICE})).status == 200


async def test_whoever_has_an_id_is_found_a_duplicate_behind_a_crowd_too_and_of_nobody_else(place: Place) -> None:
    alone = (await _by_rest(place)).body["id"]
    await _crowd(place)
    refused = await _by_rest(place, external_id="alice")
    assert (refused.status, refused.body["errors"][0]["message"][-24:]) == (409, alone)
    assert (await place.rest("PUT", f"/contacts/{alone}", {"external_id": "alice"})).status == 200
    assert (await _by_rest(place, external_id="bob")).status == 200
    assert (await _by_rest(place)).code == "conflict"


async def test_a_crowd_hides_nobody_whom_a_hash_has_made_and_lets_no_hash_guess(place: Place) -> None:
    secret = await place.add_hash_key("by-email", HashedField.EMAIL)
    proof = {"email": ALICE, "user_hash": hmac.new(secret.encode(), ALICE.encode(), hashlib.sha256).hexdigest()}
    made = (await place.ping(proof)).body["user"]["id"]
    await _crowd(place)
    assert (await place.ping(proof)).body["user"]["id"] == made
    await place.rest("PUT", f"/contacts/{made}", {"email": "alice@elsewhere.example"})
    assert (await place.ping(proof)).code == "conflict"


async def test_a_crowd_stops_no_event_that_is_told_of_alice(place: Place) -> None:
    await place.signed("alice")
    await _crowd(place)
    event = {"event_name": "bought", "created_at": int(place.engine.now()), "user_id": "alice", "email": ALICE}
    assert (await place.rest("POST", "/events", event)).status == 202
    del event["user_id"]
    assert (await place.rest("POST", "/events", event)).code == "conflict"
