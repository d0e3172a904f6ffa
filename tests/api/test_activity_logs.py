"""Who works here, and who changed what about the rules: in Intercom's words, and never in somebody else's name."""

from __future__ import annotations

from typing import Any

import pytest

from avow.api.team.activities import EVENT_TYPES, activity_type
from avow.flow.contract import OperatorChange
from avow.trust.access import Mode, Scope
from avow.trust.attribute import Enforcement
from avow.trust.contact import WorkspaceId
from tests.support.office import OLIVE, START, Office


async def logs(office: Office, query: str = "created_at_after=0") -> Any:
    answer = await office.rest("GET", f"/admins/activity_logs?{query}")
    assert answer.status == 200, answer.body
    return answer.body


async def test_olive_is_an_admin(office: Office) -> None:
    body = (await office.rest("GET", "/admins")).body
    (olive,) = body["admins"]
    assert (body["type"], olive["type"], olive["name"], olive["email"]) == ("admin.list", "admin", "Olive", OLIVE)
    assert olive["role"] == {"type": "role", "id": "owner", "name": "Owner"}
    assert "password" not in str(body)
    assert (await office.rest("GET", f"/admins/{olive['id']}")).body == olive
    answer = await office.rest("GET", "/admins/123")
    assert (answer.status, answer.errors) == (404, [("admin_not_found", None)])


async def test_changes_of_the_rules_are_told_in_intercoms_words(office: Office) -> None:
    await office.declare("plan")
    await office.enforce("plan", Enforcement.OPEN)
    told = {one["metadata"]["action"]: one for one in (await logs(office))["activity_logs"]}
    assert told["key.add"]["activity_type"] == "messenger_api_secret_creation"
    assert told["access_token.make"]["activity_type"] == "custom_authentication_token_creation"
    change = told["attribute.enforcement"]
    assert change["activity_type"] == "security_settings_change"
    metadata = {
        "action": "attribute.enforcement",
        "subject": "plan",
        "before": {"value": "locked"},
        "after": {"value": "open"},
    }
    assert change["metadata"] == metadata
    described = "Olive changed the attribute plan (enforcement) from locked to open."
    assert change["activity_description"] == described
    assert change["created_at"] == int(START)


async def test_nobody_is_said_to_have_done_what_a_token_did(office: Office) -> None:
    await office.declare("plan")
    await office.enforce("plan", Enforcement.MONITOR)
    olive = (await office.rest("GET", "/admins")).body["admins"][0]["id"]
    token = (await office.rest("GET", "/me")).body["access_token"]["id"]
    by = {one["metadata"]["action"]: one["performed_by"] for one in (await logs(office))["activity_logs"]}
    assert by["attribute.create"] == {"type": "access_token", "id": token}
    assert by["attribute.enforcement"] == {"type": "admin", "id": olive, "email": OLIVE}


async def test_no_secret_is_in_the_log(office: Office) -> None:
    text = str(await logs(office))
    assert office.secret not in text
    assert office.access_token not in text


async def test_a_span_and_a_page_of_it(office: Office) -> None:
    for number in range(5):
        office.clock.pass_(10)
        await office.declare(f"a{number}")
    found = await logs(office, f"created_at_after={int(START) + 20}&created_at_before={int(START) + 40}&per_page=2")
    assert [one["metadata"]["subject"] for one in found["activity_logs"]] == ["a3", "a2"]
    assert found["pages"]["next"] == {"page": 2, "per_page": 2, "starting_after": "2"}
    rest = await logs(
        office, f"created_at_after={int(START) + 20}&created_at_before={int(START) + 40}&per_page=2&starting_after=2"
    )
    assert [one["metadata"]["subject"] for one in rest["activity_logs"]] == ["a1"]
    assert (rest["pages"]["next"], rest["pages"]["total_pages"]) == (None, 2)


async def test_a_search_asks_for_some_types(office: Office) -> None:
    await office.declare("plan")
    body = {"created_at_after": 0, "event_types": ["messenger_api_secret_creation"], "per_page": 1}
    found = (await office.rest("POST", "/admins/activity_logs/search", body)).body
    assert [one["metadata"]["action"] for one in found["activity_logs"]] == ["key.add"]
    assert found["pages"]["total_pages"] == 1
    body = {"created_at_after": 0, "event_types": ["admin_login_failure"]}
    assert (await office.rest("POST", "/admins/activity_logs/search", body)).body["activity_logs"] == []


async def test_a_deleted_tag_is_written_down(office: Office) -> None:
    for name in ("VIP", "{x}", '{"a":1}'):
        tag = (await office.rest("POST", "/tags", {"name": name})).body["id"]
        office.clock.pass_(1)
        await office.rest("DELETE", f"/tags/{tag}")
        newest = (await logs(office))["activity_logs"][0]
        assert (newest["activity_type"], newest["metadata"]["before"]) == ("bulk_delete", {"value": name})


@pytest.mark.parametrize(
    ("action", "before", "after", "kind"),
    [
        ("policy.set", "{}", '{"messenger_security":{"web":"required"}}', "app_identity_verification_change"),
        ("policy.set", "{}", '{"origins":["https://a.example"]}', "trusted_domains_setting_change"),
        ("policy.set", "{}", '{"retention_days":3}', "security_settings_change"),
        ("policy.set", "not json", "", "security_settings_change"),
        ("key.revoked", "live", "revoked", "messenger_api_secret_deletion"),
        ("key.retiring", "live", "retiring", "security_settings_change"),
        ("access_token.revoke", "live", "revoked", "oauth_token_revocation"),
        ("something.new", "", "", "security_settings_change"),
    ],
)
def test_every_change_has_a_type_that_is_listed(action: str, before: str, after: str, kind: str) -> None:
    change = OperatorChange(WorkspaceId("acme0001"), "1", START, OLIVE, action, "x", before, after)
    assert activity_type(change) == kind
    assert kind in EVENT_TYPES


async def test_the_types_are_listed(office: Office) -> None:
    body = (await office.rest("GET", "/admins/activity_log_event_types")).body
    assert body == {"type": "activity_log_event_type.list", "event_types": [*EVENT_TYPES]}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "created_at_after"),
        ("created_at_after=x", "created_at_after"),
        ("created_at_after=-1", "created_at_after"),
        ("created_at_after=0&created_at_before=1e9", "created_at_before"),
        ("created_at_after=0&page=0", "page"),
        ("created_at_after=0&starting_after=x", "page"),
        ("created_at_after=0&per_page=9999", "per_page"),
    ],
)
async def test_a_span_that_is_none_is_refused(office: Office, query: str, field: str) -> None:
    answer = await office.rest("GET", f"/admins/activity_logs?{query}")
    assert (answer.status, answer.errors[0][1]) == (400, field)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"created_at_after": None}, "created_at_after"),
        ({"created_at_after": "0"}, "created_at_after"),
        ({"created_at_after": -1}, "created_at_after"),
        ({"created_at_before": 10**12}, "created_at_before"),
        ({"page": 0}, "page"),
        ({"page": 10**9}, "page"),
        ({"per_page": 251}, "per_page"),
        ({"event_types": "x"}, "event_types"),
        ({"event_types": [7]}, "event_types"),
        ({"event_types": ["x"] * 101}, "event_types"),
    ],
)
async def test_a_search_that_is_none_is_refused(office: Office, fields: dict[str, Any], field: str) -> None:
    answer = await office.rest("POST", "/admins/activity_logs/search", {"created_at_after": 0, **fields})
    assert (answer.status, answer.errors[0][1]) == (400, field)


async def test_who_may_not_read_the_rules_reads_no_log_of_them(office: Office) -> None:
    reader = await office.token(Mode.VOUCHING, Scope.READ_CONTACTS)
    assert (await office.rest("GET", "/admins/activity_logs?created_at_after=0", token=reader)).status == 403
    assert (await office.rest("GET", "/admins", token=reader)).status == 200
