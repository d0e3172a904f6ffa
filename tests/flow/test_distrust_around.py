"""A key was in other hands: whom it made and merged, what leads to whom, what is told of it, what is refused."""

from __future__ import annotations

import pytest

from avow.errors import BadInput, NotFound
from avow.flow import distrust
from avow.trust.attribute import Enforcement
from avow.trust.change import ChangeKind
from avow.trust.contact import Source
from avow.trust.keys import KeyState
from avow.trust.reasons import Reason
from avow.trust.weighing.distrust import Fall
from tests.support.distrusting import alices, fell, standing, with_key
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
