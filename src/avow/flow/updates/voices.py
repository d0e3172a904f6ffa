"""Who says what in one submission? The token, the page beside it, and what the server has read off the request."""

from __future__ import annotations

from avow.flow.updates.submissions import Submission
from avow.trust.contact import Channel
from avow.trust.weighing.voice import Saying, Voice

_SIGNED = Channel.SIGNED  # found without the way by its class, as in `trust/decision.py`


def sayings_of(submission: Submission, now: int, *, proven: bool) -> list[Saying]:
    """Its values by voice, at `now` (whole Unix seconds). `proven` tells whether it was shown whom they are about."""
    sayings: list[Saying] = []
    kid, claims = None, submission.claims
    if claims is not None:
        kid = claims.kid
        signed_at = min(claims.signed_at, now) if claims.dated else now
        sayings.append(Saying(Voice(_SIGNED, True, kid, signed_at, claims.dated), claims.attributes))
    if submission.raw_values:
        by = submission.hash_proof.kid if submission.hash_proof is not None else None
        voice = Voice(Channel.MESSENGER, False, by, now, proven=proven, proven_by=kid)
        sayings.append(Saying(voice, submission.raw_values))
    if submission.observed:
        voice = Voice(Channel.OBSERVED, False, None, now, proven=proven, proven_by=kid)
        sayings.append(Saying(voice, submission.observed))
    return sayings
