"""Imports by REST: made, fed in parts, started, looked at; nothing of it changes anybody before it is started."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from avow.api.bulk.imports import MAX_UNFINISHED
from avow.flow.imports import steps
from avow.flow.imports.work_list import advance
from avow.trust.access import Mode, Scope
from tests.support.office import Office


async def make(office: Office, **said: Any) -> str:
    """A new import's address."""
    answer = await office.rest("POST", "/imports", {"format": "csv", **said})
    assert (answer.status, answer.body["state"]) == (200, "receiving"), answer.body
    return f"/imports/{answer.body['id']}"


async def test_people_who_come_with_the_request_are_imported_at_once(office: Office) -> None:
    await office.declare("plan")
    people = [
        {"external_id": "alice", "email": "alice@x.example", "custom_attributes": {"plan": "pro"}},
        {"email": "nonsense"},
    ]
    answer = await office.rest("POST", "/imports", {"contacts": people})
    assert (answer.status, answer.body["state"], answer.body["format"]) == (200, "waiting", "jsonl")
    assert await advance(office.engine)
    told = (await office.rest("GET", f"/imports/{answer.body['id']}")).body
    assert (told["state"], told["created"], told["rejected"]) == ("completed", 1, 1)
    assert told["finished_at"] == int(office.clock.now)
    holding = await office.holding("alice", "plan")
    assert holding.source is not None
    assert (holding.value, holding.source.channel, holding.source.verified) == ("pro", "import", True)


async def test_rejected_lines_are_downloaded_as_csv(office: Office) -> None:
    path = await make(office)
    await office.rest("PUT", f"{path}/content", b"external_id,email\nu1,nonsense\nu2,\n,\n")
    await office.rest("POST", f"{path}/start")
    await advance(office.engine)
    headers = {"authorization": f"Bearer {office.access_token}"}
    answer = await office.client.get(f"{path}/rejected", headers=headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "x-ratelimit-remaining" in answer.headers
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["line"], row["code"]) for row in rows] == [("2", "parameter_invalid"), ("4", "parameter_not_found")]
    head = await office.client.head(f"{path}/rejected", headers=headers)
    assert (head.status_code, head.content) == (200, b"")


async def test_a_part_sent_again_is_one_and_one_from_elsewhere_tells_where_to_go_on(office: Office) -> None:
    path = await make(office)
    content = b"external_id\nu1\nu2\n"
    for offset, part in ((0, content[:5]), (0, content[:5]), (5, content[5:]), (5, content[5:])):
        answer = await office.rest("PUT", f"{path}/content?offset={offset}", part)
        assert answer.body["received_bytes"] == offset + len(part)
    gap = await office.rest("PUT", f"{path}/content?offset=99", b"x")
    assert (gap.status, gap.errors) == (409, [("offset_mismatch", "offset")])
    assert gap.body["errors"][0]["message"].endswith(f"offset={len(content)}")
    await office.rest("POST", f"{path}/start")
    await advance(office.engine)
    assert (await office.rest("GET", path)).body["created"] == 2


async def test_other_bytes_in_the_place_of_received_ones_are_no_repeat(office: Office) -> None:
    """Whoever counted wrongly is told: rows that nobody misses would be lost."""
    path = await make(office)
    first, next_ = b"external_id\nu1\nu2\n", b"u3\nu4\n"
    await office.rest("PUT", f"{path}/content", first)
    for query in ("?offset=0", "?offset=3", "?offset=11"):
        answer = await office.rest("PUT", f"{path}/content{query}", next_)
        assert (answer.status, answer.errors) == (409, [("offset_mismatch", "offset")]), query
        assert answer.body["errors"][0]["message"].endswith(f"offset={len(first)}")
    assert (await office.rest("PUT", f"{path}/content?offset={len(first)}", next_)).status == 200
    for offset, part in ((0, first + next_), (5, (first + next_)[5:20]), (len(first), next_)):
        again = await office.rest("PUT", f"{path}/content?offset={offset}", part)
        assert (again.status, again.body["received_bytes"]) == (200, len(first + next_)), "the same bytes are a repeat"
    await office.rest("POST", f"{path}/start")
    await advance(office.engine)
    assert (await office.rest("GET", path)).body["created"] == 4


@pytest.mark.parametrize("part", [b"external_id\nu1\n", b"u2\n"])
async def test_a_further_part_without_its_offset_is_told_that_it_is_missing(office: Office, part: bytes) -> None:
    """Not to go on at the end: the first part, sent again there, would be everybody twice."""
    path = await make(office)
    assert (await office.rest("PUT", f"{path}/content", b"external_id\nu1\n")).status == 200
    again = await office.rest("PUT", f"{path}/content", part)
    assert (again.status, again.errors) == (409, [("offset_mismatch", "offset")])
    assert again.body["errors"][0]["message"].startswith("offset is missing")
    assert "offset=" not in again.body["errors"][0]["message"]


async def test_nothing_is_taken_once_it_was_started(office: Office) -> None:
    path = await make(office)
    empty = await office.rest("POST", f"{path}/start")
    assert (empty.status, empty.errors[0][0]) == (409, "import_empty")
    await office.rest("PUT", f"{path}/content", b"external_id\nu1\n")
    for _ in range(2):
        assert (await office.rest("POST", f"{path}/start")).body["state"] == "waiting"
    late = await office.rest("PUT", f"{path}/content?offset=15", b"u2\n")
    assert (late.status, late.errors[0][0]) == (409, "import_closed")


async def test_sizes_and_counts_are_bounded(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "MAX_SENT", 10)
    path = await make(office)
    answer = await office.rest("PUT", f"{path}/content", b"x" * 11)
    assert (answer.status, answer.errors[0][0]) == (409, "import_too_large")
    for _ in range(MAX_UNFINISHED - 1):
        await make(office)
    more = await office.rest("POST", "/imports", {"format": "csv"})
    assert (more.status, more.errors[0][0]) == (409, "too_many_imports")
    await office.rest("POST", f"{path}/cancel")
    await make(office)


async def test_a_retry_with_the_same_key_makes_one_import(office: Office) -> None:
    body = {"contacts": [{"external_id": "alice"}]}
    answers = [await office.rest("POST", "/imports", body, Idempotency_Key="k1") for _ in range(2)]
    assert answers[0].body["id"] == answers[1].body["id"]
    assert len((await office.rest("GET", "/imports")).body["data"]) == 1


BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "no format": ({}, "format"),
    "another format": ({"format": "xls"}, "format"),
    "a format that is no text": ({"format": 1}, "format"),
    "nobody": ({"contacts": []}, "contacts"),
    "somebody who is no object": ({"contacts": ["alice"]}, "contacts"),
    "columns that are no object": ({"format": "csv", "columns": ["a"]}, "columns"),
    "a meaning that is no text": ({"format": "csv", "columns": {"a": 1}}, "columns"),
    "strict that is no switch": ({"format": "csv", "strict": "yes"}, "strict"),
}


@pytest.mark.parametrize(("body", "field"), BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_cannot_be_meant_makes_nothing(office: Office, body: dict[str, Any], field: str) -> None:
    answer = await office.rest("POST", "/imports", body)
    assert (answer.status, answer.errors[0][1]) == (400, field)
    assert (await office.rest("GET", "/imports")).body["data"] == []


async def test_scopes_and_modes_hold_for_imports_too(office: Office) -> None:
    reader = await office.token(Mode.VOUCHING, Scope.READ_CONTACTS)
    writer = await office.token(Mode.VOUCHING, Scope.WRITE_CONTACTS)
    assert (await office.rest("POST", "/imports", {"format": "csv"}, token=reader)).status == 403
    create = {"format": "csv", "create_attributes": True}
    assert (await office.rest("POST", "/imports", create, token=writer)).status == 403
    assert (await office.rest("POST", "/imports", {"format": "csv"}, token=writer)).body["mode"] == "vouching"
    relayed = {"format": "csv", "relaying": True}
    assert (await office.rest("POST", "/imports", relayed, token=writer)).body["mode"] == "relaying"


@pytest.mark.parametrize("path", ["", "/rejected"])
async def test_there_is_nothing_to_see_of_an_import_that_is_not_there(office: Office, path: str) -> None:
    for job_id in ("0" * 24, "x", "%2e"):
        answer = await office.rest("GET", f"/imports/{job_id}{path}")
        assert (answer.status, answer.errors[0][0]) == (404, "job_not_found")
    made = (await office.rest("POST", "/exports", {})).body["id"]
    assert (await office.rest("GET", f"/imports/{made}{path}")).status == 404
    for act in ("start", "cancel"):
        assert (await office.rest("POST", f"/imports/{made}/{act}")).status == 404


async def test_imports_are_listed_page_by_page(office: Office) -> None:
    made = []
    for _ in range(5):
        office.clock.pass_(1)
        made.append((await make(office)).rpartition("/")[2])
    first = (await office.rest("GET", "/imports?per_page=3")).body
    cursor = first["pages"]["next"]["starting_after"]
    second = (await office.rest("GET", f"/imports?per_page=3&starting_after={cursor}")).body
    assert [one["id"] for one in (*first["data"], *second["data"])] == made[::-1]
    assert "next" not in second["pages"]


async def test_a_refused_file_says_everything_that_is_wrong_with_it(office: Office) -> None:
    path = await make(office)
    await office.rest("PUT", f"{path}/content", b"name,plan,seats\nAlice,pro,3\n")
    await office.rest("POST", f"{path}/start")
    await advance(office.engine)
    told = (await office.rest("GET", path)).body
    assert (told["state"], told["rows"]) == ("refused", 0)
    assert [one["code"] for one in told["errors"]] == ["parameter_not_found"]
