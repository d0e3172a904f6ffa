"""Segments and subscriptions by REST: a fixed few, asked at the moment, for reading only."""

from __future__ import annotations

import pytest

from avow.flow.beside import segments
from tests.support.office import Office

DAY = 86_400


async def names(office: Office, contact: str) -> list[str]:
    body = (await office.rest("GET", f"/contacts/{contact}/segments")).body
    return [one["name"] for one in body["data"]]


async def test_every_workspace_has_the_same_segments(office: Office) -> None:
    body = (await office.rest("GET", "/segments")).body
    assert (body["type"], body["pages"]) == ("segment.list", {})
    told = {one["name"]: one["person_type"] for one in body["segments"]}
    assert told == {
        "All users": "user",
        "All leads": "contact",
        "Active": "user",
        "New": "user",
        "Slipping away": "user",
    }
    for one in body["segments"]:
        assert "count" not in one
        assert (await office.rest("GET", f"/segments/{one['id']}")).body == one


async def test_who_is_in_which_is_asked_at_the_moment(office: Office) -> None:
    alice = await office.alice(last_seen_at=int(office.clock()))
    assert await names(office, alice) == ["All users", "Active", "New"]
    office.clock.pass_(8 * DAY)
    assert await names(office, alice) == ["All users", "Active"]
    office.clock.pass_(23 * DAY)
    assert await names(office, alice) == ["All users", "Slipping away"]
    office.clock.pass_(40 * DAY)
    assert await names(office, alice) == ["All users"]
    lead = (await office.rest("POST", "/contacts", {"role": "lead"})).body["id"]
    assert await names(office, lead) == ["All leads"]


async def test_people_are_counted_while_they_can_be(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await office.alice()
    for _ in range(2):
        await office.rest("POST", "/contacts", {"role": "lead"})
    body = (await office.rest("GET", "/segments?include_count=true")).body
    counts = {one["name"]: one["count"] for one in body["segments"]}
    assert counts == {"All users": 1, "All leads": 2, "Active": 0, "New": 1, "Slipping away": 0}
    monkeypatch.setattr(segments, "MOST_LOOKED_AT", 2)
    body = (await office.rest("GET", "/segments?include_count=true")).body
    assert {one["count"] for one in body["segments"]} == {None}


async def test_what_is_no_segment_is_not_found(office: Office) -> None:
    assert (await office.rest("GET", "/segments/active")).status == 404
    assert (await office.rest("GET", f"/contacts/{'f' * 24}/segments")).status == 404
    assert (await office.rest("GET", "/segments?include_count=maybe")).status == 400


async def test_nobody_is_subscribed_to_anything(office: Office) -> None:
    alice = await office.alice()
    assert (await office.rest("GET", f"/contacts/{alice}/subscriptions")).body == {"type": "list", "data": []}
    assert (await office.rest("GET", f"/contacts/{'f' * 24}/subscriptions")).status == 404
