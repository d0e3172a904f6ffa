"""Settings > Workspaces: names and zones, and what goes from test into production, shown before it is done."""

from __future__ import annotations

import re

import pytest

from avow.flow import attributes
from avow.flow.team.roles import TeamRole
from avow.trust.attribute import Attribute, Enforcement
from tests.support.front_desk import FrontDesk, Shown

HERE = "/settings/workspaces"


async def in_production(desk: FrontDesk) -> dict[str, Attribute]:
    return await attributes.every(desk.office.engine.store, desk.office.workspace_id)


async def in_test(desk: FrontDesk, name: str, enforcement: str, **fields: str) -> None:
    """An attribute of the test workspace."""
    path = f"/app/{desk.test_workspace_id}/settings/data/people/new"
    answer = await desk.post(path, name=name, type="string", enforcement=enforcement, **fields)
    assert answer.status == 303, answer.words


def versions_of(shown: Shown) -> str:
    found = re.search(r'name="versions" value="([\d-]+)"', shown.text)
    assert found, shown.words
    return found[1]


async def test_both_are_shown_with_what_they_are_and_which_one_is_here(desk: FrontDesk) -> None:
    shown = await desk.get(HERE)
    for workspace_id in (desk.office.workspace_id, desk.test_workspace_id):
        assert workspace_id in shown.words
    assert shown.words.count("shown now") >= 1


async def test_a_workspace_gets_another_name_and_zone(desk: FrontDesk) -> None:
    seen = {"seen_name": "Acme (test)", "seen_timezone": "Europe/Berlin"}
    fields = {"workspace": desk.test_workspace_id, "name": "Sandbox", "timezone": "Asia/Tokyo", **seen}
    shown = await desk.follow(await desk.post(f"{HERE}/describe", **fields))
    assert "Sandbox is saved." in shown.words
    (test,) = [one for one in await desk.office.engine.store.workspaces() if one.id == desk.test_workspace_id]
    assert (test.name, test.timezone) == ("Sandbox", "Asia/Tokyo")
    log = await desk.office.engine.store.operator_changes(desk.test_workspace_id, limit=9)
    assert {(one.action, one.before, one.after) for one in log} == {
        ("workspace.rename", "Acme (test)", "Sandbox"),
        ("workspace.timezone", "Europe/Berlin", "Asia/Tokyo"),
    }


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": " ", "timezone": "UTC"}, 400),
        ({"name": "x" * 101, "timezone": "UTC"}, 400),
        ({"name": "Acme", "timezone": "Mars/Olympus"}, 400),
        ({"name": "Acme", "timezone": "../../etc/passwd"}, 400),
        ({"workspace": "globex01", "name": "Mine now", "timezone": "UTC"}, 404),
    ],
)
async def test_what_no_workspace_can_be_called_is_said(desk: FrontDesk, fields: dict[str, str], status: int) -> None:
    before = await desk.office.engine.store.workspaces()
    seen = {"seen_name": "Acme", "seen_timezone": "Europe/Berlin"}
    shown = await desk.post(f"{HERE}/describe", **{"workspace": desk.office.workspace_id, **seen, **fields})
    assert (shown.status, "Workspaces" in shown.title) == (status, True)
    assert await desk.office.engine.store.workspaces() == before


async def test_what_differs_is_shown_and_then_done(desk: FrontDesk) -> None:
    await in_test(desk, "plan", "locked", description="What they pay for")
    shown = await desk.get(f"{HERE}/promote")
    assert "New in production" in shown.words
    assert "plan" not in await in_production(desk)
    shown = await desk.follow(await desk.post(f"{HERE}/promote", versions=versions_of(shown)))
    assert "1 attribute is in production as in test." in shown.words
    made = (await in_production(desk))["plan"]
    assert (made.enforcement, made.description) == (Enforcement.LOCKED, "What they pay for")
    log = await desk.office.engine.store.operator_changes(desk.office.workspace_id, limit=5)
    assert {one.actor for one in log if one.action in ("workspace.promote", "attribute.create")} == {
        "teammate:olive@acme.example"
    }


async def test_each_loosening_is_confirmed_by_itself(desk: FrontDesk) -> None:
    await in_test(desk, "plan", "open")
    await in_test(desk, "seats", "open")
    shown = await desk.get(f"{HERE}/promote")
    assert "2 steps would loosen a lock" in shown.words
    shown = await desk.follow(await desk.post(f"{HERE}/promote", versions=versions_of(shown), loosen=["seats"]))
    assert "2 attributes are in production as in test. 1 stayed locked." in shown.words
    known = await in_production(desk)
    assert (known["plan"].enforcement, known["seats"].enforcement) == (Enforcement.LOCKED, Enforcement.OPEN)


@pytest.mark.parametrize("where", ["test", "production"])
async def test_what_was_changed_since_it_was_shown_is_shown_again_and_nothing_is_done(
    desk: FrontDesk, where: str
) -> None:
    await in_test(desk, "plan", "open")
    versions = versions_of(await desk.get(f"{HERE}/promote"))
    if where == "test":
        await in_test(desk, "seats", "open")
    else:
        await desk.office.enforce("email", Enforcement.LOCKED)
    before = await in_production(desk)
    shown = await desk.post(f"{HERE}/promote", versions=versions, loosen=["plan"])
    assert shown.status == 409
    assert "This is the difference as it is now." in shown.words
    assert versions_of(shown) != versions
    assert " checked" not in shown.text
    assert await in_production(desk) == before


@pytest.mark.parametrize("fields", [{}, {"versions": "x"}, {"versions": "1-"}])
async def test_a_form_that_names_no_versions_does_nothing(desk: FrontDesk, fields: dict[str, str]) -> None:
    await in_test(desk, "plan", "locked")
    assert (await desk.post(f"{HERE}/promote", **fields)).status == 400
    assert "plan" not in await in_production(desk)


async def test_what_is_not_loosened_cannot_be_confirmed(desk: FrontDesk) -> None:
    await in_test(desk, "plan", "locked")
    versions = versions_of(await desk.get(f"{HERE}/promote"))
    assert (await desk.post(f"{HERE}/promote", versions=versions, loosen=["email"])).status == 400
    assert "plan" not in await in_production(desk)


async def test_it_is_promoted_from_the_test_workspaces_own_screens_too(desk: FrontDesk) -> None:
    await in_test(desk, "plan", "locked")
    path = f"/app/{desk.test_workspace_id}{HERE}/promote"
    await desk.follow(await desk.post(path, versions=versions_of(await desk.get(path))))
    assert "plan" in await in_production(desk)


async def test_what_cannot_be_promoted_says_why(desk: FrontDesk) -> None:
    await desk.office.declare("plan", "integer")
    await in_test(desk, "plan", "locked")
    shown = await desk.get(f"{HERE}/promote")
    assert "Its type differs, and types never change." in shown.words
    assert "Nothing to promote" in shown.words


async def test_a_teammate_is_offered_neither_names_nor_promotion(desk: FrontDesk) -> None:
    shown = await (await desk.as_role(TeamRole.TEAMMATE)).get(HERE)
    assert shown.status == 200
    assert 'name="timezone"' not in shown.text
    assert f"{HERE}/promote" not in shown.text


async def test_zones_are_places_and_the_one_that_is_set(desk: FrontDesk) -> None:
    shown = await desk.get(HERE)
    zones = set(re.findall(r'<option value="([^"]+)"', shown.text))
    assert {"Europe/Berlin", "America/Argentina/Ushuaia", "UTC"} <= zones
    assert zones.isdisjoint({"Factory", "localtime", "posixrules", "Etc/GMT+5", "EST5EDT", "US/Pacific", "Japan"})
    seen = {"seen_name": "Acme", "seen_timezone": "Europe/Berlin"}
    fields = {"workspace": desk.office.workspace_id, "name": "Acme", "timezone": "Japan", **seen}
    shown = await desk.follow(await desk.post(f"{HERE}/describe", **fields))
    assert '<option value="Japan" selected>' in shown.text
