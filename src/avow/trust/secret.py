"""Can this text be an HS256 secret, and is it one of ours? Secrets are made, told and weighed here.

- Ours: `avow_sk_`, 256 bits in base 62 (43 characters), a CRC-32 in base 62 (6 characters). 57 bytes of UTF-8 in all.
- The HMAC key is the UTF-8 of the secret exactly as shown; nothing is ever decoded. One line ending after the last
  character belongs to its file and is dropped; other blanks at an end and unseen characters are refused.
- Imported: 32 to 1024 bytes, not trivially weak, and nothing that is public elsewhere: a PEM, JWK or DER key as a
  secret would let everybody who knows the public key sign (algorithm confusion).

Source: spec §4 "Keys"; RFC 7518 §3.2 (length), RFC 8725 §2.1 and §3.5. Imports nothing but the standard library.
"""

from __future__ import annotations

import base64
import binascii
import re
import string
import unicodedata
import zlib
from itertools import pairwise
from typing import Final

from avow.errors import BadInput

PREFIX: Final = "avow_sk_"
MIN_SECRET: Final = 32
MAX_SECRET: Final = 1024

_DIGITS: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BODY, _SUM = 43, 6
_OWN: Final = re.compile(rf"{PREFIX}([0-9A-Za-z]{{{_BODY}}})([0-9A-Za-z]{{{_SUM}}})")
_FORMS_OF_KEYS: Final = ("-----begin", "begin public key", "begin certificate", "ssh-rsa ", "ssh-ed25519 ", "ecdsa-")
_ENTROPY: Final = 32
_LEAST_DER = 16
_LEAST_DISTINCT = 8
_LEAST_REMAINDER = 16
_MOST_STEPS = 0.5
_WELL_KNOWN: Final = re.compile(
    "at ?least|astring|string|secret|change|please|replace|password|passw0rd|passwd|placeholder|example|insert|default|"
    "your|this|that|super|very|long|token|signing|private|webhook|json|web|jwt|hs256|hmac|sha256|256|512|bits?|bytes?|"
    "keyboard|cat|qwerty|qwertz|azerty|asdfgh|zxcvbn|letmein|dummy|sample|test|demo|development|dev|production|staging|"
    "admin|todo|shared|random|intercom|identity|verification|messenger|avow|app|api|key|the|my|for|and|or|must|should|"
    "be|not|is|of|to|in|here|with|character|chars|minimum|min|use|only|strong|safe|me"
)


def secret_from_random(entropy: bytes) -> str:
    """The text of a new secret, from 32 random bytes. The caller shows it once and registers it like any other."""
    if len(entropy) != _ENTROPY:
        raise ValueError(f"{len(entropy)} bytes of entropy; expected {_ENTROPY} from the system's random source")
    body = _base62(int.from_bytes(entropy, "big"), _BODY)
    return PREFIX + body + _checksum(body)


def is_own_secret(raw_text: str) -> bool:
    """Whether the whole text is a secret made here: prefix, length and checksum."""
    match = _OWN.fullmatch(raw_text)
    return match is not None and _checksum(match[1]) == match[2]


def find_own_secret(raw_text: str) -> bool:
    """Whether a secret made here stands anywhere in the text. Cheap where the prefix does not occur."""
    return PREFIX in raw_text and any(_checksum(match[1]) == match[2] for match in _OWN.finditer(raw_text))


def register_secret(raw_text: str) -> bytes:
    """The HMAC key that a secret stands for, or `BadInput` (field `secret`) that says what is wrong with it.

    Not checked here: whether the same secret is registered already (`fingerprint`).
    """
    text = raw_text.removesuffix("\n").removesuffix("\r")
    try:
        material = text.encode("utf-8")
    except UnicodeEncodeError:
        raise _refused("it holds a lone surrogate", "text of whole characters") from None
    if text != text.strip():
        raise _refused("it begins or ends with a blank", "the secret exactly as shown, without blanks around it")
    if any(unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp") for character in text):
        raise _refused("it holds a line break, a control or an unseen character", "one line of visible text")
    _refuse_public_forms(text)
    if text.startswith("avow_"):
        if not is_own_secret(text):
            raise _refused(
                "it begins like a credential of Avow, and its form or checksum does not fit a signing secret",
                "a signing secret copied whole, from its first to its last character",
            )
        return material
    if not MIN_SECRET <= len(material) <= MAX_SECRET:
        raise _refused(f"it has {len(material)} bytes", f"{MIN_SECRET} to {MAX_SECRET} bytes of UTF-8")
    _refuse_weak(text)
    return material


def _refuse_public_forms(text: str) -> None:
    lowered = text.lower()
    if text.startswith(("{", "[")) or any(form in lowered for form in _FORMS_OF_KEYS) or _is_der(text):
        raise _refused(
            "it looks like a PEM, JWK, DER or SSH key",
            "a shared secret; register a public key with its own algorithm (RS256, ES256 or Ed25519)",
        )


def _is_der(text: str) -> bool:
    """Whether the text is hex or base64 of one whole DER key or certificate, which is what PEM wraps."""
    for decode in (binascii.unhexlify, base64.b64decode, base64.urlsafe_b64decode):
        try:
            der = decode(text.encode() + (b"" if decode is binascii.unhexlify else b"=="))
        except ValueError:
            continue
        # A sequence whose length octets account for every byte, and that begins with a sequence or an integer.
        octets = der[1] & 0x7F if len(der) > _LEAST_DER and der[1] & 0x80 else 0
        inner = 2 + octets
        length = int.from_bytes(der[2:inner], "big") if octets else der[1] if len(der) > 1 else 0
        if der[:1] == b"\x30" and inner + length == len(der) and der[inner : inner + 1] in (b"\x30", b"\x02"):
            return True
    return False


def _refuse_weak(text: str) -> None:
    if len(set(text)) < _LEAST_DISTINCT:
        raise _refused(f"it is made of fewer than {_LEAST_DISTINCT} different characters", "random text")
    if any(text[period:] == text[:-period] for period in range(1, len(text) // 2 + 1)):
        raise _refused("it repeats a shorter text", "random text")
    steps = sum(abs(ord(after) - ord(before)) <= 1 for before, after in pairwise(text))
    if steps > _MOST_STEPS * len(text):
        raise _refused("it is a sequence such as abcdef or 123456", "random text")
    if len(_WELL_KNOWN.sub("", re.sub(r"[\W_]", "", text.lower()))) < _LEAST_REMAINDER:
        raise _refused("it is a well-known placeholder, or made of such words", "random text")


def _refused(found: str, expected: str) -> BadInput:
    return BadInput(f"the secret cannot be used: {found}; expected {expected}", field="secret")


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _SUM)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
