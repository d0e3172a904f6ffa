"""Tags, notes and segments by Intercom's own clients."""

from __future__ import annotations

from itertools import islice
from typing import Any

import intercom
import pytest
from intercom import BadRequestError, NotFoundError

from tests.clients.cast import Acme, codes


def test_a_tag_is_made_once_renamed_worn_and_taken_off(acme: Acme) -> None:
    tags, alice, name = acme.client.tags, acme.user(), acme.name("VIP")
    made = tags.create(request=intercom.CreateOrUpdateTagRequest(name=name))
    assert (made.type, made.name) == ("tag", name)
    assert tags.create(request=intercom.CreateOrUpdateTagRequest(name=name)).id == made.id
    renamed = tags.create(request=intercom.CreateOrUpdateTagRequest(name=f"{name}!", id=made.id))
    assert (renamed.id, tags.find(made.id).name) == (made.id, f"{name}!")
    worn = tags.tag_contact(alice.id, tag_id=made.id)
    assert (worn.id, worn.name) == (made.id, f"{name}!")
    assert worn.applied_at >= alice.created_at
    assert worn.applied_by.type == "access_token"
    assert [vars(one) for one in acme.client.contacts.list_attached_tags(alice.id).data] == [vars(worn)]
    shown = acme.client.contacts.find(alice.id).tags
    assert [(one.id, one.type, one.url) for one in shown.data] == [(made.id, "tag", f"/tags/{made.id}")]
    assert shown.total_count == 1
    assert tags.untag_contact(alice.id, made.id).id == made.id
    assert acme.client.contacts.list_attached_tags(alice.id).data == []


def test_many_people_are_tagged_and_untagged_by_name(acme: Acme) -> None:
    name, people = acme.name("Beta"), [acme.user("alice"), acme.user("bob")]
    whom = [intercom.TagMultipleUsersRequestUsersItem(id=one.id) for one in people]
    made = acme.client.tags.create(request=intercom.TagMultipleUsersRequest(name=name, users=whom))
    attached = acme.client.contacts.list_attached_tags
    assert [[tag.id for tag in attached(one.id).data] for one in people] == [[made.id], [made.id]]
    query = intercom.SingleFilterSearchRequest(field="tag_id", operator="=", value=made.id)
    assert {one.id for one in acme.client.contacts.search(query=query)} == {one.id for one in people}
    first: Any = intercom.TagMultipleUsersRequestUsersItem(id=people[0].id, untag=True)
    acme.client.tags.create(request=intercom.TagMultipleUsersRequest(name=name, users=[first]))
    assert [[tag.id for tag in attached(one.id).data] for one in people] == [[], [made.id]]


def test_a_tag_that_is_deleted_is_off_everybody(acme: Acme) -> None:
    alice, made = acme.user(), acme.client.tags.create(request=intercom.CreateOrUpdateTagRequest(name=acme.name("Old")))
    acme.client.tags.tag_contact(alice.id, tag_id=made.id)
    assert made.id in [one.id for one in acme.client.tags.list().data]
    assert acme.client.tags.delete(made.id) is None
    assert made.id not in [one.id for one in acme.client.tags.list().data]
    assert acme.client.contacts.list_attached_tags(alice.id).data == []
    for refused in (
        lambda: acme.client.tags.find(made.id),
        lambda: acme.client.tags.delete(made.id),
        lambda: acme.client.tags.tag_contact(alice.id, tag_id=made.id),
    ):
        with pytest.raises(NotFoundError):
            refused()


def test_companies_are_not_tagged(acme: Acme) -> None:
    name = acme.name("VIP")
    tag = intercom.TagCompanyRequest(name=name, companies=[intercom.TagCompanyRequestCompaniesItem(id="1")])
    untag = intercom.UntagCompanyRequest(
        name=name, companies=[intercom.UntagCompanyRequestCompaniesItem(id="1", untag=True)]
    )
    for request in (tag, untag):
        with pytest.raises(BadRequestError) as refused:
            acme.client.tags.create(request=request)
        assert codes(refused.value) == ["not_supported"]
    assert name not in [one.name for one in acme.client.tags.list().data]


def test_a_note_is_written_in_a_teammates_name_and_found_by_its_number(acme: Acme) -> None:
    alice, olive = acme.user(), acme.client.admins.list().admins[0]
    note = acme.client.notes.create(alice.id, body="Likes <b>tea</b>", admin_id=olive.id)
    assert (note.type, note.contact.id, note.author.id) == ("note", alice.id, olive.id)
    assert note.body == "<p>Likes &lt;b&gt;tea&lt;/b&gt;</p>"
    assert vars(acme.client.notes.find(int(note.id))) == vars(note)
    shown = acme.client.contacts.find(alice.id).notes
    assert [(one.id, one.url) for one in shown.data] == [(note.id, f"/notes/{note.id}")]
    for refused in (
        lambda: acme.client.notes.find(5),
        lambda: acme.client.notes.create("f" * 24, body="x"),
        lambda: acme.client.notes.create(alice.id, body="x", admin_id="5"),
    ):
        with pytest.raises(NotFoundError):
            refused()


def test_notes_are_iterated_to_their_end(acme: Acme) -> None:
    alice = acme.user()
    written = [acme.client.notes.create(alice.id, body=str(number)).id for number in range(6)]
    for size in (3, 4):
        listed = islice(acme.client.notes.list(alice.id, per_page=size), 50)
        assert [one.id for one in listed] == written[::-1]
    assert list(acme.client.notes.list(acme.user().id)) == []


def test_segments_are_listed_and_counted(acme: Acme) -> None:
    alice = acme.user()
    listed = acme.client.segments.list().segments
    assert {one.type for one in listed} == {"segment"}
    assert {one.count for one in listed} == {None}
    counted = {one.name: one.count for one in acme.client.segments.list(include_count=True).segments}
    assert counted["All users"] >= 1
    first = acme.client.segments.find(listed[0].id)
    assert (first.id, first.name, first.person_type) == (listed[0].id, "All users", "user")
    hers = acme.client.contacts.list_attached_segments(alice.id).data
    assert {one.name for one in hers} == {"All users", "New"}
    assert acme.client.contacts.list_attached_subscriptions(alice.id).data == []
    with pytest.raises(NotFoundError):
        acme.client.segments.find("nowhere")


@pytest.fixture(scope="module")
def told(acme: Acme) -> Any:
    """What Node's client saw."""
    return acme.node("tags_and_notes")


def test_node_tags_and_untags(told: Any) -> None:
    tag = told["tag"]
    assert told["again"] == tag["id"]
    assert (told["renamed"]["name"], told["found"]["name"]) == (tag["name"] + "!", tag["name"] + "!")
    assert told["worn"]["id"] == tag["id"]
    assert isinstance(told["worn"]["applied_at"], int)
    assert told["worn_by"] == [[tag["id"]], [tag["id"]], []]
    assert told["untagged"] == [[], [], []]
    assert (told["listed"], told["left"]) == (True, False)
    assert {name: (one["kind"], one["codes"]) for name, one in told["refused"].items()} == {
        "company": ("BadRequestError", ["not_supported"]),
        "deleted": ("NotFoundError", ["not_found"]),
    }


def test_node_writes_notes_and_iterates_them(told: Any) -> None:
    assert told["note"]["body"] == "<p>Likes tea</p>"
    assert told["note_again"] == told["note"]
    assert told["notes"] == told["written"][::-1]
    assert told["noted_of_nobody"]["kind"] == "NotFoundError"


def test_node_reads_segments(told: Any) -> None:
    assert told["segments"][0]["name"] == told["segment"]["name"] == "All users"
    assert told["segments"][0]["count"] >= 1
    assert "All users" in told["hers"]
    assert told["subscriptions"] == []
