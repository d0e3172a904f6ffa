"""Who is in which segment: spans are half open, what never happened lies in none, and nobody is in two ages at once."""

from __future__ import annotations

import pytest

from avow.trust.audience.segments import BY_ID, DAY, SEGMENTS, Moment
from avow.trust.contact import Role

NOW = 1_800_000_000.0
LONG_AGO = NOW - 400 * DAY


def names(role: Role = Role.USER, created: float = LONG_AGO, seen: float | None = None) -> list[str]:
    return [one.name for one in SEGMENTS if one.holds(role, created, seen, NOW)]


@pytest.mark.parametrize(
    ("ago", "name"),
    [
        (-5.0, "Active"),
        (0.0, "Active"),
        (30 * DAY - 1, "Active"),
        (30 * DAY, "Slipping away"),
        (60 * DAY - 1, "Slipping away"),
        (60 * DAY, None),
    ],
)
def test_a_user_is_active_then_slipping_away_then_gone(ago: float, name: str | None) -> None:
    assert names(seen=NOW - ago) == ["All users", *([name] if name else [])]


@pytest.mark.parametrize(("ago", "new"), [(0.0, True), (7 * DAY - 1, True), (7 * DAY, False)])
def test_a_user_is_new_for_a_week(ago: float, new: bool) -> None:
    assert ("New" in names(created=NOW - ago)) is new


def test_who_was_never_seen_is_in_no_span_of_seeing() -> None:
    assert names() == ["All users"]


def test_leads_and_visitors_are_no_users() -> None:
    assert names(Role.LEAD, NOW, NOW) == ["All leads"]
    assert names(Role.VISITOR, NOW, NOW) == []


def test_the_bounds_say_the_same_as_the_rule() -> None:
    """So that a database that is asked by them finds whom the rule holds for."""
    for segment in SEGMENTS:
        for ago in (0, 1, 7 * DAY - 1, 7 * DAY, 30 * DAY - 1, 30 * DAY, 60 * DAY - 1, 60 * DAY, 61 * DAY):
            at = NOW - ago
            within = all(after < at <= until for _, after, until in segment.bounds(NOW))
            assert segment.holds(segment.role, at, at, NOW) is within


def test_ids_are_public_ids_and_never_change() -> None:
    assert [one.id for one in SEGMENTS] == [f"{number:024x}" for number in range(1, 6)]
    assert set(BY_ID) == {one.id for one in SEGMENTS}
    assert {moment for one in SEGMENTS for moment, _, _ in one.bounds(NOW)} == set(Moment)
