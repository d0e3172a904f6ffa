"""`POST /keys/{kid}/distrust`: told first, done when it is said, step by step; and what provenance then says."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from avow.api.keys import distrust as keys_distrust
from avow.flow.distrust import steps
from tests.support.office import Office


async def distrust(office: Office, **body: Any) -> Any:
    answer = await office.rest("POST", f"/keys/{office.kid}/distrust", body)
    assert answer.status == 200, answer.body
    return answer.body


async def state(office: Office) -> str:
    keys = (await office.rest("GET", "/keys")).body["data"]
    return str(next(one["state"] for one in keys if one["kid"] == office.kid))


async def test_it_is_told_and_not_done_unless_it_is_said(office: Office) -> None:
    since = int(office.clock())
    await office.signed("alice", plan="stolen")
    before = await office.everything()
    told = await distrust(office, since=since)
    alice = await office.known("alice")
    assert (told["dry_run"], told["complete"], told["next"]) == (True, True, None)
    assert told["contacts"] == [{"id": alice.id, "attributes": [{"name": "plan", "outcome": "unverified"}]}]
    assert (told["created"], told["merges"]) == ([alice.id], [])
    assert told["counts"] == {
        "contacts": 1, "restored": 0, "offered": 0, "unverified": 1, "date_lowered": 0, "held_doubted": 0, "erased": 0,
    }  # fmt: skip
    assert (await office.everything(), await state(office)) == (before, "live")


async def test_done_the_provenance_says_why(office: Office) -> None:
    since = int(office.clock())
    await office.signed("alice", plan="stolen")
    done = await distrust(office, since=since, dry_run=False)
    assert (done["complete"], done["next"], len(done["contacts"])) == (True, None, 1)
    alice = await office.known("alice")
    entry = (await office.rest("GET", f"/contacts/{alice.id}/provenance")).body["attributes"]["plan"]
    assert (entry["value"], entry["verified"], entry["state"], entry["reason"]) == (
        "stolen", False, "unverified", "key_compromised",
    )  # fmt: skip
    assert (entry["channel"], entry["key_id"], entry["slot"]) == ("signed", office.kid, None)
    change = (await office.rest("GET", f"/contacts/{alice.id}/changes")).body["data"][0]
    assert (change["kind"], change["key_id"], change["seq"]) == ("distrusted", office.kid, entry["change"])
    assert [(one["name"], one["reason"]) for one in change["verdicts"]] == [("plan", "key_compromised")]
    [key] = (await office.rest("GET", "/keys")).body["data"]
    assert (key["state"], key["distrusted_since"]) == ("revoked", since)


async def test_many_contacts_take_many_steps_and_each_is_told_of_once(office: Office) -> None:
    since = int(office.clock())
    for number in range(7):
        await office.signed(f"user-{number}", plan="stolen")
        office.clock.pass_(1)
        await office.signed(f"user-{number}", plan="stolen again", seats=number)
    for dry_run in (True, False):
        with patch.object(steps, "STEP", 3), patch.object(keys_distrust, "MOST_RECORDS", 3):
            told = [await distrust(office, since=since, dry_run=dry_run)]
            while told[-1]["next"]:
                told.append(await distrust(office, since=since, dry_run=dry_run, **told[-1]["next"]))
        assert len(told) > 4
        ids = [one["id"] for step in told for one in step["contacts"]]
        assert (len(ids), len(set(ids))) == (7, 7)
        created = [one for step in told for one in step["created"]]
        assert sorted(created) == sorted(ids)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "since"),
        ({"since": "yesterday"}, "since"),
        ({"since": True}, "since"),
        ({"since": -1}, "since"),
        ({"since": 99_999_999_999}, "since"),
        ({"since": 0, "dry_run": "no"}, "dry_run"),
        ({"since": 0, "starting_after": "x"}, "starting_after"),
        ({"since": 0, "starting_after": 7}, "starting_after"),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
async def test_what_cannot_be_meant_is_refused_and_ends_no_key(
    office: Office, body: dict[str, Any], field: str, dry_run: bool
) -> None:
    answer = await office.rest("POST", f"/keys/{office.kid}/distrust", {"dry_run": dry_run, **body})
    assert (answer.status, answer.errors[0][1]) == (400, field), answer.body
    assert await state(office) == "live"


async def test_a_key_of_hashes_has_vouched_for_nothing(office: Office) -> None:
    body = {"kid": "legacy", "secret": "Nq7-vY2mKz_84hTpLw0cXbRj6sDfGa3e", "purpose": "user_hash"}
    await office.rest("POST", "/keys", body)
    answer = await office.rest("POST", "/keys/legacy/distrust", {"since": 0})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "kid")])


async def test_a_contact_that_was_erased_since_is_counted_and_not_told_of(office: Office) -> None:
    since = int(office.clock())
    await office.signed("alice", plan="stolen")
    alice = await office.known("alice")
    assert (await office.rest("DELETE", f"/contacts/{alice.id}")).status == 200
    told = await distrust(office, since=since, dry_run=False)
    assert (told["contacts"], told["counts"]["erased"]) == ([], 1)
