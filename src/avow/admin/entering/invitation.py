"""An invitation's link: whose it is, as what, and a name and a password to come in with."""

from __future__ import annotations

import msgspec

from avow.admin.entering.entrance import Entry, go
from avow.admin.frame import browser
from avow.errors import AvowError, BadInput, Conflict, RateLimited
from avow.flow.contract import Invitation
from avow.flow.team import sessions, teammates
from avow.flow.team.roles import WORDS, role_of
from avow.web.responses import Answer


class Shown(msgspec.Struct, frozen=True):
    """What stands on the form."""

    invitation: Invitation
    workspace: str
    role: str
    name: str = ""
    fault: AvowError | None = None

    def wrong(self, field: str) -> str:
        """What is wrong with a field."""
        return self.fault.message if self.fault is not None and self.fault.field == field else ""


async def accept(entry: Entry) -> Answer:
    """The form, and what becomes of it: a teammate, signed in."""
    engine = entry.house.engine
    raw_text = entry.path["text"]
    invitation = await teammates.invitation_of(engine.store, raw_text, engine.now())
    name = entry.form.get("name") or ""
    workspace = await engine.rulebook.workspace(invitation.workspace_id)
    shown = Shown(invitation, workspace.name, WORDS[role_of(invitation.role)], name[:100])
    if not entry.posted:
        return entry.shown("invitation.html", "Join", shown)
    try:
        entry.house.take_try(entry.known)
        new = await teammates.accept(engine, entry.house.passwords, raw_text, name, entry.form.get("password") or "")
    except (BadInput, Conflict, RateLimited) as fault:
        return entry.wrong("invitation.html", "Join", msgspec.structs.replace(shown, fault=fault), fault)
    begun = await sessions.begin(
        engine.store, new, entry.known.place, complete=True, now=engine.now(), entropy=engine.entropy
    )
    return go("/app", browser.set_session(begun.text, entry.known))
