"""Which addresses has Settings > Security, and what must a role allow for each? A part of `admin/screens.py`."""

from __future__ import annotations

from typing import Final

from avow.admin import access_tokens
from avow.admin.frame.visit import Act
from avow.admin.security import checker, distrust, key, keys, messenger, policy, rotation, samples
from avow.flow.team.roles import May

SECURITY: Final[dict[str, dict[str, Act]]] = {
    "/settings/security": {"GET": Act(keys.show)},
    "/settings/security/keys": {
        "GET": Act(keys.ask, May.MANAGE_KEYS),
        "POST": Act(keys.make, May.MANAGE_KEYS, shown_by=keys.ask),
    },
    "/settings/security/key": {"GET": Act(key.show)},
    "/settings/security/key/retire": {"POST": Act(key.retire, May.MANAGE_KEYS, shown_by=rotation.show_where_asked)},
    "/settings/security/key/revoke": {
        "GET": Act(key.ask, May.MANAGE_KEYS),
        "POST": Act(key.revoke, May.MANAGE_KEYS, shown_by=key.show),
    },
    "/settings/security/key/distrust": {
        "GET": Act(distrust.show, May.MANAGE_KEYS),
        "POST": Act(distrust.begin, May.MANAGE_KEYS, shown_by=distrust.show),
    },
    "/settings/security/key/rehearse": {"POST": Act(distrust.rehearse, May.MANAGE_KEYS, shown_by=distrust.show)},
    "/settings/security/rotate": {"GET": Act(rotation.show)},
    "/settings/security/messenger": {"GET": Act(messenger.show)},
    "/settings/security/messenger/turn": {
        "GET": Act(messenger.ask, May.SET_POLICY),
        "POST": Act(messenger.turn, May.SET_POLICY, shown_by=messenger.show),
    },
    "/settings/security/messenger/origins": {
        "POST": Act(messenger.set_origins, May.SET_POLICY, shown_by=messenger.show)
    },
    "/settings/security/policy": {"GET": Act(policy.show)},
    "/settings/security/policy/tokens": {"POST": Act(policy.set_tokens, May.SET_POLICY, shown_by=policy.show)},
    "/settings/security/policy/writes": {"POST": Act(policy.set_writes, May.SET_POLICY, shown_by=policy.show)},
    "/settings/security/policy/end-tokens": {"POST": Act(policy.end_tokens, May.SET_POLICY, shown_by=policy.show)},
    "/settings/security/checker": {"GET": Act(checker.show), "POST": Act(checker.check, shown_by=checker.show)},
    "/settings/security/samples": {"GET": Act(samples.show)},
    "/settings/access-tokens": {"GET": Act(access_tokens.show)},
    "/settings/access-tokens/new": {
        "GET": Act(access_tokens.ask, May.MANAGE_ACCESS_TOKENS),
        "POST": Act(access_tokens.make, May.MANAGE_ACCESS_TOKENS, shown_by=access_tokens.ask),
    },
    "/settings/access-tokens/revoke": {
        "GET": Act(access_tokens.ask_revoke, May.MANAGE_ACCESS_TOKENS),
        "POST": Act(access_tokens.revoke, May.MANAGE_ACCESS_TOKENS, shown_by=access_tokens.show),
    },
}
"""Address below `/app/{workspace}` → method → what it does."""
