"""A contact comes back exactly as it was saved, and whoever saves over somebody else's change is told."""

from __future__ import annotations

import msgspec
import pytest

from avow.flow.contract import Save, Seen, Store, Tally, WriteConflict, Writes
from avow.trust.contact import Channel, Contact, Held, Holding, Role, Slot, Source
from tests.store.acme import ACME, GLOBEX, NOON, changed, contact_id, person, stored, write
from tests.store.conftest import Opening

SIGNED = Source(Channel.SIGNED, True, "key1", 1_700_000_000, 1_700_000_000.123456, 3)
UNSIGNED = Source(Channel.MESSENGER, False, None, 1_700_000_001, 1_700_000_001.5, 4)

VALUES = {
    "empty": "",
    "quotes": "\"'\\\n\t\u2028",
    "unicode": "Zoë \N{SMILE} 漢字 \u202e e\u0301",
    "large": 2**63 - 1,
    "small": -(2**63),
    "whole float": 1.0,
    "negative zero": -0.0,
    "tiny": 5e-324,
    "long": 0.1 + 0.2,
    "huge": 1.7976931348623157e308,
    "yes": True,
    "cleared": None,
}


async def reread(store: Store, contact: Contact) -> Contact:
    """The contact as a transaction loads it, which must be as it is read beside one."""
    async with store.transaction([contact.workspace_id]) as transaction:
        (loaded,) = await transaction.load([(contact.workspace_id, contact.id)])
    assert await store.contact(contact.workspace_id, contact.id) == loaded
    return loaded


async def test_every_fact_of_a_contact_survives(store: Store) -> None:
    held = Held("enterprise", 3, Channel.MESSENGER, True, NOON, NOON + 1, 7, "https://acme.example", "/plans?x=1")
    alice = person(
        role=Role.LEAD,
        version=9,
        head=bytes(range(32)),
        external_id="Alice \x7f%_'",
        last_seen_at=NOON + 0.25,
        merged_into=contact_id(),
        holdings={"plan": Holding("free", UNSIGNED, Slot("pro", SIGNED), held), "seats": Holding(3, SIGNED)},
        ignored={"plan:unverified": (472_222, 12)},
    )
    await write(store, Writes(saves=(Save(alice, 0),)))
    assert await reread(store, alice) == alice


async def test_values_keep_their_type_and_their_last_bit(store: Store) -> None:
    alice = person(holdings={name: Holding(value, SIGNED) for name, value in VALUES.items()})
    (alice,) = await stored(store, alice)
    found = (await reread(store, alice)).holdings
    assert {name: repr(found[name].value) for name in VALUES} == {name: repr(value) for name, value in VALUES.items()}
    assert list(found) == list(VALUES)


async def test_what_was_loaded_can_be_saved_again(store: Store) -> None:
    (alice,) = await stored(store, person())
    async with store.transaction([ACME]) as transaction:
        (loaded,) = await transaction.load([(ACME, alice.id)])
        save = changed(loaded, holdings={}, last_seen_at=NOON + 5, ignored={"plan:stale": (1, 2)})
        await transaction.write(Writes(saves=(save,)))
        await transaction.commit()
    assert await reread(store, alice) == save.contact


async def test_identity_may_change_with_the_values(store: Store) -> None:
    """A visitor becomes a user, or goes into one: what lists and merges go by is stored too."""
    visitor, user = await stored(store, person(role=Role.VISITOR), person())
    async with store.transaction([ACME]) as transaction:
        loaded = {one.id: one for one in await transaction.load([(ACME, visitor.id), (ACME, user.id)])}
        saves = (
            changed(loaded[visitor.id], role=Role.LEAD, merged_into=user.id),
            changed(loaded[user.id], external_id="alice-2", created_at=NOON - 9),
        )
        await transaction.write(Writes(saves=saves))
        await transaction.commit()
    assert await reread(store, visitor) == saves[0].contact
    assert await reread(store, user) == saves[1].contact


async def test_nothing_is_there_that_was_not_stored(store: Store) -> None:
    assert await store.contact(ACME, contact_id()) is None
    async with store.transaction([ACME]) as transaction:
        assert await transaction.load([(ACME, contact_id()), (ACME, contact_id())]) == []
        assert await transaction.load([]) == []


async def test_the_same_id_in_another_workspace_is_somebody_else(store: Store) -> None:
    (alice,) = await stored(store, person())
    assert await store.contact(GLOBEX, alice.id) is None
    await stored(store, person(GLOBEX, id=alice.id, external_id="other"))
    assert (await reread(store, alice)).external_id is None


async def test_whoever_saves_second_at_the_same_version_is_told(opening: Opening) -> None:
    first, second = opening(), opening()
    (alice,) = await stored(first, person())
    await write(first, Writes(saves=(changed(alice, at=NOON + 1),)))
    with pytest.raises(WriteConflict):
        await write(second, Writes(saves=(changed(alice, at=NOON + 2),)))
    assert (await reread(first, alice)).updated_at == NOON + 1
    assert len(await first.changes(ACME, alice.id, before=None, limit=9)) == 2


async def test_one_conflict_undoes_the_whole_batch(store: Store) -> None:
    alice, bob = await stored(store, person(), person())
    await write(store, Writes(saves=(changed(alice),)))
    with pytest.raises(WriteConflict):
        await write(store, Writes(saves=(changed(bob), changed(alice), changed(person()))))
    assert (await reread(store, bob)).version == 1
    assert (await store.contacts(ACME, before=None, limit=9, most=9))[1] == 2


async def test_a_new_contact_does_not_replace_one_of_the_same_id(store: Store) -> None:
    (alice,) = await stored(store, person())
    with pytest.raises(WriteConflict):
        await write(store, Writes(saves=(Save(msgspec.structs.replace(alice, external_id="mallory"), 0),)))
    assert (await reread(store, alice)).external_id is None


async def test_a_contact_that_is_gone_cannot_be_saved(store: Store) -> None:
    with pytest.raises(WriteConflict):
        await write(store, Writes(saves=(changed(person(version=3)),)))


async def test_a_transaction_that_does_not_commit_leaves_nothing(store: Store) -> None:
    alice = person()
    async with store.transaction([ACME]) as transaction:
        await transaction.write(Writes(saves=(changed(alice),)))
        assert await store.contact(ACME, alice.id) is None, "seen before it was committed"
    assert await store.contact(ACME, alice.id) is None


async def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    alice = person()

    async def fail() -> None:
        async with store.transaction([ACME]) as transaction:
            await transaction.write(Writes(saves=(changed(alice),)))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await store.contact(ACME, alice.id) is None
    await stored(store, alice)


async def test_a_batch_of_hundreds_is_one_transaction(store: Store) -> None:
    people = await stored(store, *(person() for _ in range(300)))
    async with store.transaction([ACME]) as transaction:
        loaded = await transaction.load([(ACME, one.id) for one in people])
        assert len(loaded) == 300
        await transaction.write(Writes(saves=tuple(changed(one, at=NOON + 1) for one in loaded)))
        await transaction.commit()
    listed, count = await store.contacts(ACME, before=None, limit=300, most=1_000)
    assert {one.version for one in listed} == {2}
    assert count == 300


async def test_last_seen_only_moves_forward_and_is_no_new_version(store: Store) -> None:
    alice, bob = await stored(store, person(), person(last_seen_at=NOON))
    for at in (NOON + 2, NOON + 1):
        await write(store, Writes(tally=Tally(seen=(Seen(ACME, alice.id, at), Seen(ACME, bob.id, at - 2)))))
    assert (await reread(store, alice)).last_seen_at == NOON + 2
    assert await reread(store, bob) == msgspec.structs.replace(bob, last_seen_at=NOON)
    assert (await reread(store, alice)).version == 1
