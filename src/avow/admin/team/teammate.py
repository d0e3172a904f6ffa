"""One teammate: her role, the browsers in which she is signed in, and her leaving.

Her own name, password and second factor are hers alone to change (`account.py`).
"""

from __future__ import annotations

import msgspec

from avow.admin.frame import words
from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.team.teammates import MEANING, PATH, require_not_above, roles_of
from avow.errors import NotFound
from avow.flow.contract import Teammate, TeammateSession
from avow.flow.team import second_factor, sessions, teammates
from avow.flow.team.roles import WORDS, TeamRole, role_of
from avow.flow.team.teammates import Changed


class Shown(msgspec.Struct, frozen=True):
    """What stands on her page. `is_last_owner`: she can neither leave nor be anything else."""

    teammate: Teammate
    role: str
    meanings: tuple[tuple[str, str], ...]
    roles: tuple[tuple[TeamRole, str], ...]
    sessions: tuple[TeammateSession, ...]
    has_second_factor: bool
    is_me: bool
    is_last_owner: bool
    address: str
    back: str


async def show(visit: Visit) -> Page:
    """Her page."""
    who, team = await _found(visit)
    require_not_above(visit, who)
    owners = [one for one in team if one.role == TeamRole.OWNER]
    it = Shown(
        who,
        WORDS[role_of(who.role)],
        tuple((WORDS[role], text) for role, text in MEANING.items()),
        roles_of(visit),
        tuple(await sessions.every(visit.engine.store, who, visit.now)),
        (await second_factor.standing(visit.engine, who)).on,
        who.id == visit.here.teammate.id,
        owners == [who],
        f"{visit.root}{PATH}/{who.id}",
        visit.root + PATH,
    )
    return Page("team/teammate.html", who.name or who.email, it)


async def set_role(visit: Visit) -> Reply:
    """Make her something else."""
    changed = await teammates.set_role(visit.engine, visit.here, visit.path["teammate"], visit.need("role"))
    after = changed.teammate
    # What she was allowed to see of herself may have gone with the role.
    back = PATH if after.id == visit.here.teammate.id else f"{PATH}/{after.id}"
    told = f"{after.name or after.email} is {_a(WORDS[role_of(after.role)])} now."
    return SeeOther(visit.root + back, Toast(told + _withdrawn(changed)))


async def sign_out(visit: Visit) -> Reply:
    """End all her sessions."""
    who = await teammates.sign_out(visit.engine, visit.here, visit.path["teammate"])
    return SeeOther(f"{visit.root}{PATH}/{who.id}", Toast(f"{who.name or who.email} is signed out everywhere."))


async def ask_remove(visit: Visit) -> Page:
    """What removing her means."""
    page = await show(visit)
    return Page("team/teammate_remove.html", f"Remove {page.title}", page.it)


async def remove(visit: Visit) -> Reply:
    """Let her go."""
    changed = await teammates.remove(visit.engine, visit.here, visit.path["teammate"])
    told = f"{changed.teammate.name or changed.teammate.email} is removed, and signed out everywhere."
    return SeeOther(visit.root + PATH, Toast(told + _withdrawn(changed)))


def _withdrawn(changed: Changed) -> str:
    """What became of the invitations that she had made."""
    if not changed.withdrawn:
        return ""
    lead = "leads" if changed.withdrawn == 1 else "lead"
    return f" {words.plural(changed.withdrawn, 'invitation')} of theirs {lead} nowhere any more."


async def _found(visit: Visit) -> tuple[Teammate, list[Teammate]]:
    team = await visit.engine.store.teammates(visit.here.home)
    for one in team:
        if one.id == visit.path["teammate"]:
            return one, team
    raise NotFound("There is no such teammate here. Somebody may have removed her.", field="teammate")


def _a(role: str) -> str:
    return f"{'an' if role[0] in 'AEIOU' else 'a'} {role.lower()}" if role != WORDS[TeamRole.READ_ONLY] else "read-only"
