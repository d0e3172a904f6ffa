"""What a write answers: merged values, receipts, retries, and the whole of what somebody read sent back."""

from __future__ import annotations

from typing import Any

import pytest

from avow.trust.access import Mode
from tests.support.office import Office


async def test_custom_attributes_merge_and_null_clears(office: Office) -> None:
    await office.declare("plan")
    await office.declare("seats", "integer")
    alice = await office.alice(name="Alice", custom_attributes={"plan": "pro", "seats": 3})
    body = (await office.rest("PUT", f"/contacts/{alice}", {"custom_attributes": {"seats": 4}})).body
    assert (body["name"], body["custom_attributes"]) == ("Alice", {"plan": "pro", "seats": 4})
    body = (await office.rest("PUT", f"/contacts/{alice}", {"name": None, "custom_attributes": {"plan": None}})).body
    assert (body["name"], body["custom_attributes"]) == (None, {"plan": None, "seats": 4})


async def test_an_archived_attribute_is_not_shown(office: Office) -> None:
    await office.declare("plan")
    alice = await office.alice(custom_attributes={"plan": "pro"})
    await office.rest("PUT", "/data_attributes/plan", {"archived": True})
    assert (await office.rest("GET", f"/contacts/{alice}")).body["custom_attributes"] == {}


async def test_what_was_only_ever_ignored_is_not_shown(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    alice = await office.alice()
    await office.browser("alice", plan="enterprise")
    assert (await office.rest("GET", f"/contacts/{alice}")).body["custom_attributes"] == {}


async def test_an_attribute_that_a_token_made_this_instant_is_shown_at_once(office: Office) -> None:
    alice = await office.alice()
    await office.signed("alice", plan="pro")
    assert (await office.rest("GET", f"/contacts/{alice}")).body["custom_attributes"] == {"plan": "pro"}


async def test_the_receipt_tells_every_verdict_and_comes_only_when_asked_for(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    alice = await office.alice(custom_attributes={"plan": "free"})
    relay = await office.token(Mode.RELAYING)
    body = {"name": "Alice", "custom_attributes": {"plan": "pro"}, "favourite_colour": "red"}
    answer = await office.rest("PUT", f"/contacts/{alice}", body, token=relay)
    assert answer.receipt == [
        ("name", "applied", None),
        ("plan", "ignored", "unverified"),
        ("favourite_colour", "ignored", "unknown_attribute"),
    ]
    assert {line["channel"] for line in answer.body["receipt"]["attributes"]} == {"api"}
    again = await office.rest("PUT", f"/contacts/{alice}", body, token=relay, avow_receipt="0")
    assert "receipt" not in again.body


async def test_what_is_written_elsewhere_is_said_not_to_be_written_here(office: Office) -> None:
    await office.declare("plan")
    said = {"tags": ["vip"], "notes": "Call her", "companies": [{"id": "1"}], "company": {"id": "1"}, "plan": "pro"}
    created = await office.rest("POST", "/contacts", {"external_id": "bob", **said})
    updated = await office.rest("PUT", f"/contacts/{created.body['id']}", said)
    for answer in (created, updated):
        assert sorted(answer.receipt) == [(name, "ignored", "not_supported") for name in sorted(said)]
        assert (answer.body["tags"]["total_count"], answer.body["custom_attributes"]) == (0, {})


async def test_each_field_at_fault_has_its_own_error(office: Office) -> None:
    alice = await office.alice()
    answer = await office.rest(
        "PUT", f"/contacts/{alice}", {"avatar": "ftp://x", "owner_id": "x", "custom_attributes": {"unheard": 1}}
    )
    assert (answer.status, answer.body["type"]) == (400, "error.list")
    assert answer.errors == [
        ("type_mismatch", "avatar"), ("type_mismatch", "owner_id"), ("unknown_attribute", "custom_attributes.unheard")
    ]  # fmt: skip
    assert "ftp" not in str(answer.body)


async def test_what_was_read_may_be_sent_back_and_changes_nothing(office: Office) -> None:
    await office.declare("plan")
    alice = await office.alice(name="Alice", unsubscribed_from_emails=False, custom_attributes={"plan": "pro"})
    read = (await office.rest("GET", f"/contacts/{alice}")).body
    before = await office.known("alice")
    answer = await office.rest("PUT", f"/contacts/{alice}", read, token=await office.token(Mode.RELAYING))
    assert (answer.status, {one[1] for one in answer.receipt}) == (200, {"unchanged", "ignored"})
    assert (await office.known("alice")).holdings == before.holdings


@pytest.mark.parametrize(
    "body",
    [
        {"custom_attributes": {f"a{n}": n for n in range(101)}},
        {f"a{n}": n for n in range(101)},
        {"name": "Alice", "custom_attributes": {f"a{n}": n for n in range(100)}},
    ],
)
async def test_more_than_a_hundred_attributes_at_once_are_refused(office: Office, body: dict[str, Any]) -> None:
    alice = await office.alice()
    answer = await office.rest("PUT", f"/contacts/{alice}", body)
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "custom_attributes")])


async def test_a_conflict_ends_with_the_id_that_integrations_look_for(office: Office) -> None:
    alice = await office.alice()
    answer = await office.rest("POST", "/contacts", {"external_id": "alice"})
    assert (answer.status, answer.errors) == (409, [("conflict", None)])
    assert answer.body["errors"][0]["message"].endswith(f"id={alice}")


async def test_a_retry_has_one_effect_and_the_same_answer(office: Office) -> None:
    first, second = [await office.rest("POST", "/contacts", {"role": "lead"}, idempotency_key="k1") for _ in range(2)]
    assert first.body == second.body
    assert (await office.rest("GET", "/contacts")).body["total_count"] == 1


async def test_a_key_used_for_another_body_is_refused(office: Office) -> None:
    await office.rest("POST", "/contacts", {"role": "lead"}, idempotency_key="k1")
    answer = await office.rest("POST", "/contacts", {"role": "user", "email": "a@b.example"}, idempotency_key="k1")
    assert (answer.status, answer.errors) == (422, [("idempotency_key_reused", "Idempotency-Key")])


async def test_one_key_of_two_callers_or_on_two_addresses_is_two_keys(office: Office) -> None:
    """Otherwise Mallory could read what somebody else was answered, by guessing the key."""
    body = {"external_id": "alice", "name": "Alice"}
    first = await office.rest("POST", "/contacts", body, idempotency_key="k1")
    assert first.status == 200
    other = await office.rest("POST", "/contacts", body, token=await office.token(), idempotency_key="k1")
    assert other.status == 409
    alice = first.body["id"]
    assert (await office.rest("PUT", f"/contacts/{alice}", body, idempotency_key="k1")).status == 200
    erased, again = [await office.rest("DELETE", f"/contacts/{alice}", idempotency_key="k1") for _ in range(2)]
    assert (erased.body["deleted"], erased.body["external_id"]) == (True, "alice")
    assert (again.status, again.body["external_id"]) == (200, None), "nothing of her is kept for a retry"
    assert (await office.rest("DELETE", f"/contacts/{alice}", idempotency_key="k2")).status == 404


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
async def test_a_key_that_is_none_is_refused(office: Office, key: str) -> None:
    answer = await office.rest("POST", "/contacts", {"role": "lead"}, idempotency_key=key)
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "Idempotency-Key")])
