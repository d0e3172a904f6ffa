"""Who a contact is: addresses that two people share, ids that are given away, and people who are erased."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from avow.errors import BadInputs, Conflict, Gone, NotFound, TokenRefused
from avow.flow import contacts
from avow.flow.audit import audit
from avow.flow.contacts import CreateContact, EraseContact, Erased, Fields, UpdateContact, Written
from avow.flow.contract import KeyKind, LookupKey
from avow.flow.work import Idempotency
from avow.trust.access import Mode
from avow.trust.attribute import Enforcement
from avow.trust.contact import Contact, ContactId, Role
from avow.trust.reasons import Reason
from tests.support.office import Office

VISITOR = "5e" * 32
ADDRESS = "alice@example.com"


async def create(office: Office, mode: Mode = Mode.VOUCHING, /, **fields: Any) -> Contact:
    work = CreateContact(token=await office.caller(mode), fields=Fields(**fields))
    written: Written = await office.engine.committer.submit(work)
    return written.contact


async def rename(office: Office, contact_id: ContactId, external_id: str | None) -> None:
    work = UpdateContact(token=await office.caller(), contact_id=contact_id, fields=Fields(external_id=external_id))
    await office.engine.committer.submit(work)


async def erase(office: Office, contact_id: ContactId, idempotency: Idempotency | None = None) -> Erased:
    work = EraseContact(token=await office.caller(), contact_id=contact_id, idempotency=idempotency)
    erased: Erased = await office.engine.committer.submit(work)
    return erased


async def test_the_same_address_from_the_company_is_the_same_person(office: Office) -> None:
    alice = await create(office, raw_values={"email": ADDRESS})
    for fields in ({}, {"external_id": "alice"}):
        with pytest.raises(Conflict, match=f"id={alice.id}$"):
            await create(office, raw_values={"email": "ALICE@example.com"}, **fields)


async def test_a_relay_that_runs_twice_makes_nobody_twice(office: Office) -> None:
    alice = await create(office, Mode.RELAYING, raw_values={"email": ADDRESS})
    with pytest.raises(Conflict, match=f"id={alice.id}$"):
        await create(office, Mode.RELAYING, raw_values={"email": ADDRESS})


async def test_two_ids_may_share_one_address(office: Office) -> None:
    first = await create(office, external_id="alice", raw_values={"email": ADDRESS})
    second = await create(office, external_id="bob", raw_values={"email": ADDRESS})
    assert first.id != second.id


async def test_an_address_that_mallory_claims_does_not_hand_her_the_backends_next_write(office: Office) -> None:
    """She would be the `id=` of the conflict, and the backend's next request would fill in her contact."""
    await office.browser("mallory", email=ADDRESS)
    mallory = await office.known("mallory")
    alice = await create(office, raw_values={"email": ADDRESS})
    assert alice.id != mallory.id


async def test_an_address_that_mallory_claims_does_not_lock_alice_out(office: Office) -> None:
    await office.browser("mallory", email=ADDRESS)
    alice = await create(office, external_id="alice", raw_values={"email": ADDRESS})
    assert (await office.known("alice")).id == alice.id


async def test_an_update_cannot_take_somebody_elses_address(office: Office) -> None:
    alice = await create(office, raw_values={"email": ADDRESS})
    other = await create(office, raw_values={"email": "bob@example.com"})
    fields = Fields(raw_values={"email": ADDRESS})
    with pytest.raises(Conflict, match=f"id={alice.id}$"):
        await office.engine.committer.submit(
            UpdateContact(token=await office.caller(), contact_id=other.id, fields=fields)
        )


async def test_an_address_that_its_own_hash_has_proven_is_taken(office: Office) -> None:
    """Also where the address itself is locked, so that nothing but the proof leads to its user."""
    await office.enforce("email", Enforcement.LOCKED)
    receipt = await office.hashed(ADDRESS, name="Alice")
    with pytest.raises(Conflict, match=f"id={receipt.contact_id}$"):
        await create(office, raw_values={"email": ADDRESS})


async def test_whoever_gets_an_address_next_does_not_become_whoever_had_it(office: Office) -> None:
    """A hash over an address never expires; once the company vouches for another address, it proves nothing here."""
    alice = (await office.hashed(ADDRESS, email=ADDRESS, name="Alice")).contact_id
    assert alice is not None
    for email in ("ALICE@example.com", "alice@new.example"):
        fields = Fields(raw_values={"email": email})
        await office.engine.committer.submit(
            UpdateContact(token=await office.caller(), contact_id=alice, fields=fields)
        )
        again = (await office.hashed(ADDRESS, email=ADDRESS)).contact_id
        assert (again == alice) is (email != "alice@new.example")
    assert (await office.hashed("alice@new.example")).contact_id == alice


async def test_a_lead_who_becomes_a_user_takes_nobodys_address(office: Office) -> None:
    alice = await create(office, raw_values={"email": ADDRESS})
    lead = await create(office, role=Role.LEAD, raw_values={"email": ADDRESS})
    fields = Fields(role=Role.USER, raw_values={"email": ADDRESS})
    with pytest.raises(Conflict, match=f"id={alice.id}$"):
        await office.engine.committer.submit(
            UpdateContact(token=await office.caller(), contact_id=lead.id, fields=fields)
        )


async def test_a_new_id_leads_to_the_contact_and_the_old_one_nowhere(office: Office) -> None:
    alice = await create(office, external_id="alice")
    await rename(office, alice.id, "alicia")
    assert (await office.known("alicia")).id == alice.id
    with pytest.raises(NotFound):
        await contacts.find_by_external_id(office.engine.store, office.workspace_id, "alice")
    (change, *_) = await office.engine.store.changes(office.workspace_id, alice.id, before=None, limit=1)
    assert b'"external_id":["alice","alicia"]' in (change.raw_values or b"")


async def test_giving_an_id_away_ends_the_tokens_of_the_old_and_the_new_one(office: Office) -> None:
    """V12: whoever was called `alice` keeps tokens for that name, and must not become whoever is called so next."""
    alice = await create(office, external_id="alice")
    signed_at = office.clock()
    await rename(office, alice.id, "alicia")
    for name in ("alice", "alicia"):
        with pytest.raises(TokenRefused) as refused:
            await office.signed(name, at=signed_at, name="Mallory")
        assert refused.value.code == Reason.IDENTITY_SUPERSEDED
    office.clock.pass_(2)
    newcomer = await create(office, external_id="alice")
    with pytest.raises(TokenRefused):
        await office.signed("alice", at=signed_at, name="Mallory")
    assert (await office.signed("alice", name="A newcomer")).contact_id == newcomer.id
    assert (await office.signed("alicia", name="Alice")).contact_id == alice.id


async def test_a_first_id_ends_no_tokens(office: Office) -> None:
    alice = await create(office, raw_values={"email": ADDRESS})
    signed_at = office.clock() - 30
    await rename(office, alice.id, "alice")
    assert (await office.signed("alice", at=signed_at, name="Alice")).contact_id == alice.id


async def test_an_id_can_be_replaced_but_not_removed(office: Office) -> None:
    alice = await create(office, external_id="alice")
    with pytest.raises(BadInputs) as refused:
        await rename(office, alice.id, None)
    assert refused.value.field == "external_id"
    assert (await office.known("alice")).id == alice.id


async def test_nothing_of_an_erased_person_is_left_but_a_chain_that_holds(office: Office) -> None:
    await office.declare("plan")
    alice = await create(office, external_id="alice", raw_values={"email": ADDRESS}, raw_custom={"plan": "pro"})
    await office.browser("alice", plan="free")
    erased = await erase(office, alice.id)
    assert erased.contact_id == alice.id
    store, workspace = office.engine.store, office.workspace_id
    with pytest.raises(NotFound):
        await contacts.get(store, workspace, alice.id)
    for kind, value in ((KeyKind.EXTERNAL_ID, "alice"), (KeyKind.EMAIL, ADDRESS)):
        assert await store.find(LookupKey(workspace, kind, value)) == []
    records = await store.changes(workspace, alice.id, before=None, limit=10)
    assert [record.facts.kind for record in records] == ["erased", "ignored", "created"]
    assert all(record.raw_values is None for record in records)
    assert (await audit(store, workspace)).findings == ()


async def test_an_old_token_does_not_bring_an_erased_person_back(office: Office) -> None:
    alice = await create(office, external_id="alice")
    signed_at = office.clock()
    await erase(office, alice.id)
    with pytest.raises(TokenRefused) as refused:
        await office.signed("alice", at=signed_at, name="Alice")
    assert refused.value.code == Reason.IDENTITY_SUPERSEDED
    office.clock.pass_(2)
    again = await create(office, external_id="alice")
    with pytest.raises(TokenRefused):
        await office.signed("alice", at=signed_at, name="Alice")
    assert again.id != alice.id


async def test_what_is_kept_for_a_retry_tells_nothing_of_whom_it_erased(office: Office) -> None:
    alice = await create(office, external_id="alice")
    key = Idempotency("a" * 64, "b" * 64)
    first, second = await erase(office, alice.id, key), await erase(office, alice.id, key)
    assert first == second == Erased(alice.id, None)


async def test_what_is_kept_for_a_retry_goes_with_whom_it_tells_of(office: Office) -> None:
    """Also where the first try changed nothing, so that no record names her."""
    token, fields = await office.caller(), Fields(raw_values={"name": "Alice"})
    new = CreateContact(token=token, fields=msgspec.structs.replace(fields, external_id="alice"))
    alice = (await office.engine.committer.submit(new)).contact
    key = Idempotency("a" * 64, "b" * 64)
    nothing_new = UpdateContact(token=token, contact_id=alice.id, fields=fields, idempotency=key)
    assert (await office.engine.committer.submit(nothing_new)).contact == await office.known("alice")
    await erase(office, alice.id)
    with pytest.raises(NotFound):
        await office.engine.committer.submit(nothing_new)


async def test_a_merged_person_is_gone_and_says_where_to(office: Office) -> None:
    guest = await office.visitor(VISITOR, name="Somebody")
    user = await office.signed("alice", session=VISITOR, name="Alice")
    assert guest.contact_id is not None
    with pytest.raises(Gone) as gone:
        await contacts.get(office.engine.store, office.workspace_id, guest.contact_id)
    assert gone.value.successor == user.contact_id
    with pytest.raises(Gone):
        await erase(office, guest.contact_id)
    assert user.contact_id is not None
    await erase(office, user.contact_id)
    with pytest.raises(NotFound):
        await contacts.get(office.engine.store, office.workspace_id, guest.contact_id)
