"""Settings > Teammates: who works here and as what, and who is invited.

The link of a new invitation is on the page that answers the form, and nowhere else.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.errors import Forbidden
from avow.flow.contract import Invitation, Teammate
from avow.flow.team import teammates
from avow.flow.team.roles import WORDS, May, TeamRole, role_of

PATH: Final = "/settings/teammates"
MEANING: Final = {
    TeamRole.OWNER: "Everything, and makes and unmakes owners",
    TeamRole.ADMIN: "Locks, keys, settings, promotion, exports, erasure and the team",
    TeamRole.TEAMMATE: "People: edits values, decides what is held, reaches out",
    TeamRole.READ_ONLY: "Looks at everything, changes nothing",
}
"""What a role is there for, in a few words."""


class Row(msgspec.Struct, frozen=True):
    """One teammate. `address` leads to her page, empty for who may not see it."""

    teammate: Teammate
    role: str
    is_me: bool
    address: str


class Invited(msgspec.Struct, frozen=True):
    """An invitation that was not taken up yet."""

    invitation: Invitation
    role: str


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `link` is a new invitation's, told this once."""

    rows: tuple[Row, ...]
    invited: tuple[Invited, ...]
    roles: tuple[tuple[TeamRole, str], ...]
    meanings: tuple[tuple[str, str], ...]
    may_manage: bool
    address: str
    link: str = ""
    link_for: str = ""


def roles_of(visit: Visit) -> tuple[tuple[TeamRole, str], ...]:
    """The roles that she may give, with their words, the smallest first."""
    found = [role for role in reversed(TeamRole) if role is not TeamRole.OWNER or visit.may(May.MANAGE_OWNERS)]
    return tuple((role, WORDS[role]) for role in found)


async def show(visit: Visit) -> Page:
    """The list."""
    return await _page(visit)


async def invite(visit: Visit) -> Reply:
    """Invite somebody; the page that answers shows the link."""
    made = await teammates.invite(visit.engine, visit.here, visit.need("email"), visit.need("role"))
    link = f"{visit.browser.base}/app/invitation/{made.text}"
    return await _page(visit, link, made.invitation.email)


async def withdraw(visit: Visit) -> Reply:
    """Let an invitation's link lead nowhere."""
    await teammates.withdraw(visit.engine, visit.here, visit.need("invitation"))
    return SeeOther(visit.root + PATH, Toast("The invitation is withdrawn. Its link leads nowhere any more."))


async def _page(visit: Visit, link: str = "", link_for: str = "") -> Page:
    store, home = visit.engine.store, visit.here.home
    may_manage = visit.may(May.MANAGE_TEAM)
    known = await store.teammates(home)
    order = list(TeamRole)
    known.sort(key=lambda one: (order.index(role_of(one.role)), one.email))
    rows = tuple(
        Row(
            one,
            WORDS[role_of(one.role)],
            one.id == visit.here.teammate.id,
            f"{visit.root}{PATH}/{one.id}" if may_manage else "",
        )
        for one in known
    )
    invited = await teammates.invitations(store, home, visit.now) if may_manage else []
    it = Shown(
        rows,
        tuple(Invited(one, WORDS[role_of(one.role)]) for one in invited),
        roles_of(visit),
        tuple((WORDS[role], text) for role, text in MEANING.items()),
        may_manage,
        visit.root + PATH,
        link,
        link_for,
    )
    return Page("team/teammates.html", "Teammates", it)


def require_not_above(visit: Visit, who: Teammate) -> None:
    """Raise `Forbidden` where an admin would see or do what is an owner's."""
    if role_of(who.role) is TeamRole.OWNER and not visit.may(May.MANAGE_OWNERS):
        raise Forbidden("Only an owner looks after owners.", code="role", field="role")
