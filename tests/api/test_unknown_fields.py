"""A misspelt field is refused where obeying the rest would do what nobody asked for."""

from __future__ import annotations

from typing import Any

import pytest

from avow.api.operations import OPERATIONS
from tests.support.office import Office

OURS: dict[str, dict[str, Any]] = {
    "POST /keys": {"name": "Backend"},
    "POST /keys/{kid}/retire": {},
    "POST /keys/{kid}/revoke": {},
    "POST /keys/{kid}/distrust": {"since": 0, "dry_run": False},
    "POST /tokens/check": {"user_data": {"user_id": "alice"}},
    "POST /imports": {"format": "csv"},
    "POST /exports": {"format": "csv"},
    "POST /contacts/{id}/held/{name}/accept": {"version": 1},
    "POST /contacts/{id}/held/{name}/discard": {"version": 1},
}
"""What is not Intercom's, with a body that would do."""


@pytest.mark.parametrize("operation", sorted(OURS))
async def test_what_is_not_intercoms_takes_no_field_that_it_does_not_know(office: Office, operation: str) -> None:
    method, path = operation.split()
    assert operation in OPERATIONS
    filled = path.replace("{kid}", office.kid).replace("{id}", await office.alice()).replace("{name}", "plan")
    before = await office.everything()
    answer = await office.rest(method, filled, {**OURS[operation], "retire_at": 1_999_999_999, "dryrun": True})
    assert (answer.status, answer.errors) == (
        400, [("parameter_invalid", "retire_at"), ("parameter_invalid", "dryrun")],
    )  # fmt: skip
    assert await office.everything() == before


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
