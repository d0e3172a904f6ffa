"""What Intercom's own clients raise when Avow refuses, what a backend reads from it, and which version is spoken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from intercom import UnauthorizedError
from intercom.core.api_error import ApiError

from tests.clients.cast import Acme, codes, message
from tests.support.program import avow


def spoken(version: str) -> Any:
    """Request options that name a version."""
    return {"additional_headers": {"Intercom-Version": version}}


def another_token(acme: Acme, *flags: str) -> str:
    """An access token that may less."""
    where = [*acme.made.place, "--workspace", acme.made.workspace_id, "--json"]
    made = avow("access-token", "create", "--name", acme.name("other"), *flags, *where)
    return str(json.loads(made.stdout)["access_token"])


@pytest.mark.parametrize("token", ["avow_at_wrong", "dG9rOmZha2U=", "x" * 400])
def test_a_wrong_token_is_unauthorized(acme: Acme, token: str) -> None:
    mallory = acme.speaking(token)
    with pytest.raises(UnauthorizedError) as refused:
        mallory.contacts.list()
    assert codes(refused.value) == ["unauthorized"]
    assert message(refused.value).startswith("Access Token Invalid")
    assert (refused.value.headers or {})["www-authenticate"] == "Bearer"
    with pytest.raises(ApiError) as refused_me:
        mallory.admins.identify()
    assert refused_me.value.status_code == 401


def test_a_token_without_the_scope_is_forbidden_and_changes_nothing(acme: Acme) -> None:
    alice, reader = acme.user(name="Alice"), acme.speaking(another_token(acme, "--scope", "contacts:read"))
    assert reader.contacts.find(alice.id).name == "Alice"
    for ask in (
        lambda: reader.contacts.update(alice.id, name="Mallory"),
        lambda: reader.contacts.delete(alice.id),
        lambda: reader.data_attributes.list(),
    ):
        with pytest.raises(ApiError) as refused:
            ask()
        assert (refused.value.status_code, codes(refused.value)) == (403, ["forbidden"])
    assert acme.client.contacts.find(alice.id).name == "Alice"


def test_what_a_relaying_token_writes_to_a_locked_attribute_is_ignored_and_told(acme: Acme) -> None:
    plan = acme.attribute("plan")
    alice = acme.user(custom_attributes={plan.name: "pro"})
    sync = acme.speaking(another_token(acme, "--mode", "relaying"))
    asking: Any = {"additional_headers": {"Avow-Receipt": "1"}}
    told = sync.contacts.update(alice.id, custom_attributes={plan.name: "max"}, request_options=asking)
    assert told.custom_attributes == {plan.name: "pro"}
    lines = [(line["name"], line["verdict"], line["reason"]) for line in told.receipt["attributes"]]
    assert lines == [(plan.name, "ignored", "unverified")]


def test_a_conflict_names_who_is_there_already(acme: Acme) -> None:
    alice = acme.user()
    with pytest.raises(ApiError) as refused:
        acme.client.contacts.create(request={"external_id": alice.external_id})  # type: ignore[arg-type]
    assert (refused.value.status_code, codes(refused.value)) == (409, ["conflict"])
    assert message(refused.value).endswith(f"id={alice.id}"), "importers take the id from the end of the text"


def test_several_faults_are_named_one_by_one_and_nothing_is_written(acme: Acme) -> None:
    seats, active = acme.attribute("seats", "integer"), acme.attribute("active", "boolean")
    alice = acme.user(name="Alice")
    with pytest.raises(ApiError) as refused:
        acme.client.contacts.update(alice.id, name="Bob", custom_attributes={seats.name: "many", active.name: "maybe"})
    named = {one["field"]: one["code"] for one in refused.value.body["errors"]}
    assert named == dict.fromkeys(
        (f"custom_attributes.{seats.name}", f"custom_attributes.{active.name}"), "type_mismatch"
    )
    assert acme.client.contacts.find(alice.id).name == "Alice"


def test_no_version_is_2_14_and_newer_ones_differ(acme: Acme) -> None:
    alice, find = acme.user(owner_id=7), acme.client.contacts.find
    spoken_to = [find(alice.id), *(find(alice.id, request_options=spoken(one)) for one in ("2.14", "2.16", "Unstable"))]
    assert [one.owner_id for one in spoken_to] == [7, 7, 7, 7], "the client makes a number of what 2.16 tells as text"
    assert acme.client.data_attributes.list(model="conversation", request_options=spoken("2.14")).data == []
    with pytest.raises(ApiError) as refused:
        acme.client.data_attributes.list(model="conversation", request_options=spoken("2.16"))
    assert (refused.value.status_code, codes(refused.value)) == (422, ["parameter_invalid"])
    with pytest.raises(ApiError) as unknown:
        find(alice.id, request_options=spoken("9.99"))
    assert (unknown.value.status_code, codes(unknown.value)) == (400, ["intercom_version_invalid"])


@pytest.mark.parametrize(("version", "writable"), [("2.10", True), ("2.11", False), ("2.16", False)])
def test_an_attribute_is_born_locked_from_2_11_on(acme: Acme, version: str, writable: bool) -> None:
    made = acme.client.data_attributes.create(
        request={"name": acme.name("plan").replace("-", "_"), "model": "contact", "data_type": "string"},  # type: ignore[arg-type]
        request_options=spoken(version),
    )
    assert made.messenger_writable is writable


def test_every_answer_tells_what_is_left_of_the_rate(acme: Acme) -> None:
    told = acme.client.contacts.with_raw_response.find(acme.user().id)
    limit, remaining = int(told.headers["x-ratelimit-limit"]), int(told.headers["x-ratelimit-remaining"])
    assert 0 < remaining < limit
    assert int(told.headers["x-ratelimit-reset"]) % 10 == 0


def test_node_raises_what_backends_catch(acme: Acme) -> None:
    told = acme.node("errors", seats=acme.attribute("seats", "integer").name)
    seen = {name: (one["kind"], one["status"], one["codes"]) for name, one in told["refused"].items()}
    assert seen == {
        "wrong_token": ("UnauthorizedError", 401, ["unauthorized"]),
        "nobody": ("IntercomError", 404, ["not_found"]),
        "conflict": ("IntercomError", 409, ["conflict"]),
        "mismatch": ("IntercomError", 400, ["type_mismatch"]),
        "version": ("IntercomError", 400, ["intercom_version_invalid"]),
    }
    assert told["refused"]["conflict"]["message"].endswith(f"id={told['alice']}")
    assert {one["type"] for one in told["refused"].values()} == {"error.list"}
    assert (told["owner"], told["owner_in_2_16"]) == (7, "7")
    assert told["remaining"] < told["limit"]
