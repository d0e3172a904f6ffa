"""What stands beside a contact is kept as it was given, never twice, and only what is there is told of."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from avow.flow.contract import (
    Additions,
    Beside,
    EventRow,
    EventSummary,
    Note,
    NoteId,
    Store,
    Tag,
    Tagging,
    TagId,
    WriteConflict,
    Writes,
)
from avow.trust.contact import Channel, Contact, ContactId, Role
from tests.store.acme import ACME, GLOBEX, NOON, contact_id, person, stored, write
from tests.store.conftest import Opening

VIP, BETA = TagId(2**47 + 1), TagId(7)


async def make(store: Store, *tags: Tag) -> None:
    async with store.rules_transaction(ACME) as transaction:
        for tag in tags:
            await transaction.put_tag(tag)


def tag(tag_id: TagId, name: str) -> Tag:
    return Tag(ACME, tag_id, name, NOON)


def tagging(contact: Contact, tag_id: TagId, at: float = NOON, *, verified: bool = True) -> Tagging:
    return Tagging(ACME, contact.id, tag_id, at, Channel.API, "access_token:1", verified)


def note(contact: Contact, number: int, body: str = "<p>Likes tea</p>") -> Note:
    return Note(ACME, contact.id, NoteId(number), NOON, Channel.API, "access_token:1", "team1", body)


def event(contact: Contact, number: int, at: float = 0.0, name: str = "ordered") -> EventRow:
    return EventRow(ACME, contact.id, f"{number:024x}", name, NOON + at, NOON, True, '{"price":3}')


async def add(store: Store, **added: object) -> None:
    await write(store, Writes(beside=(Additions(**added),)))  # type: ignore[arg-type]


async def test_tags_come_by_name_and_stay_in_their_workspace(store: Store) -> None:
    await make(store, tag(BETA, "vip"), tag(VIP, "Été"), tag(TagId(3), "beta"))
    async with store.rules_transaction(GLOBEX) as transaction:
        await transaction.put_tag(Tag(GLOBEX, BETA, "vip", NOON))
    assert [one.name for one in await store.tags(ACME)] == ["beta", "vip", "Été"]
    async with store.transaction([ACME]) as transaction:
        assert sorted(await transaction.tags(ACME), key=str) == sorted(await store.tags(ACME), key=str)


async def test_two_tags_never_fold_to_one_name(store: Store) -> None:
    await make(store, tag(VIP, "VIP"))
    with pytest.raises(WriteConflict):
        await make(store, tag(BETA, "vip"))
    await make(store, tag(VIP, "Very important"), tag(BETA, "vip"))
    assert [one.name for one in await store.tags(ACME)] == ["Very important", "vip"]


async def test_the_rules_stay_as_they_are_when_a_tag_is_made(store: Store) -> None:
    """Otherwise every process would read every key again for a label."""
    before = await store.versions()
    await make(store, tag(VIP, "VIP"))
    assert await store.versions() == before


async def test_a_tagging_comes_back_as_it_was_and_gives_way_to_a_newer_one(store: Store) -> None:
    alice, bob = await stored(store, person(), person())
    await make(store, tag(VIP, "VIP"), tag(BETA, "Beta"))
    worn = [tagging(alice, VIP, NOON + 1), tagging(alice, BETA, NOON, verified=False)]
    await add(store, tagged=(*worn, tagging(bob, VIP)))
    assert await store.taggings(ACME, alice.id) == worn[::-1]
    vouched = tagging(alice, BETA, NOON + 2)
    await add(store, tagged=(vouched,), untagged=(tagging(alice, VIP),))
    assert await store.taggings(ACME, alice.id) == [vouched]
    async with store.transaction([ACME]) as transaction:
        assert await transaction.taggings([(ACME, alice.id)]) == [vouched]
    assert len(await store.taggings(ACME, bob.id)) == 1


async def test_a_deleted_tag_is_worn_by_nobody_and_its_name_is_free(store: Store) -> None:
    (alice,) = await stored(store, person())
    await make(store, tag(VIP, "VIP"), tag(BETA, "Beta"))
    await add(store, tagged=(tagging(alice, VIP), tagging(alice, BETA)))
    async with store.rules_transaction(ACME) as transaction:
        await transaction.drop_tag(VIP)
    for _ in range(2):
        assert [one.id for one in await store.tags(ACME)] == [BETA]
        assert [one.tag_id for one in await store.taggings(ACME, alice.id)] == [BETA]
        assert await store.beside(ACME, [alice.id], notes=9) == {alice.id: Beside((BETA,))}
        await store.sweep(NOON)
    await make(store, tag(TagId(9), "vip"))
    assert [one.tag_id for one in await store.taggings(ACME, alice.id)] == [BETA]


async def test_notes_come_newest_first_page_by_page(store: Store) -> None:
    alice, bob = await stored(store, person(), person())
    notes = [note(alice, 2**51 + number) for number in range(4)]
    await add(store, notes=(*notes, note(bob, 5)))
    page = await store.notes(ACME, alice.id, before=None, limit=3)
    assert page == notes[:0:-1]
    assert await store.notes(ACME, alice.id, before=page[-1].id, limit=3) == [notes[0]]
    assert await store.note(ACME, alice.id, notes[2].id) == notes[2]
    assert await store.note(ACME, bob.id, notes[2].id) is None
    assert await store.note(GLOBEX, alice.id, notes[2].id) is None


async def test_a_note_keeps_every_character(store: Store) -> None:
    (alice,) = await stored(store, person())
    told = note(alice, 1, "<p>&lt;b&gt; ' \" ; -- 漢字 \u202e \U0001f600</p>")
    await add(store, notes=(told,))
    assert await store.note(ACME, alice.id, told.id) == told


async def test_what_stands_beside_many_is_told_at_once_and_nothing_of_the_others(store: Store) -> None:
    alice, bob, carol = await stored(store, person(), person(), person())
    await make(store, tag(VIP, "VIP"), tag(BETA, "Beta"))
    await add(
        store,
        tagged=(tagging(alice, VIP, NOON + 1), tagging(alice, BETA, NOON)),
        notes=tuple(note(bob, number) for number in range(1, 13)),
    )
    assert await store.beside(ACME, [alice.id, bob.id, carol.id], notes=10) == {
        alice.id: Beside((BETA, VIP)),
        bob.id: Beside((), tuple(NoteId(number) for number in range(12, 2, -1)), 12),
    }
    assert await store.beside(GLOBEX, [alice.id, bob.id], notes=10) == {}


async def test_nothing_is_added_to_who_is_not_there(opening: Opening) -> None:
    store = opening()
    await make(store, tag(VIP, "VIP"))
    nobody = person()
    for added in (
        {"tagged": (tagging(nobody, VIP),)},
        {"notes": (note(nobody, 1),)},
        {"summaries": (EventSummary(ACME, nobody.id, "ordered", 1, NOON, NOON),)},
    ):
        with pytest.raises(WriteConflict):
            await add(store, **added)
    assert await store.beside(ACME, [nobody.id], notes=9) == {}


async def test_events_come_between_two_places(store: Store) -> None:
    (alice,) = await stored(store, person())
    rows = [event(alice, number, at) for number, at in enumerate((0.0, 1.25, 1.25, 1.25, 2.5))]
    await write(store, Writes(events=tuple(rows)))
    last = rows[3]
    found = await store.events(ACME, alice.id, before=(last.created_at, last.id), limit=9)
    assert found == [rows[2], rows[1], rows[0]]
    assert await store.events(ACME, alice.id, since=NOON + 1.25, limit=9) == rows[:0:-1]
    assert await store.events(ACME, alice.id, since=NOON + 1, before=(last.created_at, last.id), limit=1) == [rows[2]]


async def test_an_event_that_nobody_vouched_for_gives_way_to_one_that_somebody_does(store: Store) -> None:
    (alice,) = await stored(store, person())
    vouched = event(alice, 1)
    first, second = (replace(vouched, verified=False, received_at=NOON - n, metadata=f'{{"n":{n}}}') for n in (2, 1))
    await write(store, Writes(events=(first,)))
    await write(store, Writes(events=(second,)))
    assert await store.events(ACME, alice.id, limit=9) == [first], "the first word stays among equals"
    await write(store, Writes(events=(second, vouched, first)))
    assert await store.events(ACME, alice.id, limit=9) == [vouched]
    await write(store, Writes(events=(first, replace(vouched, metadata="{}"))))
    assert await store.events(ACME, alice.id, limit=9) == [vouched]


async def test_a_summary_counts_what_was_tracked_and_what_was_handed_in(store: Store) -> None:
    alice, bob = await stored(store, person(), person())
    rows = [event(alice, 1, 5), event(alice, 2, 9), event(alice, 3, 7, "left")]
    await write(store, Writes(events=(*rows, event(bob, 4))))
    for count in (3, 40):
        before = EventSummary(ACME, alice.id, "ordered", count, NOON - 9, NOON - 1)
        await add(store, summaries=(before, EventSummary(ACME, alice.id, "called", 2, NOON, NOON)))
    assert await store.event_summaries(ACME, alice.id, most=9) == [
        EventSummary(ACME, alice.id, "called", 2, NOON, NOON),
        EventSummary(ACME, alice.id, "left", 1, NOON + 7, NOON + 7),
        EventSummary(ACME, alice.id, "ordered", 42, NOON - 9, NOON + 9),
    ]
    assert len(await store.event_summaries(ACME, alice.id, most=2)) == 2


async def test_ages_are_those_of_people_in_lists(store: Store) -> None:
    people = [person(last_seen_at=NOON + 1), person(role=Role.LEAD), person(role=Role.VISITOR)]
    alice = (await stored(store, *people, person(GLOBEX)))[0]
    await stored(store, person(merged_into=alice.id))
    found = sorted(await store.ages(ACME, most=9), key=str)
    assert found == [(Role.LEAD, NOON, None), (Role.USER, NOON, NOON + 1)]
    assert len(await store.ages(ACME, most=1)) == 1


async def test_nobody_has_anything_who_is_not_known(store: Store) -> None:
    nobody: ContactId = contact_id()
    assert await store.taggings(ACME, nobody) == []
    assert await store.notes(ACME, nobody, before=None, limit=9) == []
    assert await store.event_summaries(ACME, nobody, most=9) == []
