"""Does the key that was believed a moment ago still stand, now that the rules have moved on?

Asked in the transaction that writes: a key revoked between the check of a token and its commit writes nothing any more.
Source: spec §4 "Keys" (revoked within a second, everywhere).
"""

from __future__ import annotations

from avow.trust.keys import Keyring, KeyState
from avow.trust.policy import Platform
from avow.trust.reasons import Reason


def fault_of_key(kid: str, keyring: Keyring, platform: Platform, now: float) -> Reason | None:
    """Why this key would be refused today (V4), or None where it still stands."""
    ready = keyring.find(kid)
    if ready is None:
        return Reason.KEY_UNKNOWN
    match ready.key.state_at(now):
        case KeyState.REVOKED:
            return Reason.KEY_REVOKED
        case KeyState.RETIRED:
            return Reason.KEY_RETIRED
        case _:
            return None if platform in ready.key.platforms else Reason.KEY_WRONG_PLATFORM
