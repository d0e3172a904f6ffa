"""Keys that may not verify here, and names that are nobody's (V4, V5); public keys passed off as secrets."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from avow.trust.policy import Platform
from avow.trust.reasons import Reason
from avow.trust.token_checks.form import encode
from tests.support.company import Company, Key
from tests.support.tokens.case import Hostile, alice

_STRANGE_KIDS: dict[str, object] = {
    "unknown": "acme-2019",
    "no characters": "",
    "upper case": "ACME-HS",
    "a blank behind": "acme-hs ",
    "a blank in front": " acme-hs",
    "a line feed behind": "acme-hs\n",
    "a zero-width space behind": "acme-hs\u200b",
    "full-width letters": "\uff41\uff43\uff4d\uff45-hs",
    "a non-breaking hyphen": "acme\u2011hs",
    "a combining mark": "acme-hs\u0301",
    "a prefix": "acme",
    "a wild card": "acme-*",
    "a file": "../../../../dev/null",
    "a statement": "acme-hs' OR '1'='1",
    "a command": "acme-hs;id",
    "an address": "http://127.0.0.1:9/keys/acme-hs",
    "the position zero": 0,
    "a number": 7,
    "true": True,
    "null": None,
    "a list": ["acme-hs"],
    "an object": {"kid": "acme-hs"},
    "700 characters": "k" * 700,
    "another workspace's": "umbrella-hs",
    "a member of objects": "__class__",
    "a prototype": "__proto__",
}
_OTHER_NAMES = {
    "acme-hs": ("RS256", "ES256", "EdDSA", "Ed25519"),
    "acme-rsa": ("HS256", "ES256", "EdDSA", "Ed25519"),
    "acme-ec": ("HS256", "RS256", "EdDSA", "Ed25519"),
    "acme-ed": ("HS256", "RS256", "ES256"),
}
_REFUSED_KEYS = (
    ("acme-retired", Reason.KEY_RETIRED, "a retired key"),
    ("acme-over", Reason.KEY_RETIRED, "a retiring key whose time has come"),
    ("acme-revoked", Reason.KEY_REVOKED, "a revoked key"),
    ("acme-revoked-rsa", Reason.KEY_REVOKED, "a revoked RSA key"),
    ("acme-ios", Reason.KEY_WRONG_PLATFORM, "a key for another platform"),
    ("acme-hash", Reason.KEY_UNKNOWN, "a key for user_hash"),
)


def kids(acme: Company, now: float) -> list[Hostile]:
    found = [
        Hostile(f"kid: {name}", acme.hs.sign(alice(now), {"alg": "HS256", "kid": kid}), Reason.KEY_UNKNOWN)
        for name, kid in _STRANGE_KIDS.items()
    ]
    for kid, reason, name in _REFUSED_KEYS:
        found.append(Hostile(f"key: {name}", acme[kid].sign(alice(now)), reason))
        without = acme[kid].sign(alice(now), {"alg": acme[kid].algorithm.value})
        found.append(Hostile(f"key: {name}, not named", without, Reason.SIGNATURE_INVALID))
    found.append(_on_another_platform(acme, now))
    for kid, names in _OTHER_NAMES.items():
        for name in names:
            token = acme[kid].sign(alice(now), {"alg": name, "kid": kid})
            found.append(Hostile(f"key: {kid} as {name}", token, Reason.TOKEN_ALGORITHM))
    found += list(_key_by_another_name(acme, now))
    for key in acme.asymmetric:
        found += list(_public_key_as_secret(key, now))
    return found


def _on_another_platform(acme: Company, now: float) -> Hostile:
    token = acme["acme-ios"].sign(alice(now))
    return Hostile("key: iOS only, on Android", token, Reason.KEY_WRONG_PLATFORM, platform=Platform.ANDROID)


def _key_by_another_name(acme: Company, now: float) -> Iterator[Hostile]:
    """Rightly signed by one key, under the kid of another of the same algorithm."""
    for kid in ("acme-imported", "acme-retiring"):
        token = acme.hs.sign(alice(now), {"alg": "HS256", "kid": kid})
        yield Hostile(f"key: acme-hs under the name {kid}", token, Reason.SIGNATURE_INVALID)
    token = acme["acme-retired"].sign(alice(now), {"alg": "HS256", "kid": "acme-hs"})
    yield Hostile("key: a retired one under a live name", token, Reason.SIGNATURE_INVALID)


def _public_key_as_secret(key: Key, now: float) -> Iterator[Hostile]:
    """An HMAC under what everybody knows: the public key, in each form in which somebody may have it."""
    public = key.private.public_key()
    pem = key.public_pem
    forms = {
        "PEM": pem,
        "PEM without its last line feed": pem.rstrip(),
        "PEM of Windows": pem.replace(b"\n", b"\r\n"),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "the base64 of DER": b"".join(pem.split(b"\n")[1:-2]),
        "kid": key.kid.encode(),
    }
    if isinstance(public, RSAPublicKey):
        forms["modulus"] = public.public_numbers().n.to_bytes(256)
        forms["JWK"] = json.dumps({"kty": "RSA", "n": encode(forms["modulus"]), "e": "AQAB"}).encode()
    for name, secret in forms.items():
        for header in ({"alg": "HS256", "typ": "JWT", "kid": key.kid}, {"alg": "HS256"}):
            signed = f"{encode(json.dumps(header).encode())}.{encode(json.dumps(alice(now)).encode())}"
            token = f"{signed}.{encode(hmac.digest(secret, signed.encode(), 'sha256'))}"
            named = "kid" in header
            reason = Reason.TOKEN_ALGORITHM if named else Reason.SIGNATURE_INVALID
            yield Hostile(f"confusion: {key.kid}'s {name} as a secret, {'' if named else 'not '}named", token, reason)
