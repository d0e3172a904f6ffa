"""A misspelt field is refused where obeying the rest would do what nobody asked for."""

from __future__ import annotations

from typing import Any

import pytest

from avow.api.operations import OPERATIONS, described
from avow.web.operations import Exactly, Media
from tests.support.office import Office

INTERCOMS = frozenset(
    {
        "POST /contacts", "PUT /contacts/{id}", "DELETE /contacts/{id}", "POST /contacts/search",
        "POST /contacts/merge", "POST /contacts/{id}/archive", "POST /contacts/{id}/unarchive",
        "POST /contacts/{id}/block", "PUT /visitors", "POST /visitors/convert", "POST /contacts/{id}/tags",
        "DELETE /contacts/{id}/tags/{tag_id}", "POST /tags", "DELETE /tags/{id}", "POST /contacts/{id}/notes",
        "POST /events", "POST /events/summaries", "POST /companies", "POST /companies/list", "PUT /companies/{id}",
        "DELETE /companies/{id}", "POST /companies/{id}/notes", "POST /contacts/{id}/companies",
        "DELETE /contacts/{id}/companies/{company_id}", "POST /data_attributes", "PUT /data_attributes/{id}",
        "POST /admins/activity_logs/search", "POST /secure_mode_secrets", "DELETE /secure_mode_secrets/{id}",
    }
)  # fmt: skip
"""What Intercom has too: its clients may send there what it takes. Every other operation is ours."""
OURS = {
    f"{one.method} {one.path}": one.operation
    for one in described()
    if one.method != "GET" and not isinstance(one.operation.body, Media)
    if f"{one.method} {one.path}" not in INTERCOMS
}


@pytest.mark.parametrize("operation", sorted(OURS))
async def test_what_is_not_intercoms_takes_no_field_that_it_does_not_know(office: Office, operation: str) -> None:
    method, path = operation.split()
    filled = path.replace("{kid}", office.kid).replace("{id}", await office.alice()).replace("{name}", "plan")
    before = await office.everything()
    answer = await office.rest(method, filled, {"retire_at": 1_999_999_999, "dryrun": True})
    assert (answer.status, answer.errors) == (
        400, [("parameter_invalid", "retire_at"), ("parameter_invalid", "dryrun")],
    )  # fmt: skip
    assert await office.everything() == before
    assert issubclass(OURS[operation].body, Exactly), "and the document says so"


def test_what_is_named_as_intercoms_is_there() -> None:
    assert set(OPERATIONS) >= INTERCOMS


async def test_an_import_that_was_to_be_tried_only_is_not_started_by_saying_so_too_late(office: Office) -> None:
    made = (await office.rest("POST", "/imports", {"format": "jsonl"})).body
    await office.rest("PUT", f"/imports/{made['id']}/content?offset=0", b'{"external_id": "grace"}\n')
    for act in ("start", "cancel"):
        answer = await office.rest("POST", f"/imports/{made['id']}/{act}", {"dry_run": True})
        assert (answer.status, answer.errors) == (400, [("parameter_invalid", "dry_run")])
    assert (await office.rest("GET", f"/imports/{made['id']}")).body["state"] == "receiving"
    assert (await office.rest("POST", f"/imports/{made['id']}/start", {})).body["state"] == "waiting"


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({"messenger_writeable": True}, "messenger_writeable"),
        ({"descripton": "What they pay for", "archived": False}, "descripton"),
        ({"name": "renamed"}, "name"),
        ({"data_type": "integer"}, "data_type"),
        ({"model": "company"}, "model"),
    ],
)
async def test_an_edit_of_an_attribute_that_cannot_be_is_refused(
    office: Office, edit: dict[str, Any], field: str
) -> None:
    """Who thinks to have locked `plan` must not find out from Mallory."""
    await office.declare("plan", messenger_writable=False)
    before = await office.everything()
    answer = await office.rest("PUT", "/data_attributes/plan", edit)
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", field)])
    assert await office.everything() == before


async def test_a_declaration_takes_no_misspelt_field_either(office: Office) -> None:
    body = {"name": "plan", "model": "contact", "data_type": "string", "messenger_writeable": False}
    answer = await office.rest("POST", "/data_attributes", body, intercom_version="1.0")
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "messenger_writeable")])


async def test_an_attribute_is_not_declared_as_an_archived_one(office: Office) -> None:
    body = {"name": "plan", "model": "contact", "data_type": "string", "archived": True}
    answer = await office.rest("POST", "/data_attributes", body)
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "archived")])


@pytest.mark.parametrize("data_type", ["string", "options", "date"])
async def test_an_attribute_may_be_sent_back_as_it_was_read(office: Office, data_type: str) -> None:
    more = {"options": [{"value": "pro"}, {"value": "team"}]} if data_type == "options" else {}
    await office.declare("plan", data_type, **more)
    read = next(one for one in (await office.rest("GET", "/data_attributes")).body["data"] if one["name"] == "plan")
    answer = await office.rest("PUT", "/data_attributes/plan", {**read, "admin_id": "7", "description": "Money"})
    assert (answer.status, answer.body["description"]) == (200, "Money")


async def test_a_description_is_cleared_by_null_as_everything_is(office: Office) -> None:
    await office.declare("plan", description="What they pay for")
    assert (await office.rest("PUT", "/data_attributes/plan", {"archived": False})).body["description"] != ""
    assert (await office.rest("PUT", "/data_attributes/plan", {"description": None})).body["description"] == ""


async def test_a_misspelt_verified_is_no_condition(office: Office) -> None:
    """Without the word, the search would find whoever claims it."""
    query = {"field": "name", "operator": "=", "value": "Alice", "verifed": True}
    answer = await office.rest("POST", "/contacts/search", {"query": query})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "query.verifed")])


async def test_an_operator_in_another_case_is_said_to_be_that(office: Office) -> None:
    query = {"operator": "and", "value": [{"field": "name", "operator": "=", "value": "Alice"}]}
    answer = await office.rest("POST", "/contacts/search", {"query": query})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "query.operator")])
    assert "AND" in answer.body["errors"][0]["message"]
