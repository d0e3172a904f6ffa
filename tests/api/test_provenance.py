"""What Avow tells beside Intercom's fields: who vouched for each value, what changed, what is held and became of it."""

from __future__ import annotations

from typing import Any

import pytest

from avow.trust.access import Mode
from avow.trust.change import GENESIS
from tests.support.office import START, Office

DAY = 86_400


async def provenance(office: Office, contact_id: str, name: str = "plan") -> dict[str, Any]:
    answer = await office.rest("GET", f"/contacts/{contact_id}/provenance")
    assert answer.status == 200
    found: dict[str, Any] = answer.body["attributes"][name]
    return found


async def test_every_value_says_who_vouched_for_it(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    await office.signed("alice", at=START - 90, plan="pro")
    alice = (await office.known("alice")).id
    origin = {
        "value": "pro", "channel": "signed", "verified": True, "key_id": office.kid, "actor": None,
        "signed_at": int(START) - 90, "received_at": int(START), "change": 1,
    }  # fmt: skip
    assert await provenance(office, alice) == {
        **origin, "state": "verified", "reason": None, "slot": origin, "held": None,
    }  # fmt: skip


async def test_an_unsigned_value_beside_a_verified_one_is_contradicted(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.signed("alice", plan="pro")
    await office.browser("alice", plan="enterprise")
    told = await provenance(office, (await office.known("alice")).id)
    assert (told["value"], told["verified"], told["key_id"]) == ("enterprise", False, None)
    assert (told["state"], told["slot"]["value"]) == ("contradicted", "pro")


async def test_an_unsigned_value_alone_is_unverified(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.browser("alice", plan="enterprise")
    told = await provenance(office, (await office.known("alice")).id)
    assert (told["channel"], told["state"], told["slot"]) == ("messenger", "unverified", None)


async def test_a_backends_value_names_its_access_token(office: Office) -> None:
    alice = await office.alice(name="Alice")
    told = await provenance(office, alice, "name")
    me = (await office.rest("GET", "/me")).body["access_token"]["id"]
    assert (told["channel"], told["actor"], told["key_id"]) == ("api", f"access_token:{me}", None)


async def test_a_held_value_says_where_and_how_often_and_runs_out(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    await office.signed("alice", plan="free")
    await office.browser("alice", plan="enterprise")
    alice = (await office.known("alice")).id
    told = await provenance(office, alice)
    assert told["state"] == "contradicted"
    expected = {
        "value": "enterprise", "version": told["held"]["version"], "channel": "messenger", "proven": True, "count": 1,
        "aside": False, "first_at": int(START), "last_at": int(START),
        "origin": "https://app.acme.example", "path": "/v1/settings",
    }  # fmt: skip
    assert told["held"] == expected
    listed = (await office.rest("GET", f"/contacts/{alice}/held")).body
    assert listed == {"type": "list", "data": [{"type": "held_value", "name": "plan", **expected}]}
    office.clock.pass_(30 * DAY + 1)
    told = await provenance(office, alice)
    assert (told["state"], told["held"]) == ("verified", None)
    assert (await office.rest("GET", f"/contacts/{alice}/held")).body["data"] == []


async def test_a_held_value_is_accepted_under_the_version_that_was_seen(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    await office.browser("alice", plan="enterprise")
    alice = (await office.known("alice")).id
    version = (await provenance(office, alice))["held"]["version"]
    stale = await office.rest("POST", f"/contacts/{alice}/held/plan/accept", {"version": version + 1})
    assert (stale.status, stale.errors) == (409, [("conflict", "version")])
    answer = await office.rest("POST", f"/contacts/{alice}/held/plan/accept", {"version": version})
    assert answer.body["custom_attributes"] == {"plan": "enterprise"}
    assert answer.receipt == [("plan", "applied", None)]
    told = await provenance(office, alice)
    assert (told["channel"], told["state"], told["held"]) == ("teammate", "verified", None)


async def test_a_held_value_is_discarded(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    await office.browser("alice", plan="enterprise")
    alice = (await office.known("alice")).id
    version = (await provenance(office, alice))["held"]["version"]
    assert (await office.rest("POST", f"/contacts/{alice}/held/plan/discard", {"version": version})).status == 200
    again = await office.rest("POST", f"/contacts/{alice}/held/plan/discard", {"version": version})
    assert again.errors == [("not_found", None)]
    assert (await office.rest("GET", f"/contacts/{alice}/provenance")).body["attributes"] == {}


@pytest.mark.parametrize("body", [{}, {"version": "1"}, {"version": True}, {"version": 1.0}, {"version": None}])
async def test_whoever_decides_names_a_version(office: Office, body: dict[str, object]) -> None:
    answer = await office.rest("POST", f"/contacts/{await office.alice()}/held/plan/accept", body)
    assert [field for _, field in answer.errors] == ["version"]


async def test_changes_are_told_newest_first_with_verdicts_values_and_hash(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    alice = await office.alice(custom_attributes={"plan": "free"})
    await office.browser("alice", plan="enterprise")
    office.clock.pass_(5)
    await office.signed("alice", plan="pro")
    data = (await office.rest("GET", f"/contacts/{alice}/changes")).body["data"]
    assert [one["kind"] for one in data] == ["updated", "ignored", "created"]
    newest, ignored, _ = data
    assert (newest["channel"], newest["key_id"], len(newest["token_digest"])) == ("signed", office.kid, 64)
    assert newest["values"] == {"plan": {"before": "free", "after": "pro"}}
    assert ignored["verdicts"] == [
        {
            "name": "plan",
            "verdict": "ignored",
            "reason": "unverified",
            "channel": "messenger",
            "again": 0,
            "unvouched": False,
        }
    ]
    assert (ignored["origin"], ignored["path"]) == ("https://app.acme.example", "/v1/settings")
    stored = await office.engine.store.changes(
        office.workspace_id, (await office.known("alice")).id, before=None, limit=9
    )
    assert [one["hash"] for one in data] == [record.hash.hex() for record in stored]
    assert newest["hash"] != GENESIS.hex()


async def test_changes_tell_a_relayed_value_from_one_that_was_vouched_for(office: Office) -> None:
    await office.declare("plan", enforcement="open")
    alice = await office.alice(custom_attributes={"plan": "free"})
    relay = await office.token(Mode.RELAYING)
    await office.rest("PUT", f"/contacts/{alice}", {"custom_attributes": {"plan": "pro"}}, token=relay)
    data = (await office.rest("GET", f"/contacts/{alice}/changes")).body["data"]
    told = [[(one["channel"], one["unvouched"]) for one in change["verdicts"]] for change in data]
    assert told == [[("api", True)], [("api", False)]]


async def test_changes_come_in_pages(office: Office) -> None:
    alice = await office.alice()
    for number in range(4):
        await office.rest("PUT", f"/contacts/{alice}", {"name": f"Alice {number}"})
    seen, path = [], f"/contacts/{alice}/changes?per_page=2"
    while path:
        body = (await office.rest("GET", path)).body
        seen.append([one["seq"] for one in body["data"]])
        following = body["pages"].get("next")
        path = f"/contacts/{alice}/changes?per_page=2&starting_after={following['starting_after']}" if following else ""
    assert seen == [[5, 4], [3, 2], [1]]
    wrong = await office.rest("GET", f"/contacts/{alice}/changes?starting_after=2.abc")
    assert wrong.errors == [("client_error", "starting_after")]


async def test_a_relay_may_look_but_not_decide(office: Office) -> None:
    await office.declare("plan", messenger_writable=False)
    await office.browser("alice", plan="enterprise")
    alice, relay = (await office.known("alice")).id, await office.token(Mode.RELAYING)
    (held,) = (await office.rest("GET", f"/contacts/{alice}/held", token=relay)).body["data"]
    answer = await office.rest("POST", f"/contacts/{alice}/held/plan/accept", {"version": held["version"]}, token=relay)
    assert (answer.status, answer.errors) == (403, [("forbidden", None)])
