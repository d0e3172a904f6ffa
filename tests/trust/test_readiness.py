"""Is it safe to lock? The sentence that an operator reads, for each mixture of writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from avow.trust.readiness import Assessment, Readiness, Writers, assess
from avow.trust.traffic import TrafficClass

SIGNED, REPEATS, FILLS = TrafficClass.SIGNED, TrafficClass.REPEATS, TrafficClass.FILLS
CHANGES, CONTRADICTS = TrafficClass.CHANGES, TrafficClass.CONTRADICTS
OLD_APP = Writers("app.example.com/v1", 12, 1_800_000_000.0)


def judged(
    counts: Mapping[TrafficClass, int], writers: Sequence[Writers] = (), *, people: int = 0, ever_signed: bool = False
) -> Assessment:
    return assess(counts, writers, people=people, ever_signed=ever_signed)


@pytest.mark.parametrize(
    ("counts", "state", "sentence"),
    [
        ({}, Readiness.NEVER_SIGNED, "Never seen signed"),
        ({FILLS: 3, CHANGES: 2}, Readiness.NEVER_SIGNED, "Never seen signed"),
        ({SIGNED: 40}, Readiness.READY, "Ready"),
        ({SIGNED: 40, REPEATS: 9}, Readiness.READY, "Ready: unsigned writes only repeat what is known"),
        ({SIGNED: 40, FILLS: 1}, Readiness.NOT_YET, "Not yet: it is still sent unsigned"),
        ({SIGNED: 40, CHANGES: 1}, Readiness.NOT_YET, "Not yet: it is still sent unsigned"),
        (
            {SIGNED: 40, CHANGES: 5, CONTRADICTS: 1},
            Readiness.CONTRADICTED,
            "Unsigned writes contradict verified values",
        ),
        ({CONTRADICTS: 1}, Readiness.CONTRADICTED, "Unsigned writes contradict verified values"),
    ],
)
def test_each_mixture_of_writes_has_its_sentence(
    counts: dict[TrafficClass, int], state: Readiness, sentence: str
) -> None:
    found = judged(counts)
    assert (found.state, found.sentence) == (state, sentence)


def test_it_names_the_page_that_still_writes_unsigned_and_how_many_people_use_it() -> None:
    found = judged({SIGNED: 40, CHANGES: 20}, [OLD_APP], people=12)
    assert found.sentence == "Not yet: 12 people on app.example.com/v1 still send it unsigned"


def test_the_page_with_most_people_comes_first_and_the_others_are_counted() -> None:
    writers = [Writers("b.example", 1, 1.0), OLD_APP, Writers("a.example", 1, 1.0)]
    found = judged({SIGNED: 1, FILLS: 1}, writers, people=14)
    assert found.sentence == "Not yet: 12 people on app.example.com/v1 and 2 elsewhere still send it unsigned"
    assert [one.label for one in found.writers] == ["app.example.com/v1", "a.example", "b.example"]


@pytest.mark.parametrize(
    ("people", "elsewhere"),
    [(12, "still send"), (13, "and 1 elsewhere still send"), (14, "and 2 elsewhere still send")],
)
def test_whoever_was_counted_on_one_page_is_not_counted_elsewhere_again(people: int, elsewhere: str) -> None:
    """Two of the old app's people may use the new one as well, or may be others."""
    found = judged({SIGNED: 1, FILLS: 1}, [OLD_APP, Writers("new.example", 2, 1.0)], people=people)
    assert found.sentence == f"Not yet: 12 people on app.example.com/v1 {elsewhere} it unsigned"
    assert found.people == people


def test_one_person_is_spoken_of_in_the_singular() -> None:
    found = judged({SIGNED: 1, FILLS: 1}, [Writers("a.example", 1, 1.0)], people=1)
    assert found.sentence == "Not yet: 1 person on a.example still sends it unsigned"


@pytest.mark.parametrize(("people", "told"), [(1, "1 person"), (3, "1 person and 2 elsewhere")])
def test_an_access_token_that_relays_is_named_as_what_it_is(people: int, told: str) -> None:
    found = judged({SIGNED: 1, CHANGES: 1}, [Writers("access token Sync", 1, 1.0)], people=people)
    assert found.sentence == f"Not yet: access token Sync still writes it unsigned, of {told}"


def test_a_quiet_day_does_not_make_an_attribute_that_was_signed_before_a_stranger() -> None:
    assert judged({}, ever_signed=True).state is Readiness.READY
    assert judged({FILLS: 1}, ever_signed=True).state is Readiness.NOT_YET


@pytest.mark.parametrize("kind", [kind for kind in TrafficClass if kind.startswith("unproven")])
def test_what_nobody_has_proven_never_blocks(kind: TrafficClass) -> None:
    """Mallory can send as many claims about other people as she likes: they are shown, and change no verdict."""
    found = judged({SIGNED: 1, kind: 1_000})
    assert (found.state, found.signed_share, found.counts[kind]) == (Readiness.READY, 1.0, 1_000)


def test_the_signed_share_is_of_everything_that_was_proven() -> None:
    assert judged({SIGNED: 3, REPEATS: 1}).signed_share == 0.75
    assert judged({FILLS: 1, CHANGES: 1, CONTRADICTS: 2}).signed_share == 0.0
    assert judged({}).signed_share is None
