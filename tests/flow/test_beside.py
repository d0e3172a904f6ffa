"""What stands beside a contact follows her: into whom she is merged, through one batch, and out with her erasure."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from avow.errors import Gone, NotAuthenticated, NotFound
from avow.flow import access
from avow.flow.beside import notes, tags
from avow.flow.beside.events import SummariseEvents, TrackEvent
from avow.flow.beside.notes import AddNote
from avow.flow.beside.tagging import TagContacts, UntagContacts
from avow.flow.beside.whom import Whom
from avow.flow.contacts import EraseContact
from avow.flow.contract import Note, Tag
from avow.flow.rules.asking import Asking
from avow.flow.updates.submissions import Happening, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.trust.access import AccessToken, Mode, Scope
from avow.trust.change import ChangeKind
from avow.trust.contact import ContactId
from avow.trust.policy import Platform
from tests.support.office import OLIVE, START, Office

SESSION = "5e" * 32


async def made(office: Office, token: AccessToken, name: str = "VIP") -> Tag:
    asking = Asking(token, Scope.WRITE_CONTACTS)
    return await tags.named(office.engine.store, asking, name, entropy=office.engine.entropy)


async def visitor(office: Office) -> ContactId:
    """Somebody without a name, who has done something."""
    happened = (Happening("looked-at-prices", '{"plan":"pro"}'),)
    submission = Submission(office.workspace_id, Platform.WEB, 0, session=SESSION, happenings=happened)
    receipt = await office.engine.committer.submit(MessengerUpdate(submission))
    assert receipt.contact_id is not None
    return ContactId(receipt.contact_id)


def on(token: AccessToken, tag: Tag, *contacts: str) -> TagContacts:
    return TagContacts(token=token, tag_id=tag.id, contact_ids=tuple(map(ContactId, contacts)))


async def test_what_a_visitor_did_is_the_users_once_she_signs_in(office: Office) -> None:
    store, submit, token = office.engine.store, office.engine.committer.submit, await office.caller()
    guest, vip = await visitor(office), await made(office, token)
    await submit(on(token, vip, guest))
    written: Note = await submit(AddNote(token=token, contact_id=guest, body="<p>Asked for prices</p>"))
    await office.signed("alice", session=SESSION, name="Alice")
    alice = (await office.known("alice")).id
    assert [(one.name, one.contact_id) for one in await store.events(office.workspace_id, alice, limit=9)] == [
        ("looked-at-prices", alice)
    ]
    assert [one.tag_id for one in await store.taggings(office.workspace_id, alice)] == [vip.id]
    found = await notes.find(store, office.workspace_id, str(written.id))
    assert (found.contact_id, found.body) == (alice, written.body)
    assert await store.events(office.workspace_id, guest, limit=9) == []
    assert await store.beside(office.workspace_id, [guest], notes=9) == {}


async def test_erasing_the_user_erases_what_the_visitor_did(office: Office) -> None:
    store, submit, token = office.engine.store, office.engine.committer.submit, await office.caller()
    guest, vip = await visitor(office), await made(office, token)
    await office.signed("alice", session=SESSION, name="Alice")
    alice = (await office.known("alice")).id
    await submit(on(token, vip, alice))
    written: Note = await submit(AddNote(token=token, contact_id=alice, body="<p>x</p>"))
    whom = Whom(user_id="alice")
    await submit(SummariseEvents(token=token, whom=whom, name="called", count=2, first_at=1, last_at=2))
    await submit(EraseContact(token=token, contact_id=alice))
    for one in (guest, alice):
        assert await store.events(office.workspace_id, one, limit=9) == []
        assert await store.event_summaries(office.workspace_id, one, most=9) == []
    assert await store.beside(office.workspace_id, [guest, alice], notes=9) == {}
    with pytest.raises(NotFound):
        await notes.find(store, office.workspace_id, str(written.id))
    assert [one.name for one in await store.tags(office.workspace_id)] == ["VIP"]


async def test_works_of_one_batch_see_each_other(office: Office) -> None:
    submit, token = office.engine.committer.submit, await office.caller()
    alice, vip = await office.alice(), await made(office, token)
    off = UntagContacts(token=token, tag_id=vip.id, contact_ids=(ContactId(alice),))
    results = await asyncio.gather(
        submit(on(token, vip, alice)), submit(off), submit(on(token, vip, alice)), submit(on(token, vip, alice))
    )
    assert [len(one.taggings) for one in results] == [1, 0, 1, 1]
    assert len(await office.engine.store.taggings(office.workspace_id, ContactId(alice))) == 1
    changes = await office.engine.store.changes(office.workspace_id, ContactId(alice), before=None, limit=9)
    kinds = [one.facts.kind for one in reversed(changes)]
    assert kinds == [ChangeKind.CREATED, ChangeKind.TAGGED, ChangeKind.UNTAGGED, ChangeKind.TAGGED]


async def test_many_at_once_end_as_one_after_the_other(office: Office) -> None:
    submit, token = office.engine.committer.submit, await office.caller()
    people = [(await office.rest("POST", "/contacts", {"role": "lead"})).body["id"] for _ in range(5)]
    labels = [await made(office, token, f"tag {number}") for number in range(4)]
    works: list[Any] = [on(token, tag, *people) for tag in labels for _ in range(3)]
    works += [AddNote(token=token, contact_id=ContactId(one), body="<p>x</p>") for one in people for _ in range(10)]
    results = await asyncio.gather(*map(submit, works))
    for one in people:
        assert len(await office.engine.store.taggings(office.workspace_id, ContactId(one))) == 4
    assert len({one.id for one in results if isinstance(one, Note)}) == 50, "two notes share a number"


async def test_an_event_of_a_guest_in_the_batch_that_merges_her_is_the_users(office: Office) -> None:
    submit, token = office.engine.committer.submit, await office.caller()
    guest = await visitor(office)
    track = TrackEvent(token=token, whom=Whom(contact_id=guest), name="left", created_at=1_799_999_000)
    await asyncio.gather(submit(track), office.signed("alice", session=SESSION, name="Alice"))
    alice = (await office.known("alice")).id
    events = await office.engine.store.events(office.workspace_id, alice, limit=9)
    assert {one.name for one in events} == {"looked-at-prices", "left"}
    with pytest.raises(Gone):
        await submit(track)


async def test_an_address_that_was_only_relayed_stops_no_event_of_hers_whose_it_is(office: Office) -> None:
    """Mallory's page claims it, and a sync writes it back: what the company says of Alice is still Alice's."""
    email, relay = "alice@customer.example", await office.token(Mode.RELAYING)
    await office.rest("POST", "/contacts", {"external_id": "mallory", "email": email}, token=relay)
    alice, named = await office.alice(), {"event_name": "paid", "created_at": int(START) - 100}
    assert (await office.rest("POST", "/events", {**named, "email": email, "user_id": "alice"})).status == 202
    await office.rest("PUT", f"/contacts/{alice}", {"email": email})
    assert (await office.rest("POST", "/events", {**named, "event_name": "left", "email": email})).status == 202
    told = (await office.rest("GET", "/events?type=user&user_id=alice")).body["events"]
    assert {one["event_name"]: one["verified"] for one in told} == {"paid": True, "left": True}


async def test_a_revoked_token_tags_nobody(office: Office) -> None:
    token = await office.caller()
    alice, vip = await office.alice(), await made(office, token)
    store = office.engine.store
    await access.revoke(store, office.workspace_id, token.id, entropy=office.engine.entropy, actor=OLIVE)
    for work in (
        on(token, vip, alice),
        AddNote(token=token, contact_id=ContactId(alice), body="<p>x</p>"),
        TrackEvent(token=token, whom=Whom(user_id="alice"), name="x", created_at=1),
    ):
        with pytest.raises(NotAuthenticated):
            await office.engine.committer.submit(work)
    with pytest.raises(NotAuthenticated):
        await made(office, token, "Beta")
    assert await store.beside(office.workspace_id, [ContactId(alice)], notes=9) == {}
    assert await store.events(office.workspace_id, ContactId(alice), limit=9) == []


async def test_one_who_is_not_there_keeps_a_tag_from_everybody(office: Office) -> None:
    token = await office.caller()
    alice, vip = await office.alice(), await made(office, token)
    with pytest.raises(NotFound):
        await office.engine.committer.submit(on(token, vip, alice, "f" * 24))
    assert await office.engine.store.taggings(office.workspace_id, ContactId(alice)) == []


async def test_a_tag_that_is_deleted_is_put_on_nobody(office: Office) -> None:
    token = await office.caller()
    alice, vip = await office.alice(), await made(office, token)
    asking = Asking(token, Scope.WRITE_CONTACTS)
    await tags.delete(office.engine.store, asking, str(vip.id), entropy=office.engine.entropy)
    with pytest.raises(NotFound):
        await office.engine.committer.submit(on(token, vip, alice))


async def test_there_is_room_for_so_many_tags(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tags, "MAX_TAGS", 1)
    await office.rest("POST", "/tags", {"name": "VIP"})
    answer = await office.rest("POST", "/tags", {"name": "Beta"})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "name")])
    assert (await office.rest("POST", "/tags", {"name": "vip"})).status == 200


async def test_reading_who_wears_nothing_asks_no_more(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most people have neither tags nor notes, and pay nothing for those who have."""
    alice = await office.alice()
    asked: list[object] = []
    monkeypatch.setattr(type(office.engine.store), "beside", lambda *_, **__: asked.append(1))
    assert (await office.rest("GET", f"/contacts/{alice}")).status == 200
    assert asked == []
