"""The search language in plain Python: days of a time zone, segments as questions, and text that sorts as values do."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.flow.contract.query import sortable
from avow.flow.search.days import day_of, zone_of
from avow.flow.search.matching import matches
from avow.flow.search.terms import segments_at
from avow.trust.audience.segments import DAY, SEGMENTS
from avow.trust.contact import Role
from tests.store.acme import NOON, person
from tests.support.world import acme_rules

RULES = acme_rules()


@pytest.mark.parametrize(
    ("zone", "moment", "hours"),
    [
        ("UTC", "2025-06-01T12:00:00Z", 24),
        ("Europe/Berlin", "2025-03-30T12:00:00Z", 23),
        ("Europe/Berlin", "2025-10-26T12:00:00Z", 25),
        ("America/New_York", "2025-01-01T03:00:00Z", 24),
        ("Pacific/Kiritimati", "2025-01-01T12:00:00Z", 24),
    ],
)
def test_a_day_is_as_long_as_it_is_where_the_workspace_is(zone: str, moment: str, hours: int) -> None:
    at = int(datetime.fromisoformat(moment).timestamp())
    start, end = day_of(at, ZoneInfo(zone))
    assert start <= at < end
    assert end - start == hours * 3600
    begins = datetime.fromtimestamp(start, ZoneInfo(zone))
    assert (begins.hour, begins.minute) == (0, 0)


@pytest.mark.parametrize("seconds", [-(2**63), 2**63 - 1, 0, 99_999_999_999])
def test_no_time_is_too_far_away_to_have_a_day(seconds: int) -> None:
    for zone in (UTC, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago")):
        start, end = day_of(seconds, zone)
        assert start < end


def test_a_time_zone_that_is_unknown_here_is_utc() -> None:
    assert zone_of("Mars/Olympus_Mons") is UTC
    assert zone_of("../../etc/passwd") is UTC


EDGES = [0, 1, 7 * DAY, 30 * DAY, 60 * DAY]
AGES = sorted({edge + shift for edge in EDGES for shift in (-1.0, -0.5, 0.0, 0.5, 1.0)})


@pytest.mark.parametrize("segment", SEGMENTS, ids=lambda segment: segment.name)
def test_a_segment_asked_as_a_question_holds_whom_the_segment_holds(segment: object) -> None:
    found = set()
    for one, role, created, seen in itertools.product(SEGMENTS, Role, AGES, [None, *AGES]):
        if one is not segment:
            continue
        last = None if seen is None else NOON - seen
        it = person(role=role, created_at=NOON - created, last_seen_at=last)
        held = one.holds(role, it.created_at, last, NOON)
        assert matches(segments_at(NOON)[one.id], it, RULES) is held, (role, created, seen)
        found.add(held)
    assert found == {True, False}


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_whole_numbers_sort_as_text_as_they_do(values: list[int]) -> None:
    assert sorted(values) == sorted(values, key=sortable)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)))
def test_numbers_sort_as_text_as_they_do(values: list[float]) -> None:
    assert sorted(values) == sorted(values, key=sortable)


def test_text_is_folded_in_ascii_only() -> None:
    assert sortable("Ärger STRASSE") == "Ärger strasse"
    assert sortable("ABC") == "abc"
    assert sortable(False) < sortable(True)
