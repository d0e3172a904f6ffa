"""Erasing somebody leaves a chain that still verifies, and nothing that tells of her."""

from __future__ import annotations

import hashlib
import time

import pytest

from avow.flow.contract import (
    Erasure,
    EventRow,
    KeyKind,
    OutboxRow,
    Replay,
    Save,
    Store,
    Tally,
    TooMuchAtOnce,
    WriteConflict,
    WriterSeen,
    Writes,
)
from avow.trust.change import GENESIS, Change, ChangeKind
from avow.trust.contact import Contact, Role
from tests.store.acme import ACME, NOON, changed, key, leads, person, stored, tombstone, write
from tests.store.conftest import Opening


def erasing(contact: Contact) -> Erasure:
    """What it takes to erase a contact."""
    return Erasure(ACME, contact.id, contact.version, (tombstone(contact),))


def traces(contact: Contact, name: str) -> Writes:
    """Everything of a contact that is not the contact itself."""
    return Writes(
        put_keys=(leads(KeyKind.EXTERNAL_ID, name, contact), leads(KeyKind.EMAIL, "office@acme.example", contact)),
        events=(EventRow(ACME, contact.id, f"event {name}", "ordered", NOON, NOON, True, '{"price":3}'),),
        replays=(Replay(ACME, f"scope {name}", "body", b"outcome", time.time(), contact.id),),
        outbox=(OutboxRow(ACME, contact.id, 1, "contact.user.created", NOON),),
        tally=Tally(writers=(WriterSeen(ACME, "plan", 19_000, "acme.example", contact.id, NOON),)),
    )


async def kept(store: Store, contact: Contact, name: str) -> list[str]:
    """Which traces there still are."""
    async with store.transaction([ACME]) as transaction:
        replays = await transaction.replays([(ACME, f"scope {name}")])
        row = await transaction.load([(ACME, contact.id)])
    office = await store.find(key(KeyKind.EMAIL, "office@acme.example"))
    found = {
        "contact": row,
        "key": await store.find(key(KeyKind.EXTERNAL_ID, name)),
        "email": [one for one in office if one.contact_id == contact.id],
        "event": await store.events(ACME, contact.id, limit=9),
        "replay": replays if replays and replays[0].contact_id == contact.id else [],
        "writer": [one for one in await store.writers(ACME, "plan", since_day=0) if one.contact_id == contact.id],
        "value": [one for one in await store.changes(ACME, contact.id, before=None, limit=9) if one.raw_values],
    }
    return [name for name, rows in found.items() if rows]


def holds(chain: list[Change]) -> bool:
    """Whether a chain is unbroken, oldest record first."""
    head = GENESIS
    for change in chain:
        if hashlib.sha256(head + change.raw_facts).digest() != change.hash:
            return False
        head = change.hash
    return True


async def test_nothing_is_left_but_a_chain_that_verifies(store: Store) -> None:
    alice, bob = await stored(store, person(), person())
    for one, name in ((alice, "alice"), (bob, "bob")):
        await write(store, traces(one, name))
    everything = await kept(store, bob, "bob")
    assert len(everything) == 7
    await write(store, Writes(erasures=(erasing(alice),)))
    assert await kept(store, alice, "alice") == []
    assert await kept(store, bob, "bob") == everything, "somebody else was touched"
    chain = (await store.changes(ACME, alice.id, before=None, limit=9))[::-1]
    assert [change.facts.kind for change in chain] == [ChangeKind.UPDATED, ChangeKind.ERASED]
    assert holds(chain)
    assert [one.contact_id for one in await store.outbox(ACME, limit=9)] == sorted([alice.id, bob.id])


async def test_what_another_process_counted_of_her_names_nobody_any_more(opening: Opening) -> None:
    first, second = opening(), opening()
    alice, bob = await stored(first, person(), person())
    await write(first, Writes(erasures=(erasing(alice),)))
    wrote = tuple(WriterSeen(ACME, "plan", 19_000, "acme.example", one.id, NOON) for one in (alice, bob))
    await write(second, Writes(tally=Tally(writers=wrote)))
    assert [one.contact_id for one in await first.writers(ACME, "plan", since_day=0)] == [bob.id]


async def test_whoever_was_merged_into_her_is_erased_with_her(store: Store) -> None:
    """However many steps ago; and nobody who was merged into somebody else."""
    alice, bob = await stored(store, person(), person())
    lead = (await stored(store, person(role=Role.LEAD, merged_into=alice.id)))[0]
    visitor = (await stored(store, person(role=Role.VISITOR, merged_into=lead.id)))[0]
    others = (await stored(store, person(merged_into=bob.id)))[0]
    for one, name in ((lead, "lead"), (visitor, "visitor"), (others, "other")):
        await write(store, traces(one, name))
    await write(store, Writes(erasures=(erasing(alice),)))
    assert await kept(store, lead, "lead") == []
    assert await kept(store, visitor, "visitor") == []
    assert "contact" in await kept(store, others, "other")
    assert {contact_id async for contact_id, contact, _ in store.chains(ACME) if contact is None} == {
        alice.id,
        lead.id,
        visitor.id,
    }


async def test_a_contact_that_changed_meanwhile_is_not_erased(opening: Opening) -> None:
    first, second = opening(), opening()
    (alice,) = await stored(first, person())
    await write(first, traces(alice, "alice"))
    await write(first, Writes(saves=(changed(alice),)))
    before = await kept(first, alice, "alice")
    with pytest.raises(WriteConflict):
        await write(second, Writes(erasures=(erasing(alice),)))
    assert await kept(first, alice, "alice") == before


async def test_what_the_same_batch_says_of_an_erased_contact_is_not_written(store: Store) -> None:
    (alice,) = await stored(store, person())
    last = changed(alice)
    both = Erasure(ACME, alice.id, 1, (*last.changes, tombstone(last.contact)))
    said = traces(alice, "alice")
    await write(
        store,
        Writes(erasures=(both,), put_keys=said.put_keys, events=said.events, replays=said.replays, tally=said.tally),
    )
    assert await kept(store, alice, "alice") == []
    assert holds((await store.changes(ACME, alice.id, before=None, limit=9))[::-1])


async def test_an_identity_that_is_erased_may_be_somebody_new_in_the_same_batch(store: Store) -> None:
    (alice,) = await stored(store, person())
    await write(store, traces(alice, "alice"))
    new = changed(person(external_id="alice"))
    row, gone = leads(KeyKind.EXTERNAL_ID, "alice", new.contact), leads(KeyKind.ERASED, "ab" * 32, None, 1_700_000_000)
    await write(store, Writes(saves=(new,), erasures=(erasing(alice),), put_keys=(row, gone)))
    assert await store.find(row.key) == [row]
    assert await store.find(gone.key) == [gone]
    assert await kept(store, alice, "nobody") == []


async def test_somebody_who_was_never_stored_leaves_only_a_chain(store: Store) -> None:
    """She came and went in one batch."""
    born = changed(person())
    erasure = Erasure(ACME, born.contact.id, 0, (*born.changes, tombstone(born.contact)))
    await write(store, Writes(erasures=(erasure,)))
    chain = (await store.changes(ACME, born.contact.id, before=None, limit=9))[::-1]
    assert [change.raw_values for change in chain] == [None, None]
    assert holds(chain)


async def test_an_event_that_comes_while_its_contact_is_erased_is_a_conflict(store: Store) -> None:
    with pytest.raises(WriteConflict):
        await write(store, Writes(events=traces(person(), "alice").events))
    (alice,) = await stored(store, person())
    await write(store, Writes(saves=(Save(changed(alice).contact, 1),), events=traces(alice, "alice").events))
    assert "event" in await kept(store, alice, "alice")


async def test_of_somebody_with_very_much_the_events_go_first_and_then_everything(store: Store) -> None:
    """And of whoever was merged into her. Until then nothing is refused by halves."""
    alice, bob = await stored(store, person(), person())
    visitor = (await stored(store, person(role=Role.VISITOR, merged_into=alice.id)))[0]
    for one, name in ((alice, "alice"), (bob, "bob")):
        await write(store, traces(one, name))
    for one in (alice, visitor, bob):
        await write(store, Writes(events=many_events(one, 400)))
    everything = await kept(store, bob, "bob")
    with pytest.raises(TooMuchAtOnce) as refused:
        await write(store, Writes(erasures=(erasing(alice),)))
    assert (refused.value.contact_id, refused.value.everybody) == (alice.id, (alice.id, visitor.id))
    assert await kept(store, alice, "alice") == everything
    await store.thin_out(ACME, refused.value.everybody)
    assert await kept(store, alice, "alice") == [name for name in everything if name != "event"]
    await write(store, Writes(erasures=(erasing(alice),)))
    assert await kept(store, alice, "alice") == []
    assert await store.events(ACME, visitor.id, limit=9) == []
    assert holds((await store.changes(ACME, alice.id, before=None, limit=9))[::-1])
    assert await kept(store, bob, "bob") == everything
    assert len(await store.events(ACME, bob.id, limit=999)) == 401


def many_events(contact: Contact, count: int) -> tuple[EventRow, ...]:
    """What somebody did all day."""
    return tuple(
        EventRow(ACME, contact.id, f"event {n:05}", "page viewed", NOON + n // 3, NOON, False, "{}")
        for n in range(count)
    )
