"""A company's backend writes contacts by REST: what is believed, what is refused, and that refusals change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from avow.errors import BadInput, BadInputs, Conflict, Forbidden, NotAuthenticated, NotFound
from avow.flow import access
from avow.flow.contacts import CreateContact, Fields, UpdateContact, Written
from avow.flow.work import Idempotency
from avow.trust.access import AccessToken, Mode, Scope
from avow.trust.attribute import Enforcement
from avow.trust.contact import Channel, ContactId, Role, State
from avow.trust.reasons import Reason
from tests.support.office import OLIVE, Office

VISITOR = "5e" * 32


async def create(office: Office, token: AccessToken, /, **fields: Any) -> Written:
    written: Written = await office.engine.committer.submit(CreateContact(token=token, fields=Fields(**fields)))
    return written


async def update(office: Office, token: AccessToken, contact_id: ContactId, /, **fields: Any) -> Written:
    work = UpdateContact(token=token, contact_id=contact_id, fields=Fields(**fields))
    written: Written = await office.engine.committer.submit(work)
    return written


async def test_what_a_vouching_backend_writes_is_verified(office: Office) -> None:
    token = await office.caller()
    await create(office, token, external_id="alice", raw_values={"name": "Alice"})
    name = await office.holding("alice", "name")
    assert name.source is not None
    assert (name.value, name.source.verified, name.source.channel) == ("Alice", True, Channel.API)
    assert (name.source.by, name.source.signed_at) == (token.actor, int(office.clock()))


async def test_what_a_relay_writes_is_not_verified(office: Office) -> None:
    await create(office, await office.caller(Mode.RELAYING), external_id="alice", raw_values={"name": "Alice"})
    name = await office.holding("alice", "name")
    assert name.source is not None
    assert (name.value, name.source.verified, name.verified_slot) == ("Alice", False, None)


async def test_a_relay_that_writes_back_what_it_read_leaves_the_provenance_alone(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.signed("alice", plan="pro")
    before = await office.known("alice")
    relay = await office.caller(Mode.RELAYING)
    written = await update(office, relay, before.id, raw_custom={"plan": "pro"})
    assert [verdict.verdict for verdict in written.verdicts] == ["unchanged"]
    assert await office.known("alice") == before


async def test_a_relay_cannot_write_what_is_locked_and_its_value_is_held(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    await office.signed("alice", plan="free")
    relay = await office.caller(Mode.RELAYING)
    written = await update(office, relay, (await office.known("alice")).id, raw_custom={"plan": "pro"})
    assert [(one.verdict, one.reason) for one in written.verdicts] == [("ignored", Reason.UNVERIFIED)]
    plan = await office.holding("alice", "plan")
    assert plan.value == "free"
    assert plan.held is not None
    assert (plan.held.value, plan.held.channel) == ("pro", Channel.API)


async def test_a_relay_that_repeats_itself_is_counted_not_recorded_again(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    await office.signed("alice", plan="free")
    relay, alice = await office.caller(Mode.RELAYING), await office.known("alice")
    for _ in range(3):
        await update(office, relay, alice.id, raw_custom={"plan": "pro"})
    plan = await office.holding("alice", "plan")
    assert plan.held is not None
    assert plan.held.count == 3
    changes = await office.engine.store.changes(office.workspace_id, alice.id, before=None, limit=10)
    assert [change.facts.kind for change in changes] == ["ignored", "created"]


async def test_one_value_that_does_not_fit_refuses_the_whole_request(office: Office) -> None:
    await office.declare("seats", "integer")
    await office.declare("old")
    await office.rest("PUT", "/data_attributes/old", {"archived": True})
    before = await office.everything()
    with pytest.raises(BadInputs) as refused:
        await create(
            office, await office.caller(), external_id="alice",
            raw_values={"name": "Alice", "email": "no address", "avatar": "http://acme.example/a.png"},
            raw_custom={"seats": "many", "old": "x", "unheard": 1, "company": "Acme", "email": "a@b.c", "pl.an": "x"},
        )  # fmt: skip
    assert {(error.field, error.code) for error in refused.value.errors} == {
        ("email", "parameter_invalid"),
        ("avatar", "type_mismatch"),
        ("custom_attributes.seats", "type_mismatch"),
        ("custom_attributes.old", "archived"),
        ("custom_attributes.unheard", "unknown_attribute"),
        ("custom_attributes.company", "not_supported"),
        ("custom_attributes.email", "reserved_name"),
        ("custom_attributes.pl.an", "invalid_name"),
    }
    assert "many" not in str(refused.value)
    assert await office.everything() == before


async def test_a_backend_adopts_what_only_a_browser_had_named(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.browser("alice", seats="a lot")
    alice = await office.known("alice")
    await update(office, await office.caller(), alice.id, raw_custom={"seats": 7})
    rules = await office.engine.store.rules(office.workspace_id)
    assert rules is not None
    (seats,) = [one for one in rules.attributes if one.name == "seats"]
    assert (seats.type, seats.provisional, seats.enforcement) == ("integer", False, Enforcement.MONITOR)
    assert (await office.holding("alice", "seats")).value == 7


async def test_a_relay_does_not_adopt_what_a_browser_has_named(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.browser("alice", seats="a lot")
    alice = await office.known("alice")
    await update(office, await office.caller(Mode.RELAYING), alice.id, raw_custom={"seats": "some"})
    rules = await office.engine.store.rules(office.workspace_id)
    assert rules is not None
    assert [one.provisional for one in rules.attributes if one.name == "seats"] == [True]


async def test_null_clears_and_the_clear_is_vouched_for(office: Office) -> None:
    await office.declare("plan")
    await office.signed("alice", at=office.clock() - 30, plan="pro")
    alice = await office.known("alice")
    await update(office, await office.caller(), alice.id, raw_custom={"plan": None})
    await office.signed("alice", at=office.clock() - 20, plan="pro")
    plan = await office.holding("alice", "plan")
    assert (plan.value, plan.state(held_since=0)) == (None, State.VERIFIED)


async def test_a_new_contact_has_nothing_to_clear(office: Office) -> None:
    await create(office, await office.caller(), external_id="alice", raw_values={"name": None, "phone": ""})
    assert (await office.known("alice")).holdings == {}


async def test_an_update_leaves_alone_what_it_does_not_name(office: Office) -> None:
    await office.declare("plan")
    token = await office.caller()
    made = await create(office, token, external_id="alice", raw_values={"name": "Alice"}, raw_custom={"plan": "free"})
    office.clock.pass_(10)
    await update(office, token, made.contact.id, raw_custom={"plan": "pro"})
    alice = await office.known("alice")
    assert (alice.holding("name").value, alice.holding("plan").value) == ("Alice", "pro")
    assert alice.updated_at == office.clock()


async def test_an_update_that_changes_nothing_writes_nothing(office: Office) -> None:
    token = await office.caller()
    made = await create(office, token, external_id="alice", raw_values={"name": "Alice"})
    await update(office, token, made.contact.id, raw_values={"name": "Alice"}, external_id="alice", role=Role.USER)
    assert (await office.known("alice")).version == made.contact.version


async def test_an_email_that_the_company_calls_unverified_is_nobodys_word(office: Office) -> None:
    fields = {"raw_values": {"email": "alice@example.com", "name": "Alice"}, "email_verified": False}
    await create(office, await office.caller(), external_id="alice", **fields)
    alice = await office.known("alice")
    assert alice.holding("email").value == "alice@example.com"
    assert alice.holding("email").verified_slot is None
    assert alice.holding("name").verified_slot is not None


async def test_email_verified_comes_with_an_email(office: Office) -> None:
    with pytest.raises(BadInputs) as refused:
        await create(office, await office.caller(), external_id="alice", email_verified=True)
    assert refused.value.field == "email_verified"


async def test_a_token_revoked_on_the_way_writes_nothing(office: Office) -> None:
    token = await office.caller()
    engine = office.engine
    await access.revoke(engine.store, office.workspace_id, token.id, entropy=engine.entropy, actor=OLIVE)
    with pytest.raises(NotAuthenticated):
        await create(office, token, external_id="alice")
    with pytest.raises(AssertionError, match="no user"):
        await office.known("alice")


async def test_a_token_without_the_scope_writes_nothing(office: Office) -> None:
    with pytest.raises(Forbidden, match="contacts:write"):
        await create(office, await office.caller(Mode.VOUCHING, Scope.READ_CONTACTS), external_id="alice")


async def test_a_lead_has_no_external_id_and_nobody_is_created_a_visitor(office: Office) -> None:
    token = await office.caller()
    with pytest.raises(BadInput) as refused:
        await create(office, token, role=Role.LEAD, external_id="alice")
    assert refused.value.field == "external_id"
    with pytest.raises(BadInput) as refused:
        await create(office, token, role=Role.VISITOR)
    assert refused.value.field == "role"


async def test_a_lead_becomes_a_user_once_something_names_her(office: Office) -> None:
    token = await office.caller()
    lead = (await create(office, token, role=Role.LEAD, raw_values={"name": "Alice"})).contact
    with pytest.raises(BadInput) as refused:
        await update(office, token, lead.id, role=Role.USER)
    assert refused.value.field == "role"
    await update(office, token, lead.id, role=Role.USER, external_id="alice")
    alice = await office.known("alice")
    assert (alice.id, alice.role) == (lead.id, Role.USER)
    with pytest.raises(BadInputs, match="A user stays a user"):
        await update(office, token, lead.id, role=Role.LEAD)


async def test_a_retry_under_one_key_has_one_effect(office: Office) -> None:
    token = await office.caller()
    work = CreateContact(token=token, fields=Fields(role=Role.LEAD), idempotency=Idempotency("a" * 64, "b" * 64))
    first, second = [await office.engine.committer.submit(work) for _ in range(2)]
    assert first.contact.id == second.contact.id
    contacts, _ = await office.engine.store.contacts(office.workspace_id, before=None, limit=10, most=10)
    assert len(contacts) == 1


async def test_nobody_who_is_not_there_is_updated(office: Office) -> None:
    with pytest.raises(NotFound):
        await update(office, await office.caller(), ContactId("0" * 24), raw_values={"name": "Alice"})


async def test_an_external_id_that_is_taken_is_a_conflict_that_names_its_holder(office: Office) -> None:
    token = await office.caller()
    alice = (await create(office, token, external_id="alice")).contact
    other = (await create(office, token, external_id="other")).contact
    before = await office.everything()
    with pytest.raises(Conflict, match=f"id={alice.id}$"):
        await create(office, token, external_id="alice")
    with pytest.raises(Conflict, match=f"id={alice.id}$"):
        await update(office, token, other.id, external_id="alice", raw_values={"name": "Mallory"})
    assert await office.everything() == before
