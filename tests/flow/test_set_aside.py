"""Archived, blocked, merged and converted within one batch: each work sees what the one before it did."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from avow.errors import AvowError, BadInput, Conflict, Forbidden, Gone, NotFound
from avow.flow.audit import audit
from avow.flow.contacts import (
    ArchiveContact,
    BlockContact,
    ConvertVisitor,
    CreateContact,
    EraseContact,
    Fields,
    MergeContacts,
    Named,
    SetAside,
    UnarchiveContact,
    UnblockContact,
    UpdateContact,
    Written,
)
from avow.flow.updates.sessions import anonymous_id
from avow.flow.updates.submissions import Submission
from avow.flow.updates.update import MessengerUpdate
from avow.flow.work import Idempotency, Work
from avow.trust.contact import Contact, ContactId, Role
from avow.trust.policy import MayCreate, Platform
from tests.support.office import Office

SESSION = "5e" * 32
ADDRESS = "alice@example.com"


async def together(office: Office, *works: Work) -> list[Any]:
    """Handed in at once, so that they become one batch."""
    return await asyncio.gather(*map(office.engine.committer.submit, works), return_exceptions=True)


async def lead(office: Office) -> ContactId:
    work = CreateContact(token=await office.caller(), fields=Fields(role=Role.LEAD, raw_values={"email": ADDRESS}))
    written: Written = await office.engine.committer.submit(work)
    return written.contact.id


def claim(office: Office, user_id: str, **values: Any) -> MessengerUpdate:
    """What a page says that proves nothing."""
    return MessengerUpdate(
        Submission(office.workspace_id, Platform.WEB, 0, unproven_user_id=user_id, raw_values=values)
    )


def guest(office: Office, **values: Any) -> MessengerUpdate:
    return MessengerUpdate(Submission(office.workspace_id, Platform.WEB, 0, session=SESSION, raw_values=values))


async def whole(office: Office) -> None:
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()


async def test_what_is_archived_and_brought_back_in_one_batch_has_both_records(office: Office) -> None:
    alice, token = ContactId(await office.alice()), await office.caller()
    results = await together(
        office,
        ArchiveContact(token=token, contact_id=alice),
        ArchiveContact(token=token, contact_id=alice),
        CreateContact(token=token, fields=Fields(external_id="alice")),
        UnarchiveContact(token=token, contact_id=alice),
        CreateContact(token=token, fields=Fields(external_id="alice")),
    )
    assert [one.archived for one in results if isinstance(one, SetAside)] == [True, True, False]
    conflicts = [str(one) for one in results if isinstance(one, Conflict)]
    assert [text.split()[1] for text in conflicts] == ["archived", "contact"]
    changes = await office.engine.store.changes(office.workspace_id, alice, before=None, limit=9)
    assert [change.facts.kind for change in changes] == ["unarchived", "archived", "created"]
    await whole(office)


async def test_a_write_behind_a_block_in_the_same_batch_is_refused(office: Office) -> None:
    await office.visitor(SESSION, name="Mallory")
    who = (await office.rest("GET", f"/visitors?user_id={anonymous_id(SESSION)}")).body["id"]
    token = await office.caller()
    before, block, behind, unblock, after = await together(
        office,
        guest(office, name="First"),
        BlockContact(token=token, contact_id=who),
        guest(office, name="Second"),
        UnblockContact(token=token, contact_id=who),
        guest(office, name="Third"),
    )
    assert (before.contact_id, block.blocked, unblock.blocked, after.contact_id) == (who, True, False, who)
    assert isinstance(behind, Forbidden)
    contact = await office.engine.store.contact(office.workspace_id, who)
    assert contact is not None
    assert contact.holding("name").value == "Third"
    await whole(office)


async def test_a_claim_about_a_blocked_user_is_answered_and_not_stored(office: Office) -> None:
    await office.policy(may_create=MayCreate.ANYONE)
    alice = ContactId(await office.alice(name="Alice"))
    await office.engine.committer.submit(BlockContact(token=await office.caller(), contact_id=alice))
    before = await office.everything(), await office.known("alice")
    key = Idempotency("ab" * 32, "cd" * 32)
    work = claim(office, "alice", name="Mallory", mood="good")
    work.idempotency = key
    receipt = await office.engine.committer.submit(work)
    assert [(one.name, one.verdict) for one in receipt.as_told()] == [("name", "applied"), ("mood", "applied")]
    assert (await office.everything(), await office.known("alice")) == before, "not even an attribute came of it"
    await office.engine.committer.submit(EraseContact(token=await office.caller(), contact_id=alice))
    async with office.engine.store.transaction([office.workspace_id]) as transaction:
        kept = await transaction.replays([(office.workspace_id, key.scope)])
    assert kept == [], "what was answered about her goes with her"


async def test_a_lead_is_merged_once_whoever_asks_twice(office: Office) -> None:
    alice, guest_id = ContactId(await office.alice(email=ADDRESS)), await lead(office)
    merge = MergeContacts(token=await office.caller(), source=guest_id, target=alice)
    update = UpdateContact(token=await office.caller(), contact_id=guest_id, fields=Fields(raw_values={"name": "x"}))
    first, second, late = await together(office, merge, merge, update)
    assert isinstance(first, Written)
    assert [type(one) for one in (second, late)] == [Gone, Gone]
    assert {one.successor for one in (second, late)} == {alice}
    await whole(office)


async def test_what_a_work_before_wrote_is_merged_too(office: Office) -> None:
    alice, guest_id = ContactId(await office.alice(email=ADDRESS)), await lead(office)
    token = await office.caller()
    update = UpdateContact(token=token, contact_id=guest_id, fields=Fields(raw_values={"phone": "+43 1"}))
    _, merged = await together(office, update, MergeContacts(token=token, source=guest_id, target=alice))
    assert isinstance(merged, Written)
    assert (await office.holding("alice", "phone")).value == "+43 1"
    await whole(office)


async def test_an_erased_user_takes_nobody_in(office: Office) -> None:
    alice, guest_id = ContactId(await office.alice(email=ADDRESS)), await lead(office)
    token = await office.caller()
    erase, merge = EraseContact(token=token, contact_id=alice), None
    merge = MergeContacts(token=token, source=guest_id, target=alice)
    _, late = await together(office, erase, merge)
    assert isinstance(late, NotFound)
    still = await office.engine.store.contact(office.workspace_id, guest_id)
    assert still is not None
    assert still.merged_into is None


async def test_a_merge_then_an_erasure_in_one_batch_leaves_no_trace(office: Office) -> None:
    alice, guest_id = ContactId(await office.alice(email=ADDRESS)), await lead(office)
    token = await office.caller()
    merge = MergeContacts(token=token, source=guest_id, target=alice)
    merged, erased = await together(office, merge, EraseContact(token=token, contact_id=alice))
    assert not isinstance(merged, AvowError)
    assert not isinstance(erased, AvowError)
    for contact_id in (alice, guest_id):
        assert await office.engine.store.contact(office.workspace_id, contact_id) is None
    await whole(office)


async def test_a_visitor_is_converted_once(office: Office) -> None:
    receipt = await office.visitor(SESSION, name="Somebody")
    work = ConvertVisitor(
        token=await office.caller(),
        visitor=Named(user_id=anonymous_id(SESSION)),
        role=Role.USER,
        into=Named(user_id="bob"),
    )
    first, second = await together(office, work, work)
    assert isinstance(first, Written)
    assert isinstance(second, Gone)
    assert second.successor == first.contact.id
    assert receipt.contact_id != first.contact.id
    page = guest(office, name="Next")
    fresh = msgspec.structs.replace(page.submission, spare_session="aa" * 32)
    again = await office.engine.committer.submit(MessengerUpdate(fresh))
    assert again.session == "aa" * 32
    await whole(office)


async def test_a_proof_over_an_address_ends_when_a_merge_brings_a_newer_one(office: Office) -> None:
    """Otherwise whoever held the old address would prove herself to be the user still."""
    hashed = await office.hashed(ADDRESS, name="Alice")
    assert hashed.contact_id is not None
    office.clock.pass_(5)
    work = CreateContact(
        token=await office.caller(), fields=Fields(role=Role.LEAD, raw_values={"email": "new@example.com"})
    )
    source: Contact = (await office.engine.committer.submit(work)).contact
    body = {"from": source.id, "into": hashed.contact_id, "skip_duplicate_validation": True}
    assert (await office.rest("POST", "/contacts/merge", body)).status == 200
    assert (await office.hashed(ADDRESS)).contact_id != hashed.contact_id


async def test_nobody_is_merged_into_herself(office: Office) -> None:
    guest_id = await lead(office)
    with pytest.raises(BadInput, match="into is a lead"):
        await office.engine.committer.submit(
            MergeContacts(token=await office.caller(), source=guest_id, target=guest_id)
        )
