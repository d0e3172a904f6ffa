"""Does what was believed of a request still hold, in the transaction that writes? Moved rules, and V12.

- A token no newer than what ended its user's sessions is refused (V12).
- A `user_hash` has no date, so it counts as an undated token does: once something ended the user's sessions, it proves
  nobody any more. Otherwise whoever held an id before would prove herself to be its next owner.

Source: spec §4 V12.
"""

from __future__ import annotations

from avow.errors import Forbidden
from avow.flow.contract import KeyKind
from avow.flow.desk import Desk
from avow.flow.updates.submissions import RulesMoved, Submission
from avow.trust.identity import Claim, Proof
from avow.trust.reasons import Reason
from avow.trust.token import superseded


def believe_again(submission: Submission, claim: Claim, desk: Desk) -> None:
    """Raise `RulesMoved`, or the refusal of V12; nothing where everything still holds."""
    proven = submission.claims is not None or submission.hash_proof is not None
    if proven and submission.rules_version != desk.rules.version:
        raise RulesMoved("The workspace's rules have changed since this proof was checked: check it again.")
    # V12
    if submission.claims is not None:
        superseded(submission.claims, not_before(desk, submission.claims.user_id))
    elif claim.proof is Proof.USER_HASH and claim.user_id is not None and not_before(desk, claim.user_id) is not None:
        raise Forbidden(
            "A user_hash has no date, and this user's earlier proofs have ended. "
            "Send intercom_user_jwt, signed by your backend.",
            code=Reason.IDENTITY_SUPERSEDED,
            field="user_hash",
        )


def not_before(desk: Desk, user_id: str) -> int | None:
    """When what this user's tokens proved was ended last (whole Unix seconds), or None."""
    row = desk.row(desk.key(KeyKind.EXTERNAL_ID, user_id)) or desk.row(desk.erased_key(user_id))
    return row.not_before if row is not None else None
