"""An e-mail that is held is accepted as one is written that somebody vouches for: no nonsense, and nobody else's."""

from __future__ import annotations

import pytest

from avow.errors import BadInput, Conflict
from avow.flow.by_hand import acts
from avow.trust.attribute import Enforcement
from avow.trust.contact import Contact, Held
from tests.support.office import Office

ADDRESS = "alice@customer.example"


async def held_email(office: Office, value: object) -> tuple[Contact, Held]:
    """Mallory, and what her page says is her address, which is locked."""
    await office.enforce("email", Enforcement.LOCKED)
    await office.browser("mallory", email=value)
    mallory = await office.known("mallory")
    found = mallory.holding("email").held
    assert found is not None
    return mallory, found


async def by_hand(office: Office, contact: Contact, waiting: Held, address: str | None) -> None:
    """Olive accepts the address, for which `address` was looked up."""
    work = acts.DecideHeld(
        workspace_id=office.workspace_id,
        contact_id=contact.id,
        actor="teammate:olive",
        name="email",
        version=waiting.version,
        decision=acts.Decision.ACCEPT,
        address=address,
    )
    await office.engine.committer.submit(work)


async def test_an_accepted_address_takes_the_place_of_the_one_that_a_hash_had_proven(office: Office) -> None:
    alice = (await office.hashed("alice@example.com", email="alice@example.com")).contact_id
    assert alice is not None
    await office.enforce("email", Enforcement.LOCKED)
    await office.hashed("alice@example.com", email="alice@new.example")
    contact = await office.engine.store.contact(office.workspace_id, alice)
    assert contact is not None
    waiting = contact.holding("email").held
    assert waiting is not None
    await by_hand(office, contact, waiting, "alice@new.example")
    assert (await office.hashed("alice@new.example")).contact_id == alice
    assert (await office.hashed("alice@example.com")).contact_id != alice


async def test_a_held_address_of_somebody_else_is_a_conflict_as_in_every_other_write_that_vouches(
    office: Office,
) -> None:
    """Accepted, it would be verified for two, and the next write by it alone would land on either."""
    mallory, waiting = await held_email(office, ADDRESS)
    other = (await office.rest("POST", "/contacts", {"email": ADDRESS.upper()})).body["id"]
    before = await office.everything()
    assert (await office.rest("PUT", f"/contacts/{mallory.id}", {"email": ADDRESS})).status == 409
    answer = await office.rest("POST", f"/contacts/{mallory.id}/held/email/accept", {"version": waiting.version})
    assert answer.status == 409
    assert answer.body["errors"][0]["message"] == f"A contact matching those details already exists with id={other}"
    with pytest.raises(Conflict, match=other):
        await by_hand(office, mallory, waiting, ADDRESS)
    assert await office.everything() == before


async def test_a_held_text_that_is_no_address_is_not_accepted_as_one(office: Office) -> None:
    mallory, waiting = await held_email(office, "no address")
    with pytest.raises(BadInput, match="What is held is no e-mail address") as refused:
        await by_hand(office, mallory, waiting, "no address")
    assert refused.value.field == "email"
    answer = await office.rest("POST", f"/contacts/{mallory.id}/held/email/accept", {"version": waiting.version})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "email")])
    assert (await office.holding("mallory", "email")).held == waiting


async def test_a_held_address_of_nobody_else_is_accepted(office: Office) -> None:
    mallory, waiting = await held_email(office, ADDRESS)
    await office.rest("POST", "/contacts", {"external_id": "alice", "email": ADDRESS})  # two ids are two people
    answer = await office.rest("POST", f"/contacts/{mallory.id}/held/email/accept", {"version": waiting.version})
    assert (answer.status, answer.body["email"]) == (200, ADDRESS)


async def test_a_held_clear_of_an_address_is_accepted(office: Office) -> None:
    await office.rest("POST", "/contacts", {"external_id": "mallory", "email": ADDRESS})
    mallory, waiting = await held_email(office, None)
    await by_hand(office, mallory, waiting, None)
    email = await office.holding("mallory", "email")
    assert (email.value, email.held, email.verified_slot is not None) == (None, None, True)


async def test_an_address_that_came_while_she_decided_is_accepted_by_nobody_unseen(office: Office) -> None:
    """Whoever has it was not looked up, so nobody knows whether it is a duplicate."""
    mallory, waiting = await held_email(office, ADDRESS)
    for looked_up in (None, "other@customer.example"):
        with pytest.raises(Conflict, match="only just come"):
            await by_hand(office, mallory, waiting, looked_up)
    assert (await office.holding("mallory", "email")).held == waiting
