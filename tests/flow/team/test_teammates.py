"""Who is invited, becomes what, and goes: the rules that keep an owner and let nobody climb."""

from __future__ import annotations

import asyncio

import pytest

from avow.errors import BadInput, Conflict, Forbidden, NotFound
from avow.flow.team import sessions, teammates
from avow.flow.team.roles import May, Present, TeamRole
from tests.support.front_desk import PASSWORD, QUICK, FrontDesk
from tests.support.office import OLIVE

OTTO = "otto@acme.example"


async def present(desk: FrontDesk) -> Present:
    """Whoever sits at this desk, as flows know her."""
    engine = desk.office.engine
    found = await sessions.present(engine.store, next(iter(desk.cookies.values())), engine.now())
    assert found is not None
    return found


async def invited(desk: FrontDesk, role: str = "admin", email: str = OTTO) -> str:
    """Invite Otto; the text of his link."""
    return (await teammates.invite(desk.office.engine, await present(desk), email, role)).text


async def roles(desk: FrontDesk) -> dict[str, str]:
    """Who is what, by address."""
    return {one.email: one.role for one in await desk.office.engine.store.teammates(desk.office.workspace_id)}


async def test_who_takes_an_invitation_up_is_what_it_says(desk: FrontDesk) -> None:
    text = await invited(desk)
    await teammates.accept(desk.office.engine, QUICK, text, "Otto", PASSWORD)
    assert await roles(desk) == {OLIVE: "owner", OTTO: "admin"}


async def test_an_invitation_is_taken_up_once_by_whoever_is_first(desk: FrontDesk) -> None:
    text = await invited(desk)
    both = await asyncio.gather(
        *(teammates.accept(desk.office.engine, QUICK, text, name, PASSWORD) for name in ("Otto", "Mallory")),
        return_exceptions=True,
    )
    assert sorted(isinstance(one, (NotFound, Conflict)) for one in both) == [False, True]
    with pytest.raises(NotFound):
        await teammates.accept(desk.office.engine, QUICK, text, "Mallory", PASSWORD)


@pytest.mark.parametrize("raw_text", ["", "x", "acme0001." + "a" * 43, "../../etc"])
async def test_a_link_that_nobody_made_leads_nowhere(desk: FrontDesk, raw_text: str) -> None:
    await invited(desk)
    with pytest.raises(NotFound, match="Ask whoever invited you"):
        await teammates.invitation_of(desk.office.engine.store, raw_text, desk.office.clock.now)


async def test_an_invitation_is_too_old_after_a_week(desk: FrontDesk) -> None:
    text = await invited(desk)
    desk.office.clock.pass_(7 * 86_400 + 1)
    with pytest.raises(NotFound):
        await teammates.accept(desk.office.engine, QUICK, text, "Otto", PASSWORD)


async def test_a_withdrawn_invitation_leads_nowhere(desk: FrontDesk) -> None:
    text = await invited(desk)
    await teammates.withdraw(desk.office.engine, await present(desk), sessions.digest_of(text))
    with pytest.raises(NotFound):
        await teammates.accept(desk.office.engine, QUICK, text, "Otto", PASSWORD)


@pytest.mark.parametrize("role", ["read_only", None], ids=["made less", "removed"])
async def test_an_invitation_goes_with_whoever_made_it(desk: FrontDesk, role: str | None) -> None:
    engine, other = desk.office.engine, await desk.as_role(TeamRole.ADMIN)
    text, kept = await invited(other, email="mallory@evil.example"), await invited(desk)
    admin = (await present(other)).teammate
    if role is None:
        changed = await teammates.remove(engine, await present(desk), admin.id)
    else:
        changed = await teammates.set_role(engine, await present(desk), admin.id, role)
    assert (changed.teammate.id, changed.withdrawn) == (admin.id, 1)
    with pytest.raises(NotFound):
        await teammates.accept(engine, QUICK, text, "Mallory", PASSWORD)
    log = await engine.store.operator_changes(desk.office.workspace_id, limit=20)
    assert [(one.subject, one.actor) for one in log if one.action == "teammate.uninvite"] == [
        ("mallory@evil.example", f"teammate:{OLIVE}")
    ]
    assert (await teammates.accept(engine, QUICK, kept, "Otto", PASSWORD)).role == "admin"


async def test_who_is_no_owner_any_more_has_invited_no_owner(desk: FrontDesk) -> None:
    engine, other = desk.office.engine, await desk.as_role(TeamRole.OWNER)
    owner, admin = await invited(other, "owner", "mallory@evil.example"), await invited(other, "admin")
    changed = await teammates.set_role(engine, await present(desk), (await present(other)).teammate.id, "admin")
    assert changed.withdrawn == 1
    with pytest.raises(NotFound):
        await teammates.accept(engine, QUICK, owner, "Mallory", PASSWORD)
    assert (await teammates.accept(engine, QUICK, admin, "Otto", PASSWORD)).role == "admin"


async def test_who_was_removed_a_moment_ago_changes_the_team_no_more(desk: FrontDesk) -> None:
    """Her request was let in before, and waited its turn behind the one that removed her."""
    engine, here = desk.office.engine, await present(await desk.as_role(TeamRole.ADMIN))
    reader = (await present(await desk.as_role(TeamRole.READ_ONLY))).teammate
    await teammates.remove(engine, await present(desk), here.teammate.id)
    for act in (
        teammates.invite(engine, here, OTTO, "admin"),
        teammates.set_role(engine, here, reader.id, "admin"),
        teammates.sign_out(engine, here, reader.id),
        teammates.remove(engine, here, reader.id),
    ):
        with pytest.raises(Forbidden):
            await act
    assert await engine.store.team.invitations(desk.office.workspace_id) == []
    assert (await roles(desk))[reader.email] == "read_only"


async def test_a_second_invitation_replaces_the_first(desk: FrontDesk) -> None:
    first, second = await invited(desk, "admin"), await invited(desk, "read_only")
    with pytest.raises(NotFound):
        await teammates.accept(desk.office.engine, QUICK, first, "Otto", PASSWORD)
    assert (await teammates.accept(desk.office.engine, QUICK, second, "Otto", PASSWORD)).role == "read_only"


async def test_who_is_here_is_not_invited_again(desk: FrontDesk) -> None:
    with pytest.raises(Conflict):
        await invited(desk, email=OLIVE.upper())


@pytest.mark.parametrize("email", ["", "otto", "otto@", "@acme.example", "a b@acme.example", "x" * 65 + "@a.example"])
async def test_what_is_no_address_is_not_invited(desk: FrontDesk, email: str) -> None:
    with pytest.raises(BadInput):
        await invited(desk, email=email)


@pytest.mark.parametrize("role", [TeamRole.TEAMMATE, TeamRole.READ_ONLY])
async def test_only_owners_and_admins_change_the_team(desk: FrontDesk, role: TeamRole) -> None:
    here = await present(await desk.as_role(role))
    engine, olive = desk.office.engine, (await present(desk)).teammate
    for act in (
        teammates.invite(engine, here, OTTO, "read_only"),
        teammates.set_role(engine, here, here.teammate.id, "owner"),
        teammates.remove(engine, here, olive.id),
        teammates.withdraw(engine, here, "0" * 64),
    ):
        with pytest.raises(Forbidden):
            await act
    assert (await roles(desk))[OLIVE] == "owner"


async def test_an_admin_makes_and_unmakes_no_owner(desk: FrontDesk) -> None:
    admin = await present(await desk.as_role(TeamRole.ADMIN))
    engine, olive = desk.office.engine, (await present(desk)).teammate
    for act in (
        teammates.invite(engine, admin, OTTO, "owner"),
        teammates.set_role(engine, admin, admin.teammate.id, "owner"),
        teammates.set_role(engine, admin, olive.id, "read_only"),
        teammates.remove(engine, admin, olive.id),
    ):
        with pytest.raises(Forbidden, match="Only an owner"):
            await act


async def test_the_last_owner_neither_goes_nor_steps_down(desk: FrontDesk) -> None:
    here = await present(desk)
    with pytest.raises(Conflict, match="last owner"):
        await teammates.remove(desk.office.engine, here, here.teammate.id)
    with pytest.raises(Conflict, match="last owner"):
        await teammates.set_role(desk.office.engine, here, here.teammate.id, "admin")


async def test_of_two_owners_who_remove_each_other_at_once_one_stays(desk: FrontDesk) -> None:
    olive, other = await present(desk), await present(await desk.as_role(TeamRole.OWNER))
    await asyncio.gather(
        teammates.remove(desk.office.engine, olive, other.teammate.id),
        teammates.remove(desk.office.engine, other, olive.teammate.id),
        return_exceptions=True,
    )
    assert list((await roles(desk)).values()).count("owner") == 1


async def test_who_is_removed_is_out_with_her_next_request(desk: FrontDesk) -> None:
    other = await desk.as_role(TeamRole.ADMIN)
    assert (await other.get("")).status == 200
    await teammates.remove(desk.office.engine, await present(desk), (await present(other)).teammate.id)
    assert (await other.get("")).location.startswith("/app/sign-in")


async def test_a_role_that_was_taken_is_gone_with_the_next_request(desk: FrontDesk) -> None:
    other = await desk.as_role(TeamRole.ADMIN)
    await teammates.set_role(desk.office.engine, await present(desk), (await present(other)).teammate.id, "read_only")
    assert (await other.post("/settings/data/people/turn", name="email", enforcement="monitor")).status == 403


async def test_a_new_password_from_the_operator_opens_the_door_again(desk: FrontDesk) -> None:
    here = await present(desk)
    await teammates.reset_password(desk.office.engine, QUICK, here.teammate, PASSWORD, actor="cli:root")
    assert (await desk.get("")).status == 303
    shown = await desk.stranger().post("/app/sign-in", email=OLIVE, password=PASSWORD)
    assert shown.location == "/app"


async def test_changes_of_the_team_are_written_down(desk: FrontDesk) -> None:
    text = await invited(desk)
    desk.office.clock.pass_(1)
    otto = await teammates.accept(desk.office.engine, QUICK, text, "Otto", PASSWORD)
    desk.office.clock.pass_(1)
    await teammates.set_role(desk.office.engine, await present(desk), otto.id, "teammate")
    log = await desk.office.engine.store.operator_changes(desk.office.workspace_id, limit=20)
    told = [(one.action, one.subject, one.after) for one in log if one.action.startswith("teammate.")]
    assert told == [
        ("teammate.role", OTTO, "teammate"),
        ("teammate.join", OTTO, "admin"),
        ("teammate.invite", OTTO, "admin"),
    ]
    assert text not in repr(log)


def test_everything_that_may_be_done_is_somebodys() -> None:
    from avow.flow.team.roles import ALLOWED

    assert frozenset().union(*ALLOWED.values()) == frozenset(May)
