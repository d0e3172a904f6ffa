"""How do requests say whom they are about? Counted by platform and proof, with who still proves nothing and where.

The counts stand beside those of attributes, under names that no attribute can have: `user_id` for what requests
claim, `auth_tokens` for the access tokens of REST. Source: spec §4, §5, §8.
"""

from __future__ import annotations

from typing import Final

from avow.flow.bookkeeping.tally import TallyBook
from avow.flow.updates.submissions import Receipt, Submission
from avow.trust.contact import WorkspaceId
from avow.trust.identity import Proof
from avow.trust.policy import Platform
from avow.trust.token import Claims
from avow.trust.words import Word

IDENTITIES: Final = "user_id"
CALLS: Final = "auth_tokens"


class Shown(Word):
    """What a request has shown of whom it is about. The middle three are tokens that could be replayed for longer."""

    TOKEN = "token"
    WITHOUT_EXP = "without_exp"
    WITHOUT_IAT = "without_iat"
    WITHOUT_DATES = "without_dates"
    HASH = "hash"
    UNPROVEN = "unproven"
    VISITOR = "visitor"


TOKENS: Final = (Shown.TOKEN, Shown.WITHOUT_EXP, Shown.WITHOUT_IAT, Shown.WITHOUT_DATES)
PROVEN: Final = (*TOKENS, Shown.HASH)
_OF_PROOF: Final = {
    Proof.USER_HASH: Shown.HASH,
    Proof.EMAIL_HASH: Shown.HASH,
    Proof.NONE: Shown.UNPROVEN,
    Proof.SESSION: Shown.VISITOR,
}
_OF_DATES: Final = {
    (True, True): Shown.TOKEN,
    (True, False): Shown.WITHOUT_EXP,
    (False, True): Shown.WITHOUT_IAT,
    (False, False): Shown.WITHOUT_DATES,
}
_KINDS: Final = {(platform, shown): f"{platform} {shown}" for platform in Platform for shown in Shown}


def count(tally: TallyBook, submission: Submission, receipt: Receipt, now: float) -> None:
    """Count one request that was let in; `now` is Unix seconds."""
    claims = submission.claims
    shown = _of_token(claims) if claims is not None else _OF_PROOF[submission.claim.proof]
    tally.counted(submission.workspace_id, IDENTITIES, _KINDS[submission.platform, shown], now)
    if shown is Shown.UNPROVEN and receipt.contact_id is not None:
        tally.wrote(submission.workspace_id, IDENTITIES, submission.page, receipt.contact_id, now)


def _of_token(claims: Claims) -> Shown:
    return _OF_DATES[claims.dated, claims.expires_at is not None]


def called(tally: TallyBook, workspace_id: WorkspaceId, token_id: str, now: float) -> None:
    """An access token was used: noted once an hour, which is what its owner is told."""
    tally.noted(workspace_id, CALLS, token_id, now)


def read_kind(kind: str) -> tuple[Platform, Shown] | None:
    """Platform and proof of a stored count, or None for one of another version."""
    platform, _, shown = kind.partition(" ")
    try:
        return Platform(platform), Shown(shown)
    except ValueError:
        return None
