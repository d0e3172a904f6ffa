"""Exports by REST: downloaded whole or from where one broke off, and written down; one person's everything."""

from __future__ import annotations

import json

import httpx
import pytest

from avow.trust.access import Mode, Scope
from tests.support.office import Office


async def download(office: Office, path: str, **query: str) -> httpx.Response:
    return await office.client.get(path, params=query, headers={"authorization": f"Bearer {office.access_token}"})


async def actions(office: Office) -> list[tuple[str, str]]:
    found = await office.engine.store.operator_changes(office.workspace_id, limit=50)
    return [(one.action, one.actor) for one in found if one.action.endswith(".export")]


async def test_an_export_is_made_and_downloaded(office: Office) -> None:
    for number in range(3):
        office.clock.pass_(1)
        await office.rest("POST", "/contacts", {"external_id": f"u{number}"})
    made = (await office.rest("POST", "/exports", {"format": "jsonl", "plain": True})).body
    assert (made["type"], made["state"], made["plain"]) == ("export", "completed", True)
    assert (await office.rest("GET", f"/exports/{made['id']}")).body == made
    answer = await download(office, made["download_url"])
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["cache-control"] == "no-store"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [one["external_id"] for one in lines] == ["u2", "u1", "u0"]
    rest = await download(office, made["download_url"], after=lines[0]["id"])
    assert [json.loads(line)["external_id"] for line in rest.text.splitlines()] == ["u1", "u0"]
    assert [action for action, _ in await actions(office)] == ["people.export"]


async def test_its_columns_stay_what_they_were(office: Office) -> None:
    await office.alice()
    made = (await office.rest("POST", "/exports", {"plain": True})).body
    await office.declare("plan")
    before = (await download(office, made["download_url"])).text
    assert "plan" not in before.splitlines()[0]
    after = (await office.rest("POST", "/exports", {"plain": True})).body
    assert "plan" in (await download(office, after["download_url"])).text.splitlines()[0]


async def test_one_persons_everything_is_told_and_written_down(office: Office) -> None:
    alice = await office.alice(name="Alice")
    asked = await office.client.head(
        f"/contacts/{alice}/export", headers={"authorization": f"Bearer {office.access_token}"}
    )
    assert (asked.status_code, await actions(office)) == (200, []), "nobody was taken out"
    answer = await download(office, f"/contacts/{alice}/export")
    assert (answer.status_code, answer.json()["attributes"]["name"]["value"]) == (200, "Alice")
    assert [action for action, _ in await actions(office)] == ["contact.export"]
    assert (await office.rest("GET", f"/contacts/{'0' * 24}/export")).status == 404


async def test_who_may_not_read_may_not_export(office: Office) -> None:
    writer = await office.token(Mode.VOUCHING, Scope.WRITE_CONTACTS)
    alice = await office.alice()
    made = (await office.rest("POST", "/exports", {})).body
    for method, path in (
        ("POST", "/exports"), ("GET", "/exports"), ("GET", f"/exports/{made['id']}"),
        ("GET", made["download_url"]), ("GET", f"/contacts/{alice}/export"),
    ):  # fmt: skip
        assert (await office.rest(method, path, {} if method == "POST" else None, token=writer)).status == 403


@pytest.mark.parametrize("body", [{"format": "xls"}, {"format": 1}, {"verified": "yes"}, {"plain": 1}])
async def test_a_body_that_cannot_be_meant_makes_nothing(office: Office, body: dict[str, object]) -> None:
    answer = await office.rest("POST", "/exports", body)
    assert (answer.status, answer.errors[0][1]) == (400, next(iter(body)))
    assert (await office.rest("GET", "/exports")).body["data"] == []


async def test_a_place_to_go_on_that_is_none_is_refused_before_anything_is_sent(office: Office) -> None:
    made = (await office.rest("POST", "/exports", {})).body
    answer = await office.rest("GET", f"{made['download_url']}?after=x")
    assert answer.status == 404


async def test_an_import_is_no_export(office: Office) -> None:
    made = (await office.rest("POST", "/imports", {"format": "csv"})).body["id"]
    for path in ("", "/download"):
        answer = await office.rest("GET", f"/exports/{made}{path}")
        assert (answer.status, answer.errors[0][0]) == (404, "job_not_found")
