"""Do a token's times fit now? V9: `exp`, `nbf` and `iat`, where present or required.

- Finite numbers of seconds since 1970, whole or not; no text, no boolean, nothing negative, no milliseconds.
- Clocks may differ by `LEEWAY`; a longest lifetime is compared exactly, as both its ends are the company's.

Source: spec §4 V9; RFC 7519 §4.1.4 to §4.1.6.
"""

from __future__ import annotations

from typing import Final

from avow.trust.policy import Policy, UndatedTokens
from avow.trust.reasons import Reason
from avow.trust.token_checks.numbers import CheckFailed, V

LEEWAY: Final = 60
"""How many seconds two clocks may differ."""
MILLISECONDS: Final = 100_000_000_000
"""From here on a number of seconds (the year 5138) is one of milliseconds instead (1973)."""


def times_of(payload: dict[str, object], policy: Policy, now: float) -> tuple[float | None, float | None]:
    """`iat` and `exp` in Unix seconds, None for one that the token has not. Raises `CheckFailed`."""
    # V9
    expires_at, not_before, issued_at = _seconds(payload, "exp"), _seconds(payload, "nbf"), _seconds(payload, "iat")
    if expires_at is not None and expires_at <= now - LEEWAY:
        raise CheckFailed(
            V.V9, Reason.TOKEN_EXPIRED, f"the token expired {now - expires_at:.0f} s ago; expected at most {LEEWAY} s"
        )
    for name, moment in (("nbf", not_before), ("iat", issued_at)):
        if moment is not None and moment > now + LEEWAY:
            raise CheckFailed(
                V.V9,
                Reason.TOKEN_NOT_YET_VALID,
                f"the token's {name} is {moment - now:.0f} seconds ahead; expected at most {LEEWAY}",
            )
    lifetime = policy.max_token_lifetime
    if expires_at is None and (policy.require_exp or lifetime is not None):
        raise CheckFailed(V.V9, Reason.EXP_MISSING, "the token has no exp; this workspace requires it")
    if issued_at is None and (policy.undated_tokens is UndatedTokens.REFUSE or lifetime is not None):
        raise CheckFailed(V.V9, Reason.IAT_MISSING, "the token has no iat; this workspace requires it")
    if lifetime is not None and expires_at is not None and issued_at is not None and expires_at - issued_at > lifetime:
        raise CheckFailed(
            V.V9,
            Reason.TOKEN_TOO_LONG_LIVED,
            f"the token lives {expires_at - issued_at:.0f} seconds; expected at most {lifetime}",
        )
    return issued_at, expires_at


def _seconds(payload: dict[str, object], name: str) -> float | None:
    if name not in payload:
        return None
    moment = payload[name]
    if (type(moment) is int or type(moment) is float) and 0 <= moment < MILLISECONDS:
        return moment
    raise CheckFailed(
        V.V9,
        Reason.TIME_MALFORMED,
        f"the token's {name} is no number of seconds since 1970 (milliseconds?)",
    )
