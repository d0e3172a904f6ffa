"""Undone, what a lock put aside comes back as what it was, where nothing else has come to stand."""

from __future__ import annotations

import pytest

from avow.flow.audit import audit
from avow.flow.screens import leftovers
from avow.trust.attribute import Enforcement
from avow.trust.contact import Channel, Holding
from avow.trust.policy import MayCreate
from tests.support.office import OLIVE, Office


async def holding(office: Office, name: str) -> Holding:
    return await office.holding("alice", name)


async def hold(office: Office, *names: str) -> int:
    return (await leftovers.hold(office.engine, office.workspace_id, names, actor=OLIVE)).count


async def release(office: Office, *names: str) -> int:
    return (await leftovers.release(office.engine, office.workspace_id, names, since=0, actor=OLIVE)).count


async def intact(office: Office) -> bool:
    """Whether every record is as it was written, and says what is stored."""
    return (await audit(office.engine.store, office.workspace_id)).holds


async def test_undone_it_is_back_unverified_by_its_own_channel(office: Office) -> None:
    await office.browser("alice", phone="+491")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    await office.enforce("phone", Enforcement.OPEN)
    assert await release(office, "phone") == 1
    now = await holding(office, "phone")
    assert (now.value, now.held) == ("+491", None)
    assert now.source is not None
    assert (now.source.channel, now.source.verified) == (Channel.MESSENGER, False)
    assert await intact(office)


async def test_undoing_never_replaces_a_verified_value(office: Office) -> None:
    await office.signed("alice", phone="+491")
    await office.browser("alice", phone="+492")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    await office.enforce("phone", Enforcement.OPEN)
    before = await office.everything()
    assert await release(office, "phone") == 0
    assert await office.everything() == before


async def test_a_locked_attribute_releases_nothing(office: Office) -> None:
    await office.browser("alice", phone="+491")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    assert await release(office, "phone") == 0


async def test_what_stood_there_displaces_an_older_claim_and_comes_back(office: Office) -> None:
    await office.enforce("phone", Enforcement.LOCKED)
    await office.browser("alice", phone="+49 old")
    await office.enforce("phone", Enforcement.OPEN)
    office.clock.pass_(60)
    await office.browser("alice", phone="+49 new")
    await office.enforce("phone", Enforcement.LOCKED)
    moved = await leftovers.hold(office.engine, office.workspace_id, ["phone"], actor=OLIVE)
    assert (moved.count, moved.gave_way) == (1, 0)
    waiting = (await holding(office, "phone")).held
    assert waiting is not None
    assert (waiting.value, waiting.aside) == ("+49 new", True)
    await office.enforce("phone", Enforcement.OPEN)
    assert await release(office, "phone") == 1
    assert (await holding(office, "phone")).value == "+49 new"
    assert await intact(office)


async def test_what_gave_way_to_a_newer_claim_comes_back_and_the_claim_goes_on_waiting(office: Office) -> None:
    await office.browser("alice", phone="+49 stood")
    await office.enforce("phone", Enforcement.LOCKED)
    office.clock.pass_(60)
    await office.browser("alice", phone="+49 claimed")
    moved = await leftovers.hold(office.engine, office.workspace_id, ["phone"], actor=OLIVE)
    assert (moved.count, moved.gave_way) == (1, 1)
    await office.enforce("phone", Enforcement.OPEN)
    assert await release(office, "phone") == 1
    now = await holding(office, "phone")
    assert (now.value, now.held.value if now.held else None) == ("+49 stood", "+49 claimed")
    assert await intact(office)


async def test_undoing_brings_nothing_back_that_this_lock_did_not_move(office: Office) -> None:
    await office.browser("bob", phone="+49 before")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    await office.browser("alice", phone="+49 never applied")
    office.clock.pass_(60)
    since = office.engine.now()
    await office.enforce("phone", Enforcement.OPEN)
    before = await office.everything()
    acme = office.workspace_id
    moved = await leftovers.release(office.engine, acme, ["phone"], since=since, actor=OLIVE)
    assert (moved.count, moved.gave_way) == (0, 0)
    assert await office.everything() == before
    assert await release(office, "phone") == 1
    assert (await holding(office, "phone")).value is None


async def test_what_gave_way_to_a_claim_comes_back_after_the_claim_was_discarded(office: Office) -> None:
    await office.browser("alice", phone="+49 stood")
    await office.enforce("phone", Enforcement.LOCKED)
    office.clock.pass_(60)
    await office.browser("alice", phone="+49 claimed")
    await hold(office, "phone")
    alice, claimed = await office.known("alice"), (await holding(office, "phone")).held
    assert claimed is not None
    answer = await office.rest("POST", f"/contacts/{alice.id}/held/phone/discard", {"version": claimed.version})
    assert answer.status == 200, answer.body
    await office.enforce("phone", Enforcement.OPEN)
    assert await release(office, "phone") == 1
    assert (await holding(office, "phone")).value == "+49 stood"


async def test_what_is_put_back_is_no_claim_any_more(office: Office) -> None:
    await office.browser("alice", phone="+491")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    await office.browser("alice", phone="+491")
    claimed = (await holding(office, "phone")).held
    assert claimed is not None
    assert claimed.proven
    await office.enforce("phone", Enforcement.OPEN)
    await release(office, "phone")
    now = await holding(office, "phone")
    assert (now.value, now.held) == ("+491", None)


async def test_many_records_since_hide_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "RECORDS", 2)
    await office.browser("alice", phone="+491")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    for number in range(5):
        await office.browser("alice", name=f"Alice {number}")
    await office.enforce("phone", Enforcement.OPEN)
    assert await release(office, "phone") == 1


async def test_whoever_has_too_many_records_is_counted(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "RECORDS", 2)
    monkeypatch.setattr(leftovers, "LOOKED_BACK", 4)
    await office.browser("alice", phone="+491")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    for number in range(5):
        await office.browser("alice", name=f"Alice {number}")
    await office.enforce("phone", Enforcement.OPEN)
    moved = await leftovers.release(office.engine, office.workspace_id, ["phone"], since=0, actor=OLIVE)
    assert (moved.count, moved.lost) == (0, 1)


async def test_pressed_twice_it_brings_nothing_back_that_was_cleared_meanwhile(office: Office) -> None:
    await office.browser("alice", phone="+491")
    await office.enforce("phone", Enforcement.LOCKED)
    await hold(office, "phone")
    await office.enforce("phone", Enforcement.OPEN)
    await release(office, "phone")
    await office.browser("alice", phone=None)
    before = await office.everything()
    again = await leftovers.release(office.engine, office.workspace_id, ["phone"], since=0, actor=OLIVE)
    assert again == leftovers.Moved(0)
    assert await office.everything() == before


async def test_what_does_not_fit_the_type_adopted_meanwhile_is_left(office: Office) -> None:
    await office.policy(may_create=MayCreate.ANYONE)
    await office.browser("alice", seats="many")
    await office.enforce("seats", Enforcement.LOCKED)
    await hold(office, "seats")
    await office.signed("bob", seats=5)
    await office.enforce("seats", Enforcement.OPEN)
    moved = await leftovers.release(office.engine, office.workspace_id, ["seats"], since=0, actor=OLIVE)
    assert (moved.count, moved.gave_way) == (0, 1)
    now = await holding(office, "seats")
    assert (now.value, now.held.value if now.held else None) == (None, "many")
