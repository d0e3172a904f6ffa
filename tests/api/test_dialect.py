"""The dialect: versions and what they change, every field of a contact, and what a stranger is told at the door."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.office import Office, fresh_copy, open_office

LISTS = ("tags", "notes", "companies", "opted_out_subscription_types", "opted_in_subscription_types")


@pytest.mark.parametrize(("version", "owner"), [(None, 7), ("2.14", 7), ("2.15", 7), ("2.16", "7"), ("Unstable", "7")])
async def test_the_owner_is_a_number_or_a_text_as_the_version_has_it(
    office: Office, version: str | None, owner: Any
) -> None:
    named = {} if version is None else {"intercom_version": version}
    alice = await office.alice()
    for given in (7, "7"):
        answer = await office.rest("PUT", f"/contacts/{alice}", {"owner_id": given}, **named)
        assert (answer.status, answer.body["owner_id"]) == (200, owner)
    for path in (f"/contacts/{alice}", "/contacts/find_by_external_id/alice"):
        assert (await office.rest("GET", path, **named)).body["owner_id"] == owner
    assert (await office.rest("GET", "/contacts", **named)).body["data"][0]["owner_id"] == owner


@pytest.mark.parametrize("version", ["2.17", "3.0", "1.5", "two", "2.014", "-1", "2.16.1"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/contacts"), ("POST", "/contacts/merge"), ("GET", "/visitors")])
async def test_a_version_that_never_was_is_refused(office: Office, method: str, path: str, version: str) -> None:
    answer = await office.rest(method, path, intercom_version=version)
    assert (answer.status, answer.errors) == (400, [("intercom_version_invalid", "Intercom-Version")])


async def test_what_hangs_on_a_contact_is_a_list_each_with_its_address(office: Office) -> None:
    alice = await office.alice()
    body = (await office.rest("GET", f"/contacts/{alice}")).body
    for name in LISTS:
        path = name if name in ("tags", "notes", "companies") else "subscriptions"
        assert body[name] == {
            "type": "list", "data": [], "url": f"/contacts/{alice}/{path}", "total_count": 0, "has_more": False
        }  # fmt: skip
    assert (body["archived"], body["blocked"]) == (False, False)


async def test_what_was_read_of_somebody_set_aside_may_be_sent_back(office: Office) -> None:
    alice = await office.alice(name="Alice")
    await office.rest("POST", f"/contacts/{alice}/archive")
    read = (await office.rest("GET", f"/contacts/{alice}?include_merge_history=true")).body
    answer = await office.rest("PUT", f"/contacts/{alice}", {**read, "archived": False})
    assert answer.status == 200
    assert answer.body["archived"] is True, "only its own address brings a contact back"


async def test_a_stranger_at_the_door_is_told_where_she_is(office: Office) -> None:
    answer = await office.client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert answer.json()["name"] == "Avow"
    assert answer.json()["addresses"]["contacts"] == "/contacts"
    assert office.workspace_id not in answer.text


@pytest.mark.parametrize("path", ["/nowhere", "/contacts/", "/contacts/a/b/c", "/visitors/x", "/%2e%2e/contacts"])
async def test_where_there_is_nothing_an_error_list_says_so(office: Office, path: str) -> None:
    answer = await office.rest("GET", path)
    assert (answer.status, answer.body["type"], answer.errors) == (404, "error.list", [("not_found", None)])
    assert answer.body["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/contacts", {"GET", "POST"}),
        ("POST", "/", {"GET"}),
        ("DELETE", "/visitors", {"GET", "PUT"}),
        ("GET", "/visitors/convert", {"POST"}),
        ("PUT", "/contacts/63a07ddf05a32042dffac965/archive", {"POST"}),
    ],
)
async def test_a_method_that_is_not_taken_is_told_which_are(
    office: Office, method: str, path: str, allowed: set[str]
) -> None:
    answer = await office.rest(method, path)
    assert (answer.status, answer.errors) == (405, [("method_not_allowed", None)])
    assert set(answer.headers["allow"].replace(",", " ").split()) - {"HEAD"} == allowed


async def test_a_writer_in_a_hurry_is_told_when_to_come_again(migrated: Path, tmp_path: Path) -> None:
    async with open_office(fresh_copy(migrated, tmp_path), per_minute=12) as office:
        answers = [await office.rest("POST", "/contacts", {"role": "lead"}) for _ in range(3)]
        assert [answer.status for answer in answers] == [200, 200, 429]
        refused = answers[-1]
        assert refused.errors == [("rate_limit_exceeded", None)]
        assert int(refused.headers["retry-after"]) == int(refused.headers["x-ratelimit-reset"]) - int(office.clock())
        office.clock.pass_(10)
        assert (await office.rest("GET", "/contacts")).body["total_count"] == 2
