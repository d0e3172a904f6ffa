"""`plan` is locked. Mallory tries the side doors: as a lead or visitor first, by relays, by being accepted later."""

from __future__ import annotations

import hashlib
import hmac

from avow.flow import access
from avow.trust.access import ALL_SCOPES, Mode
from tests.support.place import Place


async def _locked(place: Place) -> None:
    await place.signed("alice", plan="free")
    await place.lock("plan")


async def test_a_visitors_value_does_not_slip_in_by_the_merge(place: Place) -> None:
    await place.rest(
        "POST",
        "/data_attributes",
        {"name": "tier", "model": "contact", "data_type": "string", "messenger_writable": True},
    )
    visitor = await place.ping({"tier": "gold"})
    assert visitor.verdict("tier") == ("applied", None)
    await place.lock("tier")
    token = place.token("alice", name="Alice")
    await place.ping({"intercom_user_jwt": token}, anonymous_session=visitor.body["anonymous_session"])
    holding = (await place.known("alice")).holding("tier")
    assert holding.value is None
    assert holding.held is not None
    assert holding.held.value == "gold"


async def test_relayed_values_do_not_pass_a_lock_and_change_nobodys_provenance(place: Place) -> None:
    await _locked(place)
    relaying = await _relaying_token(place)
    contact = await place.known("alice")
    same = await place.rest("PUT", f"/contacts/{contact.id}", {"custom_attributes": {"plan": "free"}}, token=relaying)
    assert same.verdict("plan") == ("ignored", "unverified")
    assert (await place.known("alice")).holding("plan").held is None
    assert (await place.known("alice")).holding("plan").source == contact.holding("plan").source
    other = await place.rest("PUT", f"/contacts/{contact.id}", {"custom_attributes": {"plan": "gold"}}, token=relaying)
    assert other.verdict("plan") == ("ignored", "unverified")
    assert await place.value("alice", "plan") == "free"


async def test_a_relay_on_an_open_attribute_stays_unverified(place: Place) -> None:
    await place.signed("alice", name="Alice")
    relaying = await _relaying_token(place)
    contact = await place.known("alice")
    await place.rest("PUT", f"/contacts/{contact.id}", {"name": "Mallory"}, token=relaying)
    holding = (await place.known("alice")).holding("name")
    assert holding.source is not None
    assert not holding.source.verified
    assert holding.verified_slot is not None
    assert holding.verified_slot.value == "Alice"


async def test_accepting_a_held_value_takes_the_one_that_was_shown(place: Place) -> None:
    await _locked(place)
    await place.ping({"user_id": "alice", "plan": "pro"})
    contact = await place.known("alice")
    shown = (await place.rest("GET", f"/contacts/{contact.id}/held")).body["data"]
    version = next(one["version"] for one in shown if one["name"] == "plan")
    # While Olive looks at "pro", Mallory swaps it.
    await place.ping({"user_id": "alice", "plan": "enterprise"})
    accepted = await place.rest("POST", f"/contacts/{contact.id}/held/plan/accept", {"version": version})
    assert (accepted.status, accepted.code) == (409, "conflict")
    assert await place.value("alice", "plan") == "free"


async def test_an_accepted_value_is_the_teammates_and_verified(place: Place) -> None:
    await _locked(place)
    await place.ping({"user_id": "alice", "plan": "pro"})
    contact = await place.known("alice")
    held = contact.holding("plan").held
    assert held is not None
    accepted = await place.rest("POST", f"/contacts/{contact.id}/held/plan/accept", {"version": held.version})
    assert accepted.status == 200, accepted
    source = (await place.known("alice")).holding("plan").source
    assert source is not None
    assert (source.channel, source.verified) == ("teammate", True)


async def test_noise_from_strangers_does_not_push_a_customers_held_value_away(place: Place) -> None:
    await _locked(place)
    secret = await place.add_hash_key()
    proof = hmac.new(secret.encode(), b"alice", hashlib.sha256).hexdigest()
    await place.ping({"user_id": "alice", "user_hash": proof, "plan": "pro"})
    await place.ping({"user_id": "alice", "plan": "noise"})
    held = (await place.known("alice")).holding("plan").held
    assert held is not None
    assert (held.value, held.proven) == ("pro", True)


async def _relaying_token(place: Place) -> str:
    engine = place.engine
    made = await access.make(
        engine.store,
        place.workspace_id,
        name="sync",
        mode=Mode.RELAYING,
        scopes=ALL_SCOPES,
        entropy=engine.entropy,
        actor="olive",
    )
    return made.text
