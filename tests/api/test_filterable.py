"""REST declares an attribute filterable, tells how far its index is, and answers searches by it without a warning."""

from __future__ import annotations

import pytest

from avow.flow.search.filtering import advance, build
from tests.support.office import Office


@pytest.fixture(autouse=True)
def nobody_builds_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("avow.flow.engine.INDEX_EVERY", 1e6)


async def shown(office: Office, name: str) -> tuple[bool, object]:
    listed = (await office.rest("GET", "/data_attributes")).body["data"]
    (found,) = (one for one in listed if one["name"] == name)
    return found["filterable"], found.get("filter")


async def test_an_attribute_is_declared_watched_and_used(office: Office) -> None:
    number = await office.declare("plan")
    await office.alice(custom_attributes={"plan": "pro"})
    assert await shown(office, "plan") == (False, None)
    answer = await office.rest("PUT", f"/data_attributes/{number}", {"filterable": True})
    assert answer.body["filter"] == {"state": "building", "progress": 0.0}
    await advance(office.engine.store, office.workspace_id)
    assert await shown(office, "plan") == (True, {"state": "building", "progress": 1.0})
    await build(office.engine.store, office.workspace_id)
    assert await shown(office, "plan") == (True, {"state": "ready", "progress": 1.0})
    query = {"field": "custom_attributes.plan", "operator": "=", "value": "PRO"}
    body = (await office.rest("POST", "/contacts/search", {"query": query})).body
    assert (body["total_count"], "slow_fields" in body) == (1, False)
    await office.rest("PUT", f"/data_attributes/{number}", {"filterable": False})
    assert await shown(office, "plan") == (False, {"state": "dropping", "progress": 0.0})


async def test_an_attribute_may_be_made_filterable(office: Office) -> None:
    number = await office.declare("plan", filterable=True)
    assert (await shown(office, "plan"))[0] is True
    assert (await office.rest("PUT", f"/data_attributes/{number}", {"filterable": "yes"})).errors == [
        ("parameter_invalid", "filterable")
    ]


async def test_a_standard_attribute_may_be_filterable_and_an_avatar_not(office: Office) -> None:
    assert (await office.rest("PUT", "/data_attributes/email", {"filterable": True})).body["filterable"] is True
    assert (await office.rest("PUT", "/data_attributes/avatar", {"filterable": True})).errors == [
        ("parameter_invalid", "filterable")
    ]
