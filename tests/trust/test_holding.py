"""What is held back is evidence: counted, and never displaced by whoever proved nothing; leftovers are put right."""

from __future__ import annotations

import msgspec
import pytest

from avow.trust.attribute import AttributeType, Enforcement
from avow.trust.contact import NOTHING, Channel, Held, Holding, Scalar
from avow.trust.weighing.checks import hold, settled, worth_holding
from avow.trust.weighing.values import MAX_INTEGER, MIN_INTEGER, coerce
from tests.support.world import EARLIER, LONG_AGO, NOW, attribute, claimed, held, monitored, slot_of, unsigned, vouched

PROVEN, UNPROVEN = unsigned({}).voice, unsigned({}, proven=False).voice
SINCE = float(LONG_AGO)


@pytest.mark.parametrize(
    ("holding", "value", "worth"),
    [
        (NOTHING, "pro", True),
        (NOTHING, None, False),
        (vouched("pro"), "pro", False),
        (vouched("pro"), "free", True),
        (vouched("pro"), None, True),
        (vouched(None), "pro", True),
        (claimed("free", slot=slot_of("pro")), "free", False),
        (claimed("free", slot=slot_of("pro")), "pro", False),
        (claimed("free", slot=slot_of("pro")), "trial", True),
        (claimed("free"), "free", False),
        (claimed("free"), "pro", True),
    ],
)
def test_a_repeat_of_what_is_known_is_not_worth_holding(holding: Holding, value: Scalar, worth: bool) -> None:
    assert worth_holding(holding, value, PROVEN, SINCE) is worth
    assert worth_holding(holding, value, UNPROVEN, SINCE) is worth


def test_noise_without_proof_displaces_no_evidence_until_that_expires() -> None:
    evidence = vouched("pro", held=held("free", last_at=LONG_AGO))
    assert not worth_holding(evidence, "noise", UNPROVEN, SINCE)
    assert not worth_holding(evidence, "free", UNPROVEN, SINCE)
    assert worth_holding(evidence, "noise", UNPROVEN, SINCE + 1)
    assert worth_holding(evidence, "trial", PROVEN, SINCE)
    assert worth_holding(vouched("pro", held=held("x", proven=False)), "noise", UNPROVEN, SINCE)


def test_what_a_lock_put_aside_is_displaced_by_no_noise_and_is_nobodys_claim() -> None:
    aside = msgspec.structs.replace(held("stood", 3, proven=False, last_at=LONG_AGO), aside=True)
    waiting = Holding(held=aside)
    assert not worth_holding(waiting, "noise", UNPROVEN, SINCE)
    assert not worth_holding(waiting, "stood", UNPROVEN, SINCE)
    assert worth_holding(waiting, "noise", UNPROVEN, SINCE + 1)
    assert worth_holding(waiting, "claimed", PROVEN, SINCE)
    for voice in (PROVEN, UNPROVEN):
        after = hold(aside, "stood", voice, "https://app.acme.example", None, NOW, 7)
        assert (after.version, after.count, after.aside, after.proven) == (7, 1, False, voice.proven)


def test_the_first_ignored_value_is_held_with_its_page() -> None:
    assert hold(None, "free", PROVEN, "https://app.acme.example", "/v1", NOW, 7) == Held(
        "free", 7, Channel.MESSENGER, True, NOW, NOW, 1, "https://app.acme.example", "/v1"
    )


def test_a_repeat_is_counted_and_keeps_its_version() -> None:
    before = held("free", 3)
    after = hold(before, "free", PROVEN, "https://new.acme.example", None, NOW, 7)
    assert after == msgspec.structs.replace(
        before, last_at=float(NOW), count=2, origin="https://new.acme.example", path=None
    )


@pytest.mark.parametrize("value", ["trial", None])
def test_another_value_takes_its_place_under_a_version_of_its_own(value: Scalar) -> None:
    after = hold(held("free", 3, count=9), value, PROVEN, None, None, NOW, 7)
    assert after == Held(value, 7, Channel.MESSENGER, True, NOW, NOW, 1)


def test_proof_makes_the_same_value_another_held_value() -> None:
    """Accepting names a version: what an unproven caller said must not become what Alice said behind Olive's back."""
    assert hold(held("free", 3, proven=False, count=9), "free", PROVEN, None, None, NOW, 7).version == 7
    assert hold(held("free", 3), "free", UNPROVEN, None, None, NOW, 7).version == 7


ADOPTED = monitored("seats", AttributeType.INTEGER, adopted_at=float(NOW))


@pytest.mark.parametrize(
    "holding",
    [
        NOTHING,
        claimed(42),
        vouched("lots"),
        vouched("lots", NOW + 1),
        claimed(42, NOW + 1),
        Holding(held=held("lots")),
        claimed(None),
    ],
)
def test_what_fits_or_is_vouched_for_is_left_alone(holding: Holding) -> None:
    assert settled(holding, ADOPTED) is holding


def test_nothing_is_settled_where_nothing_was_adopted() -> None:
    leftover = claimed("lots")
    assert settled(leftover, attribute("seats", Enforcement.OPEN, AttributeType.INTEGER)) is leftover


@pytest.mark.parametrize("at", [EARLIER, NOW])
def test_a_leftover_that_can_be_coerced_becomes_the_adopted_type(at: int) -> None:
    leftover = claimed("42", at, held=held("x"))
    assert settled(leftover, ADOPTED) == msgspec.structs.replace(leftover, value=42)


def test_a_leftover_becomes_the_adopted_type_even_where_the_numbers_are_equal() -> None:
    ratio = monitored("seats", AttributeType.FLOAT, adopted_at=float(NOW))
    assert type(settled(claimed(5), ratio).value) is float


def test_a_leftover_that_does_not_fit_is_held() -> None:
    assert settled(claimed("lots"), ADOPTED) == Holding(held=Held("lots", 1, Channel.MESSENGER, False, EARLIER, NOW, 1))


def test_a_leftover_is_put_right_whatever_the_clock_said_when_it_came() -> None:
    """The clock was set back in between: what came before the adoption bears a later time."""
    assert settled(claimed("42", NOW + 7_200), ADOPTED) == claimed(42, NOW + 7_200)
    put_aside = Held("lots", 1, Channel.MESSENGER, False, NOW + 7_200, NOW + 7_200, 1)
    assert settled(claimed("lots", NOW + 7_200, held=held("x", last_at=NOW + 3_600)), ADOPTED) == Holding(
        held=put_aside
    )
    adopted = monitored("renewal_at", AttributeType.DATE, adopted_at=float(NOW))
    assert settled(claimed(1_700_000_000_000, NOW + 7_200), adopted).value is None, "milliseconds are no date"


@pytest.mark.parametrize(
    ("kind", "raw_values"),
    [
        (AttributeType.STRING, ["pro", 42, 4.5, True, "x" * 255]),
        (AttributeType.INTEGER, [0, "42", 4.0, MAX_INTEGER, MIN_INTEGER]),
        (AttributeType.FLOAT, [0, "4.5", -0.0, 1e300, 2**53]),
        (AttributeType.BOOLEAN, [True, "false"]),
        (AttributeType.DATE, [0, "31/12/2025", 99_999_999_999]),
        (AttributeType.LIST, ["S", "gone"]),
        (AttributeType.AVATAR, ["https://acme.example/alice.png"]),
    ],
)
def test_what_was_written_since_the_adoption_is_never_rewritten(kind: AttributeType, raw_values: list[Scalar]) -> None:
    """Not even where an option of a list is gone by now."""
    then = monitored("size", kind, adopted_at=float(NOW), options=("S", "gone"))
    now = msgspec.structs.replace(then, options=("S", "M"))
    for raw_value in raw_values:
        written = claimed(coerce(then, raw_value), NOW + 1)
        assert settled(written, now) is written


def test_a_number_is_no_option_of_a_list_whenever_it_came() -> None:
    sizes = monitored("size", AttributeType.LIST, adopted_at=float(NOW), options=("S", "M"))
    assert settled(claimed(5, NOW + 7_200), sizes).value is None


def test_a_leftover_beside_a_slot_gives_way_to_the_slot() -> None:
    slot = slot_of(5)
    after = settled(claimed("lots", slot=slot), ADOPTED)
    assert (after.value, after.source, after.slot) == (5, slot.source, None)
    assert after.held is not None
    assert after.held.value == "lots"


@pytest.mark.parametrize(("last_at", "kept"), [(EARLIER, "lots"), (NOW, "lots"), (NOW + 1, "9")])
def test_of_a_leftover_and_what_is_held_the_newer_is_held(last_at: int, kept: str) -> None:
    """What was held before the adoption may have expired, and must not take the leftover with it."""
    after = settled(claimed("lots", slot=slot_of(5), held=held("9", last_at=last_at)), ADOPTED)
    assert (after.value, after.source) == (5, slot_of(5).source)
    assert after.held is not None
    assert after.held.value == kept


def test_a_leftover_of_somebody_unknown_makes_no_verified_value_look_doubtful() -> None:
    after = settled(claimed("lots", slot=slot_of(5)), ADOPTED)
    assert after.held is not None
    assert not after.held.proven
