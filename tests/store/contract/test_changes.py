"""Change records come back byte for byte, in the order of their chain, and can be found by the key that vouched."""

from __future__ import annotations

import hashlib

import msgspec
import pytest

from avow.flow.contract import OutboxRow, RecordPlace, Save, Store, WriteConflict, Writes
from avow.trust.change import GENESIS, Change, ChangeKind, Draft, seal
from avow.trust.contact import Channel, Contact
from tests.store.acme import ACME, GLOBEX, NOON, changed, contact_id, person, stored, write


def recorded(contact: Contact, draft: Draft, at: float = NOON) -> Save:
    """A contact's next record, with a draft of one's own."""
    seq = contact.version + 1
    place = {"workspace_id": contact.workspace_id, "contact_id": contact.id, "seq": seq, "at": at}
    change = seal(draft, **place, previous=contact.head, salt=b"\x00\xff" * 8)
    return Save(msgspec.structs.replace(contact, version=seq, head=change.hash), contact.version, (change,))


async def test_both_halves_survive_byte_for_byte(store: Store) -> None:
    values = {
        "name": ("Zoë \u2028\u202e 漢字", "\\\"'\t"),
        "seats": (2**63 - 1, -(2**63)),
        "ratio": (-0.0, 0.1 + 0.2),
        "whole": (1.0, 1e22),
        "gone": (None, True),
    }
    draft = Draft(
        ChangeKind.UPDATED, Channel.SIGNED, key="kid é", values=values, origin="https://acme.example", path="/?ü"
    )
    save = recorded(person(), draft, at=NOON + 0.123456)
    await write(store, Writes(saves=(save,)))
    (kept,) = await store.changes(ACME, save.contact.id, before=None, limit=9)
    assert kept == save.changes[0]
    assert hashlib.sha256(GENESIS + kept.raw_facts).digest() == kept.hash
    assert hashlib.sha256(kept.raw_values or b"").hexdigest() == kept.facts.commitment


async def test_a_record_that_was_edited_beyond_reading_is_still_listed(store: Store) -> None:
    """An audit must see exactly what is there."""
    save = changed(person(), key="key9")
    odd = msgspec.structs.replace(save.changes[0], raw_facts=b"\x00\xff{", raw_values=b"\x00\xff")
    await write(store, Writes(saves=(Save(save.contact, 0, (odd,)),)))
    (listed,) = await store.changes(ACME, save.contact.id, before=None, limit=1)
    ((_, _, (audited,)),) = [chain async for chain in store.chains(ACME)]
    assert listed == audited
    assert (listed.raw_facts, listed.raw_values, listed.hash) == (odd.raw_facts, odd.raw_values, odd.hash)
    assert (listed.facts.seq, listed.facts.at, listed.facts.key) == (1, NOON, "key9")


async def test_records_are_listed_newest_first_page_by_page(store: Store) -> None:
    (alice,) = await stored(store, person())
    for number in range(6):
        save = changed(alice, at=NOON + number)
        await write(store, Writes(saves=(save,)))
        alice = save.contact
    pages, before = [], None
    while page := await store.changes(ACME, alice.id, before=before, limit=3):
        pages.append([change.facts.seq for change in page])
        before = pages[-1][-1]
    assert pages == [[7, 6, 5], [4, 3, 2], [1]]
    assert await store.changes(GLOBEX, alice.id, before=None, limit=9) == []


async def test_several_changes_of_one_contact_fit_in_one_batch(store: Store) -> None:
    first = changed(person())
    second = changed(first.contact)
    await write(store, Writes(saves=(Save(second.contact, 0, first.changes + second.changes),)))
    assert [one.facts.seq for one in await store.changes(ACME, second.contact.id, before=None, limit=9)] == [2, 1]


async def test_a_contact_may_change_without_a_record(store: Store) -> None:
    (alice,) = await stored(store, person())
    later = msgspec.structs.replace(alice, version=2, updated_at=NOON + 1)
    await write(store, Writes(saves=(Save(later, 1),)))
    assert len(await store.changes(ACME, alice.id, before=None, limit=9)) == 1


async def test_a_place_in_a_chain_is_given_once(store: Store) -> None:
    (alice,) = await stored(store, person())
    again = changed(msgspec.structs.replace(alice, version=0, head=GENESIS)).changes
    with pytest.raises(WriteConflict):
        await write(store, Writes(saves=(Save(msgspec.structs.replace(alice, version=2), 1, again),)))


async def test_changes_are_found_by_the_key_that_vouched_oldest_first(store: Store) -> None:
    people = [person() for _ in range(4)]
    saves = [changed(one, at=NOON - number, key="key1" if number != 2 else "key2") for number, one in enumerate(people)]
    saves.append(changed(person(), key=None))
    await write(store, Writes(saves=tuple(saves)))
    await stored(store, person(GLOBEX))
    wanted = [(people[number].id, 1) for number in (3, 1, 0)]

    async def found(kid: str = "key1", since: float = 0, before: float = NOON + 1, limit: int = 9) -> list[object]:
        told = await store.changes_by_key(ACME, kid, since=since, before=before, past=None, limit=limit)
        return [(one.contact_id, one.seq) for one in told]

    assert await found() == wanted
    assert await found(since=NOON - 1) == wanted[1:]
    assert await found(before=NOON) == wanted[:2]
    assert await found(limit=2) == wanted[:2]
    assert await found("key3") == []


async def test_a_page_of_a_keys_changes_goes_on_behind_the_last_one_of_the_same_moment(store: Store) -> None:
    """A batch gives all its records one time."""
    saves = []
    for _ in range(3):
        first = changed(person(), key="key1")
        second = changed(first.contact, key="key1")
        saves.append(Save(second.contact, 0, first.changes + second.changes))
    saves.append(changed(person(), at=NOON + 1, key="key1"))
    await write(store, Writes(saves=tuple(saves)))
    seen: list[tuple[float, str, int]] = []
    past: RecordPlace | None = None
    while page := await store.changes_by_key(ACME, "key1", since=0, before=NOON + 9, past=past, limit=2):
        seen += [(one.at, one.contact_id, one.seq) for one in page]
        past = RecordPlace(page[-1].at, page[-1].contact_id, page[-1].seq)
    wanted = [(one.facts.at, one.facts.contact_id, one.facts.seq) for save in saves for one in save.changes]
    assert seen == sorted(wanted)


async def test_the_outbox_is_read_in_order_whatever_worker_it_is_for(store: Store) -> None:
    people = await stored(store, *(person() for _ in range(40)))
    rows = [OutboxRow(ACME, one.id, 1, "contact.user.created", NOON - number) for number, one in enumerate(people)]
    rows += [OutboxRow(ACME, people[0].id, seq, "contact.user.updated", NOON + 1) for seq in (3, 2)]
    await write(store, Writes(outbox=tuple(rows)))
    expected = sorted(rows, key=lambda row: (row.at, row.contact_id, row.seq))
    assert await store.outbox(ACME, limit=99) == expected
    assert await store.outbox(ACME, limit=7) == expected[:7]
    assert await store.outbox(GLOBEX, limit=7) == []


async def chains(store: Store) -> dict[str, tuple[Contact | None, list[Change]]]:
    """All chains, which must come by id."""
    found = [chain async for chain in store.chains(ACME)]
    assert [chain[0] for chain in found] == sorted({chain[0] for chain in found})
    return {contact_id: (contact, changes) for contact_id, contact, changes in found}


async def test_an_audit_sees_every_chain_beside_its_contact(store: Store) -> None:
    people = await stored(store, *(person() for _ in range(450)))
    second = changed(people[7])
    await write(store, Writes(saves=(second,)))
    await stored(store, person(GLOBEX))
    found = await chains(store)
    assert len(found) == 450
    assert found[people[7].id][0] == second.contact
    assert [change.facts.seq for change in found[people[7].id][1]] == [1, 2]
    assert {len(changes) for _, changes in found.values()} == {1, 2}


async def test_an_audit_sees_records_without_a_contact_and_contacts_without_a_record(store: Store) -> None:
    lonely = person(version=1)
    await write(store, Writes(saves=(Save(lonely, 0),)))
    stray = changed(person(id=contact_id()), key="key1")
    await write(store, Writes(saves=(Save(person(version=1), 0, stray.changes),)))
    found = await chains(store)
    assert found[lonely.id] == (lonely, [])
    assert found[stray.contact.id] == (None, list(stray.changes))
