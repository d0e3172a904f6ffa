"""A relaying access token writes back what it read: nothing becomes truer by it, whichever door it takes."""

from __future__ import annotations

from typing import Any

import pytest

from avow.flow.imports.work_list import advance
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


async def test_a_relay_makes_nobody_a_user(office: Office) -> None:
    """A visitor may become a lead by it, and no more: a user is somebody whom the company knows."""
    relay = await office.token(Mode.RELAYING)
    lead = (await office.rest("POST", "/contacts", {"role": "lead", "email": "bob@example.com"})).body["id"]
    visitor = (await office.visitor("s1", name="Somebody")).contact_id
    for contact_id in (lead, visitor):
        body = {"role": "user", "email": "mallory@example.com"}
        answer = await office.rest("PUT", f"/contacts/{contact_id}", body, token=relay)
        assert (answer.status, answer.errors) == (403, [("forbidden", "role")])
    assert (await office.rest("GET", f"/contacts/{lead}")).body["role"] == "lead"
    assert (await office.rest("PUT", f"/contacts/{visitor}", {"role": "lead"}, token=relay)).body["role"] == "lead"
    assert (await office.rest("PUT", f"/contacts/{lead}", {"role": "user"})).body["role"] == "user"


async def test_a_relay_says_of_nobody_that_two_are_one(office: Office) -> None:
    relay = await office.token(Mode.RELAYING)
    alice = await office.alice(email="alice@example.com")
    lead = (await office.rest("POST", "/contacts", {"role": "lead", "email": "alice@example.com"})).body["id"]
    before = await office.everything()
    answer = await office.rest("POST", "/contacts/merge", {"from": lead, "into": alice}, token=relay)
    assert (answer.status, answer.errors) == (403, [("forbidden", None)])
    assert await office.everything() == before


async def test_a_relay_decides_about_no_held_value(office: Office) -> None:
    await office.declare("plan")
    alice = await office.alice()
    await office.browser("alice", plan="enterprise")
    held = (await office.rest("GET", f"/contacts/{alice}/held")).body["data"][0]
    relay, said = await office.token(Mode.RELAYING), {"version": held["version"]}
    for act, told in (("accept", "cannot vouch for a value"), ("discard", "cannot decide about a held value")):
        answer = await office.rest("POST", f"/contacts/{alice}/held/plan/{act}", said, token=relay)
        assert (answer.status, told in answer.body["errors"][0]["message"]) == (403, True), act
    assert (await office.rest("GET", f"/contacts/{alice}/held")).body["data"] == [held]


async def test_a_relay_counts_nothing_in_a_summary_of_events(office: Office) -> None:
    """There is nothing on a summary that would say that nobody vouches for it."""
    await office.alice()
    for count, token, status in ((4, None, 200), (999, await office.token(Mode.RELAYING), 403)):
        summary = {"event_name": "ordered", "count": count, "first": 1_700_000_000, "last": 1_700_000_100}
        body = {"user_id": "alice", "event_summaries": summary}
        assert (await office.rest("POST", "/events/summaries", body, token=token)).status == status
    told = (await office.rest("GET", "/events?type=user&user_id=alice&summary=true")).body["events"]
    assert [one["count"] for one in told] == [4]


async def test_a_relay_feeds_no_import_that_another_token_made(office: Office) -> None:
    """Its rows speak as the token that made it: a lock would be got round, and the maker be named for it."""
    await office.declare("plan")
    await office.alice(custom_attributes={"plan": "starter"})
    relay = await office.token(Mode.RELAYING)
    path = f"/imports/{(await office.rest('POST', '/imports', {'format': 'jsonl'})).body['id']}"
    row = b'{"external_id":"alice","custom_attributes":{"plan":"enterprise"}}'
    before = await office.everything()
    for method, act, body in (("PUT", "/content?offset=0", row), ("POST", "/start", None), ("POST", "/cancel", None)):
        answer = await office.rest(method, path + act, body, token=relay)
        assert (answer.status, answer.errors) == (403, [("forbidden", None)]), act
    assert not await advance(office.engine)
    assert await office.everything() == before
    told = (await office.rest("GET", path)).body
    assert (told["state"], told["received_bytes"]) == ("receiving", 0)
    own = (await office.rest("POST", "/imports", {"format": "jsonl"}, token=relay)).body
    assert own["mode"] == "relaying", "what a relay brings is relayed, said or not"
    assert (await office.rest("PUT", f"/imports/{own['id']}/content", row, token=relay)).status == 200
    assert (await office.rest("POST", f"/imports/{own['id']}/start", token=relay)).body["state"] == "waiting"
    await advance(office.engine)
    assert (await office.holding("alice", "plan")).value == "starter"


async def test_what_a_token_left_behind_is_cancelled_by_another_that_vouches(office: Office) -> None:
    """It may be gone by now, and its import would take up room for ever; but nobody else's token starts it."""
    relay = await office.token(Mode.RELAYING)
    path = f"/imports/{(await office.rest('POST', '/imports', {'format': 'jsonl'}, token=relay)).body['id']}"
    await office.rest("PUT", f"{path}/content", b'{"external_id":"alice"}', token=relay)
    start = await office.rest("POST", f"{path}/start")
    assert (start.status, start.errors) == (403, [("forbidden", None)])
    assert (await office.rest("POST", f"{path}/cancel")).body["state"] == "cancelled"


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
