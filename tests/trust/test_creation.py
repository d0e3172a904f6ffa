"""A name that nobody declared may become an attribute by being written, if its writer may do that (D2)."""

from __future__ import annotations

import pytest

from avow.trust.attribute import MAX_ACTIVE, MAX_PROVISIONAL, Attribute, AttributeType, Enforcement
from avow.trust.policy import MayCreate, Policy
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.weighing.creation import Creation, adopt, create
from tests.support.world import NOW, acme_rules, crowd, locked, monitored, opened, provisional

ANYONE, NOBODY = Policy(may_create=MayCreate.ANYONE), Policy(may_create=MayCreate.NOBODY)


def created(name: str = "plan", raw_value: object = "pro", *, rules: Rules | None = None, signed: bool) -> Attribute:
    creation = refused(name, raw_value, rules=rules, signed=signed)
    assert isinstance(creation, Creation)
    assert creation.changed
    return creation.attribute


def refused(
    name: str = "plan", raw_value: object = "pro", *, rules: Rules | None = None, signed: bool
) -> Creation | Reason:
    return create(rules or acme_rules(), name, raw_value, signed=signed, now=NOW, fresh_id=lambda: 4711)


def test_what_first_arrives_signed_is_locked() -> None:
    attribute = created(signed=True)
    assert attribute.enforcement is Enforcement.LOCKED
    assert (attribute.id, attribute.name, attribute.type) == (4711, "plan", AttributeType.STRING)
    assert attribute.ever_signed
    assert not attribute.provisional
    assert (attribute.created_at, attribute.updated_at, attribute.adopted_at) == (NOW, NOW, None)


def test_what_first_arrives_unsigned_is_provisional_and_open() -> None:
    attribute = created(rules=acme_rules(policy=ANYONE), signed=False)
    assert attribute.provisional
    assert attribute.enforcement is Enforcement.OPEN
    assert not attribute.ever_signed


@pytest.mark.parametrize(
    ("policy", "signed", "may"),
    [
        (Policy(), True, True),
        (Policy(), False, False),
        (ANYONE, True, True),
        (ANYONE, False, True),
        (NOBODY, True, False),
        (NOBODY, False, False),
    ],
)
def test_the_workspace_decides_who_may_create(policy: Policy, signed: bool, may: bool) -> None:
    outcome = refused(rules=acme_rules(policy=policy), signed=signed)
    assert isinstance(outcome, Creation) if may else outcome is Reason.UNKNOWN_ATTRIBUTE


@pytest.mark.parametrize("raw_value", [None, ""])
@pytest.mark.parametrize("signed", [True, False])
def test_a_clear_creates_nothing(raw_value: object, signed: bool) -> None:
    assert refused(raw_value=raw_value, rules=acme_rules(policy=ANYONE), signed=signed) is Reason.UNKNOWN_ATTRIBUTE


@pytest.mark.parametrize("name", ["PLAN", "Ｐlan", "Email", "Created_At", "oFFice"])
@pytest.mark.parametrize("signed", [True, False])
def test_nobody_can_squat_beside_a_name_by_spelling_it_otherwise(name: str, signed: bool) -> None:
    rules = acme_rules(locked("plan"), locked("oﬃce"), policy=ANYONE)
    assert refused(name, rules=rules, signed=signed) is Reason.INVALID_NAME


def test_noise_cannot_use_up_the_room_of_signed_attributes() -> None:
    rules = acme_rules(*crowd(MAX_PROVISIONAL, provisional=True), policy=ANYONE)
    assert refused(rules=rules, signed=False) is Reason.ATTRIBUTE_LIMIT
    assert created(rules=rules, signed=True)


def test_a_full_workspace_creates_no_signed_attribute() -> None:
    rules = acme_rules(*crowd(MAX_ACTIVE), policy=ANYONE)
    assert refused(rules=rules, signed=True) is Reason.ATTRIBUTE_LIMIT
    assert created(rules=rules, signed=False)


@pytest.mark.parametrize(
    ("raw_value", "reason"),
    [
        ([], Reason.TYPE_MISMATCH),
        ({}, Reason.TYPE_MISMATCH),
        (2**63, Reason.TYPE_MISMATCH),
        ("x" * 256, Reason.TOO_LONG),
    ],
)
@pytest.mark.parametrize("signed", [True, False])
def test_a_value_that_fits_nowhere_creates_nothing(raw_value: object, reason: Reason, signed: bool) -> None:
    assert refused(raw_value=raw_value, rules=acme_rules(policy=ANYONE), signed=signed) is reason


def adopted(attribute: Attribute, raw_value: object, *, signed: bool = True, others: int = 0) -> Creation | Reason:
    rules = acme_rules(attribute, *crowd(others))
    return adopt(rules, attribute, raw_value, signed=signed, now=NOW)


@pytest.mark.parametrize("signed", [True, False])
def test_the_first_vouched_write_adopts_with_its_own_type_and_monitors(signed: bool) -> None:
    outcome = adopted(provisional("seats", version=3), 42, signed=signed)
    assert isinstance(outcome, Creation)
    assert outcome.changed
    attribute = outcome.attribute
    assert attribute.type is AttributeType.INTEGER
    assert attribute.enforcement is Enforcement.MONITOR
    assert not attribute.provisional
    assert attribute.ever_signed is signed
    assert (attribute.adopted_at, attribute.updated_at, attribute.version) == (NOW, NOW, 4)


@pytest.mark.parametrize(
    ("attribute", "enforcement"),
    [
        (provisional("plan"), Enforcement.MONITOR),
        (monitored("plan", provisional=True), Enforcement.MONITOR),
        (locked("plan", provisional=True), Enforcement.LOCKED),
    ],
)
def test_adopting_never_loosens_what_somebody_has_locked(attribute: Attribute, enforcement: Enforcement) -> None:
    outcome = adopted(attribute, "pro")
    assert isinstance(outcome, Creation)
    assert outcome.attribute.enforcement is enforcement


def test_that_it_was_ever_signed_is_not_forgotten_by_an_adoption() -> None:
    outcome = adopted(provisional("plan", ever_signed=True), "pro", signed=False)
    assert isinstance(outcome, Creation)
    assert outcome.attribute.ever_signed


@pytest.mark.parametrize("raw_value", [None, ""])
def test_a_clear_adopts_nothing(raw_value: object) -> None:
    attribute = provisional("plan")
    assert adopted(attribute, raw_value) == Creation(attribute, False)


def test_an_archived_attribute_is_not_adopted() -> None:
    attribute = provisional("plan", archived=True)
    assert adopted(attribute, "pro") == Creation(attribute, False)


def test_a_full_workspace_adopts_nothing() -> None:
    assert adopted(provisional("plan"), "pro", others=MAX_ACTIVE) is Reason.ATTRIBUTE_LIMIT
    assert isinstance(adopted(provisional("plan"), "pro", others=MAX_ACTIVE - 1), Creation)


@pytest.mark.parametrize(("raw_value", "reason"), [([], Reason.TYPE_MISMATCH), ("x" * 256, Reason.TOO_LONG)])
def test_a_value_that_fits_nowhere_adopts_nothing(raw_value: object, reason: Reason) -> None:
    assert adopted(opened("plan", provisional=True), raw_value) is reason


def test_a_squatted_lookalike_can_no_longer_be_adopted_once_the_company_has_the_name() -> None:
    squatted = provisional("Plan")
    rules = acme_rules(squatted, locked("plan"))
    assert adopt(rules, squatted, "pro", signed=True, now=NOW) is Reason.INVALID_NAME
    assert isinstance(adopt(acme_rules(squatted), squatted, "pro", signed=True, now=NOW), Creation)


def test_a_squatted_lookalike_does_not_stand_in_the_companys_way() -> None:
    squatted = acme_rules(provisional("Plan"), policy=ANYONE)
    assert created("plan", rules=squatted, signed=True).name == "plan"
    assert refused("plan", rules=squatted, signed=False) is Reason.INVALID_NAME
