"""One person's export holds everything that is known of her, and nothing of anybody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avow.flow import exports
from tests.support.office import Office


async def everything(office: Office, external_id: str) -> Any:
    """What is told of somebody."""
    engine = office.engine
    await engine.rulebook.confirm()
    rules = await engine.rulebook.current(office.workspace_id)
    contact = await office.known(external_id)
    return json.loads(b"".join([one async for one in exports.everything(engine.store, contact, rules, engine.now())]))


async def test_values_history_and_what_was_ignored_are_all_there(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avow.flow.exports.one_person.STEP", 2)
    await office.declare("plan")
    alice = await office.alice(email="alice@x.example", custom_attributes={"plan": "free"})
    await office.browser("alice", plan="enterprise")
    for number in range(5):
        await office.rest("PUT", f"/contacts/{alice}", {"name": f"Alice {number}"})
    await office.rest("POST", "/contacts", {"external_id": "bob", "name": "Robert"})
    told = await everything(office, "alice")
    assert (told["id"], told["external_id"]) == (alice, "alice")
    assert told["attributes"]["plan"]["held"]["value"] == "enterprise"
    assert {"kind": "email", "value": "alice@x.example"} in told["keys"]
    assert [one["seq"] for one in told["changes"]] == list(range(7, 0, -1))
    assert "Robert" not in json.dumps(told)


async def test_tags_notes_and_events_are_all_there(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avow.flow.exports.one_person.STEP", 2)
    alice = await office.alice()
    for number in range(5):
        event = {"event_name": f"did-{number}", "user_id": "alice", "created_at": int(office.clock.now) - number}
        assert (await office.rest("POST", "/events", event)).status == 202
        assert (await office.rest("POST", f"/contacts/{alice}/notes", {"body": f"Note {number}"})).status == 200
    tag = (await office.rest("POST", "/tags", {"name": "vip"})).body["id"]
    await office.rest("POST", f"/contacts/{alice}/tags", {"id": tag})
    told = await everything(office, "alice")
    assert [one["name"] for one in told["events"]] == [f"did-{number}" for number in range(5)]
    assert len(told["notes"]) == 5
    assert [one["name"] for one in told["tags"]] == ["vip"]


async def test_a_session_is_not_told_to_whoever_reads_the_export(office: Office) -> None:
    session = "cd" * 32
    await office.visitor(session, phone="1")
    await office.signed("alice", session=session, plan="pro")
    told = await everything(office, "alice")
    assert session not in json.dumps(told)
    assert len(told["merged"]) <= 1


async def test_what_only_the_records_of_somebody_merged_tell_is_told(office: Office) -> None:
    alice = await office.alice()
    for number in range(2):
        body = {"role": "lead", "phone": f"old {number}"}
        lead = (await office.rest("POST", "/contacts", body)).body["id"]
        await office.rest("PUT", f"/contacts/{lead}", {"phone": f"new {number}"})
        merge = {"from": lead, "into": alice, "skip_duplicate_validation": True}
        assert (await office.rest("POST", "/contacts/merge", merge)).status == 200
    told = await everything(office, "alice")
    assert [[one["kind"] for one in guest["changes"]] for guest in told["merged"]] == [
        ["merged_away", "updated", "created"]
    ] * 2
    assert {"old 0", "old 1"} <= {guest["changes"][-1]["values"]["phone"]["after"] for guest in told["merged"]}
