"""The overview's way to the first lock: when it is done, and to whom its steps are offered."""

from __future__ import annotations

import pytest

from avow.flow.team.roles import TeamRole
from avow.trust.attribute import Enforcement
from tests.support.front_desk import FrontDesk


async def test_the_first_lock_ends_the_list_and_what_is_open_goes_on_being_recommended(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice", email="alice@customer.example")
    await desk.settle()
    assert "Lock a first attribute : to be done now" in (await desk.get()).row("step-lock")
    await desk.office.enforce("email", Enforcement.LOCKED)
    shown = await desk.get()
    assert "Get to the first lock" not in shown.words
    assert "1 attribute arrives signed and still accepts unsigned writes." in shown.words


async def test_a_lock_of_what_nobody_signs_is_not_the_first_lock(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice")
    await desk.office.enforce("phone", Enforcement.LOCKED)
    assert "3 of 4" in (await desk.get()).words


@pytest.mark.parametrize(("role", "offered"), [(TeamRole.ADMIN, True), (TeamRole.READ_ONLY, False)])
async def test_a_lock_is_offered_to_those_who_may_lock(desk: FrontDesk, role: TeamRole, offered: bool) -> None:
    await desk.office.signed("alice", name="Alice")
    await desk.settle()
    words = (await (await desk.as_role(role)).get()).words
    assert ("Choose what to lock" in words) is offered
    assert ("Review and lock" in words) is offered
    assert ("An admin or the owner chooses what to lock." in words) is not offered


async def test_a_key_is_offered_to_those_who_may_make_one(desk: FrontDesk) -> None:
    reader = await desk.as_role(TeamRole.READ_ONLY)
    assert "Make a key" in (await desk.get(f"/app/{desk.test_workspace_id}")).words
    words = (await reader.get(f"/app/{desk.test_workspace_id}")).words
    assert "Make a key" not in words
    assert "An admin or the owner makes it." in words
