"""What was ignored can still be accepted by somebody who answers for it, one value at a time, or discarded."""

from __future__ import annotations

import asyncio

import pytest

from avow.errors import BadInputs, Conflict, Forbidden, Gone, NotFound
from avow.flow.audit import audit
from avow.flow.contacts import AcceptHeld, DiscardHeld, Written, held_values
from avow.flow.work import Idempotency
from avow.trust.access import Mode, Scope
from avow.trust.contact import Channel, Contact, ContactId, Held, State
from avow.trust.reasons import Reason
from tests.support.office import Office

DAY = 86_400


async def held(office: Office, value: object = "enterprise") -> tuple[Contact, Held]:
    """Alice, whose plan is locked and signed as `free`, and what her page says it is."""
    rules = await office.engine.rulebook.current(office.workspace_id)
    if "plan" not in rules.attributes:
        await office.declare("plan", messenger_writable=False)
        await office.signed("alice", plan="free")
    await office.browser("alice", plan=value)
    alice = await office.known("alice")
    (found,) = held_values(alice, rules, office.clock()).values()
    return alice, found


async def accept(
    office: Office, contact_id: ContactId, version: int, name: str = "plan", mode: Mode = Mode.VOUCHING
) -> Written:
    work = AcceptHeld(token=await office.caller(mode), contact_id=contact_id, name=name, version=version)
    written: Written = await office.engine.committer.submit(work)
    return written


async def discard(office: Office, contact_id: ContactId, version: int, name: str = "plan") -> Written:
    work = DiscardHeld(token=await office.caller(), contact_id=contact_id, name=name, version=version)
    written: Written = await office.engine.committer.submit(work)
    return written


async def test_an_accepted_value_is_a_teammates_and_verified(office: Office) -> None:
    alice, waiting = await held(office)
    office.clock.pass_(60)
    await accept(office, alice.id, waiting.version)
    plan = await office.holding("alice", "plan")
    assert plan.source is not None
    assert (plan.value, plan.source.channel, plan.source.verified) == ("enterprise", Channel.TEAMMATE, True)
    assert plan.source.signed_at == int(office.clock())
    assert (plan.held, plan.state(held_since=0)) == (None, State.VERIFIED)
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()


async def test_a_token_from_before_the_acceptance_does_not_undo_it(office: Office) -> None:
    alice, waiting = await held(office)
    signed_at = office.clock() + 10
    office.clock.pass_(60)
    await accept(office, alice.id, waiting.version)
    receipt = await office.signed("alice", at=signed_at, plan="free")
    assert [verdict.reason for verdict in receipt.verdicts] == [Reason.STALE]
    assert (await office.holding("alice", "plan")).value == "enterprise"


async def test_an_acceptance_is_never_older_than_what_was_vouched_for(office: Office) -> None:
    """D7: a slot from the future, which a backend's wrong clock has left behind by REST, is raised and not lowered."""
    alice, waiting = await held(office)
    slot_at = (await office.holding("alice", "plan")).source
    assert slot_at is not None
    office.clock.pass_(-30)
    await accept(office, alice.id, waiting.version)
    after = (await office.holding("alice", "plan")).source
    assert after is not None
    assert after.signed_at == slot_at.signed_at


async def test_a_value_that_was_replaced_meanwhile_is_not_accepted_by_mistake(office: Office) -> None:
    alice, seen = await held(office, "pro")
    _, replaced = await held(office, "enterprise")
    before = await office.everything()
    for decide in (accept, discard):
        with pytest.raises(Conflict, match=str(replaced.version)):
            await decide(office, alice.id, seen.version)
    assert await office.everything() == before


async def test_two_who_decide_at_once_decide_once(office: Office) -> None:
    alice, waiting = await held(office)
    token = await office.caller()
    works = [
        kind(token=token, contact_id=alice.id, name="plan", version=waiting.version)
        for kind in (AcceptHeld, DiscardHeld)
    ]
    results = await asyncio.gather(*map(office.engine.committer.submit, works), return_exceptions=True)
    assert [type(result) for result in results] == [Written, NotFound]


async def test_a_decision_that_is_sent_again_is_made_once(office: Office) -> None:
    alice, waiting = await held(office)
    token = await office.caller()
    for kind, key in ((AcceptHeld, "a"), (DiscardHeld, "b")):
        _, waiting = await held(office, f"{key} plan")
        retry = Idempotency(key * 64, "c" * 64)
        work = kind(token=token, contact_id=alice.id, name="plan", version=waiting.version, idempotency=retry)
        first, second = [await office.engine.committer.submit(work) for _ in range(2)]
        assert first == second


async def test_a_relay_accepts_nothing_for_it_vouches_for_nothing(office: Office) -> None:
    alice, waiting = await held(office)
    with pytest.raises(Forbidden):
        await accept(office, alice.id, waiting.version, mode=Mode.RELAYING)
    assert (await office.holding("alice", "plan")).value == "free"


async def test_a_discarded_value_is_gone_and_nothing_else_has_changed(office: Office) -> None:
    alice, waiting = await held(office)
    before = await office.holding("alice", "plan")
    await discard(office, alice.id, waiting.version)
    after = await office.holding("alice", "plan")
    assert (after.value, after.source, after.held) == (before.value, before.source, None)
    (record, *_) = await office.engine.store.changes(office.workspace_id, alice.id, before=None, limit=1)
    assert record.facts.kind == "held_discarded"
    assert b"enterprise" not in (record.raw_values or b""), "what was refused lasts no longer than its own record"
    with pytest.raises(NotFound):
        await accept(office, alice.id, waiting.version)


async def test_a_held_value_that_has_expired_is_not_there(office: Office) -> None:
    alice, waiting = await held(office)
    office.clock.pass_(30 * DAY + 1)
    rules = await office.engine.rulebook.current(office.workspace_id)
    assert held_values(alice, rules, office.clock()) == {}
    with pytest.raises(NotFound):
        await accept(office, alice.id, waiting.version)


async def test_a_held_value_that_no_longer_fits_is_not_accepted(office: Office) -> None:
    await office.declare("size", "options", options=[{"value": "S"}, {"value": "L"}], messenger_writable=False)
    await office.browser("alice", size="L")
    alice = await office.known("alice")
    waiting = alice.holding("size").held
    assert waiting is not None
    await office.rest("PUT", "/data_attributes/size", {"options": ["S", "M"]})
    with pytest.raises(BadInputs) as refused:
        await accept(office, alice.id, waiting.version, "size")
    assert refused.value.code == Reason.NOT_AN_OPTION
    assert (await office.known("alice")).version == alice.version


async def test_a_held_clear_can_be_accepted_too(office: Office) -> None:
    alice, waiting = await held(office, None)
    await accept(office, alice.id, waiting.version)
    plan = await office.holding("alice", "plan")
    assert plan.source is not None
    assert (plan.value, plan.source.verified) == (None, True)


async def test_a_leftover_that_did_not_fit_the_adopted_type_can_be_discarded(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.browser("alice", seats="a lot")
    office.clock.pass_(5)
    await office.signed("bob", seats=7)
    alice = await office.known("alice")
    rules = await _newest(office)
    (waiting,) = held_values(alice, rules, office.clock()).values()
    assert waiting.value == "a lot"
    with pytest.raises(BadInputs):
        await accept(office, alice.id, waiting.version, "seats")
    await discard(office, alice.id, waiting.version, "seats")
    seats = await office.holding("alice", "seats")
    assert (seats.value, seats.held) == (None, None)
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()


async def test_a_leftover_of_long_ago_is_held_as_long_as_anything_else_from_the_adoption_on(office: Office) -> None:
    await office.policy(may_create="anyone")
    await office.browser("alice", seats="a lot")
    office.clock.pass_(31 * DAY)
    await office.signed("bob", seats=7)
    alice, rules = await office.known("alice"), await _newest(office)
    for passing in (0, 30 * DAY):
        office.clock.pass_(passing)
        (waiting,) = held_values(alice, rules, office.clock()).values()
        assert waiting.value == "a lot"
    office.clock.pass_(1)
    assert held_values(alice, rules, office.clock()) == {}


async def _newest(office: Office):  # type: ignore[no-untyped-def]
    await office.engine.rulebook.confirm()
    return await office.engine.rulebook.current(office.workspace_id)


async def test_a_token_without_the_scope_decides_nothing(office: Office) -> None:
    alice, waiting = await held(office)
    token = await office.caller(Mode.VOUCHING, Scope.READ_CONTACTS)
    work = AcceptHeld(token=token, contact_id=alice.id, name="plan", version=waiting.version)
    with pytest.raises(Forbidden, match="contacts:write"):
        await office.engine.committer.submit(work)


async def test_nothing_is_decided_for_somebody_who_was_merged(office: Office) -> None:
    guest = await office.visitor("5e" * 32, name="Somebody")
    await office.signed("alice", session="5e" * 32)
    assert guest.contact_id is not None
    with pytest.raises(Gone):
        await accept(office, guest.contact_id, 1, "name")
