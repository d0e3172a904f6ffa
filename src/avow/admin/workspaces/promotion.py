"""Promotion: what production would take over from test, each loosening confirmed by itself, and the act.

The form names the versions that were shown. Where either workspace has changed since, the difference is shown again.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.frame.words import kind
from avow.admin.workspaces.listed import PATH, test_of
from avow.errors import BadInput, Conflict, NotFound
from avow.flow import promotion
from avow.flow.contract import Workspace
from avow.flow.promotion import Difference, Versions
from avow.flow.team.roles import May
from avow.trust.promotion.plan import Hindered, Hindrance, Move, Step

_VERSIONS: Final = re.compile(r"(\d{1,15})-(\d{1,15})\Z")
_MOVES: Final = {Move.CREATE: "New in production", Move.ADOPT: "Adopted from browsers", Move.CHANGE: "Changed"}
_WHY: Final = {
    Hindrance.TYPE: "Its type differs, and types never change. Archive one of them, or use another name.",
    Hindrance.NAME: "Its name could pass for another attribute of production.",
    Hindrance.ARCHIVED: "It is archived in production. Bring it back there first.",
    Hindrance.ROOM: "Production has as many attributes as there can be. Archive one there first.",
}


class Line(msgspec.Struct, frozen=True):
    """One step in words; `aspects` pairs what differs with before and after."""

    step: Step
    told: str
    aspects: tuple[tuple[str, str, str], ...]
    confirmed: bool


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen."""

    difference: Difference
    lines: tuple[Line, ...]
    hindered: tuple[tuple[Hindered, str], ...]
    versions: str
    changed_since: bool
    address: str
    back: str


async def show(visit: Visit) -> Page:
    """The difference, as it is now."""
    found = await promotion.difference(visit.engine.store, _test(visit).id)
    confirmed = visit.form.all("loosen") if not isinstance(visit.fault, Conflict) else []
    it = Shown(
        found,
        tuple(_line(step, confirmed=step.name in confirmed) for step in found.plan.steps),
        tuple((one, _WHY[one.why]) for one in found.plan.hindered),
        f"{found.versions.test}-{found.versions.production}",
        isinstance(visit.fault, Conflict),
        f"{visit.root}{PATH}/promote",
        visit.root + PATH,
    )
    return Page("workspaces/promote.html", "Promote test to production", it)


async def promote(visit: Visit) -> Reply:
    """Do what was shown."""
    match = _VERSIONS.match(visit.need("versions"))
    if match is None:
        raise BadInput("The form does not say what was shown; reload the page and look again.", field="versions")
    done = await promotion.promote(
        visit.engine.store,
        _test(visit).id,
        seen=Versions(int(match[1]), int(match[2])),
        confirmed=visit.form.all("loosen"),
        entropy=visit.engine.entropy,
        actor=visit.acting(May.PROMOTE),
    )
    visit.engine.rulebook.forget(visit.here.home)
    return SeeOther(visit.root + PATH, _told(done))


def _told(done: promotion.Promoted) -> Toast:
    if not done.changed:
        return Toast("Nothing was changed: what differs would have loosened a lock.", Tone.NOTE)
    attributes = "1 attribute is" if len(done.changed) == 1 else f"{len(done.changed)} attributes are"
    kept = f" {len(done.kept_locked)} stayed locked." if done.kept_locked else ""
    return Toast(f"{attributes} in production as in test.{kept}", Tone.DONE)


def _test(visit: Visit) -> Workspace:
    test = test_of(visit)
    if test is None:
        raise NotFound("There is no test workspace to promote from.")
    return test


def _line(step: Step, *, confirmed: bool) -> Line:
    wanted, known = step.wanted, step.known
    aspects = [
        ("enforcement", known.enforcement if known else "", wanted.enforcement),
        ("type", kind(known.type) if known else "", kind(wanted.type)),
        ("description", known.description if known else "", wanted.description),
        ("options", ", ".join(known.options) if known else "", ", ".join(wanted.options)),
    ]
    return Line(step, _MOVES[step.move], tuple(one for one in aspects if one[1] != one[2]), confirmed)
