"""What screens read of a whole workspace: sums of counters, and who has a value that nobody vouched for."""

from __future__ import annotations

import msgspec
import pytest

from avow.flow.contract import (
    LeftoverCount,
    PeopleSum,
    Store,
    Tally,
    TrafficCount,
    TrafficSum,
    WriterSeen,
    WriterSum,
    Writes,
)
from avow.flow.search.adoption import put_aside
from avow.trust.attribute import Attribute, AttributeType
from avow.trust.contact import Channel, Contact, Held, Holding, Role, Slot, Source
from avow.trust.weighing.checks import settled
from tests.store.acme import ACME, GLOBEX, NOON, changed, contact_id, person, stored, write
from tests.store.contract.test_fading import ignored as ignored_of

HOUR, DAY = int(NOON // 3600), int(NOON // 86_400)
SIGNED = Source(Channel.SIGNED, True, "key1", int(NOON), NOON, 1)
SAID = Source(Channel.MESSENGER, False, None, int(NOON), NOON, 1)
HELD = Held("free", 1, Channel.MESSENGER, True, NOON, NOON, 1)


async def count(store: Store, tally: Tally) -> None:
    async with store.transaction([ACME, GLOBEX]) as transaction:
        await transaction.write(Writes(tally=tally))
        await transaction.commit()


async def test_traffic_is_summed_by_attribute_and_class_since_an_hour(store: Store) -> None:
    rows = [
        TrafficCount(ACME, "plan", HOUR, "signed", 3),
        TrafficCount(ACME, "plan", HOUR - 5, "signed", 4),
        TrafficCount(ACME, "plan", HOUR - 6, "changes", 1),
        TrafficCount(ACME, "email", HOUR - 50, "signed", 9),
        TrafficCount(GLOBEX, "plan", HOUR, "signed", 8),
    ]
    await count(store, Tally(traffic=tuple(rows)))
    assert await store.screens.traffic_sums(ACME, since_hour=HOUR - 6) == [
        TrafficSum("plan", "changes", 1, HOUR - 6),
        TrafficSum("plan", "signed", 7, HOUR),
    ]


@pytest.mark.parametrize("since", [HOUR - 200, HOUR - HOUR % 24 - 48, HOUR - HOUR % 24, HOUR - HOUR % 24 - 1, HOUR])
async def test_sums_begin_at_the_hour_wherever_in_a_day_that_is(store: Store, since: int) -> None:
    hours = range(HOUR - 300, HOUR + 1)
    for step in (slice(None, None, 2), slice(1, None, 2)):
        rows = [TrafficCount(ACME, name, hour, "signed", 1) for hour in hours[step] for name in ("plan", "seats")]
        await count(store, Tally(traffic=tuple(rows)))
    found = await store.screens.traffic_sums(ACME, since_hour=since)
    assert found == [TrafficSum(name, "signed", HOUR - since + 1, HOUR) for name in ("plan", "seats")]


async def test_writers_are_counted_once_however_many_days_they_came(store: Store) -> None:
    def seen(number: int, day: int, label: str = "app/v1", attribute: str = "plan") -> WriterSeen:
        return WriterSeen(ACME, attribute, day, label, contact_id(number), NOON + number)

    rows = [seen(1, DAY), seen(1, DAY - 1), seen(2, DAY - 1), seen(3, DAY - 9), seen(4, DAY, "app/v2")]
    await stored(store, *(person(id=contact_id(number)) for number in range(5)))
    await count(store, Tally(writers=tuple(rows)))
    assert await store.screens.writer_sums(ACME, ["plan", "seats"], since_day=DAY - 7) == [
        WriterSum("plan", "app/v1", 2, NOON + 2),
        WriterSum("plan", "app/v2", 1, NOON + 4),
    ]
    assert await store.screens.writer_sums(ACME, ["seats"], since_day=0) == []
    assert await store.screens.writer_sums(ACME, [], since_day=0) == []
    assert await store.screens.writer_sums(GLOBEX, ["plan"], since_day=0) == []


async def test_different_people_are_counted_wherever_and_whatever_they_wrote(store: Store) -> None:
    def seen(number: int, label: str, attribute: str, day: int = DAY) -> WriterSeen:
        return WriterSeen(ACME, attribute, day, label, contact_id(number), NOON)

    rows = (
        seen(1, "app/v1", "plan"), seen(1, "app/v2", "plan"), seen(2, "app/v2", "plan", DAY - 1),
        seen(1, "app/v1", "seats"), seen(3, "app/v1", "seats"), seen(4, "app/v1", "plan", DAY - 8),
    )  # fmt: skip
    await stored(store, *(person(id=contact_id(number)) for number in range(5)))
    await count(store, Tally(writers=rows))
    screens, asked = store.screens, ["seats", "plan", "email"]
    assert await screens.people_sums(ACME, asked, since_day=DAY - 7) == [PeopleSum("plan", 2), PeopleSum("seats", 2)]
    assert await screens.count_writers(ACME, asked, since_day=DAY - 7) == 3
    assert await screens.count_writers(ACME, ["plan"], since_day=DAY - 8) == 3
    assert await screens.count_writers(GLOBEX, asked, since_day=0) == 0
    assert (await screens.people_sums(ACME, [], since_day=0), await screens.count_writers(ACME, [], since_day=0)) == (
        [],
        0,
    )


async def test_something_new_is_told_by_another_text(store: Store) -> None:
    told = {what: await store.screens.newest(ACME, what, hour=HOUR) for what in ("traffic", "changes", "refusals")}
    await count(store, Tally(traffic=(TrafficCount(ACME, "plan", HOUR, "signed", 1),)))
    assert await store.screens.newest(ACME, "traffic", hour=HOUR) != told["traffic"]
    assert await store.screens.newest(ACME, "changes", hour=HOUR) != told["changes"]
    assert await store.screens.newest(ACME, "refusals", hour=HOUR) == told["refusals"]


async def test_a_value_that_nobody_vouched_for_is_found_wherever_it_stands(store: Store) -> None:
    people = [
        person(holdings={"plan": Holding("pro", SAID)}),
        person(holdings={"plan": Holding(0, SAID)}),
        person(holdings={"plan": Holding("pro", SAID, Slot("free", SIGNED))}),
        person(holdings={"plan": Holding("pro", SAID)}, role=Role.VISITOR),
        person(holdings={"plan": Holding("pro", SIGNED), "seats": Holding(3, SAID)}),
        person(holdings={"plan": Holding(None, SAID)}),
        person(holdings={}),
        person(GLOBEX, holdings={"plan": Holding("pro", SAID)}),
    ]
    found = [one.id for one in await stored(store, *people)][:4]
    assert await store.screens.leftovers(ACME, "plan", after=None, limit=10) == sorted(found)
    assert await store.screens.leftovers(ACME, "plan", after=sorted(found)[1], limit=1) == [sorted(found)[2]]
    asked = ["plan", "no such attribute"]
    screens = store.screens
    assert await screens.count_leftovers(ACME, asked, before=None, among=100) == LeftoverCount(4, 7, None, 1)
    assert await screens.count_leftovers(ACME, asked[1:], before=None, among=100) == LeftoverCount(0, 7)
    parts = [await screens.count_leftovers(ACME, asked, before=None, among=2)]
    while (oldest := parts[-1].oldest) is not None:
        parts.append(await screens.count_leftovers(ACME, asked, before=oldest, among=2))
    assert ([one.among for one in parts], sum(one.values for one in parts)) == ([2, 2, 2, 1], 4)
    assert sum(one.over for one in parts) == 1


async def test_whoever_has_a_held_value_is_found_part_by_part(store: Store) -> None:
    holding = Holding("pro", SIGNED, None, HELD)
    plans = [{"plan": holding}, {}, {"plan": holding}, {"plan": Holding("pro", SAID)}, {"plan": holding}, {}, {}]
    people = [person(holdings=one) for one in plans]
    foreign = person(GLOBEX, holdings={"plan": holding})
    kept = await stored(store, *people, foreign)
    waiting = {
        one.id for one in kept if one.workspace_id == ACME and "plan" in one.holdings and one.holdings["plan"].held
    }
    for among, limit in ((2, 10), (3, 1), (100, 2), (100, 3), (7, 10), (1, 1)):
        found, before, looked = list[str](), None, 0
        for _ in range(20):
            part = await store.screens.held_among(ACME, "plan", before=before, among=among, limit=limit)
            found += [one.id for one in part.contacts]
            looked += part.among
            if (before := part.oldest) is None:
                break
        assert (found, looked) == (sorted(waiting, reverse=True), 7), (among, limit)


ADOPTIONS = [
    Attribute(1001, "plan", kind, adopted_at=NOON, options=("pro", "5") if kind is AttributeType.LIST else ())
    for kind in AttributeType
    if kind is not AttributeType.AVATAR  # which no attribute of a company's own is
]


@pytest.mark.parametrize("plan", ADOPTIONS, ids=lambda plan: plan.type)
async def test_what_an_adoption_has_put_aside_is_known_whatever_type_came(store: Store, plan: Attribute) -> None:
    """As readers see it: among values of every kind, from before the adoption and later, beside a slot and not."""
    values = ("pro", "x", "5", "5.5", "true", "https://a.example", 5, 2**53 + 1, 10**12, 5.5, 1e300, True, None)
    late = msgspec.structs.replace(SAID, received_at=NOON + 1)
    shapes = [
        Holding(value, said, slot) for value in values for said in (SAID, late) for slot in (None, Slot(1, SIGNED))
    ]
    shapes += [Holding(value, SIGNED) for value in values] + [Holding(held=HELD)]
    people = await stored(store, *(person(holdings={"plan": one}) for one in shapes), person(holdings={}))
    await stored(store, person(GLOBEX, holdings={"plan": Holding("x", SAID)}))
    expected = {
        one.id: holding
        for one in people
        if (holding := one.holding("plan")).source and settled(holding, plan).source is not holding.source
    }
    found = await put_aside(store, ACME, plan, before=None, among=1_000)
    assert found == expected
    half = sorted(one.id for one in people)[len(people) // 2]
    assert await put_aside(store, ACME, plan, before=half, among=1_000) == {
        one: holding for one, holding in expected.items() if one < half
    }
    part = await store.screens.held_among(ACME, "plan", before=None, among=1_000, limit=1_000, besides=found)
    assert {one.id for one in part.contacts} == {*found, people[-2].id}


async def test_who_became_part_of_somebody_else_is_not_counted_among_people(store: Store) -> None:
    holdings = {"plan": Holding("pro", SAID, None, HELD)}
    (alice,) = await stored(store, person(holdings=holdings))
    await stored(store, person(holdings=holdings, merged_into=alice.id), person(holdings=holdings))
    screens = store.screens
    assert await screens.count_leftovers(ACME, ["plan"], before=None, among=10) == LeftoverCount(2, 2)
    assert (await screens.held_among(ACME, "plan", before=None, among=10, limit=10)).among == 2
    first = await screens.held_among(ACME, "plan", before=None, among=2, limit=10)
    rest = await screens.held_among(ACME, "plan", before=first.oldest, among=2, limit=10)
    assert (first.among, rest.among) == (1, 1)


async def test_who_changed_since_then_is_found(store: Store) -> None:
    people = [person() for _ in range(4)]
    await write(store, Writes(saves=tuple(changed(one, at=NOON + second) for second, one in enumerate(people))))
    await stored(store, person(GLOBEX))
    found = sorted(one.id for one in people[2:])
    assert await store.screens.changed(ACME, since=NOON + 2, after=None, limit=10) == found
    assert await store.screens.changed(ACME, since=NOON + 2, after=found[0], limit=10) == found[1:]
    assert await store.screens.changed(ACME, since=NOON + 2, after=None, limit=1) == found[:1]


async def test_who_is_doubted_wrote_it_unsigned_or_had_something_ignored_the_latest_first(store: Store) -> None:
    people = [person(holdings={"plan": Holding("pro", SAID)}) for _ in range(5)]
    wrote, ignored, both, elsewhere, long_ago = await stored(store, *people)

    def seen(contact: Contact, at: float, attribute: str = "plan", day: int = DAY) -> WriterSeen:
        return WriterSeen(ACME, attribute, day, "app/v1", contact.id, at)

    rows = (
        seen(wrote, NOON), seen(both, NOON + 1), seen(elsewhere, NOON, "seats"), seen(long_ago, NOON - 1, day=DAY - 40)
    )  # fmt: skip
    await count(store, Tally(writers=rows))
    await write(store, Writes(saves=(ignored_of(ignored, NOON + 9), ignored_of(both, NOON + 5))))

    found = await store.screens.doubted(ACME, "plan", since_day=DAY - 30, limit=10)
    assert [one.id for one in found] == [ignored.id, both.id, wrote.id]
    found = await store.screens.doubted(ACME, "plan", since_day=DAY - 30, limit=1)
    assert [one.id for one in found] == [ignored.id, both.id]
    assert await store.screens.doubted(GLOBEX, "plan", since_day=0, limit=10) == []
