"""Notes by REST: what was written is shown as text whatever it says, found by its number, and signed by a teammate."""

from __future__ import annotations

import re
from typing import Any

import pytest

from avow.trust.access import Mode, Scope
from tests.support.office import OLIVE, Office

HOSTILE = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<p onclick=alert(1)>hi</p>",
    '<p>fine</p><a href="javascript:alert(1)">x</a>',
    "<p><script>alert(1)</script></p>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<P>x</P><SCRIPT>y</SCRIPT>",
    "<p>a</p></p></b><svg/onload=alert(1)>",
    "<p>\x0b<iframe src=//evil.example></iframe></p>",
    "<p><<p>script>alert(1)</p>",
    "</p><style>*{display:none}</style>",
    "<p><!-- --><plaintext>",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<p>\u202egnp.exe</p>",
]


async def write(office: Office, contact: str, body: str = "Hello", **fields: Any) -> Any:
    answer = await office.rest("POST", f"/contacts/{contact}/notes", {"body": body, **fields})
    assert answer.status == 200, answer.body
    return answer.body


async def test_a_note_is_kept_as_a_paragraph_and_found_again(office: Office) -> None:
    alice = await office.alice()
    note = await write(office, alice, "Hello\n\nLikes tea &\nbiscuits")
    token = (await office.rest("GET", "/me")).body["access_token"]["id"]
    author = note["author"]
    assert note == {
        "type": "note",
        "id": note["id"],
        "created_at": int(office.clock()),
        "contact": {"type": "contact", "id": alice},
        "author": author,
        "body": "<p>Hello</p><p>Likes tea &amp;<br>biscuits</p>",
        "provenance": {"channel": "api", "actor": f"access_token:{token}"},
    }
    assert (author["type"], author["name"], author["email"]) == ("admin", "Olive", OLIVE)
    assert (await office.rest("GET", f"/notes/{note['id']}")).body == note
    assert int(note["id"]) < 2**53, "a browser could not hold it"


@pytest.mark.parametrize("body", HOSTILE)
async def test_whatever_looks_like_html_is_text(office: Office, body: str) -> None:
    told = (await write(office, await office.alice(), body))["body"]
    left = re.sub(r"</?(?:p|b|br)>", "", told)
    assert "<" not in left
    assert ">" not in left
    for name in ("p", "b"):
        assert told.count(f"<{name}>") == told.count(f"</{name}>")


async def test_a_note_that_was_one_before_keeps_its_plain_tags(office: Office) -> None:
    alice = await office.alice()
    body = "<p>Likes <b>tea</b> &amp; biscuits<br>often</p><ul><li>one</li></ul>"
    note = await write(office, alice, body)
    assert note["body"] == body
    assert (await write(office, alice, note["body"]))["body"] == body


async def test_notes_come_by_the_number_of_the_page_until_one_is_empty(office: Office) -> None:
    """Intercom's own clients ask for one page more each time, and stop at an empty one: never, if there were none."""
    alice = await office.alice()
    newest: list[str] = []
    for number in range(6):
        newest.insert(0, (await write(office, alice, str(number)))["id"])
        office.clock.pass_(0.25)
    pages = [
        (await office.rest("GET", f"/contacts/{alice}/notes?per_page=3&page={page}")).body for page in (1, 2, 3, 4)
    ]
    assert [[note["id"] for note in page["data"]] for page in pages] == [newest[:3], newest[3:], [], []]
    assert [page["pages"]["page"] for page in pages] == [1, 2, 3, 4]
    assert {(page["total_count"], page["pages"]["total_pages"]) for page in pages} == {(6, 2)}
    after = pages[0]["pages"]["next"]["starting_after"]
    again = (await office.rest("GET", f"/contacts/{alice}/notes?per_page=3&page=1&starting_after={after}")).body
    assert again == pages[1], "a cursor goes before the page's number"


@pytest.mark.parametrize("page", ["0", "-1", "x", "1001", "99999999999999999999"])
async def test_what_is_no_page_of_notes_is_refused(office: Office, page: str) -> None:
    alice = await office.alice()
    answer = await office.rest("GET", f"/contacts/{alice}/notes?page={page}")
    assert (answer.status, answer.body["errors"][0]["field"]) == (400, "page")


async def test_notes_come_newest_first_page_by_page(office: Office) -> None:
    alice = await office.alice()
    written = []
    for number in range(12):
        written.append((await write(office, alice, str(number)))["id"])
        office.clock.pass_(0.25)
    newest = written[::-1]
    first = (await office.rest("GET", f"/contacts/{alice}/notes?per_page=7")).body
    assert [note["id"] for note in first["data"]] == newest[:7]
    assert (first["total_count"], first["pages"]["total_pages"]) == (12, 2)
    after = first["pages"]["next"]["starting_after"]
    second = (await office.rest("GET", f"/contacts/{alice}/notes?per_page=7&starting_after={after}")).body
    assert [note["id"] for note in second["data"]] == newest[7:]
    assert "next" not in second["pages"]
    shown = (await office.rest("GET", f"/contacts/{alice}")).body["notes"]
    assert [note["id"] for note in shown["data"]] == newest[:10]
    assert (shown["data"][0]["url"], shown["total_count"], shown["has_more"]) == (f"/notes/{newest[0]}", 12, True)


async def test_the_chain_tells_that_a_note_was_written_and_not_what_it_says(office: Office) -> None:
    alice = await office.alice()
    note = await write(office, alice, "Private")
    changes = (await office.rest("GET", f"/contacts/{alice}/changes")).body["data"]
    assert changes[0]["kind"] == "noted"
    assert changes[0]["values"] == {"note_id": {"before": None, "after": note["id"]}}


async def test_a_note_is_written_in_the_name_of_an_admin_who_is_one(office: Office) -> None:
    alice = await office.alice()
    olive = (await office.rest("GET", "/admins")).body["admins"][0]
    assert (await write(office, alice, admin_id=olive["id"]))["author"]["id"] == olive["id"]
    answer = await office.rest("POST", f"/contacts/{alice}/notes", {"body": "x", "admin_id": 123})
    assert (answer.status, answer.errors) == (404, [("admin_not_found", None)])


async def test_a_retry_writes_one_note(office: Office) -> None:
    alice = await office.alice()
    path = f"/contacts/{alice}/notes"
    first, second = [await office.rest("POST", path, {"body": "x"}, idempotency_key="k1") for _ in range(2)]
    assert first.body == second.body
    assert (await office.rest("GET", path)).body["total_count"] == 1


@pytest.mark.parametrize(
    "body", [{}, {"body": ""}, {"body": " \n "}, {"body": 7}, {"body": None}, {"body": "x" * 10_001}, {"body": ["x"]}]
)
async def test_what_is_no_note_is_refused(office: Office, body: dict[str, Any]) -> None:
    alice = await office.alice()
    answer = await office.rest("POST", f"/contacts/{alice}/notes", body)
    assert (answer.status, answer.errors[0][1]) == (400, "body")
    assert (await office.rest("GET", f"/contacts/{alice}/notes")).body["total_count"] == 0


@pytest.mark.parametrize("raw", [b'{"body": "a\\u0000b"}', b'{"body": "\\ud800"}', b'{"body": "a", "body": "b"}', b"{"])
async def test_a_body_that_is_not_clean_json_is_refused(office: Office, raw: bytes) -> None:
    alice = await office.alice()
    assert (await office.rest("POST", f"/contacts/{alice}/notes", raw)).status == 400


@pytest.mark.parametrize("note_id", ["0", "x", "-1", "9" * 16, "9" * 400, "1e9", "%20"])
async def test_what_is_no_notes_number_is_not_found(office: Office, note_id: str) -> None:
    await write(office, await office.alice())
    assert (await office.rest("GET", f"/notes/{note_id}")).status == 404


@pytest.mark.parametrize(
    "query", ["per_page=0", "per_page=151", "per_page=x", "starting_after=x", "starting_after=1.x"]
)
async def test_a_page_that_is_none_is_refused(office: Office, query: str) -> None:
    alice = await office.alice()
    assert (await office.rest("GET", f"/contacts/{alice}/notes?{query}")).status == 400


async def test_who_may_only_read_writes_no_note(office: Office) -> None:
    alice = await office.alice()
    reader = await office.token(Mode.VOUCHING, Scope.READ_CONTACTS)
    answer = await office.rest("POST", f"/contacts/{alice}/notes", {"body": "x"}, token=reader)
    assert answer.status == 403
    assert (await office.rest("GET", f"/contacts/{alice}/notes", token=reader)).body["total_count"] == 0
