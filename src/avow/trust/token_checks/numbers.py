"""Which of the numbered checks did a token fail, or did it pass them all? The list of spec §4, and its errors.

The numbers tie code block, reason code, docs page and attack test together; `REASONS_OF` says which reasons are whose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from avow.errors import TokenRefused
from avow.trust.reasons import Reason
from avow.trust.words import Word


class V(Word):
    """The checks, in the order in which they are made."""

    V1 = "V1"
    V2 = "V2"
    V3 = "V3"
    V4 = "V4"
    V5 = "V5"
    V6 = "V6"
    V7 = "V7"
    V8 = "V8"
    V9 = "V9"
    V10 = "V10"
    V11 = "V11"
    V12 = "V12"


TITLES: Final = {
    V.V1: "three parts of canonical base64url, at most 16 KiB",
    V.V2: "the header is one strict JSON object",
    V.V3: "algorithm and type are allowed, no dangerous header member",
    V.V4: "a live key of this workspace for this platform",
    V.V5: "the key's algorithm is the token's",
    V.V6: "the signature is the key's",
    V.V7: "the payload is one strict JSON object",
    V.V8: "it names a user",
    V.V9: "its times are well formed and fit now",
    V.V10: "issuer and audience are those configured",
    V.V11: "the request names nobody else",
    V.V12: "it is newer than what ended the user's sessions",
}

REASONS_OF: Final = {
    V.V1: (Reason.TOKEN_MALFORMED,),
    V.V2: (Reason.TOKEN_MALFORMED,),
    V.V3: (Reason.TOKEN_ALGORITHM, Reason.TOKEN_HEADER),
    V.V4: (Reason.KEY_UNKNOWN, Reason.KEY_RETIRED, Reason.KEY_REVOKED, Reason.KEY_WRONG_PLATFORM),
    V.V5: (Reason.TOKEN_ALGORITHM,),
    V.V6: (Reason.SIGNATURE_INVALID,),
    V.V7: (Reason.TOKEN_MALFORMED,),
    V.V8: (Reason.USER_ID_MISSING,),
    V.V9: (
        Reason.TIME_MALFORMED,
        Reason.TOKEN_EXPIRED,
        Reason.TOKEN_NOT_YET_VALID,
        Reason.EXP_MISSING,
        Reason.IAT_MISSING,
        Reason.TOKEN_TOO_LONG_LIVED,
    ),
    V.V10: (Reason.ISSUER_MISMATCH, Reason.AUDIENCE_MISMATCH),
    V.V11: (Reason.IDENTITY_MISMATCH,),
    V.V12: (Reason.IDENTITY_SUPERSEDED,),
}


class CheckFailed(TokenRefused):
    """A token failed the check `number` for `reason`. `message` says what was found, expected, and never repeats it."""

    def __init__(self, number: V, reason: Reason, message: str) -> None:
        super().__init__(message, code=reason)
        self.number = number
        self.reason = reason


class Outcome(Word):
    """What became of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of an explanation. `reason` and `message` are set where it failed."""

    number: V
    title: str
    outcome: Outcome
    reason: Reason | None = None
    message: str = ""


def outcomes(failure: CheckFailed | None) -> tuple[Check, ...]:
    """Every check's outcome, given the one that failed, if any: those before it passed, none after was reached."""
    checks: list[Check] = []
    outcome = Outcome.PASSED
    for number, title in TITLES.items():
        if failure is not None and number is failure.number:
            checks.append(Check(number, title, Outcome.FAILED, failure.reason, failure.message))
            outcome = Outcome.NOT_REACHED
        else:
            checks.append(Check(number, title, outcome))
    return tuple(checks)
