"""A key leads to whom it was given, and nobody takes it away unseen."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from avow.flow.contract import MOST_OF_ADDRESS, SHARED, KeyKind, KeyRow, Store, WriteConflict, Writes
from avow.trust.contact import ContactId
from tests.store.acme import ACME, GLOBEX, changed, key, leads, person, stored, write
from tests.store.conftest import Opening

UNIQUE = [KeyKind.EXTERNAL_ID, KeyKind.EMAIL_PROOF, KeyKind.SESSION]


async def found(store: Store, *keys: KeyRow) -> list[KeyRow]:
    """Where these keys lead, as a transaction sees it, which must be as it is read beside one."""
    async with store.transaction([ACME]) as transaction:
        rows = await transaction.find([row.key for row in keys])
    beside = [row for one in {row.key for row in keys} for row in await store.find(one)]
    assert sorted(map(str, rows)) == sorted(map(str, beside))
    return rows


@pytest.mark.parametrize("kind", UNIQUE)
async def test_a_key_leads_to_its_contact(store: Store, kind: KeyKind) -> None:
    (alice,) = await stored(store, person())
    rows = (leads(kind, "alice", alice), leads(kind, "ALICE", alice, 1_700_000_000))
    await write(store, Writes(put_keys=rows))
    assert sorted(await found(store, *rows, leads(kind, "Alice", alice)), key=lambda row: row.key.value) == [
        rows[1],
        rows[0],
    ]


async def test_keys_are_exact_to_the_byte_and_never_cross_kinds_or_workspaces(store: Store) -> None:
    values = ["a", "a ", "A", "á", "a\u0301", "%", "_", "'; --", "x" * 255, "漢字"]
    people = await stored(store, *(person() for _ in values))
    rows = [leads(KeyKind.EXTERNAL_ID, value, one) for value, one in zip(values, people, strict=True)]
    await write(store, Writes(put_keys=tuple(rows)))
    assert sorted(map(str, await found(store, *rows))) == sorted(map(str, rows))
    assert await store.find(key(KeyKind.SESSION, "a")) == []
    assert await store.find(key(KeyKind.EXTERNAL_ID, "a", GLOBEX)) == []


@pytest.mark.parametrize("kind", UNIQUE)
async def test_a_unique_key_cannot_be_taken_from_its_contact(store: Store, kind: KeyKind) -> None:
    (alice,) = await stored(store, person())
    await write(store, Writes(put_keys=(leads(kind, "alice", alice),)))
    mallory = person()
    with pytest.raises(WriteConflict):
        await write(store, Writes(saves=(changed(mallory),), put_keys=(leads(kind, "alice", mallory),)))
    assert await found(store, leads(kind, "alice", alice)) == [leads(kind, "alice", alice)]
    assert await store.contact(ACME, mallory.id) is None


async def test_a_key_that_is_put_again_says_later_from_when_tokens_count_and_never_earlier(store: Store) -> None:
    (alice,) = await stored(store, person())
    for not_before, stands in ((None, None), (5, 5), (9, 9), (7, 9), (None, 9)):
        row = leads(KeyKind.EXTERNAL_ID, "alice", alice, not_before)
        await write(store, Writes(put_keys=(row,)))
        assert await found(store, row) == [leads(KeyKind.EXTERNAL_ID, "alice", alice, stands)]


async def test_several_people_may_share_an_email(store: Store) -> None:
    alice, bob, carol = await stored(store, person(), person(), person())
    rows = tuple(leads(KeyKind.EMAIL, "office@acme.example", one) for one in (alice, bob, carol))
    await write(store, Writes(put_keys=rows))
    await write(store, Writes(drop_keys=rows[1:2]))
    assert {row.contact_id for row in await found(store, rows[0])} == {alice.id, carol.id}


async def test_of_a_crowd_under_one_address_no_more_is_read_than_tells_that_it_is_one(store: Store) -> None:
    """However many it is asked for with: it leaves the others their room."""
    crowd = [leads(kind, "office@acme.example", person()) for kind in SHARED for _ in range(600)]
    others = [leads(KeyKind.EMAIL, f"{number}@acme.example", person()) for number in range(3)]
    alice = leads(KeyKind.EXTERNAL_ID, "alice", person())
    await write(store, Writes(put_keys=(*crowd, *others, alice)))
    for asked in ([crowd[0]], [alice, others[0], crowd[0]], [alice, crowd[0], crowd[-1], *others]):
        async with store.transaction([ACME]) as transaction:
            rows = await transaction.find([row.key for row in asked])
        led = Counter(row.key for row in rows)
        assert led == {row.key: MOST_OF_ADDRESS + 1 if row in crowd else 1 for row in asked}
    assert len(await store.find(crowd[0].key)) == MOST_OF_ADDRESS + 1


async def test_an_erased_identity_leads_to_nobody(store: Store) -> None:
    for not_before in (5, 9):
        row = leads(KeyKind.ERASED, "ab" * 32, None, not_before)
        await write(store, Writes(put_keys=(row,)))
        assert await found(store, row) == [row]


async def test_a_key_moves_in_one_batch(store: Store) -> None:
    """A visitor's session goes with her into the user that she turns out to be."""
    visitor, alice = await stored(store, person(), person())
    before, after = (leads(KeyKind.SESSION, "5e" * 32, one) for one in (visitor, alice))
    await write(store, Writes(put_keys=(before,)))
    await write(store, Writes(drop_keys=(before,), put_keys=(after,)))
    assert await found(store, before) == [after]


async def test_dropping_what_leads_elsewhere_by_now_changes_nothing(store: Store) -> None:
    alice, bob = await stored(store, person(), person())
    row = leads(KeyKind.EXTERNAL_ID, "alice", alice)
    await write(store, Writes(put_keys=(row,)))
    await write(store, Writes(drop_keys=(leads(KeyKind.EXTERNAL_ID, "alice", bob), leads(KeyKind.SESSION, "x", bob))))
    assert await found(store, row) == [row]
    await write(store, Writes(drop_keys=(row, row)))
    assert await found(store, row) == []


async def test_of_two_who_create_the_same_user_at_once_one_is_told(opening: Opening) -> None:
    """Both have looked and found nobody. Whoever loses looks again, and finds the winner's contact."""
    stores = [opening(), opening()]

    async def create(store: Store, name: str) -> ContactId:
        while True:
            async with store.transaction([ACME]) as transaction:
                known = await transaction.find([key(KeyKind.EXTERNAL_ID, name)])
                if known:
                    assert known[0].contact_id is not None
                    return known[0].contact_id
                await asyncio.sleep(0)
                new = person(external_id=name)
                writes = Writes(saves=(changed(new),), put_keys=(leads(KeyKind.EXTERNAL_ID, name, new),))
                try:
                    await transaction.write(writes)
                except WriteConflict:
                    continue
                await transaction.commit()
                return new.id

    for number in range(5):
        ids = await asyncio.gather(*(create(store, f"user {number}") for store in stores for _ in range(4)))
        assert len(set(ids)) == 1
    assert (await stores[0].contacts(ACME, before=None, limit=99, most=99))[1] == 5
