"""Merging, archiving and blocking as detours: round a lock, round a block, into somebody else's identity."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from tests.support.place import Answer, Place


async def _contact(place: Place, user_id: str, how: str) -> str:
    contact = await place.known(user_id)
    answer = await place.rest("POST", f"/contacts/{contact.id}/{how}")
    assert answer.status == 200, answer
    return contact.id


async def _lead(place: Place, **values: Any) -> tuple[str, str]:
    """Mallory as a lead: her contact's id, and her browser's session."""
    visitor = await place.ping({"name": "Mallory", **values})
    found = await place.rest("GET", f"/visitors?user_id={visitor.body['user']['anonymous_id']}")
    lead = await place.rest("POST", "/visitors/convert", {"type": "lead", "visitor": {"id": found.body["id"]}})
    assert lead.body["role"] == "lead", lead
    return lead.body["id"], visitor.body["anonymous_session"]


async def _open(place: Place, name: str) -> None:
    body = {"name": name, "model": "contact", "data_type": "string", "messenger_writable": True}
    assert (await place.rest("POST", "/data_attributes", body)).status == 200


@pytest.mark.parametrize("by_hand", ["merge", "convert"])
async def test_a_merge_by_hand_carries_nothing_past_a_lock(place: Place, by_hand: str) -> None:
    await _open(place, "tier")
    await place.signed("alice", email="alice@acme.example")
    if by_hand == "merge":
        lead, _ = await _lead(place, tier="gold")
    else:
        visitor = await place.ping({"tier": "gold"})
        name = visitor.body["user"]["anonymous_id"]
    await place.lock("tier")
    alice = await place.known("alice")
    if by_hand == "merge":
        answer = await place.rest(
            "POST", "/contacts/merge", {"from": lead, "into": alice.id, "skip_duplicate_validation": True}
        )
    else:
        body = {"type": "user", "visitor": {"user_id": name}, "user": {"user_id": "alice"}}
        answer = await place.rest("POST", "/visitors/convert", body)
    assert answer.verdict("tier") == ("ignored", "unverified")
    holding = (await place.known("alice")).holding("tier")
    assert (holding.value, holding.source) == (None, None)
    assert holding.held is not None
    assert holding.held.value == "gold"


async def test_a_merge_by_hand_overwrites_nothing_the_user_has(place: Place) -> None:
    await place.signed("alice", name="Alice", phone="+43 1")
    lead, _ = await _lead(place, phone="+43 1")
    alice = await place.known("alice")
    answer = await place.rest(
        "POST", "/contacts/merge", {"from": lead, "into": alice.id, "skip_duplicate_validation": True}
    )
    assert answer.verdict("name") == ("ignored", "already_known")
    assert (await place.known("alice")).holding("name") == alice.holding("name")


async def test_a_claim_without_proof_brings_nobody_back_from_the_archive(place: Place) -> None:
    await place.signed("alice", name="Alice")
    await _contact(place, "alice", "archive")
    for claim in ({"user_id": "alice"}, {"email": "alice@acme.example"}, {"user_id": "alice", "user_hash": "0" * 64}):
        await place.ping({**claim, "name": "Mallory"})
    assert (await place.known("alice")).archived_at is not None
    listed = await place.rest("GET", "/contacts")
    assert (await place.known("alice")).id not in [one["id"] for one in listed.body["data"]]


async def test_archiving_lifts_no_lock_and_forgets_no_slot(place: Place) -> None:
    await place.signed("alice", plan="free")
    await place.lock("plan")
    await _contact(place, "alice", "archive")
    ping = await place.ping({"user_id": "alice", "plan": "gold"})
    assert ping.verdict("plan") == ("ignored", "unverified")
    await place.signed("alice")
    assert await place.value("alice", "plan") == "free"


async def _blocked(place: Place) -> str:
    """Mallory, blocked so long ago that a token of now is newer."""
    await place.signed("mallory", name="Mallory")
    contact_id = await _contact(place, "mallory", "block")
    await asyncio.sleep(1.1)
    return contact_id


def _later(place: Place) -> str:
    return place.token("mallory", name="Not Mallory")


async def test_a_blocked_customer_is_refused_whatever_she_signs(place: Place) -> None:
    secret = await place.add_hash_key()
    await _blocked(place)
    before = await place.known("mallory")
    for token, status, code in (
        (place.token("mallory", at=time.time() - 30, name="Old"), 401, "identity_superseded"),
        (_later(place), 403, "contact_blocked"),
    ):
        answer = await place.ping({"intercom_user_jwt": token})
        assert (answer.status, answer.code) == (status, code)
    proof = hmac.new(secret.encode(), b"mallory", hashlib.sha256).hexdigest()
    assert (await place.ping({"user_id": "mallory", "user_hash": proof})).code == "identity_superseded"
    happened = {"event_list": {"data": [{"event_name": "bought"}]}}
    body = {"app_id": place.workspace_id, "user_data": {"intercom_user_jwt": _later(place)}, **happened}
    answer = await _events(place, body)
    assert (answer.status, answer.code) == (403, "contact_blocked")
    assert await place.known("mallory") == before


async def _events(place: Place, body: Any) -> Answer:
    return await place.post("/messenger/web/events", json.dumps(body).encode(), "application/json")


async def test_nobody_learns_from_outside_that_somebody_is_blocked(place: Place) -> None:
    """Blocked or not, the answer to an unproven claim is the same; for a blocked one nothing is stored."""
    await place.signed("alice", name="Alice")
    await _blocked(place)
    before, told = await place.known("mallory"), []
    for user_id in ("mallory", "alice"):
        answer = await place.ping({"user_id": user_id, "name": "x", "mood": "good"})
        answer.body.pop("request_id", None)
        told.append((answer.status, answer.body))
    assert told[0] == told[1]
    happened = {"event_list": {"data": [{"event_name": "bought"}]}}
    told = []
    for user_id in ("mallory", "alice"):
        answer = await _events(place, {"app_id": place.workspace_id, "user_data": {"user_id": user_id}, **happened})
        told.append((answer.status, answer.body))
    assert told[0] == told[1]
    assert await place.known("mallory") == before
    assert await place.engine.store.events(place.workspace_id, before.id, limit=5) == []


async def test_a_blocked_lead_does_not_slip_into_a_user(place: Place) -> None:
    """Neither by her own browser, nor because somebody at the company takes her for Alice."""
    lead, session = await _lead(place, phone="+43 1")
    await place.signed("alice", name="Alice", phone="+43 1")
    assert (await place.rest("POST", f"/contacts/{lead}/block")).status == 200
    answer = await place.ping({"name": "Mallory"}, anonymous_session=session)
    assert (answer.status, answer.code) == (403, "contact_blocked")
    token = place.token("mallory", plan="free")
    own = await place.ping({"intercom_user_jwt": token}, anonymous_session=session)
    assert own.status == 200
    assert await place.value("mallory", "phone") is None
    alice = await place.known("alice")
    merged = await place.rest("POST", "/contacts/merge", {"from": lead, "into": alice.id})
    assert (merged.status, merged.code) == (400, "invalid_merge")
    assert (await place.known("alice")).version == alice.version


async def test_a_new_id_is_no_way_out_of_a_block(place: Place) -> None:
    mallory = await _blocked(place)
    await place.rest("PUT", f"/contacts/{mallory}", {"external_id": "mallory-2"})
    await asyncio.sleep(1.1)
    answer = await place.ping({"intercom_user_jwt": place.token("mallory-2")})
    assert (answer.status, answer.code) == (403, "contact_blocked")


async def test_a_block_holds_after_the_archive(place: Place) -> None:
    mallory = await _blocked(place)
    for how in ("archive", "unarchive"):
        await place.rest("POST", f"/contacts/{mallory}/{how}")
        answer = await place.ping({"intercom_user_jwt": _later(place)})
        assert (answer.status, answer.code) == (403, "contact_blocked")
    body = await place.rest("GET", f"/contacts/{mallory}")
    assert (body.body["blocked"], body.body["archived"]) == (True, False)


async def test_the_name_of_a_visitors_browser_opens_nothing_to_browsers(place: Place) -> None:
    visitor = await place.ping({"name": "Alice"})
    name = visitor.body["user"]["anonymous_id"]
    for user_data in ({"anonymous_id": name}, {"user_id": name}):
        stolen = await place.ping({**user_data, "phone": "+43 666"})
        assert stolen.status == 200
    found = await place.rest("GET", f"/visitors?user_id={name}")
    assert (found.body["name"], found.body["phone"]) == ("Alice", None)
