"""`/contacts` as Intercom's clients use it: shapes, types, pages, and who is found by which id."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from avow.api.rendering import FIELDS
from tests.support.office import Office

VISITOR = "5e" * 32
TEXT = {"external_id": "alice", "name": "Alice", "email": "alice@Acme.example", "phone": "+49 30 1"}


async def test_a_contact_is_created_and_answered_whole(office: Office) -> None:
    await office.declare("seats", "integer")
    answer = await office.rest(
        "POST", "/contacts",
        {
            **TEXT, "role": "user", "avatar": "https://acme.example/a.png", "signed_up_at": 1_700_000_000,
            "owner_id": "321", "unsubscribed_from_emails": True, "last_seen_at": 1_750_000_000,
            "custom_attributes": {"seats": "7"},
        },
    )  # fmt: skip
    assert answer.status == 200
    contact = answer.body
    assert {name: contact[name] for name in TEXT} == TEXT
    assert (contact["type"], contact["role"], contact["workspace_id"]) == ("contact", "user", office.workspace_id)
    assert len(contact["id"]) == 24
    assert contact["email_domain"] == "Acme.example"
    assert contact["avatar"] == {"type": "avatar", "image_url": "https://acme.example/a.png"}
    assert (contact["signed_up_at"], contact["last_seen_at"]) == (1_700_000_000, 1_750_000_000)
    assert (contact["owner_id"], contact["unsubscribed_from_emails"]) == (321, True)
    assert contact["custom_attributes"] == {"seats": 7}
    assert contact["created_at"] == contact["updated_at"] == int(office.clock())
    assert contact["tags"] == {
        "type": "list", "data": [], "url": f"/contacts/{contact['id']}/tags", "total_count": 0, "has_more": False,
    }  # fmt: skip
    assert contact["location"]["type"] == "location"
    assert set(contact) == FIELDS - {"merge_history"}
    assert (await office.rest("GET", f"/contacts/{contact['id']}")).body == {
        name: value for name, value in contact.items() if name != "receipt"
    }


async def test_somebody_of_whom_nothing_is_known_has_every_field_all_the_same(office: Office) -> None:
    contact = (await office.rest("POST", "/contacts", {"role": "lead"})).body
    assert (contact["email"], contact["email_domain"], contact["avatar"], contact["owner_id"]) == (None,) * 4
    assert (contact["unsubscribed_from_emails"], contact["custom_attributes"]) == (False, {})


async def test_the_owner_is_a_number_to_older_clients_and_a_text_to_newer_ones(office: Office) -> None:
    alice = await office.alice(owner_id=321)
    owners = {
        version: (await office.rest("GET", f"/contacts/{alice}", intercom_version=version)).body["owner_id"]
        for version in ("2.0", "2.14", "2.16", "Unstable")
    }
    assert owners == {"2.0": 321, "2.14": 321, "2.16": "321", "Unstable": "321"}


@pytest.mark.parametrize("body", [{}, {"name": "Alice"}, {"email": None}, {"external_id": "", "email": ""}])
async def test_somebody_must_be_named_by_something(office: Office, body: dict[str, Any]) -> None:
    answer = await office.rest("POST", "/contacts", body)
    assert (answer.status, answer.errors) == (400, [("parameter_not_found", "email")])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("role", "admin"),
        ("role", 1),
        ("external_id", " \t"),
        ("external_id", "x" * 256),
        ("external_id", True),
        ("external_id", {"id": 1}),
        ("email", "alice"),
        ("email", "a@b@c"),
        ("email", "alice @example.com"),
        ("email", "alice@example.com\u200b"),
        ("email", ["alice@example.com"]),
        ("email_verified", "yes"),
        ("last_seen_at", "yesterday"),
        ("last_seen_at", -1),
        ("last_seen_at", 1_900_000_000),
        ("custom_attributes", ["plan"]),
        ("name", "x" * 256),
        ("avatar", "javascript:alert(1)"),
        ("signed_up_at", 1_700_000_000_000),
        ("owner_id", "olive"),
        ("unsubscribed_from_emails", "perhaps"),
    ],
)
async def test_a_field_of_the_wrong_kind_is_named_and_nothing_is_created(
    office: Office, field: str, value: object
) -> None:
    before = await office.everything()
    answer = await office.rest("POST", "/contacts", {"role": "user", "email": "alice@example.com", field: value})
    assert answer.status == 400
    assert [named for _, named in answer.errors] == [field]
    assert await office.everything() == before


@pytest.mark.parametrize("external_id", [42, "x" * 255, " alice ", "ALICE", "\u202ealice", "a\nb"])
async def test_an_external_id_is_kept_byte_for_byte(office: Office, external_id: str | int) -> None:
    contact = (await office.rest("POST", "/contacts", {"external_id": external_id})).body
    assert contact["external_id"] == str(external_id)


@pytest.mark.parametrize(
    "external_id", ["alice", "a/b", "a%2Fb", "a b", "a+b", "ä€😀", "a?b#c", "..", "a\nb", "\n", "a\r\n", ";x=1"]
)
async def test_whatever_the_id_is_it_is_found_by_it_and_by_nothing_near(office: Office, external_id: str) -> None:
    made = (await office.rest("POST", "/contacts", {"external_id": f"id {external_id}"})).body["id"]
    found = await office.rest("GET", f"/contacts/find_by_external_id/{quote(f'id {external_id}', safe='')}")
    assert (found.status, found.body["id"]) == (200, made)
    for near in (f"id {external_id} ", f"ID {external_id}", f"id {external_id}".encode().hex()):
        missing = await office.rest("GET", f"/contacts/find_by_external_id/{quote(near, safe='')}")
        assert missing.errors == [("not_found", None)]


@pytest.mark.parametrize("path", ["nobody", "0" * 24, "A" * 24, "0" * 25, "%00" * 24, "é" * 24])
async def test_what_is_no_id_of_anybody_is_not_found(office: Office, path: str) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = await office.rest(method, f"/contacts/{path}", {} if method == "PUT" else None)
        assert (answer.status, answer.errors) == (404, [("not_found", None)])
    assert (await office.rest("GET", f"/contacts/find_by_external_id/{path}")).status == 404


async def test_pages_go_on_where_the_last_one_ended(office: Office) -> None:
    made = []
    for number in range(5):
        office.clock.pass_(1)
        made.append((await office.rest("POST", "/contacts", {"external_id": str(number)})).body["id"])
    await office.visitor(VISITOR, name="Somebody")
    seen, path, sizes = [], "/contacts?per_page=2", []
    while path:
        body = (await office.rest("GET", path)).body
        assert (body["type"], body["total_count"], "total_count_capped" in body) == ("list", 5, False)
        pages = body["pages"]
        assert (pages["type"], pages["per_page"], pages["total_pages"]) == ("pages", 2, 3)
        sizes.append(pages["page"])
        seen += [contact["id"] for contact in body["data"]]
        path = f"/contacts?per_page=2&starting_after={pages['next']['starting_after']}" if "next" in pages else ""
    assert sizes == [1, 2, 3]
    assert seen == made[::-1]


async def test_a_page_has_ten_people_unless_somebody_asks_for_more(office: Office) -> None:
    pages = (await office.rest("GET", "/contacts")).body["pages"]
    assert pages == {"type": "pages", "page": 1, "per_page": 10, "total_pages": 0}
    assert (await office.rest("GET", "/contacts?per_page=150")).status == 200


async def test_a_page_by_its_number_alone_is_refused_and_not_taken_for_the_first(office: Office) -> None:
    await office.alice()
    assert (await office.rest("GET", "/contacts?page=1")).body["total_count"] == 1
    answer = await office.rest("GET", "/contacts?page=2")
    assert (answer.status, answer.errors) == (400, [("client_error", "page")])
    assert "starting_after" in answer.body["errors"][0]["message"]


@pytest.mark.parametrize("query", ["per_page=0", "per_page=151", "per_page=-1", "per_page=ten", "per_page=1e1"])
async def test_a_page_of_another_size_is_refused(office: Office, query: str) -> None:
    assert (await office.rest("GET", f"/contacts?{query}")).errors == [("parameter_invalid", "per_page")]


@pytest.mark.parametrize("cursor", ["x", "2.", "0." + "0" * 24, "2." + "g" * 24, "2." + "0" * 25, "2%00.1", "." * 400])
async def test_a_cursor_that_is_none_is_refused(office: Office, cursor: str) -> None:
    assert (await office.rest("GET", f"/contacts?starting_after={cursor}")).status == 400


async def test_a_total_beyond_what_is_counted_says_that_it_is_capped(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avow.flow.contacts.reading.MOST_COUNTED", 2)
    for number in range(3):
        await office.rest("POST", "/contacts", {"external_id": str(number)})
    body = (await office.rest("GET", "/contacts?per_page=1")).body
    assert (body["total_count"], body["total_count_capped"], body["pages"]["total_pages"]) == (2, True, 2)


async def test_erasing_answers_whom_it_erased_and_then_there_is_nobody(office: Office) -> None:
    alice = await office.alice()
    answer = await office.rest("DELETE", f"/contacts/{alice}")
    assert answer.body == {"type": "contact", "id": alice, "external_id": "alice", "deleted": True}
    for method, path in (("GET", alice), ("DELETE", alice), ("GET", "find_by_external_id/alice")):
        assert (await office.rest(method, f"/contacts/{path}")).status == 404


async def test_somebody_who_was_merged_is_gone_and_the_link_says_where_to(office: Office) -> None:
    guest = await office.visitor(VISITOR, name="Somebody")
    user = await office.signed("alice", session=VISITOR)
    for suffix in ("", "/provenance", "/changes", "/held"):
        answer = await office.rest("GET", f"/contacts/{guest.contact_id}{suffix}")
        assert (answer.status, answer.errors) == (410, [("contact_merged", None)])
        assert answer.headers["link"] == f'</contacts/{user.contact_id}>; rel="canonical"'
