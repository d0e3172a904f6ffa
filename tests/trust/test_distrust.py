"""What a key vouched for while it was in other hands: one holding at a time."""

from __future__ import annotations

import msgspec
import pytest

from avow.trust.attribute import Attribute, AttributeType, Enforcement
from avow.trust.contact import Channel, Contact, ContactId, Held, Holding, Role, Slot, Source, WorkspaceId
from avow.trust.weighing.distrust import Doubt, Fall, fallen_slots, has_fallen, kept_aside, weigh

SINCE = 1_000.0
DOUBT = Doubt("leaked", SINCE)
CHANGE = 9
OPEN = Attribute(id=1, name="plan", type=AttributeType.STRING, enforcement=Enforcement.OPEN)
LOCKED = msgspec.structs.replace(OPEN, enforcement=Enforcement.LOCKED)


def source(
    channel: Channel = Channel.SIGNED, by: str | None = "leaked", *, received: float = SINCE, signed: int = 0
) -> Source:
    verified = channel is not Channel.MESSENGER
    return Source(channel, verified, by, signed or int(received), received, 5)


BEFORE = Slot("pro", source(by="honest", received=500.0))
STOLEN = Holding("stolen", source())
SAID = source(Channel.MESSENGER, None)


@pytest.mark.parametrize(
    ("one", "covered"),
    [
        (source(received=SINCE), True),
        (source(received=SINCE + 1), True),
        (source(received=SINCE - 0.001), False),
        (source(by="honest"), False),
        (source(Channel.API), False),
        (source(Channel.TEAMMATE), False),
        (msgspec.structs.replace(source(), verified=False), False),
    ],
)
def test_the_doubt_covers_what_the_key_vouched_for_from_that_moment_on(one: Source, covered: bool) -> None:
    assert DOUBT.covers(one) is covered


@pytest.mark.parametrize(
    ("one", "raised"),
    [
        (source(received=500, signed=1_001), True),
        (source(received=500, signed=1_000), False),
        (source(received=1_000, signed=1_001), False),
        (source(by="honest", received=500, signed=1_001), False),
    ],
)
def test_a_second_from_after_it_on_a_value_from_before_was_raised(one: Source, raised: bool) -> None:
    assert DOUBT.raised(one) is raised


@pytest.mark.parametrize("attribute", [None, OPEN, LOCKED])
def test_without_anything_before_the_value_stays_and_nobody_vouches(attribute: Attribute | None) -> None:
    fallen = weigh(STOLEN, attribute, DOUBT, None, (), CHANGE)
    assert fallen is not None
    assert (fallen.fall, fallen.to_hold) == (Fall.UNVERIFIED, None)
    assert fallen.holding == Holding("stolen", msgspec.structs.replace(source(), verified=False, change=CHANGE))
    assert has_fallen(fallen.holding.source)
    assert weigh(fallen.holding, attribute, DOUBT, None, (), CHANGE) is None


def test_a_locked_attribute_gets_the_slot_before_it_back() -> None:
    fallen = weigh(STOLEN, LOCKED, DOUBT, BEFORE, (), CHANGE)
    assert fallen is not None
    assert (fallen.fall, fallen.holding) == (Fall.RESTORED, Holding("pro", BEFORE.source))
    assert fallen.to_hold == Slot("stolen", source())


@pytest.mark.parametrize("attribute", [None, OPEN])
def test_elsewhere_the_slot_before_it_is_offered_beside_the_value(attribute: Attribute | None) -> None:
    fallen = weigh(STOLEN, attribute, DOUBT, BEFORE, (), CHANGE)
    assert fallen is not None
    assert fallen.fall is Fall.OFFERED
    assert (fallen.holding.value, fallen.holding.slot) == ("stolen", BEFORE)
    assert has_fallen(fallen.holding.source)


def test_the_same_value_vouched_for_before_is_simply_that_again() -> None:
    fallen = weigh(Holding("pro", source()), OPEN, DOUBT, BEFORE, (), CHANGE)
    assert fallen is not None
    assert (fallen.fall, fallen.holding, fallen.to_hold) == (Fall.RESTORED, Holding("pro", BEFORE.source), None)


@pytest.mark.parametrize(
    ("earlier", "fall"), [(None, Fall.UNVERIFIED), (BEFORE, Fall.OFFERED), (Slot("free", BEFORE.source), Fall.RESTORED)]
)
def test_what_a_browser_said_beside_the_slot_stays(earlier: Slot | None, fall: Fall) -> None:
    fallen = weigh(Holding("free", SAID, Slot("stolen", source())), LOCKED, DOUBT, earlier, (), CHANGE)
    assert fallen is not None
    assert (fallen.fall, fallen.holding.value, fallen.to_hold) == (fall, "free", None)
    assert fallen.holding.verified_slot == earlier


def test_a_raised_second_is_put_back_wherever_the_slot_stands() -> None:
    raised = source(received=500, signed=2_000)
    for holding in (Holding("pro", raised), Holding("free", SAID, Slot("pro", raised))):
        fallen = weigh(holding, LOCKED, DOUBT, None, (), CHANGE)
        assert fallen is not None
        assert fallen.fall is Fall.DATE_LOWERED
        slot = fallen.holding.verified_slot
        assert slot is not None
        assert (slot.value, slot.source.signed_at, fallen.holding.value) == ("pro", 1_000, holding.value)


@pytest.mark.parametrize("holding", [Holding(), Holding("free", SAID), Holding("pro", BEFORE.source)])
def test_what_the_key_did_not_vouch_for_stands(holding: Holding) -> None:
    assert weigh(holding, LOCKED, DOUBT, None, (5,), CHANGE) is None


HELD = Held("lies", 7, Channel.MESSENGER, True, 1_000.0, 1_001.0, 1)


def test_what_was_held_on_its_proof_is_nobodys_claim() -> None:
    fallen = weigh(Holding("pro", BEFORE.source, None, HELD), LOCKED, DOUBT, None, (7,), CHANGE)
    assert fallen is not None
    assert fallen.fall is Fall.HELD_DOUBTED
    assert fallen.holding.held == msgspec.structs.replace(HELD, proven=False)
    assert weigh(fallen.holding, LOCKED, DOUBT, None, (7,), CHANGE) is None
    assert weigh(Holding("pro", BEFORE.source, None, HELD), LOCKED, DOUBT, None, (6,), CHANGE) is None


@pytest.mark.parametrize(
    ("by", "first_at", "falls"), [("leaked", 1_000.0, True), ("leaked", 999.9, False), ("honest", 1_000.0, False)]
)
def test_what_was_held_without_a_record_of_its_own_is_known_by_its_key(by: str, first_at: float, falls: bool) -> None:
    held = msgspec.structs.replace(HELD, proven_by=by, first_at=first_at)
    fallen = weigh(Holding("pro", BEFORE.source, None, held), LOCKED, DOUBT, None, (), CHANGE)
    assert (fallen is not None and fallen.fall is Fall.HELD_DOUBTED) is falls


def test_both_fall_at_once() -> None:
    fallen = weigh(Holding("stolen", source(), None, HELD), LOCKED, DOUBT, BEFORE, (7,), CHANGE)
    assert fallen is not None
    assert fallen.fall is Fall.RESTORED
    assert fallen.holding.held is not None
    assert fallen.holding.held.proven is False


def test_what_a_locked_attribute_lost_is_kept_aside_as_nobodys_claim() -> None:
    held = kept_aside(Slot("stolen", source()), 2_000.0, CHANGE)
    assert (held.value, held.version, held.channel, held.proven) == ("stolen", CHANGE, Channel.SIGNED, False)
    assert (held.first_at, held.last_at, held.count) == (SINCE, 2_000.0, 1)


def test_only_a_signed_value_that_is_not_verified_has_fallen() -> None:
    assert not has_fallen(None)
    assert not has_fallen(source())
    assert not has_fallen(SAID)


def test_what_falls_is_found_by_its_slot_wherever_that_is_kept() -> None:
    holdings = {
        "plan": STOLEN,
        "seats": Holding(3, source(by="honest")),
        "city": Holding("Rome", SAID, Slot("Berlin", source())),
        "theme": Holding("dark", SAID),
    }
    identity = (ContactId("a" * 24), WorkspaceId("abcd1234"), 5, Role.USER, 1.0, 2.0, b"")
    assert fallen_slots(Contact(*identity, holdings=holdings), DOUBT) == {"plan": 5, "city": 5}
