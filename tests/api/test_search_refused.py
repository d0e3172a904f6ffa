"""A search that is none is refused, with the code and the path of the part that is at fault."""

from __future__ import annotations

from typing import Any

import pytest

from avow.trust.access import Mode, Scope
from tests.support.office import Answer, Office


async def find(office: Office, query: Any, **more: Any) -> Answer:
    return await office.rest("POST", "/contacts/search", {"query": query, **more})


CONDITION = {"field": "email", "operator": "=", "value": "x"}
WRONG: dict[str, tuple[Any, str, str]] = {
    "text": ("plan", "parameter_invalid", "query"),
    "empty": ({}, "parameter_not_found", "query.operator"),
    "no field": ({"operator": "=", "value": 1}, "parameter_not_found", "query.field"),
    "field is a number": ({"field": 7, "operator": "="}, "parameter_invalid", "query.field"),
    "unknown field": ({"field": "shoe_size", "operator": "=", "value": 1}, "parameter_invalid", "query.field"),
    "custom without prefix": ({"field": "plan", "operator": "=", "value": "x"}, "parameter_invalid", "query.field"),
    "standard with prefix": (
        {"field": "custom_attributes.email", "operator": "=", "value": "x"}, "parameter_invalid", "query.field",
    ),
    "unknown operator": ({"field": "email", "operator": "==", "value": "x"}, "parameter_invalid", "query.operator"),
    "text above": ({"field": "email", "operator": ">", "value": "x"}, "parameter_invalid", "query.operator"),
    "date unequal": ({"field": "created_at", "operator": "!=", "value": 1}, "parameter_invalid", "query.operator"),
    "date in": ({"field": "created_at", "operator": "IN", "value": [1]}, "parameter_invalid", "query.operator"),
    "tag in": ({"field": "tag_id", "operator": "IN", "value": ["1"]}, "parameter_invalid", "query.operator"),
    "date as word": ({"field": "created_at", "operator": ">", "value": "foorbar"}, "type_mismatch", "query.value"),
    "date in words": ({"field": "created_at", "operator": ">", "value": "31/12/2025"}, "type_mismatch", "query.value"),
    "boolean as word": (
        {"field": "unsubscribed_from_emails", "operator": "=", "value": "perhaps"}, "type_mismatch", "query.value",
    ),
    "contains nothing": ({"field": "email", "operator": "~"}, "type_mismatch", "query.value"),
    "in no list": ({"field": "email", "operator": "IN", "value": "x"}, "type_mismatch", "query.value"),
    "in an empty list": ({"field": "email", "operator": "IN", "value": []}, "type_mismatch", "query.value"),
    "in too long a list": ({"field": "email", "operator": "IN", "value": ["x"] * 151}, "type_mismatch", "query.value"),
    "in a list of lists": ({"field": "email", "operator": "IN", "value": [[]]}, "type_mismatch", "query.value"),
    "an object": ({"field": "email", "operator": "=", "value": {}}, "type_mismatch", "query.value"),
    "another role": ({"field": "role", "operator": "=", "value": "visitor"}, "type_mismatch", "query.value"),
    "verified by a word": ({**CONDITION, "verified": "yes"}, "parameter_invalid", "query.verified"),
    "empty group": ({"operator": "AND", "value": []}, "parameter_invalid", "query.value"),
    "group of nothing": ({"operator": "OR"}, "parameter_invalid", "query.value"),
    "group of texts": ({"operator": "OR", "value": [CONDITION, "x"]}, "parameter_invalid", "query.value[1]"),
    "too many": ({"operator": "OR", "value": [CONDITION] * 16}, "parameter_invalid", "query.value"),
    "too deep": (
        {"operator": "OR", "value": [{"operator": "AND", "value": [{"operator": "OR", "value": [CONDITION]}]}]},
        "parameter_invalid", "query.value[0].value[0].value",
    ),
    "wrong within": (
        {"operator": "AND", "value": [CONDITION, {"field": "email", "operator": "<", "value": "x"}]},
        "parameter_invalid", "query.value[1].operator",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
async def test_a_query_that_is_none_is_refused_by_the_part_at_fault(office: Office, name: str) -> None:
    query, code, field = WRONG[name]
    answer = await find(office, query)
    assert (answer.status, answer.errors) == (400, [(code, field)])


async def test_a_body_without_a_query_is_refused(office: Office) -> None:
    assert (await office.rest("POST", "/contacts/search", {})).errors == [("parameter_not_found", "query")]


@pytest.mark.parametrize(
    ("more", "code", "field"),
    [
        ({"sort": {"field": "email", "order": "desc"}}, "invalid_sort_order", "sort.order"),
        ({"sort": {"field": "shoe_size"}}, "parameter_invalid", "sort.field"),
        ({"sort": "created_at"}, "parameter_invalid", "sort"),
        ({"pagination": {"per_page": 0}}, "parameter_invalid", "pagination.per_page"),
        ({"pagination": {"per_page": 151}}, "parameter_invalid", "pagination.per_page"),
        ({"pagination": {"per_page": "many"}}, "parameter_invalid", "pagination.per_page"),
        ({"pagination": {"per_page": True}}, "parameter_invalid", "pagination.per_page"),
        ({"pagination": []}, "parameter_invalid", "pagination"),
    ],
)
async def test_an_order_or_a_page_that_is_none_is_refused(
    office: Office, more: dict[str, Any], code: str, field: str
) -> None:
    answer = await find(office, CONDITION, **more)
    assert (answer.status, answer.errors) == (400, [(code, field)])


CURSORS = ["x", "", "%", "é", "null", "WzJd", "e30", "W10=", 7, "A" * 9000, "WzIsImlkIix0cnVlLCJ4IiwieCIsMV0"]


@pytest.mark.parametrize("cursor", [one for one in CURSORS if one != ""])
async def test_a_cursor_that_is_none_is_a_clients_error(office: Office, cursor: Any) -> None:
    answer = await find(office, CONDITION, pagination={"starting_after": cursor})
    assert (answer.status, answer.errors) == (400, [("client_error", "pagination.starting_after")])


@pytest.mark.parametrize("field", ["role", "external_id", "last_seen_at", "segment_id"])
async def test_what_nobody_vouches_for_cannot_be_asked_verified(office: Office, field: str) -> None:
    value = {"role": "user", "last_seen_at": 1_700_000_000}.get(field, "x")
    answer = await find(office, {"field": field, "operator": "=", "value": value, "verified": True})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "query.verified")])
    assert "is vouched for by nobody" in answer.body["errors"][0]["message"]


async def test_searching_takes_the_right_to_read_contacts(office: Office) -> None:
    token = await office.token(Mode.VOUCHING, Scope.READ_ATTRIBUTES)
    answer = await office.rest("POST", "/contacts/search", {"query": CONDITION}, token=token)
    assert answer.status == 403
