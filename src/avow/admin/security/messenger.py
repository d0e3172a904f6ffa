"""Settings > Security > Messenger security: must a request prove whom it is about? For each platform, when it is ready.

- Turning it on asks first, and says who would be refused; turning it off does not: it is undone with one press.
- Origins are here too, with what they are: an order for honest pages, and no boundary.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from avow.admin import seen
from avow.admin.frame.toasts import Toast, Tone
from avow.admin.frame.visit import Page, Reply, SeeOther, Visit
from avow.admin.security.keys import PLATFORMS
from avow.admin.security.places import Tab, Tabs, address, tabs
from avow.admin.seen import FieldSeen
from avow.errors import BadInput
from avow.flow.screens import identity
from avow.flow.screens.identity import Look, Standing
from avow.flow.team.roles import May
from avow.flow.workspaces import set_policy
from avow.trust.policy import MessengerSecurity, Platform, Policy

NAMES: Final = dict(PLATFORMS)


class Shown(msgspec.Struct, frozen=True):
    """What stands on the screen."""

    tabs: Tabs
    look: Look
    names: dict[Platform, str]
    origins: FieldSeen
    may_set: bool
    address: str


class Asked(msgspec.Struct, frozen=True):
    """What is told before proof is required."""

    standing: Standing
    look: Look
    name: str
    address: str


async def show(visit: Visit) -> Page:
    """The screen."""
    look = await identity.look(visit.engine, visit.workspace_id)
    policy = (await visit.engine.rulebook.current(visit.workspace_id)).policy
    origins = seen.shown(visit, "origins", "\n".join(policy.origins), seen.lines)
    it = Shown(
        tabs(visit, Tab.MESSENGER), look, NAMES, origins, visit.may(May.SET_POLICY), address(visit, "/messenger")
    )
    return Page("security/messenger.html", "Messenger security", it)


async def ask(visit: Visit) -> Page:
    """What a requirement would mean."""
    platform = _platform(visit)
    look = await identity.look(visit.engine, visit.workspace_id)
    standing = next(one for one in look.platforms if one.platform is platform)
    it = Asked(standing, look, NAMES[platform], address(visit, "/messenger"))
    return Page("security/require.html", f"Require proof on {NAMES[platform]}", it)


async def turn(visit: Visit) -> Reply:
    """Require a proof on a platform, or do not."""
    platform, raw_security = _platform(visit), visit.need("security")
    if raw_security not in tuple(MessengerSecurity):
        raise BadInput("Expected off or required.", field="security")
    security = MessengerSecurity(raw_security)

    def change(policy: Policy) -> Policy:
        return msgspec.structs.replace(policy, messenger_security=policy.messenger_security | {platform: security})

    before, _ = await saved(visit, change)
    was, name = before.messenger_security.get(platform, MessengerSecurity.OFF), NAMES[platform]
    if was is security:
        return SeeOther(address(visit, "/messenger"), Toast("It was so already.", Tone.NOTE))
    text = {
        MessengerSecurity.REQUIRED: f"{name} requires a proof. Requests that name somebody without one are refused.",
        MessengerSecurity.OFF: f"{name} takes unproven claims: their values are unverified.",
    }[security]
    undo = (("platform", str(platform)), ("security", str(was)))
    return SeeOther(address(visit, "/messenger"), Toast(text, undo=address(visit, "/messenger/turn"), fields=undo))


async def set_origins(visit: Visit) -> Reply:
    """Other origins: one a line; none: every page may."""

    def change(policy: Policy) -> Policy:
        typed = seen.edited(visit, "origins", "\n".join(policy.origins), seen.lines)
        origins = policy.origins if typed is None else tuple(one.rstrip("/") for one in seen.lines(typed))
        return msgspec.structs.replace(policy, origins=origins)

    _, after = await saved(visit, change)
    text = "Pages of every origin may send."
    if after.origins:
        text = "Pages of these origins may send, others are turned away."
    return SeeOther(address(visit, "/messenger"), Toast(text))


async def saved(visit: Visit, change: Callable[[Policy], Policy]) -> tuple[Policy, Policy]:
    """The policy before and after a change, which every process follows within a second, this one at once."""
    engine = visit.engine
    try:
        return await set_policy(
            engine.store, visit.workspace_id, change, entropy=engine.entropy, actor=visit.acting(May.SET_POLICY)
        )
    finally:  # where it was refused, too: the page shows what another process has made of it
        await engine.rulebook.confirm()


def _platform(visit: Visit) -> Platform:
    raw_platform = visit.form.get("platform") or visit.query.get("platform")
    if raw_platform not in tuple(Platform):
        raise BadInput("That is no platform; expected web, ios or android.", field="platform")
    return Platform(raw_platform)
