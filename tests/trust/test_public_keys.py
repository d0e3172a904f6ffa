"""Public keys: one spelling each, and nothing weak, private or odd among them."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from avow.errors import BadInput
from avow.trust.keys import Algorithm, fingerprint, register_public_key
from avow.trust.keys.public_key import canonical, load_public_key
from avow.trust.token_checks.form import encode
from tests.support.company import acme
from tests.support.registrations import asn1, hostile_public_keys
from tests.support.registrations.public_keys import pem, spki

FINGERPRINT_KEY = b"f" * 32


def jwk_of(kid: str) -> dict[str, object]:
    public = acme()[kid].private.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        return {"kty": "RSA", "n": encode(public.public_numbers().n.to_bytes(256)), "e": "AQAB"}
    if isinstance(public, ec.EllipticCurvePublicKey):
        x, y = public.public_numbers().x, public.public_numbers().y
        return {"kty": "EC", "crv": "P-256", "x": encode(x.to_bytes(32)), "y": encode(y.to_bytes(32))}
    return {"kty": "OKP", "crv": "Ed25519", "x": encode(public.public_bytes_raw())}


def test_no_hostile_key_is_registered() -> None:
    for hostile in hostile_public_keys(acme()):
        with pytest.raises(BadInput) as refusal:
            register_public_key(hostile.raw, hostile.algorithm)
        assert refusal.value.field == "public_key", hostile.name
        assert hostile.found in refusal.value.message, hostile.name
        assert "expected" in refusal.value.message, hostile.name


@pytest.mark.parametrize("kid", ["acme-rsa", "acme-ec", "acme-ed"])
def test_pem_and_jwk_of_one_key_have_one_spelling_and_one_fingerprint(kid: str) -> None:
    key = acme()[kid]
    plain = register_public_key(key.public_pem, key.algorithm)
    forms = [
        key.public_pem.replace(b"\n", b"\r\n"),
        b"\n " + key.public_pem + b"\n\n",
        json.dumps(jwk_of(kid)).encode(),
        json.dumps(jwk_of(kid), indent=2).encode() + b"\n",
        json.dumps(
            jwk_of(kid) | {"use": "sig", "alg": key.algorithm.value, "kid": "x", "key_ops": ["verify"]}
        ).encode(),
    ]
    for form in forms:
        assert register_public_key(form, key.algorithm) == plain
    assert fingerprint(plain, FINGERPRINT_KEY) == fingerprint(
        register_public_key(forms[2], key.algorithm), FINGERPRINT_KEY
    )
    assert canonical(load_public_key(plain, key.algorithm)) == plain


def test_a_jwk_may_call_ed25519_by_either_name() -> None:
    for name in ("EdDSA", "Ed25519"):
        register_public_key(json.dumps(jwk_of("acme-ed") | {"alg": name}).encode(), Algorithm.ED25519)


def test_other_exponents_and_sizes_within_bounds_are_taken() -> None:
    private = acme()["acme-rsa"].private
    assert isinstance(private, rsa.RSAPrivateKey)
    n = private.public_key().public_numbers().n
    for exponent in (65537, 65539, 2**32 - 1):
        register_public_key(pem(asn1.rsa(n, exponent)), Algorithm.RS256)
    large = next(odd for odd in range(2**8191 + 1, 2**8191 + 10_000, 2) if _has_no_small_factor(odd))
    register_public_key(pem(asn1.rsa(large, 65537)), Algorithm.RS256)


def _has_no_small_factor(number: int) -> bool:
    return all(number % divisor for divisor in range(3, 2000, 2))


def test_what_is_stored_is_checked_again_when_it_is_loaded() -> None:
    small_order = asn1.ed25519(bytes(32))
    with pytest.raises(BadInput, match="small order"):
        load_public_key(small_order, Algorithm.ED25519)
    with pytest.raises(BadInput, match="no public key"):
        load_public_key(acme()["acme-ed"].public_pem, Algorithm.ED25519)


def test_every_honest_ed25519_key_is_taken() -> None:
    for number in range(40):
        public = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32).public_key()
        assert register_public_key(pem(spki(public)), Algorithm.ED25519) == spki(public)


def test_the_points_of_small_order_are_all_known() -> None:
    """Eight canonical encodings, found by arithmetic: y of order 1, 2, 4 and twice two of order 8."""
    refused = {hostile.raw for hostile in hostile_public_keys(acme()) if "Ed25519 of small order" in hostile.name}
    assert len(refused) == 10  # the eight, and two that give x = 0 a sign
    for raw in refused:
        with pytest.raises(BadInput, match=r"small order|no point"):
            register_public_key(raw, Algorithm.ED25519)


def test_the_body_of_a_pem_must_be_whole_base64() -> None:
    body = base64.b64encode(spki(acme()["acme-ed"].private.public_key())).decode()
    for damaged in (body[:-1], body + "=", "=" + body):
        text = f"-----BEGIN PUBLIC KEY-----\n{damaged}\n-----END PUBLIC KEY-----\n"
        with pytest.raises(BadInput, match="damaged"):
            register_public_key(text.encode(), Algorithm.ED25519)
