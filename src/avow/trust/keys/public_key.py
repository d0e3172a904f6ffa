"""May this public key be believed? Registration of RS256, ES256 and Ed25519 keys, and one spelling for each key.

- One PEM block `PUBLIC KEY`, or one JWK object. Never a private key, a symmetric one, a certificate or a set of keys.
- RSA: 2048 to 8192 bits, no small factor, exponent odd and from 65537 to 2^32 (FIPS 186-5 §5.1 wants more than 2^16;
  with e = 1 everybody signs, e = 3 has a history of forgeries). P-256 only, on the curve. Ed25519: canonical, on the
  curve, not of small order: libraries take such points, and under them one signature fits many messages.
- What is kept is the canonical DER SubjectPublicKeyInfo. Other encodings of the same key are refused, never mended.

Source: spec §4 "Keys"; RFC 7517, RFC 7518 §6, RFC 8037 §2, RFC 8032 §5.1.3; NIST FIPS 186-5.
"""

from __future__ import annotations

import base64
import binascii
import re
from math import gcd, prod
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from avow.errors import BadInput
from avow.trust.keys.signing_key import ALGORITHM_OF, Algorithm
from avow.trust.strict_json import StrictJsonError, loads

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

MAX_PUBLIC_KEY: Final = 16 * 1024

_PEM: Final = re.compile(rb"-----BEGIN PUBLIC KEY-----[\r\n]+([A-Za-z0-9+/=\r\n]+)-----END PUBLIC KEY-----\Z")
_LABEL: Final = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_JWK_DEPTH: Final = 3
_JWK_TYPE: Final = {Algorithm.RS256: "RSA", Algorithm.ES256: "EC", Algorithm.ED25519: "OKP"}
_JWK_SECRETS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_RSA_BITS: Final = (2048, 8192)
_RSA_EXPONENTS: Final = (65537, 2**32)
_SMALL_PRIMES: Final = prod(n for n in range(2, 2000) if all(n % divisor for divisor in range(2, int(n**0.5) + 1)))
_COORDINATE: Final = 32

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_ROOT_OF_MINUS_1: Final = pow(2, (_P - 1) // 4, _P)


def register_public_key(raw: bytes, algorithm: Algorithm) -> bytes:
    """The key's canonical DER SubjectPublicKeyInfo, or `BadInput` (field `public_key`) that says what is wrong with it.

    `raw` is the text of a PEM or JWK as it was given. Not checked here: whether it is registered already.
    """
    if algorithm is Algorithm.HS256:
        raise _refused("a public key for HS256", "RS256, ES256 or Ed25519; HS256 keys are shared secrets")
    if len(raw) > MAX_PUBLIC_KEY:
        raise _refused(f"{len(raw)} bytes", f"at most {MAX_PUBLIC_KEY}")
    text = raw.strip(b" \t\r\n")
    der = canonical(_from_jwk(text, algorithm)) if text.startswith(b"{") else _der_of_pem(text)
    load_public_key(der, algorithm)
    return der


def load_public_key(der: bytes, algorithm: Algorithm) -> PublicKey:
    """The key that canonical DER holds, checked anew; `BadInput` if it is not one that registration lets in."""
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        raise _refused("no public key that can be read", "a SubjectPublicKeyInfo of RSA, P-256 or Ed25519") from None
    if not isinstance(key, PublicKey):
        raise _refused("a key of another type", f"one for {algorithm}")
    _check(key, algorithm)
    if canonical(key) != der:
        raise _refused("an unusual encoding of the key", "a named curve, an uncompressed point, plain RSA, DER")
    return key


def canonical(key: PublicKey) -> bytes:
    """The one spelling that every encoding of a key comes down to."""
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _der_of_pem(text: bytes) -> bytes:
    match = _PEM.match(text)
    if match is None:
        label = _LABEL.search(text)
        found = f"PEM of type {label[1].decode()}" if label else "neither PEM nor JWK"
        if label and b"PRIVATE" in label[1]:
            found += " (whoever saw this file can sign: keep it on your servers, or replace it)"
        raise _refused(found, "one PEM block of type PUBLIC KEY and nothing else, or one JWK")
    try:
        return binascii.a2b_base64(re.sub(rb"[\r\n]", b"", match[1]), strict_mode=True)
    except ValueError:
        raise _refused("PEM whose base64 is damaged", "the file as the key tool wrote it") from None


def _from_jwk(text: bytes, algorithm: Algorithm) -> PublicKey:
    try:
        jwk = loads(text, max_depth=_JWK_DEPTH)
    except StrictJsonError as error:
        raise _refused(f"a JWK that cannot be read ({error})", "one JSON object") from None
    assert isinstance(jwk, dict)  # it begins with a brace
    if "keys" in jwk:
        raise _refused("a set of keys", "one JWK; register each key under a kid of its own")
    if jwk.get("kty") == "oct" or not _JWK_SECRETS.isdisjoint(jwk):
        raise _refused("a JWK with private or symmetric members", "public members only; never hand out the others")
    if jwk.get("kty") != _JWK_TYPE[algorithm]:
        raise _refused("a JWK of another kty", f"{_JWK_TYPE[algorithm]}, which {algorithm} needs")
    if jwk.get("use", "sig") != "sig" or jwk.get("key_ops", ["verify"]) != ["verify"]:
        raise _refused("a JWK for another use", "use sig, key_ops verify, or neither")
    name = jwk.get("alg", algorithm.value)
    if not isinstance(name, str) or ALGORITHM_OF.get(name) is not algorithm:
        raise _refused("a JWK with another alg", f"{algorithm}, or none")
    try:
        return _public_key(jwk, algorithm)
    except ValueError:
        raise _refused("a JWK whose numbers are no key", f"those of {algorithm}, in canonical base64url") from None


def _public_key(jwk: dict[str, object], algorithm: Algorithm) -> PublicKey:
    if algorithm is Algorithm.RS256:
        return RSAPublicNumbers(_number(jwk.get("e")), _number(jwk.get("n"))).public_key()
    if algorithm is Algorithm.ES256 and jwk.get("crv") == "P-256":
        x, y = _octets(jwk.get("x")), _octets(jwk.get("y"))
        if len(x) == len(y) == _COORDINATE:
            return EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), SECP256R1()).public_key()
    if algorithm is Algorithm.ED25519 and jwk.get("crv") == "Ed25519":
        return Ed25519PublicKey.from_public_bytes(_octets(jwk.get("x")))
    raise ValueError("the curve or the length of a coordinate is not the algorithm's")


def _number(raw: object) -> int:
    octets = _octets(raw)
    if octets.startswith(b"\0"):
        raise ValueError("a number with leading zeros")
    return int.from_bytes(octets)


def _octets(raw: object) -> bytes:
    if not isinstance(raw, str):
        raise ValueError("a member that is not text")
    octets = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    if base64.urlsafe_b64encode(octets).rstrip(b"=").decode() != raw:
        raise ValueError("not canonical base64url")
    return octets


def _check(key: PublicKey, algorithm: Algorithm) -> None:
    if isinstance(key, RSAPublicKey) and algorithm is Algorithm.RS256:
        _check_rsa(key.public_numbers())
    elif isinstance(key, Ed25519PublicKey) and algorithm is Algorithm.ED25519:
        _check_ed25519(key.public_bytes_raw())
    elif not (isinstance(key, EllipticCurvePublicKey) and algorithm is Algorithm.ES256):
        raise _refused("a key of another type", f"one for {algorithm}")
    elif not isinstance(key.curve, SECP256R1):
        raise _refused(f"a key on the curve {key.curve.name}", "P-256 (secp256r1), the only curve of ES256")


def _check_rsa(numbers: RSAPublicNumbers) -> None:
    bits = numbers.n.bit_length()
    if not _RSA_BITS[0] <= bits <= _RSA_BITS[1]:
        raise _refused(f"RSA of {bits} bits", f"{_RSA_BITS[0]} to {_RSA_BITS[1]}")
    if not _RSA_EXPONENTS[0] <= numbers.e <= _RSA_EXPONENTS[1] or numbers.e % 2 == 0:
        raise _refused("RSA with an unusual exponent", "an odd one from 65537 to 2^32, as a rule 65537")
    if gcd(numbers.n, _SMALL_PRIMES) != 1:
        raise _refused("RSA whose modulus has a small factor", "the product of two large primes")


def _check_ed25519(raw: bytes) -> None:
    encoded = int.from_bytes(raw, "little")
    y, sign = encoded % 2**255, encoded >> 255
    x = _x_of(y, sign) if y < _P else None
    if x is None:
        raise _refused("an Ed25519 key that is no point of the curve, or not its canonical encoding", "a key as made")
    for _ in range(3):
        x, y = _double(x, y)
    if (x, y) == (0, 1):
        raise _refused("an Ed25519 key of small order", "a key as made by a key tool")


def _x_of(y: int, sign: int) -> int | None:
    """The x that belongs to y, by RFC 8032 §5.1.3, or None where there is none."""
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT_OF_MINUS_1 % _P
    if x * x % _P != square or (x == 0 and sign):
        return None
    return _P - x if x % 2 != sign else x


def _double(x: int, y: int) -> tuple[int, int]:
    product = _D * x * x * y * y % _P
    return 2 * x * y * pow(1 + product, -1, _P) % _P, (y * y + x * x) * pow(1 - product, -1, _P) % _P


def _refused(found: str, expected: str) -> BadInput:
    return BadInput(f"the public key cannot be used: found {found}; expected {expected}", field="public_key")
