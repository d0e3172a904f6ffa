"""Records of what was ignored are remembered until their values are let go of; their facts stay."""

from __future__ import annotations

from avow.flow.contract import Erasure, Fading, Save, Store, Writes
from avow.trust.change import ChangeKind, Draft, seal
from avow.trust.contact import Channel, Contact
from tests.store.acme import ACME, GLOBEX, NOON, changed, person, stored, tombstone, write


def ignored(contact: Contact, at: float) -> Save:
    """Something was ignored, and that is on record."""
    change = seal(
        Draft(ChangeKind.IGNORED, Channel.MESSENGER, values={"plan": ("free", "pro")}),
        workspace_id=contact.workspace_id,
        contact_id=contact.id,
        seq=contact.version + 1,
        at=at,
        previous=contact.head,
        salt=bytes(16),
    )
    after = person(contact.workspace_id, id=contact.id, version=contact.version + 1, head=change.hash)
    return Save(after, contact.version, (change,))


async def due(store: Store, before: float = NOON + 100, limit: int = 9) -> list[Fading]:
    return await store.fading(ACME, before=before, limit=limit)


async def test_what_was_ignored_is_listed_oldest_first_until_it_has_faded(store: Store) -> None:
    people = await stored(store, person(), person(), person())
    saves = [ignored(one, NOON - number) for number, one in enumerate(people)]
    await write(store, Writes(saves=(*saves, changed(person()))))
    await write(store, Writes(saves=(ignored((await stored(store, person(GLOBEX)))[0], NOON - 9),)), (GLOBEX,))
    rows = [Fading(ACME, people[number].id, 2, NOON - number) for number in (2, 1, 0)]
    assert await due(store) == rows
    assert await due(store, limit=2) == rows[:2]
    assert await due(store, before=NOON - 1) == rows[:1]
    await write(store, Writes(faded=(rows[0], rows[2])))
    assert await due(store) == [rows[1]]


async def test_letting_go_takes_the_values_of_that_record_only(store: Store) -> None:
    (alice,) = await stored(store, person())
    save = ignored(alice, NOON)
    await write(store, Writes(saves=(save,)))
    await write(store, Writes(faded=(Fading(ACME, alice.id, 2, NOON),)))
    second, first = await store.changes(ACME, alice.id, before=None, limit=9)
    assert (second.raw_values, second.raw_facts, second.hash) == (None, save.changes[0].raw_facts, save.changes[0].hash)
    assert first.raw_values is not None


async def test_whoever_is_erased_has_nothing_left_to_fade(store: Store) -> None:
    (alice,) = await stored(store, person())
    save = ignored(alice, NOON)
    await write(store, Writes(saves=(save,)))
    last = ignored(save.contact, NOON + 1)
    gone = Erasure(ACME, alice.id, 2, (*last.changes, tombstone(last.contact)))
    await write(store, Writes(erasures=(gone,)))
    assert await due(store) == []
