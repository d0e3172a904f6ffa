"""Who was archived, blocked or merged is kept with the moment, leaves the lists, and can be listed apart."""

from __future__ import annotations

import pytest

from avow.flow.contract import KeyKind, Replay, Shelf, Store, WriteConflict, Writes
from avow.trust.contact import Contact, Role
from tests.store.acme import ACME, GLOBEX, NOON, changed, contact_id, leads, person, stored, write


async def ids(store: Store, shelf: Shelf) -> list[str]:
    listed, count = await store.contacts(ACME, before=None, limit=9, most=9, shelf=shelf)
    assert count == len(listed)
    return [one.id for one in listed]


async def test_each_list_shows_who_stands_in_it(store: Store) -> None:
    plain, archived, blocked, both, _ = await stored(
        store,
        person(),
        person(archived_at=NOON),
        person(blocked_at=NOON + 0.5, role=Role.LEAD),
        person(archived_at=NOON, blocked_at=NOON),
        person(role=Role.VISITOR, blocked_at=NOON),
    )
    await stored(store, person(GLOBEX, archived_at=NOON), person(archived_at=NOON, merged_into=plain.id))
    assert await ids(store, Shelf.LISTED) == [plain.id]
    assert await ids(store, Shelf.ARCHIVED) == [both.id, archived.id]
    assert await ids(store, Shelf.BLOCKED) == [both.id, blocked.id]
    assert await store.contact(ACME, blocked.id) == blocked
    page, count = await store.contacts(ACME, before=both.id, limit=9, most=1, shelf=Shelf.ARCHIVED)
    assert ([one.id for one in page], count) == ([archived.id], 1)


async def test_who_comes_back_is_listed_again(store: Store) -> None:
    (alice,) = await stored(store, person(archived_at=NOON))
    async with store.transaction([ACME]) as transaction:
        (loaded,) = await transaction.load([(ACME, alice.id)])
        await transaction.write(Writes(saves=(changed(loaded, archived_at=None, blocked_at=None),)))
        await transaction.commit()
    assert (await ids(store, Shelf.LISTED), await ids(store, Shelf.ARCHIVED)) == ([alice.id], [])


async def merge(store: Store, into: Contact, at: float, role: Role = Role.LEAD) -> str:
    one = person(merged_into=into.id, role=role)
    await write(store, Writes(saves=(changed(one, at=at),)))
    return one.id


async def test_who_was_merged_comes_newest_first_and_past_the_last_one_seen(store: Store) -> None:
    alice, bob = await stored(store, person(), person())
    first, second, third = [await merge(store, alice, NOON + at) for at in (1.25, 3, 3)]
    of_bob = await merge(store, bob, NOON + 2)
    await merge(store, alice, NOON + 9, Role.VISITOR)
    found = await store.merged(ACME, [alice.id], past=None, limit=9)
    assert [one.id for one in found] == [third, second, first]
    rest = await store.merged(ACME, [alice.id], past=(NOON + 3, found[0].id), limit=1)
    assert [one.id for one in rest] == [second]
    up = await store.merged(ACME, [alice.id], past=(NOON + 1.25, found[2].id), limit=9, oldest_first=True)
    assert [one.id for one in up] == [second, third]
    both = await store.merged(ACME, [alice.id, bob.id, contact_id()], past=None, limit=3)
    assert [one.id for one in both] == [third, second, of_bob]
    assert await store.merged(GLOBEX, [alice.id], past=None, limit=9) == []


async def test_the_keys_of_a_contact_are_all_found(store: Store) -> None:
    alice, bob = person(), person()
    keys = [leads(KeyKind.SESSION, "ab", alice), leads(KeyKind.EXTERNAL_ID, "alice", alice, 7)]
    await stored(store, alice, bob, keys=[*keys, leads(KeyKind.EMAIL, "a@b", alice), leads(KeyKind.EMAIL, "a@b", bob)])
    found = await store.keys_of(ACME, alice.id)
    assert [(row.key.kind, row.key.value, row.not_before) for row in found] == [
        ("email", "a@b", None), ("external_id", "alice", 7), ("session", "ab", None)
    ]  # fmt: skip
    assert await store.keys_of(GLOBEX, alice.id) == []


async def test_an_anonymous_id_leads_to_one_visitor(store: Store) -> None:
    alice, bob = person(), person()
    await stored(store, alice, keys=[leads(KeyKind.ANONYMOUS, "a1", alice)])
    with pytest.raises(WriteConflict):
        await stored(store, bob, keys=[leads(KeyKind.ANONYMOUS, "a1", bob)])


async def test_a_change_of_rules_keeps_its_outcome_once(store: Store) -> None:
    async with store.rules_transaction(ACME) as transaction:
        assert await transaction.replay("s1") is None
        kept = Replay(ACME, "s1", "body", b"outcome", transaction.now)
        await transaction.put_replay(kept)
    async with store.rules_transaction(ACME) as transaction:
        assert await transaction.replay("s1") == kept
        assert await transaction.replay("s2") is None
    async with store.transaction([ACME]) as batch:
        assert await batch.replays([(ACME, "s1")]) == [kept]
    with pytest.raises(WriteConflict):
        async with store.rules_transaction(ACME) as transaction:
            await transaction.put_replay(Replay(ACME, "s1", "body", b"other", transaction.now))


async def test_a_change_of_rules_that_fails_keeps_no_outcome(store: Store) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012 - the block is what fails
        async with store.rules_transaction(ACME) as transaction:
            await transaction.put_replay(Replay(ACME, "s1", "body", b"outcome", transaction.now))
            raise RuntimeError
    async with store.rules_transaction(ACME) as transaction:
        assert await transaction.replay("s1") is None
