"""What may be believed on whose word: keys, how they are registered and how they check."""

from avow.trust.keys.keyring import MAX_CANDIDATES, Keyring, ReadyKey, fingerprint
from avow.trust.keys.public_key import register_public_key
from avow.trust.keys.signing_key import (
    ALGORITHM_OF,
    Algorithm,
    HashedField,
    KeyState,
    Purpose,
    SigningKey,
    check_kid,
)
from avow.trust.secret import find_own_secret, is_own_secret, register_secret, secret_from_random

__all__ = [
    "ALGORITHM_OF",
    "MAX_CANDIDATES",
    "Algorithm",
    "HashedField",
    "KeyState",
    "Keyring",
    "Purpose",
    "ReadyKey",
    "SigningKey",
    "check_kid",
    "find_own_secret",
    "fingerprint",
    "is_own_secret",
    "register_public_key",
    "register_secret",
    "secret_from_random",
]
