"""An Idempotency-Key brings an old answer back. Can Mallory fetch somebody else's, or hide a change behind it?"""

from __future__ import annotations

import time

from avow.flow import access
from avow.trust.access import ALL_SCOPES, Mode
from tests.support.place import Place


async def test_a_retry_has_one_effect_and_the_same_answer(place: Place) -> None:
    body = {"role": "user", "external_id": "alice", "name": "Alice"}
    first = await place.rest("POST", "/contacts", body, **{"idempotency-key": "k"})
    second = await place.rest("POST", "/contacts", body, **{"idempotency-key": "k"})
    assert first.status == second.status == 200
    assert first.body["id"] == second.body["id"]
    assert (await place.known("alice")).version == 1


async def test_the_same_key_with_another_body_is_refused(place: Place) -> None:
    await place.rest("POST", "/contacts", {"external_id": "alice"}, **{"idempotency-key": "k"})
    other = await place.rest("POST", "/contacts", {"external_id": "mallory"}, **{"idempotency-key": "k"})
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert await place.look("mallory") is None


async def test_another_caller_with_the_same_key_gets_her_own_answer(place: Place) -> None:
    engine = place.engine
    other = await access.make(
        engine.store,
        place.workspace_id,
        name="other",
        mode=Mode.VOUCHING,
        scopes=ALL_SCOPES,
        entropy=engine.entropy,
        actor="o",
    )
    body = {"external_id": "alice"}
    first = await place.rest("POST", "/contacts", body, **{"idempotency-key": "k"})
    theirs = await place.rest("POST", "/contacts", body, token=other.text, **{"idempotency-key": "k"})
    assert first.status == 200
    assert theirs.status == 409


async def test_a_replay_authenticates_again(place: Place) -> None:
    body = {"external_id": "alice"}
    await place.rest("POST", "/contacts", body, **{"idempotency-key": "k"})
    wrong = await place.rest("POST", "/contacts", body, token="avow_at_x", **{"idempotency-key": "k"})
    assert wrong.status == 401


async def test_a_messenger_replay_is_bound_to_who_asks(place: Place) -> None:
    alice = {"intercom_user_jwt": place.token("alice", plan="pro")}
    mallory = {"intercom_user_jwt": place.token("mallory", plan="free")}
    first = await place.ping(alice, **{"Idempotency-Key": "k"})
    again = await place.ping(alice, **{"Idempotency-Key": "k"})
    assert first.body["receipt"] == again.body["receipt"]
    other = await place.ping(mallory, **{"Idempotency-Key": "k"})
    assert other.body["user"]["user_id"] == "mallory"
    assert await place.value("mallory", "plan") == "free"


async def test_an_unproven_caller_cannot_replay_a_proven_ones_answer(place: Place) -> None:
    await place.ping({"intercom_user_jwt": place.token("alice", plan="pro")}, **{"Idempotency-Key": "k"})
    answer = await place.ping({"user_id": "alice"}, **{"Idempotency-Key": "k"})
    assert answer.body["user"]["id"] is None


async def test_a_replay_is_refused_once_the_users_sessions_have_ended(place: Place) -> None:
    token = place.token("alice", at=time.time() - 100, plan="pro")
    data, key = {"intercom_user_jwt": token}, {"Idempotency-Key": "k"}
    assert (await place.ping(data, **key)).status == 200
    contact = await place.known("alice")
    assert (await place.rest("PUT", f"/contacts/{contact.id}", {"external_id": "alice-2"})).status == 200
    answer = await place.ping(data, **key)
    assert (answer.status, answer.code) == (401, "identity_superseded")


async def test_an_unproven_replay_is_refused_once_proof_is_required(place: Place) -> None:
    data, key = {"user_id": "alice", "name": "A"}, {"Idempotency-Key": "k"}
    assert (await place.ping(data, **key)).status == 200
    await place.policy(messenger_security={"web": "required"})
    assert (await place.ping(data, **key)).code == "identity_unproven"


async def test_a_retry_finds_the_session_that_the_first_try_was_given(place: Place) -> None:
    """Lost on its way, it would leave behind a visitor whom no browser ever speaks for again."""
    await place.lock("email")
    claimed = {"email": "alice@customer.example", "name": "Alice"}
    burned = (await place.ping({"name": "Alice"})).body
    by = {"user_id": burned["user"]["anonymous_id"]}
    said = {"type": "user", "visitor": by, "user": {"user_id": "alice"}}
    assert (await place.rest("POST", "/visitors/convert", said)).status == 200
    fields = {"anonymous_session": burned["anonymous_session"], "Idempotency-Key": "k2"}
    for data, more in ((claimed, {"Idempotency-Key": "k1"}), ({"name": "Alice"}, fields)):
        first, again = [(await place.ping(data, **more)).body for _ in range(2)]
        assert first["user"]["id"] == again["user"]["id"] is not None
        assert first["anonymous_session"] == again["anonymous_session"] is not None
        assert first["anonymous_session"] != burned["anonymous_session"]
        later = await place.ping({"name": "Bob"}, anonymous_session=again["anonymous_session"])
        assert later.body["user"]["id"] == first["user"]["id"]
