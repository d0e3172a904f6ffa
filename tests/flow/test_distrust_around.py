"""A key was in other hands: whom it made and merged, what leads to whom, what is told of it, what is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from avow.errors import BadInput, NotFound
from avow.flow import distrust
from avow.flow.screens import accepting, leftovers
from avow.trust.access import Mode
from avow.trust.attribute import Enforcement
from avow.trust.change import ChangeKind, Outcome
from avow.trust.contact import Channel, ContactId, Source
from avow.trust.keys import KeyState
from avow.trust.reasons import Reason
from avow.trust.weighing.distrust import Fall
from tests.support.distrusting import alices, fell, slot, standing, with_key
from tests.support.office import OLIVE, Office


async def test_contacts_made_and_merged_by_the_key_are_told_and_stay(office: Office) -> None:
    await office.signed("bob", plan="pro")
    office.clock.pass_(60)
    since = office.clock()
    visitor = await office.visitor("a" * 64, name="Al")
    await office.signed("alice", session="a" * 64, plan="stolen")
    steps = [step async for step in distrust.rehearse(office.engine, office.workspace_id, office.kid, since=since)]
    alice = await office.known("alice")
    assert [one for step in steps for one in step.created] == [alice.id]
    assert [one for step in steps for one in step.merges] == [(alice.id, visitor.contact_id)]
    await fell(office, since)
    assert (await office.known("alice")).holding("name").value == "Al"


async def test_what_a_lead_brought_along_comes_back(office: Office) -> None:
    """It was vouched for in the chain of somebody who was merged."""
    second = await with_key(office)
    await office.declare("plan", enforcement="locked")
    await second.signed("alice", seats=1)
    made = await office.rest("POST", "/contacts", {"role": "lead", "custom_attributes": {"plan": "pro"}})
    office.clock.pass_(60)
    body = {"from": made.body["id"], "into": (await office.known("alice")).id, "skip_duplicate_validation": True}
    assert (await office.rest("POST", "/contacts/merge", body)).status == 200
    office.clock.pass_(60)
    since = office.clock()
    await office.signed("alice", plan="stolen")
    told = await fell(office, since)
    assert await alices(office, told) == {"plan": Fall.RESTORED}
    value, verified, by = standing(await office.holding("alice", "plan"))
    assert (value, verified, str(by).partition(":")[0]) == ("pro", True, "access_token")


async def test_two_keys_distrusted_one_after_the_other_bring_back_what_neither_wrote(office: Office) -> None:
    second, third = await with_key(office), await with_key(office, "third")
    await third.signed("alice", plan="pro")
    office.clock.pass_(60)
    since = office.clock()
    await office.signed("alice", plan="stolen")
    office.clock.pass_(60)
    await second.signed("alice", plan="stolen too")
    assert await fell(office, since) == {}
    await fell(office, since, "second")
    assert standing(await office.holding("alice", "plan")) == ("pro", True, "third")


async def test_an_address_that_only_the_key_vouched_for_leads_nobody_in_any_more(office: Office) -> None:
    second = await with_key(office)
    await office.enforce("email", Enforcement.LOCKED)
    await second.signed("alice", email="alice@customer.example")
    office.clock.pass_(60)
    since = office.clock()
    await office.signed("alice", email="mallory@evil.example")
    await fell(office, since)
    receipt = await office.hashed("mallory@evil.example", nick="m")
    assert receipt.contact_id != (await office.known("alice")).id


async def test_the_record_says_which_key_and_why(office: Office) -> None:
    since = office.clock()
    await office.signed("alice", plan="stolen")
    await fell(office, since)
    contact = await office.known("alice")
    records = await office.engine.store.changes(office.workspace_id, contact.id, before=None, limit=9)
    facts = records[0].facts
    assert (facts.kind, facts.key, facts.actor) == (ChangeKind.DISTRUSTED, office.kid, OLIVE)
    assert [(one.name, one.reason) for one in facts.verdicts] == [("plan", Reason.KEY_COMPROMISED)]
    holding = contact.holding("plan")
    assert isinstance(holding.source, Source)
    assert holding.source.change == facts.seq


async def test_the_key_is_revoked_for_good_and_the_earliest_time_stays(office: Office) -> None:
    engine, early = office.engine, office.clock() - 100
    await distrust.begin(engine, office.workspace_id, office.kid, since=early, actor=OLIVE)
    key = await distrust.begin(engine, office.workspace_id, office.kid, since=early + 50, actor=OLIVE)
    assert (key.state, key.distrusted_since) == (KeyState.REVOKED, early)


async def test_what_cannot_be_distrusted_is_refused_and_changes_nothing(office: Office) -> None:
    engine, versions = office.engine, await office.engine.store.versions()
    with pytest.raises(BadInput):
        await distrust.begin(engine, office.workspace_id, office.kid, since=office.clock() + 60, actor=OLIVE)
    with pytest.raises(NotFound):
        await distrust.begin(engine, office.workspace_id, "nobody's", since=0, actor=OLIVE)
    with pytest.raises(BadInput):
        _ = [one async for one in distrust.rehearse(engine, office.workspace_id, office.kid, since=1e12)]
    assert await engine.store.versions() == versions


async def _bulk(office: Office, contact_id: str) -> None:
    held = (await office.holding("alice", "plan")).held
    assert held is not None
    seen = accepting.Seen(ContactId(contact_id), held.version)
    decided = await accepting.accept_all(office.engine, office.workspace_id, "plan", [seen], actor=OLIVE)
    assert decided.taken == 1


async def _held(office: Office, contact_id: str) -> None:
    assert (await leftovers.hold(office.engine, office.workspace_id, ["plan"], actor=OLIVE)).count == 1


async def _put_back(office: Office, contact_id: str) -> None:
    since = office.clock() - 1
    await _held(office, contact_id)
    await office.enforce("plan", Enforcement.OPEN)
    back = await leftovers.release(office.engine, office.workspace_id, ["plan"], since=since, actor=OLIVE)
    assert back.count == 1
    await office.enforce("plan", Enforcement.LOCKED)


@pytest.mark.parametrize("move", [_bulk, _held, _put_back], ids=["bulk", "held", "put_back"])
async def test_what_a_sync_relayed_is_no_teammates_word_however_she_moved_it(
    office: Office, move: Callable[[Office, str], Awaitable[None]]
) -> None:
    await office.declare("plan", enforcement="locked" if move is _bulk else "open")
    contact_id = await office.alice()
    relay = await office.token(Mode.RELAYING)
    body = {"custom_attributes": {"plan": "relayed"}}
    assert (await office.rest("PUT", f"/contacts/{contact_id}", body, token=relay)).status == 200
    await office.enforce("plan", Enforcement.LOCKED)
    await move(office, contact_id)
    office.clock.pass_(100)
    since = office.clock()
    await office.signed("alice", plan="stolen")
    assert await alices(office, await fell(office, since)) == {"plan": Fall.UNVERIFIED}
    assert slot(await office.holding("alice", "plan")) is None
    newest = await office.engine.store.changes(office.workspace_id, ContactId(contact_id), before=None, limit=20)
    by_hand = [one.facts for one in newest if one.facts.actor == OLIVE and one.facts.kind is not ChangeKind.DISTRUSTED]
    moved = [one for facts in by_hand for one in facts.verdicts if one.verdict is Outcome.APPLIED]
    assert {verdict.channel for verdict in moved} == {Channel.API}
    assert all(verdict.unvouched for verdict in moved)
