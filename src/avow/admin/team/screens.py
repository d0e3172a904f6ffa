"""Which addresses does Settings > Teammates have?"""

from __future__ import annotations

from typing import Final

from avow.admin.frame.visit import Act
from avow.admin.team import teammate, teammates
from avow.flow.team.roles import May

TEAM: Final[dict[str, dict[str, Act]]] = {
    "/settings/teammates": {"GET": Act(teammates.show)},
    "/settings/teammates/invite": {"POST": Act(teammates.invite, May.MANAGE_TEAM, shown_by=teammates.show)},
    "/settings/teammates/withdraw": {"POST": Act(teammates.withdraw, May.MANAGE_TEAM, shown_by=teammates.show)},
    "/settings/teammates/{teammate}": {"GET": Act(teammate.show, May.MANAGE_TEAM)},
    "/settings/teammates/{teammate}/role": {
        "POST": Act(teammate.set_role, May.MANAGE_TEAM, shown_by=teammate.show),
    },
    "/settings/teammates/{teammate}/sign-out": {
        "POST": Act(teammate.sign_out, May.MANAGE_TEAM, shown_by=teammate.show),
    },
    "/settings/teammates/{teammate}/remove": {
        "GET": Act(teammate.ask_remove, May.MANAGE_TEAM),
        "POST": Act(teammate.remove, May.MANAGE_TEAM, shown_by=teammate.show),
    },
}
"""Address below `/app/{workspace}` → method → what it does."""
