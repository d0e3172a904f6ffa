"""`POST /tokens/check`: every check and verdict, now and under other rules; nothing is written, nothing is echoed."""

from __future__ import annotations

from typing import Any

import pytest

from avow import sign
from avow.trust.access import Mode, Scope
from avow.trust.attribute import Enforcement
from tests.support.office import Office


def token(office: Office, user_id: str = "alice", /, **values: Any) -> str:
    return sign(user_id, values, key=office.secret, kid=office.kid, now=office.clock(), expires_in=3600)


async def asked(office: Office, **body: Any) -> Any:
    answer = await office.rest("POST", "/tokens/check", body)
    assert answer.status == 200, answer.body
    return answer.body


def lines(trial: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(one["name"], one["verdict"], one["reason"]) for one in trial["attributes"]]


def failed(trial: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["check"], one["reason"]) for one in trial["checks"] if one["outcome"] == "failed"]


async def test_every_check_and_verdict_is_told_and_nothing_is_written(office: Office) -> None:
    await office.signed("alice", plan="pro")
    before, versions = await office.everything(), await office.engine.store.versions()
    told = await asked(office, token=token(office, plan="max"), user_data={"seats": 7, "plan": "free"})
    assert [one["outcome"] for one in told["current"]["checks"]] == ["passed"] * 12
    assert lines(told["current"]) == [
        ("plan", "applied", None),
        ("seats", "ignored", "unknown_attribute"),
        ("plan", "ignored", "superseded_by_signed"),
    ]
    assert told["current"]["contact_id"] == (await office.known("alice")).id
    assert told["proposed"] is None
    assert (await office.everything(), await office.engine.store.versions()) == (before, versions)


async def test_a_lock_is_tried_before_it_is_turned(office: Office) -> None:
    await office.declare("plan", enforcement="open")
    told = await asked(office, token=token(office), user_data={"plan": "free"}, enforcement={"plan": "locked"})
    assert lines(told["current"]) == [("plan", "applied", None)]
    assert lines(told["proposed"]) == [("plan", "ignored", "unverified")]
    assert (await asked(office, token=token(office)))["proposed"] is None


async def test_a_policy_is_tried_before_it_is_set(office: Office) -> None:
    text = token(office)
    told = await asked(office, token=text, policy={"max_token_lifetime": 600, "audience": "avow"})
    assert (told["current"]["accepted"], told["proposed"]["accepted"]) == (True, False)
    assert failed(told["proposed"]) == [("V9", "token_too_long_lived")]
    told = await asked(office, token=text, policy={"audience": "avow"})
    assert failed(told["proposed"]) == [("V10", "audience_mismatch")]


async def test_a_page_without_a_token_is_tried_too(office: Office) -> None:
    await office.declare("plan", enforcement="open")
    told = await asked(
        office,
        user_data={"user_id": "alice", "plan": "free"},
        policy={"messenger_security": {"web": "required"}},
    )
    assert (told["current"]["checks"], told["current"]["accepted"]) == ([], True)
    assert lines(told["current"]) == [("plan", "applied", None)]
    assert told["proposed"]["refusal"]["code"] == "identity_unproven"
    assert told["proposed"]["accepted"] is False


async def test_a_wrong_user_hash_is_told(office: Office) -> None:
    told = await asked(office, user_data={"user_id": "alice", "user_hash": "0" * 64})
    assert told["current"]["refusal"]["code"] == "user_hash_invalid"


async def test_the_page_naming_somebody_else_fails_the_check(office: Office) -> None:
    told = await asked(office, token=token(office), user_data={"user_id": "mallory"})
    assert failed(told["current"]) == [("V11", "identity_mismatch")]


async def test_the_platform_counts(office: Office) -> None:
    made = (await office.rest("POST", "/keys", {"kid": "apps", "platforms": ["ios"]})).body
    office.kid, office.secret = made["kid"], made["secret"]
    assert failed((await asked(office, token=token(office)))["current"]) == [("V4", "key_wrong_platform")]
    assert (await asked(office, token=token(office), platform="ios"))["current"]["accepted"] is True


@pytest.mark.parametrize("raw_token", [7, "", [], {}, True, "x.y", "avow_sk_secret"])
async def test_whatever_comes_as_a_token_is_checked_as_one(office: Office, raw_token: object) -> None:
    assert failed((await asked(office, token=raw_token))["current"]) == [("V1", "token_malformed")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "token"),
        ({"token": None}, "token"),
        ({"token": "a.b.c", "platform": "tv"}, "platform"),
        ({"token": "a.b.c", "platform": 7}, "platform"),
        ({"token": "a.b.c", "user_data": []}, "user_data"),
        ({"token": "a.b.c", "user_data": {"intercom_user_jwt": "a.b.c"}}, "user_data"),
        ({"user_data": {str(number): 1 for number in range(101)}}, "user_data"),
        ({"user_data": {"user_id": " "}}, "user_id"),
        ({"token": "a.b.c", "enforcement": {"plan": "shut"}}, "enforcement.plan"),
        ({"token": "a.b.c", "enforcement": {"plan": 7}}, "enforcement.plan"),
        ({"token": "a.b.c", "enforcement": {"nothing": "locked"}}, "enforcement.nothing"),
        ({"token": "a.b.c", "policy": {"color": "red"}}, "policy"),
        ({"token": "a.b.c", "policy": {"require_exp": "yes"}}, "policy.require_exp"),
        ({"token": "a.b.c", "policy": {"retention_days": 0}}, "retention_days"),
    ],
)
async def test_a_question_that_cannot_be_meant_is_refused(office: Office, body: dict[str, Any], field: str) -> None:
    answer = await office.rest("POST", "/tokens/check", body)
    assert (answer.status, answer.errors[0][1]) == (400, field), answer.body


async def test_neither_the_token_nor_a_value_nor_a_secret_is_repeated(office: Office) -> None:
    await office.signed("alice", plan="canary-before")
    text = token(office, plan="canary-signed")
    answer = await office.rest(
        "POST",
        "/tokens/check",
        {"token": text, "user_data": {"seats": "canary-page"}, "enforcement": {"plan": "open"}},
    )
    assert answer.status == 200
    for secret in ("canary", text, text.rpartition(".")[2], office.secret, office.access_token):
        assert secret not in str(answer.body)
    leaked = await office.rest("POST", "/tokens/check", {"token": office.secret})
    assert office.secret not in str(leaked.body)


async def test_it_takes_a_scope_of_its_own(office: Office) -> None:
    """Its verdicts depend on what is stored: it is no oracle for a page."""
    other = await office.token(Mode.VOUCHING, Scope.READ_CONTACTS, Scope.READ_KEYS)
    assert (await office.rest("POST", "/tokens/check", {"token": "a.b.c"}, token=other)).status == 403
    mine = await office.token(Mode.VOUCHING, Scope.CHECK_TOKENS)
    assert (await office.rest("POST", "/tokens/check", {"token": "a.b.c"}, token=mine)).status == 200
    none = await office.client.post("/tokens/check", json={"token": "a.b.c"})
    assert none.status_code == 401


async def test_what_the_check_foretells_comes_about(office: Office) -> None:
    await office.declare("plan", enforcement="open")
    body = {"token": token(office, name="Alice"), "user_data": {"plan": "free"}, "enforcement": {"plan": "locked"}}
    foretold = (await asked(office, **body))["proposed"]
    await office.enforce("plan", Enforcement.LOCKED)
    told = (await asked(office, token=body["token"], user_data=body["user_data"]))["current"]
    assert lines(told) == lines(foretold)
