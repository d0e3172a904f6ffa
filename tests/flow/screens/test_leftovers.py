"""What nobody vouched for waits beside a locked attribute, or stays; however many people it is."""

from __future__ import annotations

import pytest

from avow.flow.audit import audit
from avow.flow.screens import leftovers
from avow.trust.attribute import Enforcement
from avow.trust.contact import Channel, Holding, State
from tests.support.office import OLIVE, Office
from tests.support.settling import settled


async def holding(office: Office, name: str) -> Holding:
    return await office.holding("alice", name)


async def hold(office: Office, *names: str) -> int:
    return (await leftovers.hold(office.engine, office.workspace_id, names, actor=OLIVE)).count


async def count(office: Office, *names: str) -> int:
    found = await leftovers.count(office.engine.store, office.workspace_id, names)
    assert found.oldest is None
    return found.values


async def intact(office: Office) -> bool:
    """Whether every record is as it was written, and says what is stored."""
    return (await audit(office.engine.store, office.workspace_id)).holds


async def test_unverified_values_are_counted_and_verified_ones_are_not(office: Office) -> None:
    await office.browser("alice", phone="+491", email="alice@customer.example")
    await office.browser("bob", phone="+492")
    await office.signed("oona", phone="+493")
    assert await count(office, "phone") == 2
    assert await count(office, "phone", "email", "name") == 3


async def test_what_nobody_vouched_for_is_held_and_the_attribute_is_empty(office: Office) -> None:
    await office.browser("alice", phone="+491")
    await office.enforce("phone", Enforcement.LOCKED)
    assert await hold(office, "phone") == 1
    now = await holding(office, "phone")
    assert (now.value, now.verified_slot) == (None, None)
    assert now.held is not None
    assert (now.held.value, now.held.channel, now.held.proven) == ("+491", Channel.MESSENGER, False)
    assert await count(office, "phone") == 0
    assert await intact(office)


async def test_the_verified_value_stands_again(office: Office) -> None:
    await office.signed("alice", phone="+491")
    await office.browser("alice", phone="+492")
    await office.enforce("phone", Enforcement.LOCKED)
    assert await hold(office, "phone") == 1
    now = await holding(office, "phone")
    assert now.value == "+491"
    assert now.source is not None
    assert now.source.verified
    assert now.held is not None
    assert now.held.value == "+492"
    assert now.state(held_since=0) is State.VERIFIED
    assert await intact(office)


async def test_done_twice_it_changes_nothing_more(office: Office) -> None:
    await office.browser("alice", phone="+491")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    before = await office.everything()
    assert await hold(office, "phone") == 0
    assert await office.everything() == before


async def test_what_is_open_is_left_alone(office: Office) -> None:
    await office.browser("alice", phone="+491")
    before = await office.everything()
    assert await hold(office, "phone") == 0
    assert await office.everything() == before


async def test_what_came_later_stays_held(office: Office) -> None:
    await office.browser("alice", phone="+491")
    await office.enforce("phone", Enforcement.LOCKED)
    await office.browser("alice", phone="+492")
    await hold(office, "phone")
    now = await holding(office, "phone")
    assert now.value is None
    assert now.held is not None
    assert now.held.value == "+492"
    assert await intact(office)


async def test_an_address_that_is_held_leads_to_nobody(office: Office) -> None:
    from avow.flow.contract import KeyKind, LookupKey

    key = LookupKey(office.workspace_id, KeyKind.EMAIL, "alice@customer.example")
    await office.browser("alice", email="alice@customer.example")
    assert await office.engine.store.find(key)
    await office.enforce("email", Enforcement.LOCKED)
    await hold(office, "email")
    assert await office.engine.store.find(key) == []


async def test_a_crowd_is_gone_through_in_steps(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(7):
        await office.browser(f"user-{number}", phone=f"+49{number}")
    await office.enforce("phone", Enforcement.LOCKED)
    monkeypatch.setattr(leftovers, "STEP", 2)
    monkeypatch.setattr(leftovers, "AT_ONCE", 4)
    first = await leftovers.hold(office.engine, office.workspace_id, ["phone"], actor=OLIVE)
    assert (first.count, first.rest) == (4, ("phone",))
    engine, acme = office.engine, office.workspace_id
    second = await leftovers.hold(engine, acme, ["phone"], actor=OLIVE, after=first.after)
    assert (second.count, second.rest) == (3, ())
    await office.enforce("phone", Enforcement.OPEN)
    back = await leftovers.release(engine, acme, ["phone"], since=0, actor=OLIVE)
    rest = await leftovers.release(engine, acme, back.rest, since=0, actor=OLIVE, after=back.after)
    assert (back.count, rest.count, rest.rest) == (4, 3, ())
    assert [(await office.holding(f"user-{number}", "phone")).value for number in range(7)] == [
        f"+49{number}" for number in range(7)
    ]


async def test_a_claim_that_the_moved_value_displaces_is_counted(office: Office) -> None:
    await office.enforce("phone", Enforcement.LOCKED)
    await office.browser("alice", phone="+49 old")
    await office.forged("bob", phone="+49 noise")
    await office.enforce("phone", Enforcement.OPEN)
    office.clock.pass_(60)
    await office.browser("alice", phone="+49 new")
    await office.browser("bob", phone="+49 new")
    await office.enforce("phone", Enforcement.LOCKED)
    moved = await leftovers.hold(office.engine, office.workspace_id, ["phone"], actor=OLIVE)
    assert (moved.count, moved.gave_way, moved.displaced) == (2, 0, 1)


async def test_to_noise_that_nobody_proved_no_value_gives_way(office: Office) -> None:
    await office.browser("alice", phone="+49 stood")
    await office.enforce("phone", Enforcement.LOCKED)
    office.clock.pass_(60)
    await office.forged("alice", phone="+49 noise")
    moved = await leftovers.hold(office.engine, office.workspace_id, ["phone"], actor=OLIVE)
    assert (moved.count, moved.gave_way) == (1, 0)
    waiting = (await holding(office, "phone")).held
    assert waiting is not None
    assert (waiting.value, waiting.aside) == ("+49 stood", True)
    told = (await office.rest("GET", f"/contacts/{(await office.known('alice')).id}/held")).body["data"]
    assert [one["aside"] for one in told] == [True], "REST says that nobody claims it"


async def test_noise_from_strangers_does_not_push_away_what_a_lock_put_aside(office: Office) -> None:
    await office.browser("alice", phone="+49 stood")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    before = await holding(office, "phone")
    assert before.held is not None
    assert before.held.aside
    for noise in ("+49 noise", "+49 stood", "+49 noise"):
        office.clock.pass_(3_600)
        await office.forged("alice", phone=noise)
        await settled(office.engine, office.workspace_id)
    assert await holding(office, "phone") == before
