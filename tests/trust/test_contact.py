"""Two things are kept per value: what is current, and what was vouched for last. The states put them into words."""

from __future__ import annotations

import msgspec
import pytest

from avow.trust.contact import NOTHING, Contact, Holding, State
from tests.support.world import EARLIER, LONG_AGO, NOW, alice, claimed, held, slot_of, vouched


def test_of_an_attribute_nobody_wrote_nothing_is_kept() -> None:
    assert alice().holding("plan") == NOTHING == Holding()
    assert NOTHING.verified_slot is None


def test_a_verified_current_value_is_the_slot() -> None:
    holding = vouched("pro")
    slot = holding.verified_slot
    assert slot is not None
    assert (slot.value, slot.source) == ("pro", holding.source)


def test_the_slot_stands_beside_an_unverified_value() -> None:
    assert claimed("free", slot=slot_of("pro")).verified_slot == slot_of("pro")
    assert claimed("free").verified_slot is None


@pytest.mark.parametrize(
    ("holding", "state"),
    [
        (NOTHING, State.UNVERIFIED),
        (claimed("free"), State.UNVERIFIED),
        (claimed("free", held=held("pro")), State.UNVERIFIED),
        (Holding(held=held("pro")), State.UNVERIFIED),
        (vouched("pro"), State.VERIFIED),
        (vouched(None), State.VERIFIED),
        (claimed("free", slot=slot_of("pro")), State.CONTRADICTED),
        (claimed(None, slot=slot_of("pro")), State.CONTRADICTED),
        (claimed("free", slot=slot_of(None)), State.CONTRADICTED),
        (vouched("pro", held=held("free")), State.CONTRADICTED),
        (vouched(None, held=held("free")), State.CONTRADICTED),
        (vouched("pro", held=held("pro")), State.VERIFIED),
        (vouched("pro", held=held("free", proven=False)), State.VERIFIED),
        (vouched("pro", held=held("free", last_at=LONG_AGO)), State.CONTRADICTED),
        (vouched("pro", held=held("free", last_at=LONG_AGO - 1)), State.VERIFIED),
        (claimed("free", slot=slot_of("pro"), held=held("pro", proven=False)), State.CONTRADICTED),
    ],
)
def test_the_state_says_in_a_word_whether_the_value_can_be_believed(holding: Holding, state: State) -> None:
    assert holding.state(held_since=LONG_AGO) is state


def test_no_unproven_claim_and_no_expired_one_makes_a_verified_value_look_doubtful() -> None:
    quiet = vouched("pro", held=held("free", proven=False, last_at=NOW))
    expired = vouched("pro", held=held("free", last_at=EARLIER))
    assert quiet.state(held_since=0) is State.VERIFIED
    assert expired.state(held_since=NOW) is State.VERIFIED


def test_a_contact_comes_back_from_the_disk_as_it_was() -> None:
    kept = alice(
        plan=claimed(True, slot=slot_of(1.5), held=held(None, 7)), seats=vouched(2**63 - 1), name=vouched("Al")
    )
    kept = msgspec.structs.replace(kept, ignored={"plan:unverified": (500_000, 3)})
    again = msgspec.json.decode(msgspec.json.encode(kept), type=Contact)
    assert again == kept
    assert type(again.holding("plan").value) is bool
