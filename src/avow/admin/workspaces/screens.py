"""Which addresses does Settings > Workspaces have?"""

from __future__ import annotations

from typing import Final

from avow.admin.frame.visit import Act
from avow.admin.workspaces import listed, promotion
from avow.flow.team.roles import May

WORKSPACES: Final[dict[str, dict[str, Act]]] = {
    "/settings/workspaces": {"GET": Act(listed.show)},
    "/settings/workspaces/describe": {"POST": Act(listed.describe, May.SET_POLICY, shown_by=listed.show)},
    "/settings/workspaces/promote": {
        "GET": Act(promotion.show, May.PROMOTE),
        "POST": Act(promotion.promote, May.PROMOTE, shown_by=promotion.show),
    },
}
"""Address below `/app/{workspace}` → method → what it does."""
