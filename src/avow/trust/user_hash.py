"""Does this `user_hash` prove who the request is about? The legacy proof: an identity, never a value.

- The hash is the hex HMAC-SHA256 of `user_id`, or of `email` where the key says so; 64 digits, in either case.
- A hash over an e-mail proves nothing while the request names a `user_id`, as with Intercom: Mallory's own e-mail and
  hash would otherwise vouch for a request that names Alice.
- Only live keys of purpose `user_hash` for the platform count; any of them may match.

Source: spec §4, "Legacy user_hash".
"""

from __future__ import annotations

import dataclasses
import re
from typing import Final

from avow.errors import Forbidden
from avow.trust.keys import HashedField, Keyring, SigningKey
from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.token_checks.user_id import user_id_of

_FORM: Final = re.compile(r"[0-9a-fA-F]{64}\Z")


@dataclasses.dataclass(frozen=True, slots=True)
class UserHashProof:
    """A proven identity: which field, its value byte for byte, and the key that proves it. Built here only."""

    field: HashedField
    value: str = dataclasses.field(repr=False)
    kid: str


def prove(
    raw_user_hash: object,
    *,
    keyring: Keyring,
    platform: Platform,
    now: float,
    unproven_user_id: str | None,
    unproven_email: str | None,
) -> UserHashProof:
    """The identity that the hash proves; `Forbidden` with `user_hash_invalid` if it proves none.

    Not checked here: whom a proven e-mail leads to (spec §5.3), and that a token, if one came along, goes first.
    """
    if not isinstance(raw_user_hash, str) or not _FORM.match(raw_user_hash):
        raise _invalid("the user_hash is not an HMAC-SHA256; expected 64 hexadecimal digits")
    signature = bytes.fromhex(raw_user_hash)
    keys = keyring.hash_keys(platform, now)
    if not keys:
        raise _invalid(f"no live user_hash key is for {platform}; register one, or send a token instead")
    for ready in keys:
        value = _hashed(ready.key, unproven_user_id, unproven_email)
        if value and ready.check(value.encode("utf-8", "surrogatepass"), signature):
            return UserHashProof(ready.key.hashes, value, ready.key.kid)
    raise _invalid(
        "the user_hash does not fit; expected the HMAC-SHA256 of user_id as sent, under a live user_hash key "
        "(of email, where the key says so and no user_id is sent)"
    )


def _hashed(key: SigningKey, unproven_user_id: str | None, unproven_email: str | None) -> str | None:
    if key.hashes is HashedField.USER_ID:
        return user_id_of(unproven_user_id)
    return unproven_email if unproven_user_id is None else None


def _invalid(message: str) -> Forbidden:
    return Forbidden(message, field="user_hash", code=Reason.USER_HASH_INVALID)
