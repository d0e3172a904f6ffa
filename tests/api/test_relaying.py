"""A relaying access token writes back what it read: nothing becomes truer by it, whichever door it takes."""

from __future__ import annotations

from typing import Any

import pytest

from avow.trust.access import Mode, Scope
from avow.trust.attribute import Enforcement
from tests.support.office import Office


async def test_equal_values_keep_their_provenance_and_others_are_unverified(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    alice = await office.alice(name="Alice", custom_attributes={"plan": "pro"})
    before = await office.known("alice")
    relay = await office.token(Mode.RELAYING)
    same = {"name": "Alice", "custom_attributes": {"plan": "pro"}}
    assert {line[1] for line in (await office.rest("PUT", f"/contacts/{alice}", same, token=relay)).receipt} == {
        "unchanged"
    }
    assert await office.known("alice") == before
    await office.rest("PUT", f"/contacts/{alice}", {"custom_attributes": {"plan": "max"}}, token=relay)
    told = (await office.rest("GET", f"/contacts/{alice}/provenance")).body["attributes"]["plan"]
    assert (told["value"], told["verified"], told["state"], told["slot"]["value"]) == (
        "max", False, "contradicted", "pro"
    )  # fmt: skip
    await office.rest("PUT", f"/contacts/{alice}", same, token=relay)
    assert (await office.holding("alice", "plan")) == before.holding("plan"), "what was vouched for is so again"


async def test_what_a_relay_creates_is_unverified(office: Office) -> None:
    relay = await office.token(Mode.RELAYING)
    body = {"external_id": "alice", "email": "alice@example.com", "email_verified": True, "name": "Alice"}
    answer = await office.rest("POST", "/contacts", body, token=relay)
    assert answer.status == 200
    told = (await office.rest("GET", f"/contacts/{answer.body['id']}/provenance")).body["attributes"]
    assert {name: (one["verified"], one["slot"]) for name, one in told.items()} == {
        "email": (False, None), "name": (False, None)
    }  # fmt: skip


async def test_a_relay_does_not_fill_a_locked_attribute(office: Office) -> None:
    await office.declare("plan")
    relay = await office.token(Mode.RELAYING)
    body = {"external_id": "alice", "custom_attributes": {"plan": "max"}}
    answer = await office.rest("POST", "/contacts", body, token=relay)
    assert answer.receipt == [("plan", "ignored", "unverified")]
    assert answer.body["custom_attributes"] == {}
    await office.enforce("name", Enforcement.LOCKED)
    assert (await office.rest("PUT", f"/contacts/{answer.body['id']}", {"name": "x"}, token=relay)).body["name"] is None


async def test_a_relay_gives_nobody_another_identity(office: Office) -> None:
    """Verified values would change hands: whoever has the new id proves herself to be their owner."""
    relay = await office.token(Mode.RELAYING)
    alice = await office.alice(name="Alice")
    unnamed = (await office.rest("POST", "/contacts", {"email": "bob@example.com"})).body["id"]
    for contact_id in (alice, unnamed):
        answer = await office.rest("PUT", f"/contacts/{contact_id}", {"external_id": "mallory"}, token=relay)
        assert (answer.status, answer.errors) == (403, [("forbidden", "external_id")])
    assert (await office.rest("PUT", f"/contacts/{alice}", {"external_id": "alice"}, token=relay)).status == 200
    assert (await office.known("alice")).id == alice


async def test_a_relay_says_of_nobody_that_two_are_one(office: Office) -> None:
    relay = await office.token(Mode.RELAYING)
    alice = await office.alice(email="alice@example.com")
    lead = (await office.rest("POST", "/contacts", {"role": "lead", "email": "alice@example.com"})).body["id"]
    before = await office.everything()
    answer = await office.rest("POST", "/contacts/merge", {"from": lead, "into": alice}, token=relay)
    assert (answer.status, answer.errors) == (403, [("forbidden", None)])
    assert await office.everything() == before


async def test_a_relay_accepts_no_held_value(office: Office) -> None:
    await office.declare("plan")
    alice = await office.alice()
    await office.browser("alice", plan="enterprise")
    held = (await office.rest("GET", f"/contacts/{alice}/held")).body["data"][0]
    answer = await office.rest(
        "POST", f"/contacts/{alice}/held/plan/accept", {"version": held["version"]},
        token=await office.token(Mode.RELAYING),
    )  # fmt: skip
    assert answer.status == 403


SCOPED: list[tuple[str, str, Any, Scope]] = [
    ("GET", "/contacts", None, Scope.READ_CONTACTS),
    ("GET", "/contacts/{id}", None, Scope.READ_CONTACTS),
    ("GET", "/contacts/{id}/merge_history", None, Scope.READ_CONTACTS),
    ("GET", "/visitors?user_id=x", None, Scope.READ_CONTACTS),
    ("POST", "/contacts/merge", {"from": "x", "into": "y"}, Scope.WRITE_CONTACTS),
    ("POST", "/contacts/{id}/archive", None, Scope.WRITE_CONTACTS),
    ("POST", "/contacts/{id}/block", None, Scope.WRITE_CONTACTS),
    ("POST", "/contacts/{id}/forget", None, Scope.WRITE_CONTACTS),
    ("DELETE", "/contacts/{id}", None, Scope.WRITE_CONTACTS),
    ("PUT", "/visitors", {"user_id": "x"}, Scope.WRITE_CONTACTS),
    ("POST", "/visitors/convert", {"type": "lead", "visitor": {"user_id": "x"}}, Scope.WRITE_CONTACTS),
]


@pytest.mark.parametrize(("method", "path", "body", "scope"), SCOPED)
async def test_each_address_takes_its_scope_and_no_other(
    office: Office, method: str, path: str, body: Any, scope: Scope
) -> None:
    alice = await office.alice()
    others = await office.token(Mode.VOUCHING, *(one for one in Scope if one is not scope))
    answer = await office.rest(method, path.format(id=alice), body, token=others)
    assert (answer.status, answer.errors) == (403, [("forbidden", None)])
    assert str(scope) in answer.body["errors"][0]["message"]
    assert (await office.known("alice")).version == 1
    mine = await office.token(Mode.VOUCHING, scope)
    assert (await office.rest(method, path.format(id=alice), body, token=mine)).status in (200, 404)
