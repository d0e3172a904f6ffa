"""Mallory asks in Alice's name, without proof, and reads the answers. What do they give away?"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.place import Answer, Place


def _seen(answer: Answer) -> tuple[int, Any]:
    return answer.status, answer.body


async def _ask(place: Place, user_id: str, **values: Any) -> tuple[int, Any]:
    status, body = _seen(await place.ping({"user_id": user_id, **values}))
    return status, body


@pytest.mark.parametrize("enforcement", ["open", "monitor", "locked"])
async def test_the_answer_is_the_same_whatever_is_stored(place: Place, enforcement: str) -> None:
    await place.signed("alice", plan="pro", seats=5, email="alice@customer.example")
    for name in ("plan", "seats"):
        await place.rest("PUT", f"/data_attributes/{await _id_of(place, name)}", {"enforcement": enforcement})
    # The right value, a wrong one, somebody who does not exist, and each of them again.
    asked = [
        await _ask(place, user_id, plan=plan, seats=seats)
        for user_id in ("alice", "nobody")
        for plan, seats in (("pro", 5), ("free", 6), ("pro", 5), (None, None))
        for _ in range(2)
    ]
    assert all(answer == asked[0] for answer in asked[:8] + asked[8:]), asked
    assert asked[0][1]["user"]["id"] is None


async def test_there_is_no_stable_id_and_no_conversation_in_it(place: Place) -> None:
    await place.signed("alice", plan="pro")
    contact = await place.known("alice")
    answer = await place.ping({"user_id": "alice", "plan": "pro"})
    assert contact.id not in str(answer.body)
    assert "alice" not in str(answer.body)
    assert answer.body["anonymous_session"] is None


async def test_unproven_claims_do_not_make_a_value_contradicted(place: Place) -> None:
    await place.signed("alice", plan="free")
    await place.lock("plan")
    await place.ping({"user_id": "alice", "plan": "enterprise"})
    contact = await place.known("alice")
    shown = await place.rest("GET", f"/contacts/{contact.id}/provenance")
    assert shown.body["attributes"]["plan"]["state"] == "verified"


async def test_where_proof_is_required_every_claim_gets_the_same_no(place: Place) -> None:
    await place.signed("alice", plan="free")
    await place.policy(messenger_security={"web": "required"})
    answers = [await place.ping({"user_id": user_id}) for user_id in ("alice", "nobody")]
    assert [(one.status, one.code) for one in answers] == [(403, "identity_unproven")] * 2
    messages = {one.body["errors"][0]["message"] for one in answers}
    assert len(messages) == 1
    assert (await place.ping({"name": "Visitor"})).status == 200


async def _id_of(place: Place, name: str) -> int:
    listed = await place.rest("GET", "/data_attributes?model=contact")
    return next(one["id"] for one in listed.body["data"] if one["name"] == name)
