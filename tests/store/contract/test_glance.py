"""A glance looks at a few, and whoever goes on finds everybody who fits, once, in the order that is told."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from avow.flow.contract import FilterState, Seen, Store, Tally, Writes
from avow.flow.contract.query import NEWEST_FIRST, Contradicted, Fixed, Node, Relation, Sort
from avow.flow.contract.query import Test as Condition
from avow.flow.search.fields import subject_of
from avow.flow.search.matching import matches
from avow.flow.search.parsing import parse
from avow.flow.search.searching import Asked, Glimpse, glance
from avow.trust.contact import Contact
from tests.store.acme import ACME, NOON, changed, person, stored, write
from tests.store.contract.test_search import ATTRIBUTE, RULES, TAGS, TERMS, declare, everybody
from tests.support.memory_search import in_order, is_listed
from tests.support.memory_store import MemoryStore
from tests.support.questions import query
from tests.support.scale import full_or_tenth

HOUR = 3_600
TIMES = {"last_seen_at": HOUR, "updated_at": 24 * HOUR}
ORDERS = (("id", True), ("id", False), ("last_seen_at", True), ("updated_at", True), ("name", False), ("email", False))


def _has_no_index(store: Store) -> bool:
    return isinstance(store, MemoryStore)


def order(name: str, descending: bool) -> Sort:
    subject = subject_of(name, ATTRIBUTE)
    assert subject is not None
    return Sort(subject, descending)


async def going_on(store: Store, where: Node, sort: Sort, *, size: int, at_most: int) -> tuple[list[Contact], Sort]:
    """Everybody who is found by going on until there is no more, and the order that they came in."""
    seen: list[Contact] = []
    after, known, asked = None, None, sort
    for _ in range(500):
        found: Glimpse = await glance(store, ACME, RULES, Asked(where, size, sort, after, known), at_most)
        seen += found.contacts
        if not found.in_order:
            sort = NEWEST_FIRST
        assert found.looked <= at_most
        assert not found.stopped or found.last is not None
        if found.last is None:
            return seen, asked if sort == asked else sort
        after, known = found.last, found.counted
    raise AssertionError("there was no end")


def placed(contacts: Sequence[Contact], sort: Sort) -> list[object]:
    """What the order is judged by: a time by its hour or day, everything else by itself."""
    if sort.subject.name not in TIMES:
        return [one.id for one in contacts]
    times = [getattr(one, sort.subject.name) for one in contacts]
    return [None if at is None else int(at // TIMES[sort.subject.name]) for at in times]


@pytest.mark.parametrize("at_most", [3, 20])
@pytest.mark.parametrize("seed", range(4))
async def test_nobody_is_missing_and_nobody_comes_twice(store: Store, seed: int, at_most: int) -> None:
    chance = Random(seed)
    known, tags = await everybody(store, chance)
    if seed % 2:
        await declare(store, ATTRIBUTE["name"], ATTRIBUTE["plan"])
    for _ in range(full_or_tenth(30)):
        where = parse(query(chance, TAGS), TERMS)
        sort = order(*chance.choice(ORDERS))
        fitting = [one for one in known if is_listed(one) and matches(where, one, RULES, tags[one.id])]
        seen, told = await going_on(store, where, sort, size=chance.choice([1, 4, 50]), at_most=at_most)
        assert sorted(one.id for one in seen) == sorted(one.id for one in fitting), where
        assert placed(seen, told) == placed(in_order(fitting, told), told), (where, sort)


async def test_everybody_is_there_in_each_order(store: Store) -> None:
    known, _ = await everybody(store, Random(9))
    await declare(store, ATTRIBUTE["name"])
    for one in ORDERS:
        sort = order(*one)
        seen, told = await going_on(store, Fixed(True), sort, size=7, at_most=5)
        everyone = [it for it in known if is_listed(it)]
        assert sorted(it.id for it in seen) == sorted(it.id for it in everyone)
        assert placed(seen, told) == placed(in_order(everyone, told), told)
        assert told == sort or _has_no_index(store) or sort.subject.name == "email", "no index is in its order"


async def test_it_says_how_far_it_looked_and_goes_on_from_there(store: Store) -> None:
    everyone = await stored(store, *(person(external_id=f"user-{number}") for number in range(12)))
    subject = subject_of("external_id", ATTRIBUTE)
    assert subject is not None
    where = Condition(subject, Relation.BEGINS, ("user-1",))
    first = await glance(store, ACME, RULES, Asked(where, 50), 5)
    assert [one.external_id for one in first.contacts] == ["user-11", "user-10"]
    assert (first.total, first.looked, first.everybody, first.stopped) == (None, 5, 12, True)
    second = await glance(store, ACME, RULES, Asked(where, 50, after=first.last), 5)
    assert (second.contacts, second.looked, second.stopped) == ((), 5, True)
    third = await glance(store, ACME, RULES, Asked(where, 50, after=second.last), 5)
    assert [one.external_id for one in third.contacts] == ["user-1"]
    assert (third.last, third.looked, third.stopped) == (None, 2, False)
    assert len(everyone) == 12


async def test_an_index_leads_to_the_few_who_fit_without_a_look_at_others(store: Store) -> None:
    known, _ = await everybody(store, Random(5))
    await declare(store, ATTRIBUTE["name"])
    assert {it.state for it in await store.filters(ACME)} == {FilterState.READY}
    found = await glance(store, ACME, RULES, Asked(Contradicted(NOON), 50), len(known) if _has_no_index(store) else 20)
    fitting = [one for one in known if is_listed(one) and matches(Contradicted(NOON), one, RULES)]
    assert {one.id for one in found.contacts} == {one.id for one in fitting}
    assert (found.looked, found.stopped, found.unindexed) == (0, False, ())


async def test_whoever_is_seen_in_a_later_hour_comes_first(store: Store) -> None:
    start = NOON - NOON % HOUR
    alice, bob, carol = await stored(store, *(person(last_seen_at=start + number) for number in range(3)))
    sort = order("last_seen_at", True)

    async def listed() -> list[str]:
        return [one.id for one in (await going_on(store, Fixed(True), sort, size=1, at_most=2))[0]]

    if not _has_no_index(store):
        assert await listed() == [carol.id, bob.id, alice.id]
        await write(store, Writes(tally=Tally(seen=(Seen(ACME, alice.id, start + 500),))))
        assert await listed() == [carol.id, bob.id, alice.id], "of one hour, by age"
    await write(store, Writes(tally=Tally(seen=(Seen(ACME, alice.id, start + HOUR),))))
    assert (await listed())[0] == alice.id
    await write(store, Writes(saves=(changed(bob, last_seen_at=start + 2 * HOUR),)))
    assert (await listed())[:2] == [bob.id, alice.id]
    await write(store, Writes(tally=Tally(seen=(Seen(ACME, bob.id, start),))))
    assert (await listed())[:2] == [bob.id, alice.id], "an older time changes nothing"
