"""A visitor's past becomes a user's only as far as it could be written today, and never over what she has (§5.6)."""

from __future__ import annotations

import msgspec
import pytest

from avow.trust.attribute import Attribute, AttributeType
from avow.trust.change import Outcome
from avow.trust.contact import Channel, Contact, Held, Holding, Role, Scalar, Slot, Source, State
from avow.trust.reasons import Reason
from avow.trust.weighing.merging import Merging, absorb, absorb_by_hand
from tests.support.world import (
    EARLIER,
    KID,
    LONG_AGO,
    NOW,
    acme_rules,
    alice,
    applied,
    claimed,
    guest,
    held,
    ignored,
    locked,
    monitored,
    opened,
    slot_of,
    unchanged,
    vouched,
)

OPEN, MONITOR, LOCKED = opened("plan"), monitored("plan"), locked("plan")
CHANGE = 2


def merged(ours: Holding | None, theirs: Holding, attribute: Attribute = OPEN, *, role: Role = Role.VISITOR) -> Merging:
    user = alice(plan=ours) if ours is not None else alice()
    return absorb(user, guest(role=role, plan=theirs), acme_rules(attribute), NOW)


def moved(holding: Holding, channel: Channel | None = None) -> Source:
    """The source of a guest's value once it is the user's: told by the merge."""
    assert holding.source is not None
    return msgspec.structs.replace(holding.source, change=CHANGE, channel=channel or holding.source.channel)


@pytest.mark.parametrize(("attribute", "reason"), [(OPEN, None), (MONITOR, Reason.WOULD_IGNORE)])
@pytest.mark.parametrize("role", [Role.VISITOR, Role.LEAD])
@pytest.mark.parametrize("channel", [Channel.MESSENGER, Channel.BOT, Channel.OBSERVED, Channel.API])
def test_an_unverified_value_fills_a_blank_as_messenger(
    attribute: Attribute, reason: Reason | None, role: Role, channel: Channel
) -> None:
    theirs = claimed("pro", channel=channel)
    merging = merged(None, theirs, attribute, role=role)
    assert merging.holdings == {"plan": Holding("pro", moved(theirs, Channel.MESSENGER))}
    assert merging.verdicts == (applied("plan", reason=reason),)
    assert merging.values == {"plan": (None, "pro")}


@pytest.mark.parametrize("channel", [Channel.MESSENGER, Channel.BOT, Channel.API])
@pytest.mark.parametrize("ours", [None, Holding(), vouched("pro"), vouched(None), claimed("trial"), claimed(None)])
def test_a_lead_is_no_detour_round_a_lock(ours: Holding | None, channel: Channel) -> None:
    """What a bot wrote on a lead, or a browser before the lock, is held on the user and fills no blank."""
    merging = merged(ours, claimed("free", channel=channel), LOCKED, role=Role.LEAD)
    before = ours or Holding()
    assert merging.holdings["plan"] == msgspec.structs.replace(
        before, held=Held("free", CHANGE, Channel.MESSENGER, True, EARLIER, NOW, 1)
    )
    assert merging.verdicts == (ignored("plan", Reason.UNVERIFIED),)
    assert merging.refused_values == {"plan": (before.value, "free")}


@pytest.mark.parametrize("attribute", [OPEN, MONITOR])
@pytest.mark.parametrize(
    "ours",
    [claimed("trial", LONG_AGO), vouched("pro", LONG_AGO), vouched(None, LONG_AGO), claimed(None, slot=slot_of("pro"))],
)
def test_what_the_user_has_is_never_overwritten_by_an_unverified_past(ours: Holding, attribute: Attribute) -> None:
    merging = merged(ours, claimed("free", NOW), attribute)
    assert merging.holdings == {"plan": ours}
    assert merging.verdicts == (ignored("plan", Reason.ALREADY_KNOWN),)


@pytest.mark.parametrize("attribute", [OPEN, MONITOR, LOCKED])
@pytest.mark.parametrize("ours", [claimed("free"), vouched("free"), claimed("pro", slot=slot_of("free"))])
def test_a_value_that_the_user_has_already_keeps_its_provenance(ours: Holding, attribute: Attribute) -> None:
    merging = merged(ours, claimed("free"), attribute)
    assert merging.holdings == {"plan": ours}
    assert merging.verdicts == (unchanged("plan"),)


def test_an_unverified_clear_takes_nothing_along() -> None:
    assert merged(vouched("pro"), claimed(None)) == Merging({"plan": vouched("pro")}, (), {})


@pytest.mark.parametrize(
    ("ours", "theirs", "winner"),
    [
        (vouched("pro", EARLIER), vouched("free", EARLIER + 1), "free"),
        (vouched("pro", EARLIER), vouched("free", EARLIER), "pro"),
        (vouched("pro", EARLIER), vouched("free", EARLIER - 1), "pro"),
        (vouched(None, EARLIER), vouched("free", EARLIER), None),
        (vouched("pro", EARLIER), vouched(None, EARLIER + 1), None),
        (None, vouched("free", LONG_AGO), "free"),
        (claimed("trial", LONG_AGO), vouched("free", EARLIER), "free"),
    ],
)
@pytest.mark.parametrize("attribute", [OPEN, MONITOR, LOCKED])
def test_of_two_verified_values_the_newer_wins_and_a_tie_is_the_users(
    ours: Holding | None, theirs: Holding, winner: Scalar, attribute: Attribute
) -> None:
    """Roll-back by a merge: a lead that carries an old slot does not bring it back."""
    merging = merged(ours, theirs, attribute)
    after = merging.holdings["plan"]
    assert after.value == winner
    if ours is None or winner != ours.value:
        assert after == Holding(winner, moved(theirs))
        assert merging.verdicts == (applied("plan", Channel.SIGNED),)
        assert merging.values == {"plan": (ours.value if ours else None, winner)}
    else:
        assert after == ours
        assert merging.verdicts == ()


def test_an_unverified_value_that_the_user_wrote_later_stays_current_beside_the_newer_slot() -> None:
    ours, theirs = claimed("trial", NOW, slot=slot_of("pro", LONG_AGO)), vouched("free", EARLIER)
    merging = merged(ours, theirs)
    assert merging.holdings["plan"] == Holding("trial", ours.source, Slot("free", moved(theirs)))


def test_an_unverified_value_that_is_the_newer_slots_value_becomes_verified_with_it() -> None:
    theirs = vouched("free", EARLIER)
    assert merged(claimed("free", NOW), theirs).holdings["plan"] == Holding("free", moved(theirs))


def test_a_slot_behind_an_unverified_value_moves_and_both_are_told() -> None:
    theirs = claimed("trial", NOW, slot=slot_of("pro", EARLIER))
    merging = merged(None, theirs)
    assert merging.holdings["plan"].value == "pro"
    assert merging.holdings["plan"].verified_slot == Slot(
        "pro", msgspec.structs.replace(slot_of("pro", EARLIER).source, change=CHANGE)
    )
    assert merging.verdicts == (applied("plan", Channel.SIGNED), ignored("plan", Reason.ALREADY_KNOWN))
    assert merging.values == {"plan": (None, "pro")}


def test_the_same_behind_a_lock_holds_the_unverified_value() -> None:
    merging = merged(None, claimed("trial", NOW, slot=slot_of("pro", EARLIER)), LOCKED)
    after = merging.holdings["plan"]
    assert after.value == "pro"
    assert after.held is not None
    assert (after.held.value, after.held.version) == ("trial", CHANGE)
    assert merging.verdicts == (applied("plan", Channel.SIGNED), ignored("plan", Reason.UNVERIFIED))


def test_an_archived_attribute_takes_no_unverified_value_and_loses_no_slot() -> None:
    archived = opened("plan", archived=True)
    merging = merged(None, claimed("free"), archived)
    assert merging == Merging({}, (ignored("plan", Reason.ARCHIVED),), {}, {"plan": (None, "free")})
    assert merged(None, vouched("pro"), archived).holdings["plan"].value == "pro"


def test_a_held_value_moves_where_the_user_holds_none() -> None:
    theirs = Holding(held=held("free", 9, count=4))
    assert merged(None, theirs).holdings["plan"].held == held("free", CHANGE, count=4)
    ours = vouched("pro", held=held("x", 1))
    assert merged(ours, theirs).holdings["plan"] == ours
    assert merged(None, theirs).verdicts == ()


def test_a_held_claim_without_proof_stays_one() -> None:
    moved_along = merged(vouched("pro"), Holding(held=held("free", proven=False))).holdings["plan"].held
    assert moved_along is not None
    assert not moved_along.proven


def by_hand(ours: Holding, theirs: Holding, attribute: Attribute = LOCKED) -> Merging:
    return absorb_by_hand(alice(plan=ours), guest(role=Role.LEAD, plan=theirs), acme_rules(attribute), NOW)


ASIDE = msgspec.structs.replace(held("her own", proven=False), aside=True)


@pytest.mark.parametrize("hers", [held("her own"), ASIDE])
@pytest.mark.parametrize("theirs", [claimed("of a stranger"), Holding(held=held("of a stranger"))])
def test_a_merge_by_hand_displaces_no_evidence(hers: Held, theirs: Holding) -> None:
    """Mallory types Alice's address as a lead, and somebody merges the two: Alice's own claim goes on waiting."""
    ours = vouched("pro", held=hers)
    merging = by_hand(ours, theirs)
    assert merging.holdings["plan"] == ours
    if theirs.source is not None:
        assert merging.verdicts == (ignored("plan", Reason.UNVERIFIED),)
        assert merging.refused_values == {"plan": ("pro", "of a stranger")}


@pytest.mark.parametrize("hers", [None, held("noise", proven=False), held("her own", last_at=NOW - 31 * 86_400)])
def test_what_a_merge_by_hand_holds_contradicts_nobody(hers: Held | None) -> None:
    """Nobody had proven anything for what was there, or it has expired; nobody has proven anything for this."""
    merging = by_hand(vouched("pro", held=hers), claimed("of a stranger"))
    assert merging.holdings["plan"].held == Held("of a stranger", CHANGE, Channel.MESSENGER, False, EARLIER, NOW, 1)
    assert merging.holdings["plan"].state(held_since=0) is State.VERIFIED


def test_what_was_held_of_a_lead_is_no_proof_of_the_user_whom_she_is_said_to_be() -> None:
    theirs = Holding(held=msgspec.structs.replace(held("free", 9, count=4), proven_by=KID))
    assert by_hand(vouched("pro"), theirs).holdings["plan"].held == held("free", CHANGE, proven=False, count=4)


def test_where_the_same_browser_has_proven_the_user_its_newest_claim_is_the_one_that_is_held() -> None:
    after = merged(vouched("pro", held=held("her own")), claimed("newer"), LOCKED).holdings["plan"].held
    assert after is not None
    assert (after.value, after.proven) == ("newer", True)


@pytest.mark.parametrize("attribute", [OPEN, MONITOR])
def test_a_merge_by_hand_fills_a_blank_as_any_does(attribute: Attribute) -> None:
    theirs = claimed("pro")
    assert by_hand(Holding(), theirs, attribute).holdings["plan"] == Holding("pro", moved(theirs))


def test_leftovers_from_before_an_adoption_are_put_right_on_both_sides() -> None:
    seats = monitored("seats", AttributeType.INTEGER, adopted_at=float(NOW))
    rules = acme_rules(seats)
    merging = absorb(alice(seats=claimed("lots")), guest(seats=claimed("42")), rules, NOW)
    assert merging.holdings["seats"].value == 42
    kept = merging.holdings["seats"].held
    assert kept is not None
    assert kept.value == "lots"
    assert merging.values == {"seats": (None, 42)}


def test_what_no_attribute_is_named_after_any_more_is_left_behind() -> None:
    assert absorb(alice(), guest(gone=vouched("x")), acme_rules(), NOW) == Merging({}, (), {})


def test_every_attribute_is_weighed_for_itself_and_neither_side_is_changed() -> None:
    rules = acme_rules(opened("city"), locked("plan"), opened("seats"))
    user: Contact = alice(seats=vouched(5), name=vouched("Alice"))
    visitor = guest(city=claimed("Oslo"), plan=claimed("free"), seats=claimed(9), name=claimed("Al"))
    before = msgspec.json.encode((user, visitor))
    merging = absorb(user, visitor, rules, NOW)
    assert [(verdict.name, verdict.verdict) for verdict in merging.verdicts] == [
        ("city", "applied"),
        ("plan", "ignored"),
        ("seats", "ignored"),
        ("name", "ignored"),
    ]
    assert {name: holding.value for name, holding in merging.holdings.items()} == {
        "city": "Oslo",
        "plan": None,
        "seats": 5,
        "name": "Alice",
    }
    assert msgspec.json.encode((user, visitor)) == before


def test_a_merge_vouches_for_nothing() -> None:
    for theirs in (claimed("free"), claimed("free", channel=Channel.BOT), Holding(held=held("free"))):
        for ours in (None, claimed("x"), Holding()):
            after = merged(ours, theirs).holdings["plan"]
            assert after.verified_slot is None
            assert after.source is None or after.source.by != KID


def test_what_was_applied_is_told_apart_from_what_was_ignored() -> None:
    merging = merged(vouched("free"), claimed("pro"), LOCKED)
    assert merging.told(Outcome.IGNORED) == (ignored("plan", Reason.UNVERIFIED),)
    assert merging.told(Outcome.APPLIED) == ()
    filled = merged(None, claimed("pro"))
    assert filled.told(Outcome.APPLIED) == (applied("plan"),)
    assert filled.told(Outcome.IGNORED) == ()
