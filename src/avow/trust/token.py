"""May this token be believed? The checks V1 to V12 in their order, and `Claims`, which nobody else may build.

- A token is believed as a whole or not at all; whoever holds `Claims` holds what a live key of this workspace signed.
- The payload is not parsed before the signature over the bytes as they came has been verified (V6).
- `explain` and `verify` are the same checks: an explanation is read off the one that failed.

Source: spec §4; RFC 7519 §4.1, RFC 8725.
"""

from __future__ import annotations

import hashlib
from math import floor
from typing import Final

import msgspec

from avow.trust.keys import ALGORITHM_OF, MAX_CANDIDATES, Algorithm, Keyring, KeyState, Purpose, ReadyKey
from avow.trust.policy import Platform, Policy
from avow.trust.reasons import Reason
from avow.trust.strict_json import StrictJsonError, loads
from avow.trust.token_checks import form
from avow.trust.token_checks.form import Jws
from avow.trust.token_checks.numbers import Check, CheckFailed, V, outcomes
from avow.trust.token_checks.times import times_of
from avow.trust.token_checks.user_id import MAX_USER_ID, user_id_of
from avow.trust.weighing.names import REGISTERED_CLAIMS

_NOT_ATTRIBUTES: Final = (*sorted(REGISTERED_CLAIMS), "user_id")
# As in `decision.py`: found without the way by their class.
_TOKEN, _REVOKED, _RETIRED = Purpose.TOKEN, KeyState.REVOKED, KeyState.RETIRED


class Claims(msgspec.Struct, frozen=True):
    """What a believed token says.

    `attributes` are raw values under raw names: types, names and locks are checked by the D-checks (`decision.py`).
    `signed_at` is in whole Unix seconds, the receipt where the token is not `dated`; `expires_at` in Unix seconds.
    `digest` is the SHA-256 of the signed part. Not checked here: V12 of the one user (`superseded`).
    """

    user_id: str
    attributes: dict[str, object]
    kid: str
    signed_at: int
    dated: bool
    expires_at: float | None
    digest: bytes

    def __repr__(self) -> str:
        """Without values: a repr ends in logs."""
        return f"Claims(kid={self.kid!r}, signed_at={self.signed_at}, {len(self.attributes)} attributes)"


class Explanation(msgspec.Struct, frozen=True):
    """Every check's outcome, V1 to V12, and the claims if all were passed."""

    checks: tuple[Check, ...]
    claims: Claims | None


def verify(
    raw_token: object,
    *,
    keyring: Keyring,
    policy: Policy,
    platform: Platform,
    now: float,
    unproven_user_id: str | None = None,
) -> Claims:
    """Believe a token, or raise `TokenRefused` with the reason of the first check that it fails.

    `platform` is the URL's; `now` is in Unix seconds; `unproven_user_id` is what the request says outside the token.
    """
    token = form.parse(raw_token)  # V1, V2, V3
    candidates = _candidates(token, keyring, platform, now)  # V4, V5
    # V6: over the bytes as they came
    for candidate in candidates:
        if candidate.check(token.signed, token.signature):
            break
    else:
        raise CheckFailed(V.V6, Reason.SIGNATURE_INVALID, _no_signature(candidates))
    payload = _payload(token)  # V7
    user_id = _user_id(payload)  # V8
    issued_at, expires_at = times_of(payload, policy, now)  # V9
    _check_parties(payload, policy)  # V10
    # V11
    if unproven_user_id is not None and unproven_user_id != user_id:
        raise CheckFailed(
            V.V11, Reason.IDENTITY_MISMATCH, "the request's user_id is not its token's; expected the same"
        )
    received_at = floor(now)
    signed_at = received_at if issued_at is None else min(floor(issued_at), received_at)
    # V12, for the whole workspace; for one user `superseded`, where she is known
    if issued_at is not None and policy.tokens_not_before is not None and signed_at <= policy.tokens_not_before:
        raise CheckFailed(
            V.V12, Reason.IDENTITY_SUPERSEDED, "this workspace's earlier tokens have ended; expected a newer one"
        )
    for name in _NOT_ATTRIBUTES:
        payload.pop(name, None)
    return Claims(
        user_id,
        payload,
        candidate.key.kid,
        signed_at,
        issued_at is not None,
        expires_at,
        hashlib.sha256(token.signed).digest(),
    )


def superseded(claims: Claims, tokens_not_before: int | None) -> None:
    """Refuse a token that is no newer than what ended its user's sessions (whole Unix seconds; None: nothing did).

    Within the same second nobody can tell which came first, so it counts as older.
    """
    # V12
    if tokens_not_before is None:
        return
    if not claims.dated:
        raise CheckFailed(
            V.V12, Reason.IDENTITY_SUPERSEDED, "the user's earlier tokens have ended; expected one with iat"
        )
    if claims.signed_at <= tokens_not_before:
        raise CheckFailed(
            V.V12, Reason.IDENTITY_SUPERSEDED, "the user's earlier tokens have ended; expected a newer one"
        )


def explain(
    raw_token: object,
    *,
    keyring: Keyring,
    policy: Policy,
    platform: Platform,
    now: float,
    unproven_user_id: str | None = None,
    tokens_not_before: int | None = None,
) -> Explanation:
    """What `verify` and `superseded` find, check by check, instead of an error."""
    try:
        claims = verify(
            raw_token, keyring=keyring, policy=policy, platform=platform, now=now, unproven_user_id=unproven_user_id
        )
        superseded(claims, tokens_not_before)
    except CheckFailed as failure:
        return Explanation(outcomes(failure), None)
    return Explanation(outcomes(None), claims)


def _candidates(token: Jws, keyring: Keyring, platform: Platform, now: float) -> tuple[ReadyKey, ...]:
    algorithm = ALGORITHM_OF[token.header.alg]
    if not token.header.has_kid:
        return _candidates_without_kid(algorithm, keyring, platform, now)
    # V4: a kid that is not text is the kid of no key
    kid = token.header.unproven_kid
    ready = keyring.find(kid) if isinstance(kid, str) else None
    if ready is None or ready.key.purpose is not _TOKEN:
        raise CheckFailed(V.V4, Reason.KEY_UNKNOWN, "the token's kid is none of this workspace's keys for tokens")
    state = ready.key.state_at(now)
    if state is _REVOKED:
        raise CheckFailed(V.V4, Reason.KEY_REVOKED, "the token's key is revoked; sign with a live one")
    if state is _RETIRED:
        raise CheckFailed(V.V4, Reason.KEY_RETIRED, "the token's key is retired; sign with a live one")
    if platform not in ready.key.platforms:
        raise CheckFailed(V.V4, Reason.KEY_WRONG_PLATFORM, f"the token's key is not for {platform}; use one that is")
    # V5
    if ready.key.algorithm is not algorithm:
        raise CheckFailed(
            V.V5,
            Reason.TOKEN_ALGORITHM,
            f"the token says {token.header.alg}; its key is for {ready.key.algorithm}",
        )
    return (ready,)


def _candidates_without_kid(
    algorithm: Algorithm, keyring: Keyring, platform: Platform, now: float
) -> tuple[ReadyKey, ...]:
    # V4, V5: by construction every candidate has the token's algorithm
    known = keyring.of_algorithm(algorithm)
    live = [ready for ready in known if ready.key.verifies_at(now)]
    candidates = [ready for ready in live if platform in ready.key.platforms]
    if candidates:
        return tuple(candidates[:MAX_CANDIDATES])
    if live:
        raise CheckFailed(
            V.V4, Reason.KEY_WRONG_PLATFORM, f"no live {algorithm} key is for {platform}; sign with one that is"
        )
    states = {ready.key.state_at(now) for ready in known}
    if KeyState.RETIRED in states:
        raise CheckFailed(V.V4, Reason.KEY_RETIRED, f"every {algorithm} key is retired; sign with a live one")
    if states:
        raise CheckFailed(V.V4, Reason.KEY_REVOKED, f"every {algorithm} key is revoked; sign with a live one")
    raise CheckFailed(V.V4, Reason.KEY_UNKNOWN, f"this workspace has no {algorithm} key for tokens; register one")


def _no_signature(candidates: tuple[ReadyKey, ...]) -> str:
    if len(candidates) == 1:
        return f"the signature is not that of the key {candidates[0].key.kid}; expected one over the token as sent"
    return f"the signature is that of none of {len(candidates)} keys; name the one that signed in the header's kid"


def _payload(token: Jws) -> dict[str, object]:
    # V7
    try:
        payload = loads(form.decode(token.unproven_payload), max_depth=form.MAX_DEPTH)
    except StrictJsonError as error:
        raise CheckFailed(V.V7, Reason.TOKEN_MALFORMED, f"the token's payload is no strict JSON: {error}") from None
    if not isinstance(payload, dict):
        raise CheckFailed(V.V7, Reason.TOKEN_MALFORMED, "the token's payload is not a JSON object")
    return payload


def _user_id(payload: dict[str, object]) -> str:
    # V8
    user_id = user_id_of(payload.get("user_id"))
    if user_id is None:
        raise CheckFailed(
            V.V8, Reason.USER_ID_MISSING, f"the token names no user; expected user_id, 1 to {MAX_USER_ID} characters"
        )
    return user_id


def _check_parties(payload: dict[str, object], policy: Policy) -> None:
    # V10
    if policy.issuer is not None and payload.get("iss") != policy.issuer:
        raise CheckFailed(V.V10, Reason.ISSUER_MISMATCH, "the token's iss is not the issuer this workspace expects")
    if policy.audience is not None:
        audience = payload.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        if policy.audience not in named or not all(isinstance(name, str) for name in named):
            raise CheckFailed(
                V.V10, Reason.AUDIENCE_MISMATCH, "the token's aud does not name the audience this workspace expects"
            )
