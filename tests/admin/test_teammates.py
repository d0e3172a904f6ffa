"""Settings > Teammates: who is there, who is invited, what becomes of roles and sessions, and that an owner stays."""

from __future__ import annotations

import re

import pytest

from avow.flow.contract import Teammate
from avow.flow.team import sessions
from avow.flow.team.roles import TeamRole
from tests.support.front_desk import FrontDesk, Shown

HERE = "/settings/teammates"


def team_of(desk: FrontDesk) -> str:
    assert desk.teammate is not None
    return desk.teammate.id


async def stored(desk: FrontDesk) -> dict[str, Teammate]:
    return {one.email: one for one in await desk.office.engine.store.teammates(desk.office.workspace_id)}


def link_of(shown: Shown) -> str:
    found = re.search(r"http://avow\.test(/app/invitation/[\w.-]+)", shown.text)
    assert found, shown.words
    return found[1]


async def test_somebody_is_invited_by_a_link_that_is_shown_once(desk: FrontDesk) -> None:
    shown = await desk.post(f"{HERE}/invite", email="otto@acme.example", role="admin")
    link = link_of(shown)
    assert link not in (await desk.get(HERE)).text
    assert "otto@acme.example" in (await desk.get(HERE)).words
    joined = await desk.stranger().post(link, name="Otto", password="four words well put together")
    assert joined.status == 303
    assert (await stored(desk))["otto@acme.example"].role == "admin"


async def test_an_invitation_is_withdrawn(desk: FrontDesk) -> None:
    link = link_of(await desk.post(f"{HERE}/invite", email="otto@acme.example", role="teammate"))
    (waiting,) = await desk.office.engine.store.team.invitations(desk.office.workspace_id)
    shown = await desk.follow(await desk.post(f"{HERE}/withdraw", invitation=waiting.digest))
    assert "Its link leads nowhere any more." in shown.words
    assert (await desk.stranger().get(link)).status == 404


@pytest.mark.parametrize(
    ("email", "role", "status", "told"),
    [
        ("nobody", "teammate", 400, "This is no e-mail address"),
        ("olive@acme.example", "teammate", 409, "Somebody signs in with this address already"),
        ("otto@acme.example", "emperor", 403, "There is no such role"),
    ],
)
async def test_what_is_no_invitation_is_said_and_nothing_is_made(
    desk: FrontDesk, email: str, role: str, status: int, told: str
) -> None:
    shown = await desk.post(f"{HERE}/invite", email=email, role=role)
    assert (shown.status, told in shown.words) == (status, True)
    assert await desk.office.engine.store.team.invitations(desk.office.workspace_id) == []


async def test_a_role_counts_from_her_next_click_on(desk: FrontDesk) -> None:
    other = await desk.as_role(TeamRole.TEAMMATE)
    shown = await desk.follow(await desk.post(f"{HERE}/{team_of(other)}/role", role="admin"))
    assert "Teammate is an admin now." in shown.words
    assert (await other.post("/settings/data/people/turn", name="email", enforcement="monitor")).status == 303
    await desk.post(f"{HERE}/{team_of(other)}/role", role="read_only")
    assert (await other.post("/settings/data/people/turn", name="email", enforcement="open")).status == 403


async def test_the_last_owner_can_neither_leave_nor_become_anything_else(desk: FrontDesk) -> None:
    shown = await desk.get(f"{HERE}/{team_of(desk)}")
    assert "The last owner." in shown.words
    assert "/remove" not in shown.text
    for path, fields in (("role", {"role": "admin"}), ("remove", {})):
        shown = await desk.post(f"{HERE}/{team_of(desk)}/{path}", **fields)
        assert (shown.status, "This is the last owner" in shown.words) == (409, True)
    assert (await stored(desk))["olive@acme.example"].role == "owner"


async def test_whoever_is_removed_is_signed_out_at_once(desk: FrontDesk) -> None:
    other = await desk.as_role(TeamRole.ADMIN)
    assert "Remove Admin ?" in (await desk.get(f"{HERE}/{team_of(other)}/remove")).words
    shown = await desk.follow(await desk.post(f"{HERE}/{team_of(other)}/remove"))
    assert "Admin is removed, and signed out everywhere." in shown.words
    assert (await other.get(HERE)).location.startswith("/app/sign-in")
    assert "admin@acme.example" not in await stored(desk)


async def test_what_somebody_invited_is_told_to_lead_nowhere_when_she_goes(desk: FrontDesk) -> None:
    other = await desk.as_role(TeamRole.ADMIN)
    links = [
        link_of(await other.post(f"{HERE}/invite", email=f"{name}@evil.example", role="admin")) for name in ("m", "n")
    ]
    assert "Invitations that they made" in (await desk.get(f"{HERE}/{team_of(other)}/remove")).words
    shown = await desk.follow(await desk.post(f"{HERE}/{team_of(other)}/remove"))
    assert "signed out everywhere. 2 invitations of theirs lead nowhere any more." in shown.words
    assert [(await desk.stranger().get(link)).status for link in links] == [404, 404]


async def test_somebody_is_signed_out_everywhere_and_stays_a_teammate(desk: FrontDesk) -> None:
    other = await desk.as_role(TeamRole.TEAMMATE)
    assert "Firefox on Linux" in (await desk.get(f"{HERE}/{team_of(other)}")).words
    shown = await desk.follow(await desk.post(f"{HERE}/{team_of(other)}/sign-out"))
    assert "Teammate is signed out everywhere." in shown.words
    assert other.teammate is not None
    assert await sessions.every(desk.office.engine.store, other.teammate, desk.office.clock()) == []
    log = await desk.office.engine.store.operator_changes(desk.office.workspace_id, limit=9)
    assert "teammate.sign_out" in {one.action for one in log}


async def test_an_admin_looks_after_everybody_but_owners(desk: FrontDesk) -> None:
    admin = await desk.as_role(TeamRole.ADMIN)
    assert 'value="owner"' not in (await admin.get(HERE)).text
    for method, path, fields in (
        ("get", team_of(desk), {}),
        ("post", f"{team_of(desk)}/role", {"role": "teammate"}),
        ("post", f"{team_of(desk)}/sign-out", {}),
        ("post", f"{team_of(desk)}/remove", {}),
        ("post", "invite", {"email": "otto@acme.example", "role": "owner"}),
    ):
        shown = await (admin.get(f"{HERE}/{path}") if method == "get" else admin.post(f"{HERE}/{path}", **fields))
        assert (shown.status, "nly an owner" in shown.words) == (403, True), path
    assert (await stored(desk))["olive@acme.example"].role == "owner"


async def test_whoever_may_not_manage_sees_the_team_and_no_more(desk: FrontDesk) -> None:
    await desk.post(f"{HERE}/invite", email="otto@acme.example", role="admin")
    guest = await desk.as_role(TeamRole.READ_ONLY)
    shown = await guest.get(HERE)
    assert "olive@acme.example" in shown.words
    assert "otto@acme.example" not in shown.words
    assert "Invite somebody" not in shown.words


async def test_a_teammate_of_nowhere_is_not_found(desk: FrontDesk) -> None:
    assert (await desk.get(f"{HERE}/nobody")).status == 404
    assert (await desk.post(f"{HERE}/nobody/remove")).status == 404


@pytest.mark.parametrize(
    ("role", "named"), [(TeamRole.READ_ONLY, "the role Read-only"), (TeamRole.TEAMMATE, "the role Teammate")]
)
async def test_whoever_may_not_is_told_by_the_name_of_her_role(desk: FrontDesk, role: TeamRole, named: str) -> None:
    shown = await (await desk.as_role(role)).post("/settings/data/people/lock", name=["email"])
    assert shown.status == 403
    assert f"Whoever has {named} may not do this here." in shown.words
