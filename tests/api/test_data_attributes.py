"""`/data_attributes`: what there is, what a version means for a new one, and the switch that locks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.office import Office

NEW = {"name": "plan", "model": "contact", "data_type": "string"}


async def listed(office: Office, query: str = "") -> dict[str, dict[str, Any]]:
    body = (await office.rest("GET", f"/data_attributes{query}")).body
    assert body["type"] == "list"
    return {one["name"]: one for one in body["data"]}


async def test_a_new_attribute_is_answered_whole(office: Office) -> None:
    answer = await office.rest("POST", "/data_attributes", {**NEW, "description": "What they pay for"})
    assert answer.status == 200
    number = answer.body.pop("id")
    assert isinstance(number, int)
    assert answer.body == {
        "type": "data_attribute", "model": "contact", "name": "plan", "full_name": "custom_attributes.plan",
        "label": "plan", "description": "What they pay for", "data_type": "string", "api_writable": True,
        "messenger_writable": False, "ui_writable": True, "custom": True, "archived": False, "enforcement": "locked",
        "provisional": False, "filterable": False, "created_at": int(office.clock()), "updated_at": int(office.clock()),
    }  # fmt: skip
    assert (await listed(office))["plan"] == {**answer.body, "id": number}


@pytest.mark.parametrize(
    ("version", "writable"), [(None, False), ("1.0", True), ("2.10", True), ("2.11", False), ("2.16", False)]
)
async def test_without_a_word_the_version_decides_whether_it_is_locked(
    office: Office, version: str | None, writable: bool
) -> None:
    headers = {} if version is None else {"intercom_version": version}
    answer = await office.rest("POST", "/data_attributes", NEW, **headers)
    assert answer.body["messenger_writable"] is writable


@pytest.mark.parametrize(
    ("words", "enforcement"),
    [
        ({"messenger_writable": True}, "open"),
        ({"messenger_writable": False}, "locked"),
        ({"enforcement": "monitor"}, "monitor"),
        ({"enforcement": "monitor", "messenger_writable": True}, "monitor"),
        ({"enforcement": "locked", "messenger_writable": False}, "locked"),
    ],
)
async def test_a_word_decides_whatever_the_version(office: Office, words: dict[str, Any], enforcement: str) -> None:
    for version in ("2.10", "2.14"):
        answer = await office.rest(
            "POST", "/data_attributes", {**NEW, "name": f"plan {version[-2:]}", **words}, intercom_version=version
        )
        assert answer.body["enforcement"] == enforcement


@pytest.mark.parametrize(
    ("data_type", "told"),
    [("integer", "integer"), ("float", "float"), ("boolean", "boolean"), ("date", "date"), ("datetime", "date")],
)
async def test_each_type_has_its_word(office: Office, data_type: str, told: str) -> None:
    answer = await office.rest("POST", "/data_attributes", {**NEW, "data_type": data_type})
    assert (answer.body["data_type"], "options" in answer.body) == (told, False)


async def test_a_list_is_told_as_a_text_with_options(office: Office) -> None:
    options = [{"value": "1-10"}, {"value": "11-50"}]
    answer = await office.rest("POST", "/data_attributes", {**NEW, "data_type": "options", "options": options})
    assert (answer.body["data_type"], answer.body["options"]) == ("string", ["1-10", "11-50"])
    more = await office.rest("PUT", f"/data_attributes/{answer.body['id']}", {"options": [*options, {"value": "51-"}]})
    assert more.body["options"] == ["1-10", "11-50", "51-"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": None}, ("parameter_not_found", "name")),
        ({"model": None}, ("parameter_not_found", "model")),
        ({"data_type": None}, ("parameter_not_found", "data_type")),
        ({"name": 1}, ("parameter_invalid", "name")),
        ({"name": "!nv@l!d n@me"}, ("parameter_invalid", "name")),
        ({"name": "email"}, ("parameter_invalid", "name")),
        ({"model": "company"}, ("not_supported", "model")),
        ({"model": "ticket"}, ("parameter_invalid", "model")),
        ({"data_type": "mithril"}, ("parameter_invalid", "data_type")),
        ({"data_type": "options"}, ("parameter_invalid", "options")),
        ({"data_type": "options", "options": {"value": "S"}}, ("parameter_invalid", "options")),
        ({"data_type": "options", "options": [{"value": "S"}, {"text": "M"}]}, ("parameter_invalid", "options")),
        ({"enforcement": "loose"}, ("parameter_invalid", "enforcement")),
        ({"enforcement": "locked", "messenger_writable": True}, ("parameter_invalid", "messenger_writable")),
        ({"messenger_writable": "no"}, ("parameter_invalid", "messenger_writable")),
    ],
)
async def test_what_cannot_be_declared_is_refused_and_changes_nothing(
    office: Office, change: dict[str, Any], error: tuple[str, str]
) -> None:
    before = await office.everything()
    answer = await office.rest("POST", "/data_attributes", {**NEW, **change})
    assert (answer.status, answer.errors) == (400, [error])
    assert await office.everything() == before


async def test_a_name_is_taken_once(office: Office) -> None:
    await office.declare("plan")
    answer = await office.rest("POST", "/data_attributes", NEW)
    assert answer.errors == [("parameter_invalid", "name")]
    assert "You already have 'plan' in your people data." in answer.body["errors"][0]["message"]


async def test_the_switch_locks_and_opens_and_is_so_at_once(office: Office) -> None:
    number = await office.declare("plan", messenger_writable=True)
    await office.browser("alice", plan="free")
    for writable, applied in ((False, "free"), (True, "enterprise")):
        answer = await office.rest("PUT", f"/data_attributes/{number}", {"messenger_writable": writable})
        assert answer.body["messenger_writable"] is writable
        assert (await listed(office))["plan"]["messenger_writable"] is writable
        await office.forged("alice", plan="enterprise")
        assert (await office.holding("alice", "plan")).value == applied


async def test_standard_attributes_go_by_name_and_show_no_number(office: Office) -> None:
    answer = await office.rest("PUT", "/data_attributes/email", {"messenger_writable": False})
    assert (answer.status, answer.body["messenger_writable"], answer.body["custom"]) == (200, False, False)
    assert "id" not in answer.body
    everything = await listed(office)
    assert everything["email"]["messenger_writable"] is False
    assert everything["avatar"]["full_name"] == "avatar.image_url"
    assert {"name", "phone", "signed_up_at", "utm_source"} <= set(everything)
    assert (await office.rest("PUT", "/data_attributes/2", {"messenger_writable": True})).status == 404


async def test_an_archived_attribute_is_listed_only_when_asked_for(office: Office) -> None:
    number = await office.declare("plan")
    assert (await office.rest("PUT", f"/data_attributes/{number}", {"archived": True})).body["archived"] is True
    assert "plan" not in await listed(office)
    assert (await listed(office, "?include_archived=true"))["plan"]["archived"] is True
    assert (await office.rest("PUT", f"/data_attributes/{number}", {"archived": False})).body["archived"] is False


async def test_companies_have_no_attributes_here(office: Office) -> None:
    assert await listed(office, "?model=company") == {}
    assert (await office.rest("GET", "/data_attributes?model=ticket")).errors == [("parameter_invalid", "model")]
    wrong = await office.rest("GET", "/data_attributes?include_archived=perhaps")
    assert wrong.errors == [("parameter_invalid", "include_archived")]
    for version, status in (("2.14", 200), ("2.16", 422)):
        answer = await office.rest("GET", "/data_attributes?model=conversation", intercom_version=version)
        assert answer.status == status


async def test_what_is_no_attribute_is_not_found(office: Office) -> None:
    for method, path, body in (
        ("PUT", "/data_attributes/unheard", {"archived": True}),
        ("PUT", "/data_attributes/9999", {"archived": True}),
        ("GET", "/data_attributes/unheard/readiness", None),
    ):
        answer = await office.rest(method, path, body)
        assert (answer.status, answer.errors) == (404, [("field_not_found", None)])


async def test_readiness_goes_by_number_and_by_name(office: Office) -> None:
    number = await office.declare("plan")
    by_number = (await office.rest("GET", f"/data_attributes/{number}/readiness")).body
    assert by_number == (await office.rest("GET", "/data_attributes/plan/readiness")).body
    assert (by_number["state"], by_number["sentence"]) == ("never_signed", "Never seen signed")
    assert set(by_number["windows"]) == {"24h", "7d", "30d"}
    assert by_number["windows"]["24h"]["signed_share"] is None
    assert by_number["windows"]["24h"]["unproven"] == dict.fromkeys(("repeats", "fills", "changes", "contradicts"), 0)
