"""What a promotion would do: what is copied, what is loosened, what is hindered, and what is left alone."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from avow.trust.attribute import MAX_ACTIVE, STANDARD, Attribute, AttributeType, Enforcement
from avow.trust.promotion.plan import Hindrance, Move, Plan, Step, applied, plan

OPEN, MONITOR, LOCKED = Enforcement


def attribute(name: str, enforcement: Enforcement = LOCKED, number: int = 1001, **facts: Any) -> Attribute:
    return Attribute(id=number, name=name, type=AttributeType.STRING, enforcement=enforcement, **facts)


def difference(test: list[Attribute], production: list[Attribute]) -> Plan:
    return plan(STANDARD | {one.name: one for one in test}, STANDARD | {one.name: one for one in production})


def the_step(test: Attribute, production: Attribute | None) -> Step:
    (step,) = difference([test], [production] if production is not None else []).steps
    return step


def test_equal_workspaces_differ_in_nothing() -> None:
    assert difference([attribute("plan", number=7)], [attribute("plan", number=8)]) == Plan((), (), 0)


@pytest.mark.parametrize(("before", "after"), list(product(Enforcement, Enforcement)))
def test_what_gives_a_browser_more_than_it_had_loosens(before: Enforcement, after: Enforcement) -> None:
    order = [OPEN, MONITOR, LOCKED]
    if before is after:
        return
    step = the_step(attribute("plan", after), attribute("plan", before))
    assert step.loosens is (order.index(after) < order.index(before))
    assert step.enforcement(confirmed=True) is after
    assert step.enforcement(confirmed=False) is (before if step.loosens else after)


@pytest.mark.parametrize("wanted", list(Enforcement))
def test_a_new_attribute_that_is_not_locked_loosens_and_is_created_locked_unless_confirmed(wanted: Enforcement) -> None:
    step = the_step(attribute("plan", wanted, description="What they pay for", ever_signed=True), None)
    assert (step.move, step.loosens) == (Move.CREATE, wanted is not LOCKED)
    for confirmed in (True, False):
        made = applied(step, confirmed=confirmed, now=5.0, fresh_id=4711)
        expected = wanted if confirmed else LOCKED
        assert made == attribute(
            "plan", expected, 4711, description="What they pay for", created_at=5.0, updated_at=5.0
        ), "its id, its age and what was signed are production's own"


def test_an_unconfirmed_loosening_leaves_the_lock_and_copies_the_rest() -> None:
    step = the_step(attribute("plan", OPEN, description="new"), attribute("plan", LOCKED, 77, version=3))
    after = applied(step, confirmed=False, now=9.0, fresh_id=1)
    assert after == attribute("plan", LOCKED, 77, description="new", version=4, updated_at=9.0)


def test_an_unconfirmed_loosening_alone_changes_nothing() -> None:
    known = attribute("plan", LOCKED, 77)
    assert applied(the_step(attribute("plan", OPEN), known), confirmed=False, now=9.0, fresh_id=1) is known


def test_a_standard_attribute_is_copied_into_its_first_row() -> None:
    test = {**STANDARD, "email": attribute("email", LOCKED, 2, standard=True, version=2)}
    (step,) = plan(test, STANDARD).steps
    after = applied(step, confirmed=False, now=9.0, fresh_id=1)
    assert (after.id, after.standard, after.enforcement, after.version) == (2, True, LOCKED, 2)


def test_what_only_browsers_have_named_in_production_is_adopted() -> None:
    known = attribute("tier", OPEN, 77, provisional=True, ever_signed=False, created_at=1.0)
    wanted = Attribute(id=1, name="tier", type=AttributeType.LIST, enforcement=LOCKED, options=("a", "b"))
    step = the_step(wanted, known)
    after = applied(step, confirmed=False, now=9.0, fresh_id=1)
    assert step.move is Move.ADOPT
    assert not step.loosens
    assert (after.id, after.type, after.options, after.provisional) == (77, AttributeType.LIST, ("a", "b"), False)
    assert (after.adopted_at, after.created_at, after.version) == (9.0, 1.0, 2)


def test_provisional_and_archived_attributes_of_test_stay_there() -> None:
    test = [attribute("noise", OPEN, provisional=True), attribute("old", archived=True)]
    assert difference(test, []) == Plan((), (), 0)


def test_what_only_production_has_is_counted_and_left_alone() -> None:
    assert difference([attribute("plan")], [attribute("plan"), attribute("seats"), attribute("tier")]).untouched == 2


@pytest.mark.parametrize(
    ("wanted", "known", "why", "other"),
    [
        (attribute("plan"), Attribute(id=1, name="plan", type=AttributeType.INTEGER), Hindrance.TYPE, ""),
        (attribute("plan"), attribute("Plan"), Hindrance.NAME, "Plan"),
        (attribute("ﬁle"), attribute("file"), Hindrance.NAME, "file"),
        (attribute("plan", OPEN), attribute("plan", archived=True), Hindrance.ARCHIVED, ""),
    ],
    ids=["another type", "another case", "another form", "archived in production"],
)
def test_what_the_rules_forbid_is_hindered_and_named(
    wanted: Attribute, known: Attribute, why: Hindrance, other: str
) -> None:
    found = difference([wanted, attribute("seats", number=2)], [known])
    assert [(one.wanted, one.why, one.other) for one in found.hindered] == [(wanted, why, other)]
    assert [step.name for step in found.steps] == ["seats"], "the rest is not held up"


def test_names_that_only_strangers_use_hinder_nobody() -> None:
    found = difference([attribute("plan")], [attribute("PLAN", OPEN, provisional=True)])
    assert [step.move for step in found.steps] == [Move.CREATE]


def test_there_is_no_room_for_more_than_there_can_be() -> None:
    full = [attribute(f"one {number}", number=number) for number in range(MAX_ACTIVE - 1)]
    found = difference([attribute("first"), attribute("second")], [*full, attribute("gone", archived=True)])
    assert [step.name for step in found.steps] == ["first"]
    assert [(one.wanted.name, one.why) for one in found.hindered] == [("second", Hindrance.ROOM)]


def test_what_loosens_is_told_apart() -> None:
    found = difference([attribute("a", OPEN), attribute("b", LOCKED)], [])
    assert [step.name for step in found.loosening] == ["a"]
