"""What a Messenger request says once it has been read, and what it is told in the end: stations 1 and 6 of one update.

Unchecked parts say so: `raw_` values are weighed by the D-checks, `unproven_` identities by `trust/identity.py`.
Source: spec §5, §6 "Receipt".
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from avow.errors import Unavailable
from avow.trust.change import Outcome, Verdict
from avow.trust.contact import ContactId, Role, WorkspaceId
from avow.trust.identity import Claim, Proof, fold_email
from avow.trust.keys import HashedField
from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.token import Claims
from avow.trust.user_hash import UserHashProof
from avow.trust.weighing.voice import Page

_TOKEN = Proof.TOKEN  # found without the way by its class, as in `trust/decision.py`


class RulesMoved(Unavailable):
    """The rules are no longer those under which the proof was believed: whoever submitted it believes it again."""


class Happening(msgspec.Struct, frozen=True):
    """Something a browser says its person did. `metadata` is the text of a JSON object, within bounds already."""

    name: str
    metadata: str


class Submission(msgspec.Struct, frozen=True):
    """What one request says: who vouches, whom it claims to be about, the values outside the token, and where it
    came from.

    `unproven_email` is folded. `rules_version` is that of the rules under which `claims` or `hash_proof` were believed.
    `session` is the digest (hex) of the session this browser showed, one that we once made; `spare_session` that of
    a fresh one, for a visitor who has none or whose own was burned in a merge; `spare_seed` is what that was made of.
    `proof_required` tells that whoever is named must be proven, by the rules of that version.
    """

    workspace_id: WorkspaceId
    platform: Platform
    rules_version: int
    claims: Claims | None = None
    hash_proof: UserHashProof | None = None
    unproven_user_id: str | None = None
    unproven_email: str | None = None
    session: str | None = None
    spare_session: str | None = None
    raw_values: Mapping[str, object] = {}
    observed: Mapping[str, object] = {}
    happenings: tuple[Happening, ...] = ()
    page: Page = Page()
    proof_required: bool = False
    spare_seed: str | None = None

    @property
    def kid(self) -> str | None:
        """The key that proves whom this is about: a token's, or a `user_hash`'s."""
        proof = self.claims or self.hash_proof
        return proof.kid if proof is not None else None

    @property
    def claim(self) -> Claim:
        """Whom this is about, as §5 orders the proofs."""
        if self.claims is not None:
            return Claim(_TOKEN, False, self.claims.user_id)
        proof = self.hash_proof
        if proof is not None and proof.field is HashedField.USER_ID:
            return Claim(Proof.USER_HASH, False, proof.value)
        if proof is not None:
            return Claim(Proof.EMAIL_HASH, False, None, fold_email(proof.value))
        named = self.unproven_user_id is not None or self.unproven_email is not None
        proof_of = Proof.NONE if named else Proof.SESSION
        return Claim(proof_of, named and self.proof_required, self.unproven_user_id, self.unproven_email)


class Receipt(msgspec.Struct, frozen=True):
    """What became of it: the contact (None: a visitor of whom nothing is stored), and one verdict a value.

    `session` is the digest of the visitor's session from now on: the one she showed, or the spare one, which a retry
    finds again by `spare_seed`.
    """

    contact_id: ContactId | None
    role: Role
    proven: bool
    verdicts: tuple[Verdict, ...] = ()
    external_id: str | None = None
    session: str | None = None
    spare_seed: str | None = None

    def as_told(self) -> tuple[Verdict, ...]:
        """The verdicts this caller may see: to an unproven one, nothing that depends on stored values (§5.7)."""
        if self.proven:
            return self.verdicts
        return tuple(_blurred(verdict) for verdict in self.verdicts)


_VALUE_DEPENDENT = frozenset({Reason.STALE, Reason.UNDATED, Reason.ALREADY_KNOWN})


def _blurred(verdict: Verdict) -> Verdict:
    if verdict.verdict is Outcome.UNCHANGED or verdict.reason in _VALUE_DEPENDENT:
        reason = verdict.reason if verdict.reason is Reason.WOULD_IGNORE else None
        return Verdict(verdict.name, Outcome.APPLIED, verdict.channel, reason)
    return Verdict(verdict.name, verdict.verdict, verdict.channel, verdict.reason)
