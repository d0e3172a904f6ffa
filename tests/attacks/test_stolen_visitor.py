"""Mallory knows another visitor's public id, has kept an old session, or invents one."""

from __future__ import annotations

import pytest

from tests.support.place import Place


async def test_the_public_anonymous_id_grants_nothing(place: Place) -> None:
    first = await place.ping({"name": "Somebody"})
    anonymous_id = first.body["user"]["anonymous_id"]
    stolen = await place.ping({"anonymous_id": anonymous_id, "name": "Mallory"})
    assert stolen.body["user"]["id"] != first.body["user"]["id"]
    as_session = await place.ping({"name": "Mallory"}, anonymous_session=anonymous_id)
    assert as_session.body["user"]["id"] != first.body["user"]["id"]


@pytest.mark.parametrize("invented", ["a" * 43, "x", "", "A" * 42 + "B", 7, ["a" * 43], "é" * 43])
async def test_a_session_nobody_made_is_replaced_by_a_fresh_one(place: Place, invented: object) -> None:
    answer = await place.ping({"name": "Mallory"}, anonymous_session=invented)
    assert answer.status == 200
    assert answer.body["anonymous_session"] != invented
    again = await place.ping({"phone": "1"}, anonymous_session=answer.body["anonymous_session"])
    assert again.body["user"]["id"] == answer.body["user"]["id"]


async def test_a_session_of_another_workspace_is_nobodys_here(place: Place) -> None:
    (other,) = [one.id for one in await place.engine.store.workspaces() if one.id != place.workspace_id]
    theirs = await place.ping({"name": "Elsewhere"}, app_id=other)
    here = await place.ping({"name": "Mallory"}, anonymous_session=theirs.body["anonymous_session"])
    assert here.body["anonymous_session"] != theirs.body["anonymous_session"]


async def test_an_unproven_user_id_does_not_swallow_the_visitor(place: Place) -> None:
    visitor = await place.ping({"name": "Somebody"})
    session = visitor.body["anonymous_session"]
    await place.signed("alice", plan="free")
    await place.ping({"user_id": "alice"}, anonymous_session=session)
    again = await place.ping({"phone": "1"}, anonymous_session=session)
    assert again.body["user"]["id"] == visitor.body["user"]["id"]
    assert await place.value("alice", "name") is None


async def test_a_burned_session_leads_nowhere_after_the_merge(place: Place) -> None:
    visitor = await place.ping({"name": "Alice"})
    session = visitor.body["anonymous_session"]
    token = place.token("alice", plan="free")
    assert (await place.ping({"intercom_user_jwt": token}, anonymous_session=session)).status == 200
    before = await place.everything()
    mallory = await place.ping({"name": "Mallory"}, anonymous_session=session)
    assert mallory.body["anonymous_session"] != session
    assert mallory.body["user"]["id"] not in (visitor.body["user"]["id"], (await place.known("alice")).id)
    assert await place.everything() == before


async def test_a_session_cannot_be_merged_into_a_second_user(place: Place) -> None:
    visitor = await place.ping({"nick": "n", "name": "Once"})
    session = visitor.body["anonymous_session"]
    await place.ping({"intercom_user_jwt": place.token("alice")}, anonymous_session=session)
    await place.ping({"intercom_user_jwt": place.token("mallory")}, anonymous_session=session)
    assert await place.value("alice", "name") == "Once"
    assert await place.value("mallory", "name") is None
