"""Which addresses do the screens have? One line for each, with what a role must allow for each method.

An address below a workspace gets its screen here, and a line of the menu in `frame/navigation.py`.
"""

from __future__ import annotations

from typing import Final

from avow.admin import account, attributes, lock_dialog, overview, set_aside, unvouched
from avow.admin.activity.screen import show as show_activity
from avow.admin.attribute.screens import ATTRIBUTE
from avow.admin.frame.visit import Act
from avow.admin.people.screens import PEOPLE
from avow.admin.security.screens import SECURITY
from avow.admin.team.screens import TEAM
from avow.admin.workspaces.screens import WORKSPACES
from avow.flow.team.roles import May

SCREENS: Final[dict[str, dict[str, Act]]] = {
    "": {"GET": Act(overview.show)},
    "/settings/data/people": {"GET": Act(attributes.show)},
    "/settings/data/people/lock": {
        "GET": Act(lock_dialog.ask, May.LOCK),
        "POST": Act(attributes.lock, May.LOCK, shown_by=attributes.show),
    },
    unvouched.PATH: {"GET": Act(unvouched.count, May.LOCK)},
    "/settings/data/people/turn": {"POST": Act(attributes.turn, May.LOCK, shown_by=attributes.show)},
    "/settings/data/people/hold": {"POST": Act(set_aside.hold, May.LOCK, shown_by=attributes.show)},
    "/settings/data/people/release": {"POST": Act(set_aside.release, May.LOCK, shown_by=attributes.show)},
    "/settings/data/people/undo": {"POST": Act(attributes.undo, May.LOCK, shown_by=attributes.show)},
    **ATTRIBUTE,
    "/activity": {"GET": Act(show_activity)},
    **PEOPLE,
    **SECURITY,
    **TEAM,
    **WORKSPACES,
}
"""Address below `/app/{workspace}` → method → what it does."""

OWN: Final[dict[str, dict[str, Act]]] = {
    "/app/account": {"GET": Act(account.show)},
    "/app/account/name": {"POST": Act(account.rename, shown_by=account.show)},
    "/app/account/password": {"POST": Act(account.change_password, shown_by=account.show)},
    "/app/account/sessions": {"POST": Act(account.end_session, shown_by=account.show)},
    "/app/account/second-factor": {"POST": Act(account.set_second_factor, shown_by=account.show)},
}
"""What belongs to whoever is signed in, wherever she is: address → method → what it does."""
