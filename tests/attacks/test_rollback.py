"""Mallory has an old token of her own, from before her plan was taken away. Can it bring the old plan back?"""

from __future__ import annotations

import time

import jwt
import pytest

from tests.support.place import Place

NOW = int(time.time())
YESTERDAY = NOW - 3000
LATER = NOW - 1000


async def _downgraded(place: Place) -> str:
    """Mallory had `pro` once, and keeps that token; now she is on `free`."""
    old = place.token("mallory", at=YESTERDAY, plan="pro")
    assert (await place.ping({"intercom_user_jwt": old})).status == 200
    assert (await place.signed("mallory", at=LATER, plan="free")).verdict("plan") == ("applied", None)
    return old


async def test_an_older_token_cannot_bring_back_the_old_plan(place: Place) -> None:
    old = await _downgraded(place)
    answer = await place.ping({"intercom_user_jwt": old})
    assert answer.verdict("plan") == ("ignored", "stale")
    assert await place.value("mallory", "plan") == "free"


async def test_overwriting_it_unsigned_first_does_not_make_the_old_token_new(place: Place) -> None:
    old = await _downgraded(place)
    await place.rest("PUT", f"/data_attributes/{await _id_of(place, 'plan')}", {"enforcement": "open"})
    assert (await place.ping({"user_id": "mallory", "plan": "x"})).verdict("plan") == ("applied", None)
    assert (await place.ping({"intercom_user_jwt": old})).verdict("plan") == ("ignored", "stale")
    slot = (await place.known("mallory")).holding("plan").verified_slot
    assert slot is not None
    assert slot.value == "free"


async def test_a_verified_clear_stays_cleared(place: Place) -> None:
    old = place.token("mallory", at=YESTERDAY, plan="pro")
    await place.ping({"intercom_user_jwt": old})
    assert (await place.signed("mallory", at=LATER, plan=None)).verdict("plan") == ("applied", None)
    assert (await place.ping({"intercom_user_jwt": old})).verdict("plan") == ("ignored", "stale")
    assert await place.value("mallory", "plan") is None


async def test_a_merge_does_not_lower_the_bar(place: Place) -> None:
    old = await _downgraded(place)
    visitor = await place.ping({"nickname": "M", "name": "M"})
    session = visitor.body["anonymous_session"]
    merged = await place.ping({"intercom_user_jwt": old}, anonymous_session=session)
    assert merged.status == 200
    assert await place.value("mallory", "name") == "M"
    assert await place.value("mallory", "plan") == "free"


async def test_after_erasure_old_tokens_are_refused_and_revive_nobody(place: Place) -> None:
    old = await _downgraded(place)
    contact = await place.known("mallory")
    assert (await place.rest("DELETE", f"/contacts/{contact.id}")).status == 200
    answer = await place.ping({"intercom_user_jwt": old})
    assert (answer.status, answer.code) == (401, "identity_superseded")
    undated = place.token("mallory", at=LATER, plan="pro")
    assert (await place.ping({"intercom_user_jwt": undated})).code == "identity_superseded"
    assert await place.look("mallory") is None


async def test_rest_wins_the_second_it_wrote_in(place: Place) -> None:
    now = int(time.time())
    await place.signed("alice", at=now - 10, plan="pro")
    contact = await place.known("alice")
    written = await place.rest("PUT", f"/contacts/{contact.id}", {"custom_attributes": {"plan": "free"}})
    assert written.status == 200, written
    answer = await place.signed("alice", at=now - 5, plan="pro")
    assert answer.verdict("plan") == ("ignored", "stale")
    assert await place.value("alice", "plan") == "free"


@pytest.mark.parametrize("policy", ["refuse", "fill_only"])
async def test_an_undated_token_replays_only_where_the_owner_accepts_that(place: Place, policy: str) -> None:
    await place.signed("mallory", at=LATER, plan="free")
    await place.policy(undated_tokens=policy)
    undated = _undated(place, {"user_id": "mallory", "plan": "pro"})
    answer = await place.ping({"intercom_user_jwt": undated})
    expected = (401, "iat_missing") if policy == "refuse" else (200, None)
    assert (answer.status, answer.code) == expected
    assert await place.value("mallory", "plan") == "free"


def _undated(place: Place, payload: dict[str, object]) -> str:
    return jwt.encode(payload, place.secret, algorithm="HS256", headers={"kid": place.kid})


async def _id_of(place: Place, name: str) -> int:
    listed = await place.rest("GET", "/data_attributes?model=contact")
    return next(one["id"] for one in listed.body["data"] if one["name"] == name)
