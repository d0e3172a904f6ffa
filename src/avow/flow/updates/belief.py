"""Does what was believed of a request still hold, in the transaction that writes? Moved rules, and V12.

- A token no newer than what ended its user's sessions is refused (V12).
- A `user_hash` has no date, so it counts as an undated token does: once something ended the user's sessions, it proves
  nobody any more. Otherwise whoever held an id before would prove herself to be its next owner. One over an e-mail
  names nobody by itself: it is refused once it is known whom it leads to.

Source: spec §4 V12.
"""

from __future__ import annotations

from collections.abc import Sequence

from avow.errors import Forbidden
from avow.flow.contract import KeyKind, LookupKey
from avow.flow.desk import Desk
from avow.flow.updates.submissions import RulesMoved, Submission
from avow.trust.identity import Claim, Proof, Subject
from avow.trust.reasons import Reason
from avow.trust.token import superseded

# As in `trust/decision.py`: found without the way by their class.
_EMAIL_HASH, _EXTERNAL_ID = Proof.EMAIL_HASH, KeyKind.EXTERNAL_ID


def believe_again(submission: Submission, claim: Claim, desk: Desk) -> None:
    """Raise `RulesMoved`, or the refusal of V12; nothing where everything still holds."""
    proven = submission.claims is not None or submission.hash_proof is not None
    if proven and submission.rules_version != desk.rules.version:
        raise RulesMoved("The workspace's rules have changed since this proof was checked: check it again.")
    if claim.required and not desk.rules.policy.requires_proof(submission.platform):
        raise RulesMoved("No proof is required any more of this request: look up whom it is about.")
    # V12
    if submission.claims is not None:
        superseded(submission.claims, not_before(desk, submission.claims.user_id))
    elif claim.proof is Proof.USER_HASH and claim.user_id is not None and not_before(desk, claim.user_id) is not None:
        raise _superseded()


def refuse_ended(claim: Claim, subject: Subject, desk: Desk) -> None:
    """Raise `Forbidden` (identity_superseded) where a hash over an e-mail leads to somebody whose proofs have ended."""
    if claim.proof is not _EMAIL_HASH or subject.contact is None:
        return
    if desk.row(desk.key(KeyKind.ENDED, subject.contact.id)) is not None:
        raise _superseded()


def ends(desk: Desk, keys: Sequence[LookupKey]) -> tuple[LookupKey, ...]:
    """Where it is kept, of everybody these keys lead to, that what proved her has ended."""
    led_to = (contact_id for key in keys for contact_id in desk.keys.get(key, ()))
    return tuple(desk.key(KeyKind.ENDED, contact_id) for contact_id in led_to if contact_id is not None)


def _superseded() -> Forbidden:
    return Forbidden(
        "A user_hash has no date, and this user's earlier proofs have ended. "
        "Send intercom_user_jwt, signed by your backend.",
        code=Reason.IDENTITY_SUPERSEDED,
        field="user_hash",
    )


def not_before(desk: Desk, user_id: str) -> int | None:
    """When what this user's tokens proved was ended last (whole Unix seconds), or None."""
    row = desk.row(desk.key(_EXTERNAL_ID, user_id)) or desk.row(desk.erased_key(user_id))
    return row.not_before if row is not None else None
