"""Headers that must not be taken (V2, V3), each under a right signature: nothing else is wrong with these tokens."""

from __future__ import annotations

import json

from avow.trust.reasons import Reason
from avow.trust.token_checks.form import encode
from tests.support.company import Company, Key
from tests.support.tokens.case import Hostile, alice
from tests.support.tokens.json_defects import defective_objects

_ALGS: dict[str, object] = {
    "none": "none",
    "None": "None",
    "NONE": "NONE",
    "nOnE": "nOnE",
    "no characters": "",
    "null": None,
    "zero": 0,
    "true": True,
    "a list": ["HS256"],
    "an object": {"alg": "HS256"},
    "lower case": "hs256",
    "a blank behind": "HS256 ",
    "a blank in front": " HS256",
    "a line feed behind": "HS256\n",
    "a zero-width space behind": "HS256\u200b",
    "a Greek letter": "\u0397S256",
    "full-width digits": "HS\uff12\uff15\uff16",
    "two of them": "HS256,RS256",
    "HS384": "HS384",
    "HS512": "HS512",
    "HS1": "HS1",
    "RS1": "RS1",
    "RS384": "RS384",
    "RS512": "RS512",
    "PS256": "PS256",
    "PS384": "PS384",
    "PS512": "PS512",
    "ES256K": "ES256K",
    "ES384": "ES384",
    "ES512": "ES512",
    "Ed448": "Ed448",
    "EDDSA": "EDDSA",
    "eddsa": "eddsa",
    "ed25519": "ed25519",
    "ESP256": "ESP256",
    "dir": "dir",
    "RSA-OAEP": "RSA-OAEP",
    "A128KW": "A128KW",
    "a password": "PBES2-HS256+A128KW",
    "a URL": "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    "an object identifier": "1.2.840.113549.2.9",
}
_TYPES: dict[str, object] = {
    "null": None,
    "one": 1,
    "true": True,
    "a list": ["JWT"],
    "an object": {},
    "no characters": "",
    "a blank behind": "JWT ",
    "a blank in front": " JWT",
    "JOSE": "JOSE",
    "JWE": "JWE",
    "an access token": "at+jwt",
    "a logout token": "logout+jwt",
    "a proof of possession": "dpop+jwt",
    "an access token's media type": "application/at+jwt",
    "a media type with a parameter": "application/jwt; charset=utf-8",
    "another media type": "text/jwt",
    "a full-width J": "\uff2aWT",
}


def headers(acme: Company, now: float) -> list[Hostile]:
    key, payload = acme.hs, alice(now)
    plain = {"alg": "HS256", "typ": "JWT", "kid": key.kid}
    members = json.dumps(plain | {"plan": "pro"})[1:-1]
    found = [
        Hostile(f"header: {name}", key.sign(payload, raw), Reason.TOKEN_MALFORMED)
        for name, raw in [*defective_objects(members), *_sizes(members)]
    ]
    for name, alg in _ALGS.items():
        found.append(Hostile(f"alg: {name}", key.sign(payload, plain | {"alg": alg}), Reason.TOKEN_ALGORITHM))
    without = {"typ": "JWT", "kid": key.kid}
    found.append(Hostile("alg: absent", key.sign(payload, without), Reason.TOKEN_ALGORITHM))
    found.append(Hostile("alg: an empty header", key.sign(payload, {}), Reason.TOKEN_ALGORITHM))
    found.append(Hostile("alg: under a capital", key.sign(payload, without | {"Alg": "HS256"}), Reason.TOKEN_ALGORITHM))
    for name, typ in _TYPES.items():
        found.append(Hostile(f"typ: {name}", key.sign(payload, plain | {"typ": typ}), Reason.TOKEN_HEADER))
    for name, member, value in _members(key):
        found.append(Hostile(f"{member}: {name}", key.sign(payload, plain | {member: value}), Reason.TOKEN_HEADER))
    return [*found, *_unsigned(acme, now)]


def _sizes(members: str) -> list[tuple[str, bytes]]:
    bare = len("{" + members + ',"pad":""}')
    return [
        ("1025 bytes", ("{" + members + ',"pad":"' + "x" * (1025 - bare) + '"}').encode()),
        ("1025 bytes of blanks", ("{" + members + "}").encode().ljust(1025)),
        ("ten kilobytes", ("{" + members + ',"pad":"' + "x" * 10_000 + '"}').encode()),
        ("150 levels of objects", b'{"a":' * 150 + b"1" + b"}" * 150),
    ]


def _members(key: Key) -> list[tuple[str, str, object]]:
    own_key = {"kty": "oct", "k": encode(b"Mallory's own secret, 32 bytes ok"), "alg": "HS256", "kid": key.kid}
    return [
        ("a list of one", "crit", ["exp"]),
        ("an unknown extension", "crit", ["urn:example:forged"]),
        ("an empty list", "crit", []),
        ("null", "crit", None),
        ("text", "crit", "exp"),
        ("b64", "crit", ["b64"]),
        ("false", "b64", False),
        ("true", "b64", True),
        ("null", "b64", None),
        ("DEF", "zip", "DEF"),
        ("null", "zip", None),
        ("Mallory's own key", "jwk", own_key),
        ("null", "jwk", None),
        ("an address", "jku", "http://127.0.0.1:9/jwks.json"),
        ("a file", "jku", "file:///etc/passwd"),
        ("null", "jku", None),
        ("an address", "x5u", "https://mallory.example/cert.pem"),
        ("no characters", "x5u", ""),
        ("a certificate", "x5c", ["MIIBszCCARwCAQAwDQYJKoZIhvcNAQEFBQAwIjEgMB4GA1UEAxMX"]),
        ("an empty list", "x5c", []),
    ]


def _unsigned(acme: Company, now: float) -> list[Hostile]:
    """The classic: no signature at all, or some other, under an alg that asks for none."""
    header, payload, _ = acme.hs.sign(alice(now), {"alg": "none", "kid": acme.hs.kid}).split(".")
    return [
        Hostile("alg: none, the signature empty", f"{header}.{payload}.", Reason.TOKEN_MALFORMED),
        Hostile("alg: none, no signature part", f"{header}.{payload}", Reason.TOKEN_MALFORMED),
        Hostile("alg: none, some signature", f"{header}.{payload}.AAAA", Reason.TOKEN_ALGORITHM),
        Hostile("alg: none, no kid", acme.hs.sign(alice(now), {"alg": "none"}), Reason.TOKEN_ALGORITHM),
        Hostile("alg: HS256, the signature one zero byte", f"{_plain(acme, now)}.AA", Reason.SIGNATURE_INVALID),
    ]


def _plain(acme: Company, now: float) -> str:
    return acme.hs.sign(alice(now)).rpartition(".")[0]
