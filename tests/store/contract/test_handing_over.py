"""Whoever is merged brings along what stood beside her, once; and who is erased takes it with her."""

from __future__ import annotations

from avow.flow.contract import Additions, Erasure, EventSummary, Move, NoteId, Store, Tag, Writes
from avow.trust.contact import Contact, Role
from tests.store.acme import ACME, NOON, person, stored, tombstone, write
from tests.store.contract.test_beside import BETA, VIP, add, event, make, note, tag, tagging


async def couple(store: Store) -> tuple[Contact, Contact]:
    """A user, and a lead who is to be merged into her."""
    user, lead = await stored(store, person(), person(role=Role.LEAD))
    await make(store, tag(VIP, "VIP"), tag(BETA, "Beta"))
    return user, lead


async def left(store: Store, contact: Contact) -> list[object]:
    """Everything that stands beside somebody."""
    return [
        *await store.taggings(ACME, contact.id),
        *await store.notes(ACME, contact.id, before=None, limit=99),
        *await store.events(ACME, contact.id, limit=99),
        *await store.event_summaries(ACME, contact.id, most=99),
    ]


async def test_a_merge_hands_everything_over(store: Store) -> None:
    user, lead = await couple(store)
    await write(store, Writes(events=(event(lead, 1), event(lead, 2, 3.5), event(user, 3, 1))))
    await add(store, notes=(note(lead, 5), note(user, 4)), tagged=(tagging(lead, VIP),))
    await add(store, moves=(Move(ACME, lead.id, user.id),))
    assert await left(store, lead) == []
    assert [one.id for one in await store.events(ACME, user.id, limit=9)] == [f"{n:024x}" for n in (2, 3, 1)]
    notes = await store.notes(ACME, user.id, before=None, limit=9)
    assert [(one.id, one.contact_id) for one in notes] == [(NoteId(5), user.id), (NoteId(4), user.id)]
    assert await store.taggings(ACME, user.id) == [tagging(user, VIP)]


async def test_of_two_taggings_the_vouched_one_stays(store: Store) -> None:
    user, lead = await couple(store)
    mine = (tagging(user, VIP, NOON, verified=False), tagging(user, BETA, NOON))
    theirs = (tagging(lead, VIP, NOON + 1), tagging(lead, BETA, NOON + 1, verified=False))
    await add(store, tagged=(*mine, *theirs))
    await add(store, moves=(Move(ACME, lead.id, user.id),))
    assert await store.taggings(ACME, user.id) == [tagging(user, BETA, NOON), tagging(user, VIP, NOON + 1)]
    assert await store.taggings(ACME, lead.id) == []


async def test_what_the_same_batch_adds_is_handed_over_too(store: Store) -> None:
    user, lead = await couple(store)
    additions = Additions((tagging(lead, VIP),), (), (note(lead, 1),), (), (Move(ACME, lead.id, user.id),))
    await write(store, Writes(events=(event(lead, 1),), beside=(additions,)))
    assert await left(store, lead) == []
    assert len(await left(store, user)) == 4


async def test_handing_over_again_changes_nothing(store: Store) -> None:
    user, lead = await couple(store)
    await write(store, Writes(events=(event(lead, 1), event(user, 1))))
    for _ in range(2):
        await add(store, moves=(Move(ACME, lead.id, user.id),))
        assert await store.events(ACME, user.id, limit=9) == [event(user, 1)]


async def test_an_erasure_leaves_nothing_beside_her_or_whoever_was_merged_into_her(store: Store) -> None:
    user, bob = await stored(store, person(), person())
    lead = (await stored(store, person(role=Role.LEAD, merged_into=user.id)))[0]
    await make(store, tag(VIP, "VIP"))
    for number, one in enumerate((user, lead, bob)):
        await write(store, Writes(events=(event(one, number),)))
        summary = EventSummary(ACME, one.id, "called", 1, NOON, NOON)
        await add(store, tagged=(tagging(one, VIP),), notes=(note(one, number),), summaries=(summary,))
    everything = await left(store, bob)
    assert len(everything) == 5
    await write(store, Writes(erasures=(Erasure(ACME, user.id, user.version, (tombstone(user),)),)))
    assert await left(store, user) == await left(store, lead) == []
    assert await left(store, bob) == everything
    assert await store.tags(ACME) == [Tag(ACME, VIP, "VIP", NOON)]


async def test_what_the_same_batch_adds_to_an_erased_contact_is_not_written(store: Store) -> None:
    user, lead = await couple(store)
    summary = EventSummary(ACME, user.id, "called", 1, NOON, NOON)
    additions = Additions((tagging(user, VIP),), (), (note(user, 1),), (summary,), (Move(ACME, lead.id, user.id),))
    erasure = Erasure(ACME, user.id, user.version, (tombstone(user),))
    await write(store, Writes(erasures=(erasure,), beside=(additions,)))
    assert await left(store, user) == []
