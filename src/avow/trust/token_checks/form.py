"""Is this text a signed token at all, and what does its header say? V1 to V3, and the text's own way back (`compact`).

- Nothing of the payload is looked at here: it is unproven until the signature is.
- The alphabet, the canonical ending and the size are checked on the whole text before anything is decoded.

Source: spec §4; RFC 7515 §3.1 and §4, RFC 4648 §3.5 (canonical encoding), RFC 8725 §3.1 and §3.11.
Imports nothing but the standard library, so that a company's backend can sign with it.
"""

from __future__ import annotations

import binascii
from functools import lru_cache
from typing import Final, NamedTuple

from avow.trust.reasons import Reason
from avow.trust.strict_json import StrictJsonError, loads
from avow.trust.token_checks.numbers import CheckFailed, V

MAX_TOKEN: Final = 16 * 1024
MAX_HEADER: Final = 1024
MAX_DEPTH: Final = 4
HEADERS_KEPT: Final = 256
ALG_NAMES: Final = frozenset({"HS256", "RS256", "ES256", "EdDSA", "Ed25519"})

_TYPES: Final = frozenset({"jwt", "application/jwt"})
_REFUSED_MEMBERS: Final = ("crit", "b64", "zip", "jwk", "jku", "x5u", "x5c")
_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PADDING: Final = (b"", b"", b"==", b"=")
# By length modulo 4: the last characters that leave no stray bits behind. No text is 4n + 1 characters long.
_CANONICAL_ENDS: Final = (_ALPHABET, b"", b"AQgw", b"AEIMQUYcgkosw048")


class Header(NamedTuple):
    """What the checks need of a header. `unproven_kid` is None without one, and otherwise whatever stands there."""

    alg: str
    has_kid: bool
    unproven_kid: object


class Jws(NamedTuple):
    """A token in its parts, its header checked. `unproven_payload` is still encoded."""

    signed: bytes
    header: Header
    unproven_payload: bytes
    signature: bytes


def parse(raw_token: object) -> Jws:
    """Take a token apart as far as it may be read before its signature is checked. Raises `CheckFailed` (V1–V3)."""
    # V1: size before anything else, then the form
    if not isinstance(raw_token, str):
        raise _malformed(V.V1, "the token is not text; expected a string")
    if len(raw_token) > MAX_TOKEN:
        raise _malformed(V.V1, f"the token has {len(raw_token)} characters; expected at most {MAX_TOKEN}")
    try:
        token = raw_token.encode("ascii")
    except UnicodeEncodeError:
        raise _malformed(V.V1, "the token holds characters beyond A-Z a-z 0-9 - _ and dots") from None
    if token.translate(None, _ALPHABET) != b"..":
        raise _malformed(V.V1, "the token is not three parts of A-Z a-z 0-9 - _ joined by two dots")
    header_part, payload_part, signature_part = token.split(b".")
    for part in (header_part, payload_part, signature_part):
        if not part or part[-1] not in _CANONICAL_ENDS[len(part) & 3]:
            raise _malformed(V.V1, "a part of the token is empty or not canonical base64url without padding")
    header = _header(header_part)  # V2, V3
    return Jws(token[: -len(signature_part) - 1], header, payload_part, decode(signature_part))


def decode(part: bytes) -> bytes:
    """The bytes of one part. Its alphabet and ending have been checked by `parse`."""
    return binascii.a2b_base64(part.replace(b"-", b"+").replace(b"_", b"/") + _PADDING[len(part) & 3])


def encode(octets: bytes) -> str:
    """Canonical base64url without padding."""
    return binascii.b2a_base64(octets, newline=False).rstrip(b"=").replace(b"+", b"-").replace(b"/", b"_").decode()


@lru_cache(maxsize=HEADERS_KEPT)
def _header(part: bytes) -> Header:
    """Read a header. A company's tokens share one or two, so the newest are kept; what is refused is not."""
    members = _members(decode(part))
    # V3
    alg = members.get("alg")
    if not isinstance(alg, str) or alg not in ALG_NAMES:
        message = f"the token's alg is not one of {', '.join(sorted(ALG_NAMES))}"
        raise CheckFailed(V.V3, Reason.TOKEN_ALGORITHM, message)
    typ = members.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower() not in _TYPES:
        raise CheckFailed(V.V3, Reason.TOKEN_HEADER, "the token's typ is not JWT; expected that, or none")
    for name in _REFUSED_MEMBERS:
        if name in members:
            raise CheckFailed(V.V3, Reason.TOKEN_HEADER, f"the token's header has {name}, which is never taken")
    return Header(alg, "kid" in members, members.get("kid"))


def _members(raw: bytes) -> dict[str, object]:
    # V2
    if len(raw) > MAX_HEADER:
        raise _malformed(V.V2, f"the token's header has {len(raw)} bytes; expected at most {MAX_HEADER}")
    try:
        members = loads(raw, max_depth=MAX_DEPTH)
    except StrictJsonError as error:
        raise _malformed(V.V2, f"the token's header is no strict JSON: {error}") from None
    if not isinstance(members, dict):
        raise _malformed(V.V2, "the token's header is not a JSON object")
    return members


def _malformed(number: V, message: str) -> CheckFailed:
    return CheckFailed(number, Reason.TOKEN_MALFORMED, message)
