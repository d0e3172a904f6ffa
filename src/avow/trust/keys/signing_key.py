"""What is known of a key, apart from how it verifies: its name, purpose, platforms and state.

- One algorithm and one purpose per key, never both purposes: a `user_hash` is the same HMAC as an HS256 signature, so a
  user id chosen by Mallory would otherwise come back as the signature of her token.
- A `retiring` key counts as retired from `retires_at` on; only `live` and `retiring` keys verify anything. What is
  retired stays retired.

Source: spec §4, "Keys"; RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2 (algorithm names).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from avow.errors import BadInput
from avow.trust.policy import Platform
from avow.trust.words import Word

_KID: Final = re.compile(r"[!-~]{1,128}\Z")
_LAST_SECOND: Final = 99_999_999_999
"""In the year 5138, as for every other time: what comes after it was meant as milliseconds."""


class Algorithm(Word):
    """How a key signs. The names are those of the commands and the API; a token names its algorithm in `alg`."""

    HS256 = "HS256"
    RS256 = "RS256"
    ES256 = "ES256"
    ED25519 = "Ed25519"


ALGORITHM_OF: Final = {
    "HS256": Algorithm.HS256,
    "RS256": Algorithm.RS256,
    "ES256": Algorithm.ES256,
    "EdDSA": Algorithm.ED25519,
    "Ed25519": Algorithm.ED25519,
}
"""Every name that a token's `alg` may have → the algorithm that its key must have."""


class Purpose(Word):
    """What a key may prove: a token with its values, or by the legacy hash an identity alone."""

    TOKEN = "token"
    USER_HASH = "user_hash"


class HashedField(Word):
    """What a `user_hash` key hashes."""

    USER_ID = "user_id"
    EMAIL = "email"


class KeyState(Word):
    """Where a key is in its life."""

    LIVE = "live"
    RETIRING = "retiring"
    RETIRED = "retired"
    REVOKED = "revoked"


_RETIRING: Final = KeyState.RETIRING  # found without the way by its class, as in `decision.py`


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One key of a workspace.

    `material` is the secret's UTF-8 bytes for HS256, else the public key as canonical DER SubjectPublicKeyInfo, as
    `register_secret` and `register_public_key` return them. `retires_at` and `created_at` are Unix seconds; what
    the key vouched for from `distrusted_since` (Unix seconds) on counts for nothing any more.
    """

    kid: str
    name: str
    algorithm: Algorithm
    purpose: Purpose
    platforms: frozenset[Platform]
    state: KeyState
    created_at: float
    material: bytes = field(repr=False)
    retires_at: int | None = None
    hashes: HashedField = HashedField.USER_ID
    distrusted_since: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no check could make sense of."""
        check_kid(self.kid)
        if self.purpose is Purpose.USER_HASH and self.algorithm is not Algorithm.HS256:
            raise BadInput(
                f"a user_hash key for {self.algorithm}; expected HS256, as a user_hash is an HMAC", field="algorithm"
            )

    def state_at(self, now: float) -> KeyState:
        """The state at that moment. Retiring without a time is retired: nobody said how long it may go on."""
        if self.state is _RETIRING and (self.retires_at is None or now >= self.retires_at):
            return KeyState.RETIRED
        return self.state

    def trusted_at(self, received_at: float) -> bool:
        """Whether what it vouched for at that moment still counts."""
        return self.distrusted_since is None or received_at < self.distrusted_since

    def verifies_at(self, now: float) -> bool:
        """Whether it may verify anything at that moment."""
        return self.state is KeyState.LIVE or self.state_at(now) is KeyState.RETIRING

    def check_retires_at(self, retires_at: int, now: float) -> int:
        """That moment (Unix seconds), if the key can serve until then. Raises `BadInput`."""
        if retires_at > _LAST_SECOND:
            message = f"retires_at is no time in Unix seconds; expected at most {_LAST_SECOND}, and no milliseconds."
            raise BadInput(message, field="retires_at")
        if not self.verifies_at(now):
            message = f"The key {self.kid!r} is {self.state_at(now)}, and stays so: it takes no time. Make a new key."
            raise BadInput(message, field="retires_at")
        return retires_at


def check_kid(raw_kid: object) -> str:
    """The kid, if it can be one: 1 to 128 visible ASCII characters. Not checked here: whether it is taken."""
    if not isinstance(raw_kid, str) or not _KID.match(raw_kid):
        raise BadInput("the kid is not usable; expected 1 to 128 visible ASCII characters without spaces", field="kid")
    return raw_kid
