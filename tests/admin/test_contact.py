"""A person's page: what it says of each value, and what is stored after each thing that is done there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from avow.flow.contacts import get
from avow.flow.contract import KeyKind, LookupKey
from avow.flow.team.roles import TeamRole
from avow.trust.attribute import Enforcement
from avow.trust.change import ChangeKind
from avow.trust.contact import Channel, Contact
from tests.admin.test_people import HOSTILE
from tests.support.front_desk import FrontDesk, Shown

OLIVE = "teammate:olive@acme.example"


async def page(desk: FrontDesk, user_id: str = "alice") -> str:
    return f"/people/{(await desk.office.known(user_id)).id}"


async def alice(desk: FrontDesk) -> str:
    """Alice, whose plan is locked and contradicted by her browser; the address of her page."""
    office = desk.office
    await office.declare("plan")
    await office.signed("alice", name="Alice", email="alice@customer.example", plan="pro")
    await office.enforce("plan", Enforcement.LOCKED)
    office.clock.pass_(60)
    await office.browser("alice", plan="enterprise")
    return await page(desk)


def value(shown: Shown, name: str) -> str:
    """What is read of one attribute."""
    for found in re.findall(r'<li class="value".*?</li>', shown.text, re.DOTALL):
        if f"<bdi>{name}</bdi></div>" in found:
            return " ".join(re.sub(r"<[^>]+>", " ", found.replace("<wbr>", "")).split())
    raise AssertionError(f"no value {name}")


async def held(desk: FrontDesk, address: str) -> str:
    """The version of the one value that is held."""
    (version,) = re.findall(r'name="version" value="(\d+)"', (await desk.get(address)).text)
    return str(version)


async def kinds(desk: FrontDesk, contact: Contact) -> list[ChangeKind]:
    found = await desk.office.engine.store.changes(contact.workspace_id, contact.id, before=None, limit=50)
    return [change.facts.kind for change in found]


async def test_each_value_says_its_state_and_whose_word_it_is(desk: FrontDesk) -> None:
    address = await alice(desk)
    await desk.office.browser("alice", phone="+49 30 901820")
    shown = await desk.get(address)
    assert f"alice@customer.example Verified Edit email Vouched for by {desk.office.kid} · Signed token" in value(
        shown, "email"
    )
    plan = value(shown, "plan")
    assert "pro Contradicted" in plan
    assert "The browser says: enterprise Ignored once" in plan
    assert "from https://app.acme.example/v1/settings as the browser told it" in plan
    assert "+49 30 901820 Unverified" in value(shown, "phone")
    assert "Written by Messenger, unsigned" in value(shown, "phone")


async def test_the_verified_value_stands_beside_an_unverified_one(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice")
    await desk.office.browser("alice", name="Mallory")
    name = value(await desk.get(await page(desk)), "name")
    assert "Mallory Contradicted" in name
    assert "Verified before: Alice" in name


async def test_who_is_unproven_contradicts_nobody(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice")
    await desk.office.enforce("name", Enforcement.LOCKED)
    await desk.office.forged("alice", name="Mallory")
    name = value(await desk.get(await page(desk)), "name")
    assert "Alice Verified" in name
    assert "Somebody unproven says: Mallory" in name


async def test_a_held_value_is_accepted_and_is_the_teammates_word(desk: FrontDesk) -> None:
    address = await alice(desk)
    version = await held(desk, address)
    shown = await desk.follow(await desk.post(f"{address}/held", name="plan", version=version, do="accept"))
    assert "plan is what you accepted, verified by you." in shown.words
    assert "enterprise Verified Edit plan Vouched for by Olive · Teammate" in value(shown, "plan")
    holding = await desk.office.holding("alice", "plan")
    assert holding.value == "enterprise"
    assert holding.source is not None
    assert (holding.source.channel, holding.source.by, holding.held) == (Channel.TEAMMATE, OLIVE, None)


async def test_a_held_value_is_discarded(desk: FrontDesk) -> None:
    address = await alice(desk)
    version = await held(desk, address)
    shown = await desk.follow(await desk.post(f"{address}/held", name="plan", version=version, do="discard"))
    assert "pro Verified" in value(shown, "plan")
    holding = await desk.office.holding("alice", "plan")
    assert (holding.value, holding.held) == ("pro", None)
    assert (await kinds(desk, await desk.office.known("alice")))[0] is ChangeKind.HELD_DISCARDED


async def test_another_value_than_the_one_she_saw_is_not_accepted(desk: FrontDesk) -> None:
    address = await alice(desk)
    version = await held(desk, address)
    await desk.office.browser("alice", plan="free")
    shown = await desk.post(f"{address}/held", name="plan", version=version, do="accept")
    assert shown.status == 409
    assert "Another value is held by now" in shown.words
    assert "The browser says: free" in shown.words
    assert (await desk.office.holding("alice", "plan")).value == "pro"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "plan", "version": "0", "do": "accept"},
        {"name": "plan", "version": "1", "do": "adopt"},
        {"name": "plan", "do": "accept"},
        {"name": "nothing", "version": "1", "do": "accept"},
        {"name": "plan", "version": "9" * 40, "do": "accept"},
    ],
)
async def test_a_made_up_decision_changes_nothing(desk: FrontDesk, fields: dict[str, Any]) -> None:
    address = await alice(desk)
    before = await desk.office.everything()
    assert (await desk.post(f"{address}/held", **fields)).status in (400, 404)
    assert await desk.office.everything() == before


async def test_archiving_and_blocking_are_undone(desk: FrontDesk) -> None:
    address = await alice(desk)
    for do, told, undo in (("archive", "Archived", "unarchive"), ("block", "Blocked", "unblock")):
        shown = await desk.follow(await desk.post(f"{address}/aside", do=do))
        assert told in shown.words
        contact = await desk.office.known("alice")
        assert (contact.archived_at is not None) is (do == "archive")
        assert (contact.blocked_at is not None) is (do == "block")
        await desk.post(f"{address}/aside", do=undo)
        contact = await desk.office.known("alice")
        assert (contact.archived_at, contact.blocked_at) == (None, None)
    assert (await desk.post(f"{address}/aside", do="erase")).status == 400


async def test_signing_out_ends_every_token_until_now(desk: FrontDesk) -> None:
    address = await alice(desk)
    at = desk.office.clock()
    desk.office.clock.pass_(5)
    shown = await desk.follow(await desk.post(f"{address}/sign-out"))
    assert "Signed out everywhere" in shown.words
    with pytest.raises(Exception, match="newer") as refused:
        await desk.office.signed("alice", at=at, plan="free")
    assert getattr(refused.value, "code", "") == "identity_superseded"
    desk.office.clock.pass_(5)
    await desk.office.signed("alice", plan="free")
    assert (await desk.office.holding("alice", "plan")).value == "free"
    assert ChangeKind.SIGNED_OUT in await kinds(desk, await desk.office.known("alice"))


async def test_signing_out_a_lead_lets_its_browser_go(desk: FrontDesk) -> None:
    await desk.office.policy(may_create="anyone")
    await desk.office.visitor("d" * 64, email="dora@customer.example")
    key = LookupKey(desk.office.workspace_id, KeyKind.SESSION, "d" * 64)
    (row,) = await desk.office.engine.store.find(key)
    assert row.contact_id is not None
    await desk.post(f"/people/{row.contact_id}/sign-out")
    assert [one.contact_id for one in await desk.office.engine.store.find(key)] == [None]
    await desk.office.visitor("d" * 64, email="nobody@customer.example")
    dora = await desk.office.engine.store.contact(desk.office.workspace_id, row.contact_id)
    assert dora is not None
    assert dora.holding("email").value == "dora@customer.example"


async def test_tags_are_put_on_and_taken_off(desk: FrontDesk) -> None:
    address = await alice(desk)
    shown = await desk.follow(await desk.post(f"{address}/tags", tag=" VIP "))
    assert "Verified: VIP" in shown.words
    contact = await desk.office.known("alice")
    store = desk.office.engine.store
    (worn,) = await store.taggings(contact.workspace_id, contact.id)
    assert (worn.actor, worn.verified, worn.channel) == (OLIVE, True, Channel.TEAMMATE)
    shown = await desk.follow(await desk.post(f"{address}/untag", tag_id=str(worn.tag_id)))
    assert "The tag is off." in shown.words
    assert "Tagged VIP" in shown.words
    assert await store.taggings(contact.workspace_id, contact.id) == []


async def test_what_can_be_no_tag_is_said_at_its_field(desk: FrontDesk) -> None:
    address = await alice(desk)
    for text in ("", "  ", "a" * 300, "a\nb"):
        shown = await desk.post(f"{address}/tags", tag=text)
        assert shown.status == 400
        assert 'aria-describedby="tag-told"' in shown.text


async def test_a_note_is_kept_with_its_author_and_shown_as_text(desk: FrontDesk) -> None:
    address = await alice(desk)
    shown = await desk.follow(await desk.post(f"{address}/notes", body="Called.\n\n<script>alert(1)</script>"))
    assert "<script>alert" not in shown.text
    assert "Called." in shown.words
    contact = await desk.office.known("alice")
    (note,) = await desk.office.engine.store.notes(contact.workspace_id, contact.id, before=None, limit=5)
    assert desk.teammate is not None
    assert (note.author, note.actor, note.channel) == (desk.teammate.id, OLIVE, Channel.TEAMMATE)
    assert (await desk.post(f"{address}/notes", body="   ")).status == 400


async def test_events_are_shown_with_how_often(desk: FrontDesk) -> None:
    address = await alice(desk)
    for at in (1_799_999_000, 1_799_999_100):
        told = {"event_name": "ordered", "created_at": at, "user_id": "alice"}
        assert (await desk.office.rest("POST", "/events", told)).status == 202
    shown = await desk.get(address)
    assert "Verified: ordered" in shown.words
    assert "2×" in shown.words


async def test_history_is_told_in_words_page_by_page(desk: FrontDesk) -> None:
    address = await alice(desk)
    for number in range(30):
        await desk.office.signed("alice", name=f"Alice {number}")
    shown = await desk.get(address)
    assert "Alice 28 → became Alice 29" in shown.words
    older = re.search(r'id="older" href="([^"#]*)', shown.text)
    assert older is not None
    last = await desk.get(older[1])
    assert "Ignored" in last.words
    assert "tried enterprise , ignored (Messenger, unsigned) Unsigned, and the attribute is locked" in last.words
    assert "Created" in last.words
    assert 'href="/docs/reasons/unverified"' in last.text


async def test_who_was_merged_leads_to_whom_she_became(desk: FrontDesk) -> None:
    await alice(desk)
    answer = await desk.office.rest("POST", "/contacts", {"role": "lead", "email": "alice@customer.example"})
    lead, user = answer.body["id"], (await desk.office.known("alice")).id
    await desk.post(f"/people/{lead}/merge", other=user)
    shown = await desk.get(f"/people/{lead}")
    assert shown.location == f"{desk.root}/people/{user}"
    assert "became part of this one" in (await desk.follow(shown)).words


async def test_who_may_only_look_sees_everything_and_no_button(desk: FrontDesk) -> None:
    address = await alice(desk)
    guest = await desk.as_role(TeamRole.READ_ONLY)
    shown = await guest.get(address)
    assert "The browser says: enterprise" in shown.words
    for word in ("Accept", "Discard", "Edit", "Erase", "Keep note", "Archive", "Download everything"):
        assert word not in shown.words, word
    teammate = await desk.as_role(TeamRole.TEAMMATE)
    words = (await teammate.get(address)).words
    assert "Accept" in words
    assert "Erase" not in words
    assert "Download everything" not in words


async def test_another_workspaces_person_is_not_there(desk: FrontDesk) -> None:
    address = await alice(desk)
    before = await desk.office.everything()
    elsewhere = f"/app/{desk.test_workspace_id}{address}"
    assert (await desk.get(elsewhere)).status == 404
    acts: tuple[tuple[str, dict[str, Any]], ...] = (
        ("edit", {"a2": "mallory@example.com", "s2": '"alice@customer.example"'}),
        ("held", {"name": "plan", "version": "1", "do": "accept"}),
        ("aside", {"do": "block"}),
        ("sign-out", {}),
        ("tags", {"tag": "VIP"}),
        ("notes", {"body": "hello"}),
        ("erase", {"word": "erase"}),
    )
    for path, fields in acts:
        assert (await desk.post(f"{elsewhere}/{path}", **fields)).status == 404, path
    for path in ("edit", "merge", "erase", "export"):
        assert (await desk.get(f"{elsewhere}/{path}")).status == 404
    assert await desk.office.everything() == before


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
async def test_what_is_hostile_is_text_everywhere(desk: FrontDesk, text: str) -> None:
    await desk.office.declare("plan")
    await desk.office.signed("mallory", name=text[:255], plan="pro")
    await desk.office.enforce("plan", Enforcement.LOCKED)
    await desk.office.browser("mallory", plan=text)
    address = await page(desk, "mallory")
    contact = await get(desk.office.engine.store, desk.office.workspace_id, address.rpartition("/")[2])
    assert contact.holding("name").value == text[:255]
    await desk.post(f"{address}/notes", body=text)
    for path in ("", "/edit", "/edit?attribute=1", "/merge", "/erase"):
        shown = await desk.get(address + path)
        assert shown.status == 200, path
        assert "<script>alert" not in shown.text
        assert "<img src=x" not in shown.text
        assert " 49 " not in shown.words
