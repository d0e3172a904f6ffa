"""A key was in other hands: what it vouched for since falls, what stood before comes back, nothing else moves."""

from __future__ import annotations

from avow.trust.access import Mode
from avow.trust.attribute import Enforcement
from avow.trust.change import Outcome
from avow.trust.contact import Channel, State
from avow.trust.weighing.distrust import Fall
from tests.support.distrusting import alices, fell, slot, standing, with_key
from tests.support.office import Office


async def test_what_the_key_wrote_since_is_vouched_for_by_nobody(office: Office) -> None:
    since = office.clock()
    await office.signed("alice", plan="stolen")
    told = await fell(office, since)
    assert await alices(office, told) == {"plan": Fall.UNVERIFIED}
    holding = await office.holding("alice", "plan")
    assert standing(holding) == ("stolen", False, office.kid)
    assert slot(holding) is None
    assert holding.state(held_since=0) is State.UNVERIFIED


async def test_what_it_wrote_before_stands(office: Office) -> None:
    await office.signed("alice", plan="pro")
    office.clock.pass_(60)
    before = await office.everything()
    assert await fell(office, office.clock()) == {}
    assert await office.everything() == before


async def test_a_locked_attribute_gets_the_value_back_that_another_key_vouched_for(office: Office) -> None:
    second = await with_key(office)
    await second.signed("alice", plan="pro")
    office.clock.pass_(60)
    since = office.clock()
    await office.signed("alice", plan="stolen")
    told = await fell(office, since)
    assert await alices(office, told) == {"plan": Fall.RESTORED}
    holding = await office.holding("alice", "plan")
    assert standing(holding) == ("pro", True, "second")
    assert holding.held is not None
    assert (holding.held.value, holding.held.channel, holding.held.proven) == ("stolen", Channel.SIGNED, False)
    assert holding.state(held_since=0) is State.VERIFIED


async def test_elsewhere_it_is_offered_beside_what_stays_unverified(office: Office) -> None:
    second = await with_key(office)
    await second.signed("alice", plan="pro")
    await office.enforce("plan", Enforcement.OPEN)
    office.clock.pass_(60)
    since = office.clock()
    await office.signed("alice", plan="stolen")
    told = await fell(office, since)
    assert await alices(office, told) == {"plan": Fall.OFFERED}
    holding = await office.holding("alice", "plan")
    assert (standing(holding), slot(holding)) == (("stolen", False, office.kid), ("pro", "second"))
    assert holding.state(held_since=0) is State.CONTRADICTED


async def test_the_keys_own_word_from_before_comes_back(office: Office) -> None:
    await office.signed("alice", plan="pro")
    office.clock.pass_(60)
    since = office.clock()
    await office.signed("alice", plan="stolen")
    await fell(office, since)
    assert standing(await office.holding("alice", "plan")) == ("pro", True, office.kid)


async def test_a_value_that_both_keys_vouched_for_is_the_others_again(office: Office) -> None:
    second = await with_key(office)
    await second.signed("alice", plan="pro")
    office.clock.pass_(60)
    since = office.clock()
    await office.signed("alice", plan="pro")
    told = await fell(office, since)
    assert await alices(office, told) == {"plan": Fall.RESTORED}
    holding = await office.holding("alice", "plan")
    assert standing(holding) == ("pro", True, "second")
    assert holding.held is None


async def test_what_another_key_signed_again_stands(office: Office) -> None:
    second, since = await with_key(office), office.clock()
    await office.signed("alice", plan="pro")
    office.clock.pass_(60)
    await second.signed("alice", plan="pro")
    assert await fell(office, since) == {}
    assert standing(await office.holding("alice", "plan")) == ("pro", True, "second")


async def test_what_a_teammate_accepted_over_it_stands(office: Office) -> None:
    since = office.clock()
    await office.signed("alice", plan="stolen")
    office.clock.pass_(60)
    await office.browser("alice", plan="free")
    contact = await office.known("alice")
    held = contact.holding("plan").held
    assert held is not None
    accepted = await office.rest("POST", f"/contacts/{contact.id}/held/plan/accept", {"version": held.version})
    assert accepted.status == 200, accepted.body
    assert await fell(office, since) == {}
    assert (await office.holding("alice", "plan")).value == "free"


async def test_what_rest_wrote_before_comes_back_and_what_a_sync_only_relayed_does_not(office: Office) -> None:
    await office.declare("plan", enforcement="open")
    contact_id = await office.alice(custom_attributes={"plan": "pro"})
    relay = await office.token(Mode.RELAYING)
    office.clock.pass_(60)
    body = {"custom_attributes": {"plan": "relayed"}}
    assert (await office.rest("PUT", f"/contacts/{contact_id}", body, token=relay)).status == 200
    office.clock.pass_(60)
    since = office.clock()
    await office.signed("alice", plan="stolen")
    await fell(office, since)
    holding = await office.holding("alice", "plan")
    found = slot(holding)
    assert found is not None
    assert (found[0], str(found[1]).split(":")[0]) == ("pro", "access_token")


async def test_a_cleared_value_comes_back_as_cleared(office: Office) -> None:
    second = await with_key(office)
    await second.signed("alice", plan="pro")
    office.clock.pass_(60)
    await second.signed("alice", plan=None)
    office.clock.pass_(60)
    since = office.clock()
    await office.signed("alice", plan="stolen")
    await fell(office, since)
    assert standing(await office.holding("alice", "plan")) == (None, True, "second")


async def test_a_browsers_value_beside_the_slot_stays_and_the_slot_falls(office: Office) -> None:
    since = office.clock()
    await office.signed("alice", plan="stolen")
    await office.enforce("plan", Enforcement.OPEN)
    await office.browser("alice", plan="free")
    told = await fell(office, since)
    assert await alices(office, told) == {"plan": Fall.UNVERIFIED}
    holding = await office.holding("alice", "plan")
    assert (holding.value, slot(holding)) == ("free", None)
    assert holding.source is not None
    assert holding.source.channel is Channel.MESSENGER


async def test_a_second_that_was_raised_without_a_record_is_put_back(office: Office) -> None:
    """Mallory signs the value that is there again, so that Acme's older tokens are stale."""
    second = await with_key(office)
    await office.signed("alice", plan="pro")
    office.clock.pass_(60)
    since, honest = office.clock(), office.clock() + 10
    office.clock.pass_(600)
    await office.signed("alice", plan="pro")
    told = await fell(office, since)
    assert await alices(office, told) == {"plan": Fall.DATE_LOWERED}
    holding = await office.holding("alice", "plan")
    assert holding.source is not None
    assert (holding.source.verified, holding.source.signed_at) == (True, int(since))
    receipt = await second.signed("alice", at=honest, plan="max")
    assert [one.verdict for one in receipt.verdicts] == [Outcome.APPLIED]


async def test_what_was_held_on_its_proof_contradicts_nobody(office: Office) -> None:
    second = await with_key(office)
    await second.signed("alice", plan="pro")
    office.clock.pass_(60)
    since = office.clock()
    await office.browser("alice", plan="lies")
    assert (await office.holding("alice", "plan")).state(held_since=0) is State.CONTRADICTED
    told = await fell(office, since)
    assert await alices(office, told) == {"plan": Fall.HELD_DOUBTED}
    holding = await office.holding("alice", "plan")
    assert holding.state(held_since=0) is State.VERIFIED
    assert holding.held is not None
    assert holding.held.value == "lies"


async def test_what_took_the_place_of_another_within_the_hour_is_found_without_a_record_of_its_own(
    office: Office,
) -> None:
    second, since = await locked_plan(office), office.clock()
    for lies in ("lies", "other lies"):
        office.clock.pass_(10)
        await office.browser("alice", plan=lies)
    assert await alices(office, await fell(office, since)) == {"plan": Fall.HELD_DOUBTED}
    assert (await office.holding("alice", "plan")).state(held_since=0) is State.VERIFIED
    office.clock.pass_(10)
    await second.browser("alice", plan="other lies")
    assert (await office.holding("alice", "plan")).state(held_since=0) is State.CONTRADICTED


async def test_what_was_held_on_its_proof_is_found_where_somebody_else_was_recorded_in_that_hour(
    office: Office,
) -> None:
    second, since = await locked_plan(office), office.clock()
    office.clock.pass_(10)
    await office.forged("alice", plan="noise")
    await second.browser("alice", plan="honest")
    office.clock.pass_(10)
    await office.browser("alice", plan="lies")
    assert await alices(office, await fell(office, since)) == {"plan": Fall.HELD_DOUBTED}


async def test_what_another_key_proved_in_the_same_hour_stays_evidence(office: Office) -> None:
    second, since = await locked_plan(office), office.clock()
    for speaker, plan in ((office, "lies"), (second, "max"), (office, "more lies"), (second, "free")):
        office.clock.pass_(10)
        await speaker.browser("alice", plan=plan)
    assert await fell(office, since) == {}
    holding = await office.holding("alice", "plan")
    assert holding.state(held_since=0) is State.CONTRADICTED
    assert holding.held is not None
    assert (holding.held.value, holding.held.proven_by) == ("free", "second")


async def locked_plan(office: Office) -> Office:
    """A locked plan that another key has signed, a minute ago. Returns who signs with it."""
    second = await with_key(office)
    await second.signed("alice", plan="pro")
    await office.enforce("plan", Enforcement.LOCKED)
    office.clock.pass_(60)
    return second
