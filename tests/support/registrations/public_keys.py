"""Keys that must not be registered as RS256, ES256 or Ed25519: weak, private, disguised, of another type or form."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from avow.trust.keys import Algorithm
from avow.trust.token_checks.form import encode
from tests.support.company import Company, Key
from tests.support.registrations import asn1
from tests.support.registrations.case import HostileKey

RS256, ES256, ED25519 = Algorithm.RS256, Algorithm.ES256, Algorithm.ED25519
P = 2**255 - 19
ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
Found = tuple[str, Algorithm, bytes, str]


def pem(der: bytes, label: str = "PUBLIC KEY") -> bytes:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


def hostile_public_keys(acme: Company) -> list[HostileKey]:
    """All of them. Their `raw` is the text that somebody would hand over."""
    of_acme = (_rsa, _ec, _private, _other_algorithms, _forms)
    found = [one for family in of_acme for one in family(acme)] + [*_ed25519(), *_other_types()]
    return [HostileKey(f"public key: {name}", algorithm, raw, part) for name, algorithm, raw, part in found]


def _rsa(acme: Company) -> Iterator[Found]:
    private = acme["acme-rsa"].private
    assert isinstance(private, rsa.RSAPrivateKey)
    n = private.public_key().public_numbers().n
    for exponent in (0, 1, 2, 3, 5, 17, 257, 65535, 65536, 65538, 2**32 + 1, 2**64 + 1, n - 2):
        yield f"RSA, exponent {exponent:x}"[:40], RS256, pem(asn1.rsa(n, exponent)), ""
    short = n >> 1024 | 1 << 1023 | 1
    yield "RSA of 1024 bits", RS256, pem(asn1.rsa(short, 65537)), "1024 bits"
    yield "RSA of 512 bits", RS256, pem(asn1.rsa(n >> 1536 | 1 << 511 | 1, 65537)), ""
    yield "RSA of 2047 bits", RS256, pem(asn1.rsa(n >> 1 | 1, 65537)), "2047 bits"
    yield "RSA of 8200 bits", RS256, pem(asn1.rsa(n << 6152 | 1, 65537)), "8200 bits"
    yield "RSA, modulus even", RS256, pem(asn1.rsa(n - 1, 65537)), "small factor"
    yield "RSA, modulus a multiple of three", RS256, pem(asn1.rsa(n - n % 3 + 3 * (n % 2), 65537)), "small factor"
    yield "RSA, modulus a power of three", RS256, pem(asn1.rsa(3**1293, 65537)), "small factor"
    yield "RSA for PSS only", RS256, pem(asn1.rsa(n, 65537, asn1.RSA_PSS, b"")), ""
    yield (
        "RSA as PKCS 1",
        RS256,
        pem(asn1.sequence(asn1.integer(n), asn1.integer(65537)), "RSA PUBLIC KEY"),
        "PEM of type",
    )
    good: dict[str, object] = {"kty": "RSA", "n": encode(n.to_bytes(256)), "e": "AQAB"}
    changes: dict[str, dict[str, object]] = {
        "a leading zero in n": {"n": encode(b"\0" + n.to_bytes(256))},
        "a leading zero in e": {"e": "AAEAAQ"},
        "exponent one": {"e": "AQ"},
        "exponent three": {"e": "Aw"},
        "padding": {"e": "AQAB="},
        "no exponent": {"e": None},
        "numbers as numbers": {"e": 65537},
        "characters beyond base64url": {"n": encode(n.to_bytes(256))[:-1] + "+"},
        "1024 bits": {"n": encode(short.to_bytes(128))},
    }
    for name, changed in changes.items():
        yield f"JWK RSA, {name}", RS256, json.dumps(good | changed).encode(), ""


def _ec(acme: Company) -> Iterator[Found]:
    private = acme["acme-ec"].private
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    numbers = private.public_key().public_numbers()
    x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
    beside = (numbers.y ^ 1).to_bytes(32)
    yield "P-256, beside the curve", ES256, pem(asn1.point(b"\4" + x + beside)), "no public key"
    yield "P-256, at infinity", ES256, pem(asn1.point(b"\0")), ""
    yield "P-256, all zeros", ES256, pem(asn1.point(b"\4" + bytes(64))), "no public key"
    yield "P-256, compressed", ES256, pem(asn1.point(bytes([2 + numbers.y % 2]) + x)), "unusual encoding"
    yield "P-256, hybrid", ES256, pem(asn1.point(bytes([6 + numbers.y % 2]) + x + y)), ""
    yield "P-256, a byte short", ES256, pem(asn1.point(b"\4" + x + y[:-1])), "no public key"
    explicit = asn1.point(b"\4" + x + y, asn1.explicit_p256(b"\4" + x + y))
    yield "P-256 spelled out with its own generator", ES256, pem(explicit), ""
    for curve in (ec.SECP256K1(), ec.SECP384R1(), ec.SECP521R1()):
        other = ec.derive_private_key(11, curve).public_key()
        yield f"the curve {curve.name}", ES256, pem(spki(other)), curve.name
    good: dict[str, object] = {"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)}
    changes: dict[str, dict[str, object]] = {
        "beside the curve": {"y": encode(beside)},
        "another curve's name": {"crv": "P-384"},
        "the curve secp256k1": {"crv": "secp256k1"},
        "no curve": {"crv": None},
        "a coordinate too long": {"x": encode(b"\0" + x)},
        "a coordinate too short": {"x": encode(x[1:])},
        "all zeros": {"x": encode(bytes(32)), "y": encode(bytes(32))},
        "no y": {"y": None},
        "a coordinate not reduced": {"x": encode(b"\xff" * 32)},
    }
    for name, changed in changes.items():
        yield f"JWK EC, {name}", ES256, json.dumps(good | changed).encode(), "numbers are no key"


def _ed25519() -> Iterator[Found]:
    small = {"0": 0, "1": 1, "-1": P - 1, "of order 8": ORDER_8, "of order 8, negative": P - ORDER_8}
    for name, y in small.items():
        for sign in (0, 1):
            raw = (y | sign << 255).to_bytes(32, "little")
            yield f"Ed25519 of small order, y {name}, sign {sign}", ED25519, pem(asn1.ed25519(raw)), "Ed25519"
    for name, y in {"p": P, "p + 1": P + 1, "p + 3": P + 3, "all ones": 2**255 - 1}.items():
        for sign in (0, 1):
            raw = (y | sign << 255).to_bytes(32, "little")
            yield f"Ed25519 not canonical, y {name}, sign {sign}", ED25519, pem(asn1.ed25519(raw)), "canonical"
    yield "Ed25519 beside the curve", ED25519, pem(asn1.ed25519((2).to_bytes(32, "little"))), "no point"
    yield "Ed25519, a byte short", ED25519, pem(asn1.ed25519(b"\1" * 31)), ""
    yield "Ed25519 with parameters", ED25519, pem(asn1.ed25519(b"\6" * 32, asn1.NULL)), ""
    for name, crv, x in (
        ("of small order", "Ed25519", bytes(32)),
        ("a byte long", "Ed25519", bytes(33)),
        ("for agreement", "X25519", b"\x09" + bytes(31)),
        ("Ed448", "Ed448", bytes(57)),
    ):
        yield f"JWK OKP, {name}", ED25519, json.dumps({"kty": "OKP", "crv": crv, "x": encode(x)}).encode(), ""


def _private(acme: Company) -> Iterator[Found]:
    for key in acme.asymmetric:
        private = key.private
        yield f"{key.kid}, private", key.algorithm, key.private_pem.encode(), "whoever saw this file can sign"
        locked = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
        yield f"{key.kid}, private under a password", key.algorithm, locked, "PRIVATE KEY"
        ssh = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        yield f"{key.kid}, private for SSH", key.algorithm, ssh, "PRIVATE KEY"
        yield f"{key.kid}, private behind public", key.algorithm, key.public_pem + key.private_pem.encode(), ""
    for key in acme.asymmetric[:2]:
        old = key.private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        yield f"{key.kid}, private in the old form", key.algorithm, old, "PRIVATE KEY"
    secret = encode(b"s" * 32)
    for member in ("d", "p", "q", "dp", "dq", "qi", "oth", "k"):
        jwk = {"kty": "RSA", "n": "AQAB", "e": "AQAB", member: secret}
        yield f"JWK RSA with {member}", RS256, json.dumps(jwk).encode(), "private or symmetric"
    yield (
        "JWK OKP with d",
        ED25519,
        json.dumps({"kty": "OKP", "crv": "Ed25519", "x": secret, "d": secret}).encode(),
        "private",
    )
    yield "JWK EC with d", ES256, json.dumps({"kty": "EC", "crv": "P-256", "d": secret}).encode(), "private"
    for algorithm in (RS256, ES256, ED25519):
        yield f"JWK oct as {algorithm}", algorithm, json.dumps({"kty": "oct", "k": secret}).encode(), "symmetric"


def _other_types() -> Iterator[Found]:
    others: dict[str, PublicKeyTypes] = {
        "Ed448": ed448.Ed448PrivateKey.from_private_bytes(bytes(57)).public_key(),
        "X25519": x25519.X25519PrivateKey.from_private_bytes(bytes(32)).public_key(),
    }
    for name, other in others.items():
        for algorithm in (RS256, ES256, ED25519):
            yield f"{name} as {algorithm}", algorithm, pem(spki(other)), "another type"
    key = asn1.sequence(asn1.integer(2**2047 + 9), asn1.integer(2**255 + 95), asn1.integer(4))
    oid = bytes.fromhex("06072a8648ce380401")
    der = asn1.sequence(asn1.sequence(oid, key), asn1.bit_string(asn1.integer(16)))
    yield "DSA as RS256", RS256, pem(der), ""


def _other_algorithms(acme: Company) -> Iterator[Found]:
    for key in acme.asymmetric:
        for algorithm in (RS256, ES256, ED25519):
            if algorithm is not key.algorithm:
                yield f"{key.kid} as {algorithm}", algorithm, key.public_pem, "another type"
        yield f"{key.kid} as HS256", Algorithm.HS256, key.public_pem, "HS256"


def _forms(acme: Company) -> Iterator[Found]:
    key: Key = acme["acme-ed"]
    good, der = key.public_pem, spki(key.private.public_key())
    texts = {
        "nothing": b"",
        "blanks": b" \n ",
        "DER as it is": der,
        "base64 without its lines": base64.b64encode(der),
        "an SSH line": key.private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "two keys": good + good,
        "a comment in front": b"# Acme\n" + good,
        "a NUL behind": good + b"\0",
        "a byte order mark": b"\xef\xbb\xbf" + good,
        "another label": pem(der, "ED25519 PUBLIC KEY"),
        "a certificate's label": pem(der, "CERTIFICATE"),
        "a request's label": pem(der, "CERTIFICATE REQUEST"),
        "a label of small letters": good.replace(b"PUBLIC", b"public"),
        "no last line": good.rpartition(b"-----END")[0],
        "damaged base64": good.replace(b"\n", b"\n=", 1),
        "a byte more inside": pem(der + b"\0"),
        "a byte less inside": pem(der[:-1]),
        "a length in long form": pem(der[:1] + b"\x81" + der[1:]),
        "17 kilobytes": good + b"\n" * 17_000,
        "JWK: a list": b"[]",
        "JWK: cut short": b'{"kty":"OKP"',
        "JWK: two kty": b'{"kty":"OKP","kty":"oct"}',
    }
    for name, raw in texts.items():
        yield f"form: {name}", ED25519, raw, ""
    raw_key = der[-32:]
    jwk: dict[str, object] = {"kty": "OKP", "crv": "Ed25519", "x": encode(raw_key)}
    changes: dict[str, dict[str, object]] = {
        "for encryption": {"use": "enc"},
        "use null": {"use": None},
        "to sign": {"key_ops": ["sign"]},
        "to verify and sign": {"key_ops": ["verify", "sign"]},
        "another alg": {"alg": "ES256"},
        "alg HS256": {"alg": "HS256"},
        "alg a list": {"alg": ["EdDSA"]},
        "alg null": {"alg": None},
        "no kty": {"kty": None},
        "another kty": {"kty": "EC"},
        "a set": {"keys": []},
        "standard base64": {"x": base64.b64encode(raw_key).decode()},
        "x a number": {"x": 1},
        "x beyond ASCII": {"x": "\u00e9" * 43},
    }
    for name, changed in changes.items():
        yield f"JWK: {name}", ED25519, json.dumps(jwk | changed).encode(), ""


def spki(public: PublicKeyTypes) -> bytes:
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
