"""Settings > Workspaces: test beside production, what each is called and in which zone it counts its days."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace
from typing import Final

import msgspec

from avow.admin import seen
from avow.admin.frame.toasts import Toast
from avow.admin.frame.visit import NOTHING, Page, Reply, SeeOther, Visit
from avow.admin.seen import FieldSeen
from avow.errors import NotFound
from avow.flow import attributes, promotion, workspaces
from avow.flow.contract import Workspace
from avow.flow.team.roles import May
from avow.trust.policy import Platform, WorkspaceKind

PATH: Final = "/settings/workspaces"
_AREAS: Final = frozenset(
    ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
)


class Card(msgspec.Struct, frozen=True):
    """One workspace. `secured` are the platforms on which a proof is required."""

    workspace: Workspace
    is_here: bool
    is_test: bool
    attributes: int
    locked: int
    keys: int
    secured: tuple[Platform, ...]
    address: str
    name: FieldSeen
    timezone: FieldSeen


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen. `differing` counts what a promotion would change, None without a test workspace."""

    cards: tuple[Card, ...]
    zones: tuple[tuple[str, str], ...]
    differing: int | None
    may_describe: bool
    may_promote: bool
    address: str


async def show(visit: Visit) -> Page:
    """The screen."""
    cards = tuple([await _card(visit, one) for one in visit.workspaces])
    test = test_of(visit)
    differing = None
    if test is not None:
        found = await promotion.difference(visit.engine.store, test.id)
        differing = len(found.plan.steps)
    it = Shown(
        cards,
        _zones({one.timezone for one in visit.workspaces}),
        differing,
        visit.may(May.SET_POLICY),
        visit.may(May.PROMOTE),
        visit.root + PATH,
    )
    return Page("workspaces/workspaces.html", "Workspaces", it)


def _zones(chosen: Set[str]) -> tuple[tuple[str, str], ...]:
    """Those to choose from: a place each, or UTC, and whatever is chosen already."""
    places = {one for one in workspaces.timezones() if one.partition("/")[0] in _AREAS and "/" in one}
    return tuple((one, one.replace("_", " ")) for one in sorted(places | {"UTC"} | chosen))


async def describe(visit: Visit) -> Reply:
    """Another name or zone for one of hers."""
    raw_id = visit.need("workspace")
    if raw_id not in {one.id for one in visit.workspaces}:
        raise NotFound("There is no such workspace, or it is not yours to change.", field="workspace")

    def change(stands: Workspace) -> tuple[str, str]:
        name, zone = seen.edited(visit, "name", stands.name), seen.edited(visit, "timezone", stands.timezone)
        return stands.name if name is None else name, stands.timezone if zone is None else zone

    after = await workspaces.describe(
        visit.engine.store,
        next(one.id for one in visit.workspaces if one.id == raw_id),
        change,
        entropy=visit.engine.entropy,
        actor=visit.acting(May.SET_POLICY),
    )
    visit.engine.rulebook.forget(after.id)
    return SeeOther(visit.root + PATH, Toast(f"{after.name} is saved."))


def test_of(visit: Visit) -> Workspace | None:
    """Her test workspace: the one that she looks at, or the only one there is."""
    tests = [one for one in visit.workspaces if one.kind is WorkspaceKind.TEST]
    if visit.is_test:
        return visit.workspace
    return tests[0] if tests else None


async def _card(visit: Visit, one: Workspace) -> Card:
    rules = await visit.engine.store.rules(one.id)
    assert rules is not None
    sent = visit if visit.form.get("workspace") == one.id else replace(visit, form=NOTHING)
    known = attributes.joined(rules.attributes).values()
    policy = rules.workspace.policy
    return Card(
        rules.workspace,
        one.id == visit.workspace_id,
        one.kind is WorkspaceKind.TEST,
        sum(not (each.standard or each.archived) for each in known),
        sum(each.locked and not each.archived for each in known),
        len(rules.keys),
        tuple(platform for platform in Platform if policy.requires_proof(platform)),
        f"/app/{one.id}",
        seen.shown(sent, "name", rules.workspace.name),
        seen.shown(sent, "timezone", rules.workspace.timezone),
    )
