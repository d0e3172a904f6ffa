"""What may be believed, and if not, why not: every stable reason code, in one place.

- Each code ties a numbered check (spec §4 V1-V12, §6 D1-D9), a docs page and an attack test together.
- Codes are part of the public face: they are added, never renamed.
"""

from __future__ import annotations

from typing import Final

from avow.trust.words import Word


class Reason(Word):
    """Why a request was refused or a value was ignored, applied with a remark, or left as it was."""

    # the request: the token (spec §4)
    TOKEN_MALFORMED = "token_malformed"
    TOKEN_ALGORITHM = "token_algorithm"
    TOKEN_HEADER = "token_header"
    KEY_UNKNOWN = "key_unknown"
    KEY_RETIRED = "key_retired"
    KEY_REVOKED = "key_revoked"
    KEY_WRONG_PLATFORM = "key_wrong_platform"
    SIGNATURE_INVALID = "signature_invalid"
    USER_ID_MISSING = "user_id_missing"
    TIME_MALFORMED = "time_malformed"
    TOKEN_EXPIRED = "token_expired"
    TOKEN_NOT_YET_VALID = "token_not_yet_valid"
    EXP_MISSING = "exp_missing"
    IAT_MISSING = "iat_missing"
    TOKEN_TOO_LONG_LIVED = "token_too_long_lived"
    ISSUER_MISMATCH = "issuer_mismatch"
    AUDIENCE_MISMATCH = "audience_mismatch"
    IDENTITY_MISMATCH = "identity_mismatch"
    IDENTITY_SUPERSEDED = "identity_superseded"

    # the request: the identity (spec §4 end, §5)
    USER_HASH_INVALID = "user_hash_invalid"
    IDENTITY_UNPROVEN = "identity_unproven"
    SECRET_LEAKED = "secret_leaked"
    ORIGIN_NOT_ALLOWED = "origin_not_allowed"
    CONTACT_BLOCKED = "contact_blocked"

    # one value (spec §6)
    INVALID_NAME = "invalid_name"
    RESERVED_NAME = "reserved_name"
    DUPLICATE_NAME = "duplicate_name"
    NOT_SUPPORTED = "not_supported"
    UNKNOWN_ATTRIBUTE = "unknown_attribute"
    ATTRIBUTE_LIMIT = "attribute_limit"
    ARCHIVED = "archived"
    TYPE_MISMATCH = "type_mismatch"
    TOO_LONG = "too_long"
    NOT_AN_OPTION = "not_an_option"
    SUPERSEDED_BY_SIGNED = "superseded_by_signed"
    UNVERIFIED = "unverified"
    WOULD_IGNORE = "would_ignore"
    BOT_EXEMPT = "bot_exempt"
    STALE = "stale"
    UNDATED = "undated"
    ALREADY_KNOWN = "already_known"

    # what later became of a value that was once believed
    KEY_COMPROMISED = "key_compromised"


OF_VALUES: Final = frozenset(Reason) - frozenset(list(Reason)[: list(Reason).index(Reason.INVALID_NAME)])
"""The reasons that single values have; all others are a whole request's."""
