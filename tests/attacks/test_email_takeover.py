"""Mallory knows Alice's e-mail address. Does that make her Alice?"""

from __future__ import annotations

import asyncio
import hashlib
import hmac

from avow.trust.keys import HashedField
from tests.support.place import Place

ALICE = "alice@customer.example"


async def _hashed(place: Place, email: str) -> dict[str, str]:
    secret = await place.add_hash_key("by-email", HashedField.EMAIL)
    return {"email": email, "user_hash": hmac.new(secret.encode(), email.encode(), hashlib.sha256).hexdigest()}


async def test_an_email_that_mallory_wrote_into_her_own_record_does_not_catch_alices_proof(place: Place) -> None:
    await place.ping({"user_id": "mallory", "email": ALICE})
    answer = await place.ping(await _hashed(place, ALICE))
    assert answer.status == 200
    assert answer.body["user"]["id"] != (await place.known("mallory")).id


async def test_a_proof_over_a_verified_email_finds_its_user(place: Place) -> None:
    await place.signed("alice", email=ALICE)
    answer = await place.ping(await _hashed(place, ALICE.upper().replace("ALICE@", "alice@")))
    assert answer.body["user"]["id"] == (await place.known("alice")).id


async def test_the_user_whom_a_proof_made_is_found_again_by_the_same_proof(place: Place) -> None:
    proof = await _hashed(place, ALICE)
    first = (await place.ping(proof)).body["user"]["id"]
    assert first == (await place.ping(proof)).body["user"]["id"]
    await place.lock("email")
    assert first == (await place.ping(proof)).body["user"]["id"]


async def test_overwriting_alices_email_unsigned_does_not_cut_her_proof_off(place: Place) -> None:
    await place.signed("alice", email=ALICE)
    assert (await place.ping({"user_id": "alice", "email": "mallory@evil.example"})).verdict("email")[0] == "applied"
    answer = await place.ping(await _hashed(place, ALICE))
    assert answer.body["user"]["id"] == (await place.known("alice")).id


async def test_an_unproven_email_that_fits_several_users_is_a_conflict(place: Place) -> None:
    await place.signed("alice", email=ALICE)
    await place.signed("alice-2", email=ALICE)
    answer = await place.ping({"email": ALICE, "name": "Mallory"})
    assert (answer.status, answer.code) == (409, "conflict")


async def test_while_email_is_locked_an_unproven_email_alone_is_a_visitor(place: Place) -> None:
    await place.signed("alice", email=ALICE)
    await place.lock("email")
    before = await place.everything()
    answer = await place.ping({"email": ALICE, "name": "Mallory"})
    assert answer.body["user"]["role"] == "visitor_role"
    assert await place.everything() == before


async def test_leads_are_never_found_by_email(place: Place) -> None:
    created = await place.rest("POST", "/contacts", {"role": "lead", "email": ALICE})
    assert created.status == 200, created
    before = await place.everything()
    await place.ping({"email": ALICE, "name": "Mallory"})
    lead = await place.rest("GET", f"/contacts/{created.body['id']}")
    assert lead.body["name"] is None
    assert before.split(created.body["id"])[1].split("'")[0] in await place.everything()


async def test_mixed_case_and_lookalike_letters_are_folded_as_ascii_only(place: Place) -> None:
    await place.signed("alice", email="alice@Customer.example")
    found = await place.ping({"email": "ALICE@customer.EXAMPLE", "name": "A"})
    assert found.verdict("name") == ("applied", None)
    assert await place.value("alice", "name") == "A"
    await place.ping({"email": "alıce@customer.example", "name": "Mallory"})
    assert await place.value("alice", "name") == "A"


async def test_a_hash_over_an_old_address_does_not_reach_who_has_another_one_now(place: Place) -> None:
    proof = await _hashed(place, ALICE)
    first = (await place.ping(proof)).body["user"]["id"]
    assert (await place.rest("PUT", f"/contacts/{first}", {"external_id": "alice"})).status == 200
    await asyncio.sleep(1.1)  # the id was given now: tokens of this second are too early
    await place.signed("alice", email="alice@new.example")
    assert (await place.ping(proof)).body["user"]["id"] != first


async def test_an_email_that_is_too_long_to_keep_names_nobody(place: Place) -> None:
    before = await place.everything()
    answer = await place.ping({"email": "a" * 300 + "@x.example"})
    assert answer.body["user"]["role"] == "visitor_role"
    assert await place.everything() == before
