"""Whatever is asked, every database finds whom plain Python finds, in the same order, page by page."""

from __future__ import annotations

from random import Random
from zoneinfo import ZoneInfo

import pytest

from avow.flow.contract import KeyKind, KeyRow, Store, Writes
from avow.flow.contract.beside import Additions, Tag, Tagging, TagId
from avow.flow.contract.query import FilterState, Node, Sort
from avow.flow.search.fields import subject_of
from avow.flow.search.filtering import build, declare_filterable, moved
from avow.flow.search.matching import matches
from avow.flow.search.parsing import Terms, parse
from avow.flow.search.searching import Asked, search
from avow.trust.attribute import STANDARD, Attribute
from avow.trust.contact import Channel, Contact
from avow.trust.identity import fold_email
from avow.trust.keys import Keyring
from avow.trust.policy import Policy
from avow.trust.rules import Rules
from tests.store.acme import ACME, NOON, changed, leads, person, stored, write
from tests.support.memory_search import in_order, is_listed
from tests.support.questions import ATTRIBUTES, people, query
from tests.support.scale import full_or_tenth

PEOPLE = 60
QUERIES = 40
ATTRIBUTE = {one.name: one for one in (*STANDARD.values(), *ATTRIBUTES)}
RULES = Rules.of(1, ACME, Policy(), ATTRIBUTES, Keyring())
TERMS = Terms(ATTRIBUTE, ZoneInfo("America/New_York"))
SORTS = ("id", "created_at", "last_seen_at", "updated_at", "email", "name", "external_id", "role")
TAGS = (11, 12, 13)


async def everybody(store: Store, chance: Random) -> tuple[list[Contact], dict[str, dict[int, bool]]]:
    """People who are stored, with their attributes and tags; one of the tags is deleted again."""
    async with store.rules_transaction(ACME) as change:
        for attribute in ATTRIBUTES:
            await change.put_attribute(attribute)
        for number in TAGS:
            await change.put_tag(Tag(ACME, TagId(number), f"tag {number}", NOON))
    some = people(chance, PEOPLE)
    known = await stored(store, *some, keys=[row for one in some for row in keys_of(one)])
    worn = [
        Tagging(ACME, one.id, TagId(number), NOON, Channel.API, "olive", chance.random() < 0.5)
        for one in known
        for number in TAGS
        if chance.random() < 0.3
    ]
    await write(store, Writes(beside=(Additions(tagged=tuple(worn)),)))
    async with store.rules_transaction(ACME) as change:
        await change.drop_tag(TagId(13))
    tags: dict[str, dict[int, bool]] = {one.id: {} for one in known}
    for one in worn:
        if one.tag_id != 13:
            tags[one.contact_id][one.tag_id] = one.verified
    return known, tags


def keys_of(one: Contact) -> list[KeyRow]:
    """What leads to somebody: her current and her verified e-mail, and the company's own id."""
    holding = one.holding("email")
    slot = holding.verified_slot
    emails = {fold_email(str(value)) for value in (holding.value, slot.value if slot else None) if value is not None}
    rows = [leads(KeyKind.EMAIL, email, one) for email in emails]
    return rows if one.external_id is None else [*rows, leads(KeyKind.EXTERNAL_ID, one.external_id, one)]


async def declare(store: Store, *attributes: Attribute) -> None:
    for attribute in attributes:
        async with store.rules_transaction(ACME) as change:
            assert await declare_filterable(change, attribute, True, NOON)
    await build(store, ACME)
    assert {it.state for it in await store.filters(ACME)} == {FilterState.READY}


async def pages(store: Store, where: Node, sort: Sort, size: int) -> list[str]:
    """Everybody who is found, one page after the other."""
    found: list[str] = []
    asked = Asked(where, size, sort)
    while True:
        results = await search(store, ACME, RULES, asked)
        found += [one.id for one in results.contacts]
        if results.last is None:
            assert results.approximate or results.total == len(found)
            return found
        assert len(results.contacts) == size
        asked = Asked(where, size, sort, results.last, results.counted)


async def compare(store: Store, chance: Random) -> None:
    known, tags = await everybody(store, chance)
    for _ in range(2):
        for _ in range(QUERIES):
            raw = query(chance, TAGS)
            where = parse(raw, TERMS)
            field = chance.choice((*SORTS, *(f"custom_attributes.{one.name}" for one in ATTRIBUTES)))
            subject = subject_of(field, ATTRIBUTE)
            assert subject is not None
            sort = Sort(subject if chance.random() < 0.5 else SUBJECT_ID, chance.random() < 0.7)
            fitting = [it for it in known if is_listed(it) and matches(where, it, RULES, tags[it.id])]
            wanted = [it.id for it in in_order(fitting, sort)]
            assert await pages(store, where, sort, chance.choice((3, 7, 150))) == wanted, (raw, sort)
        if await store.filters(ACME):
            return
        await declare(store, *ATTRIBUTES, STANDARD["email"])


SUBJECT_ID = subject_of("id", ATTRIBUTE)
assert SUBJECT_ID is not None


SEEDS = range(full_or_tenth(20))


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=[pytest.mark.long] * (seed > 1)) for seed in SEEDS])
async def test_a_database_finds_whom_plain_python_finds_with_and_without_indexes(store: Store, seed: int) -> None:
    await compare(store, Random(seed))


@pytest.mark.parametrize("seed", [100])
async def test_so_it_does_when_many_fit_and_pages_come_from_the_newest(
    store: Store, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With bounds so small that every way of making a page is gone."""
    monkeypatch.setattr("avow.flow.search.searching.MOST_COUNTED", 10**6)
    monkeypatch.setattr("avow.store.search.search.NEWEST", 20)
    monkeypatch.setattr("avow.store.search.search.SORTED_AT_MOST", 4)
    await compare(store, Random(seed))


async def test_a_total_is_counted_up_to_its_bound_and_handed_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await stored(store, *(person() for _ in range(9)))
    monkeypatch.setattr("avow.flow.search.searching.MOST_COUNTED", 5)
    where = parse({"field": "role", "operator": "=", "value": "user"}, TERMS)
    first = await search(store, ACME, RULES, Asked(where, 2))
    assert (first.total, first.capped, first.counted) == (5, True, 6)
    second = await search(store, ACME, RULES, Asked(where, 2, after=first.last, known=first.counted))
    assert (second.total, second.capped) == (5, True)


async def test_nobody_is_skipped_or_shown_twice_while_others_come_and_change(store: Store) -> None:
    known = await stored(store, *(person() for _ in range(10)))
    where = parse({"field": "custom_attributes.plan", "operator": "=", "value": "pro"}, TERMS)
    seen, asked = [], Asked(where, 3)
    while True:
        results = await search(store, ACME, RULES, asked)
        seen += [one.id for one in results.contacts]
        await stored(store, person())
        await write(store, Writes(saves=(changed(known[0], at=NOON + 9),)))
        known = [(await store.contact(ACME, known[0].id)) or known[0], *known[1:]]
        if results.last is None:
            break
        asked = Asked(where, 3, after=results.last, known=results.counted)
    assert seen == [one.id for one in reversed(known)]


async def test_entries_follow_their_contact_and_leave_with_her(store: Store) -> None:
    (alice,) = await stored(store, person())
    async with store.rules_transaction(ACME) as change:
        await change.put_attribute(ATTRIBUTES[0])
    await declare(store, ATTRIBUTES[0])
    where = parse({"field": "custom_attributes.plan", "operator": "IN", "value": ["pro"]}, TERMS)
    assert [one.id for one in (await search(store, ACME, RULES, Asked(where, 9))).contacts] == [alice.id]
    save = changed(alice, holdings={})
    await write(store, Writes(saves=(save,), filter_values=tuple(moved(alice, save.contact, ATTRIBUTES[:1]))))
    assert (await search(store, ACME, RULES, Asked(where, 9))).contacts == ()
