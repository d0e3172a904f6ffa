"""Signatures that are not the key's (V6): wrong secrets, wrong bytes, wrong schemes, borrowed ones."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512, HashAlgorithm

from avow.trust.reasons import Reason
from avow.trust.token_checks.form import encode
from tests.support.company import Company, Key, raw_ecdsa
from tests.support.tokens.case import Hostile, alice

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def signatures(acme: Company, now: float) -> list[Hostile]:
    rsa, ecdsa, eddsa = acme.asymmetric
    found = [
        *_named("HS256", acme.hs, now, _wrong_macs),
        *_named("RS256", rsa, now, _wrong_rsa),
        *_named("ES256", ecdsa, now, _wrong_ecdsa),
        *_named("Ed25519", eddsa, now, _wrong_eddsa),
        *_borrowed(acme, now),
    ]
    return [*found, *_hash_as_signature(acme, now)]


def _named(family: str, key: Key, now: float, wrong: object) -> Iterator[Hostile]:
    assert callable(wrong)
    signed = key.sign(alice(now)).rpartition(".")[0]
    for name, signature in wrong(key, signed.encode()):
        yield Hostile(f"{family}: {name}", f"{signed}.{encode(signature)}", Reason.SIGNATURE_INVALID)


def _wrong_macs(key: Key, signed: bytes) -> Iterator[tuple[str, bytes]]:
    secret, right = key.secret.encode(), key.signature(signed)
    wrong_secrets = {
        "the secret secret": b"secret",
        "the empty secret": b"",
        "the kid": key.kid.encode(),
        "the secret in lower case": secret.lower(),
        "the secret without its prefix": secret.removeprefix(b"avow_sk_"),
        "the secret with a line feed": secret + b"\n",
        "the secret quoted": b'"' + secret + b'"',
        "the secret in hexadecimal": secret.hex().encode(),
        "the secret hashed": hashlib.sha256(secret).digest(),
        "the secret backwards": secret[::-1],
        "the secret in UTF-16": secret.decode().encode("utf-16-le"),
    }
    for name, wrong in wrong_secrets.items():
        yield name, hmac.digest(wrong, signed, "sha256")
    for digest in ("md5", "sha1", "sha384", "sha512", "sha3_256", "blake2s"):
        yield f"{digest} in the HMAC", hmac.digest(secret, signed, digest)
    yield "sha512 cut to 32 bytes", hmac.digest(secret, signed, "sha512")[:32]
    yield "a hash instead of an HMAC", hashlib.sha256(signed).digest()
    yield "a hash over secret and text", hashlib.sha256(secret + signed).digest()
    yield "over the payload only", hmac.digest(secret, signed.partition(b".")[2], "sha256")
    yield "over the header only", hmac.digest(secret, signed.partition(b".")[0], "sha256")
    yield "over one dot more", hmac.digest(secret, signed + b".", "sha256")
    yield "its hexadecimal text", right.hex().encode()
    yield from _mangled(right)


def _mangled(right: bytes) -> Iterator[tuple[str, bytes]]:
    yield "the first bit flipped", bytes([right[0] ^ 0x80]) + right[1:]
    yield "the last bit flipped", right[:-1] + bytes([right[-1] ^ 1])
    yield "a byte short", right[:-1]
    yield "half of it", right[: len(right) // 2]
    yield "its first byte", right[:1]
    yield "a zero byte more", right + b"\0"
    yield "twice", right + right
    yield "backwards", right[::-1]
    yield "all zeros", bytes(len(right))
    yield "all ones", b"\xff" * len(right)


def _wrong_rsa(key: Key, signed: bytes) -> Iterator[tuple[str, bytes]]:
    private = key.private
    assert isinstance(private, RSAPrivateKey)
    yield from _mangled(key.signature(signed))
    yield "PSS", private.sign(signed, padding.PSS(padding.MGF1(SHA256()), 32), SHA256())
    for digest in (SHA1(), SHA512()):
        yield f"{digest.name} in it", private.sign(signed, padding.PKCS1v15(), digest)
    yield "another key", Key("mallory-rsa", key.algorithm).signature(signed)
    numbers = private.public_key().public_numbers()
    right = int.from_bytes(key.signature(signed))
    yield "the number one", (1).to_bytes(256)
    yield "the modulus", numbers.n.to_bytes(256)
    yield "the modulus less one", (numbers.n - 1).to_bytes(256)
    yield "the modulus added", (right + numbers.n).to_bytes(257)
    yield "a zero byte in front", b"\0" + right.to_bytes(256)
    # As if e were 3 and the padding unread: the cube root of a padded digest with rubbish behind it.
    digest_info = bytes.fromhex("3031300d060960864801650304020105000420") + hashlib.sha256(signed).digest()
    yield "the padded digest in clear", b"\0\1" + b"\xff" * 202 + b"\0" + digest_info


def _wrong_ecdsa(key: Key, signed: bytes) -> Iterator[tuple[str, bytes]]:
    private = key.private
    assert isinstance(private, EllipticCurvePrivateKey)
    yield from _mangled(key.signature(signed))
    yield "DER", private.sign(signed, ec.ECDSA(SHA256()))
    digests: tuple[HashAlgorithm, ...] = (SHA1(), SHA512())
    for digest in digests:
        yield f"{digest.name} in it", raw_ecdsa(private.sign(signed, ec.ECDSA(digest)))
    yield "another key", Key("mallory-ec", key.algorithm).signature(signed)
    other_curve = ec.derive_private_key(7, ec.SECP256K1())
    yield "another curve", raw_ecdsa(other_curve.sign(signed, ec.ECDSA(SHA256())))
    right = key.signature(signed)
    r, s = right[:32], right[32:]
    n = P256_ORDER.to_bytes(32)
    edges = {"zero": bytes(32), "one": (1).to_bytes(32), "n": n, "n - 1": (P256_ORDER - 1).to_bytes(32)}
    for name, edge in edges.items():
        yield f"r is {name}", edge + s
        yield f"s is {name}", r + edge
        if any(edge):
            yield f"r and s are {name}", edge + edge
    yield "r and s exchanged", s + r
    yield "each half padded to 48 bytes", bytes(16) + r + bytes(16) + s
    yield "s with a leading zero", r + b"\0" + s


def _wrong_eddsa(key: Key, signed: bytes) -> Iterator[tuple[str, bytes]]:
    right = key.signature(signed)
    yield from _mangled(right)
    yield "another key", Key("mallory-ed", key.algorithm).signature(signed)
    yield "over the hash of it", key.signature(hashlib.sha512(signed).digest())
    s = int.from_bytes(right[32:], "little")
    yield "S plus the order of the group", right[:32] + (s + ED25519_ORDER).to_bytes(32, "little")
    identity = (1).to_bytes(32, "little")
    yield "R the identity, S zero", identity + bytes(32)
    yield "R of order two, S zero", (2**255 - 20).to_bytes(32, "little") + bytes(32)
    yield "R not canonical", (2**255 - 18).to_bytes(32, "little") + right[32:]
    yield "R and S exchanged", right[32:] + right[:32]


def _borrowed(acme: Company, now: float) -> Iterator[Hostile]:
    for key in (acme.hs, *acme.asymmetric):
        one, other = key.sign(alice(now)), key.sign(alice(now, plan="enterprise"))
        mixed = f"{other.rpartition('.')[0]}.{one.rpartition('.')[2]}"
        yield Hostile(f"borrowed: another payload's signature, {key.kid}", mixed, Reason.SIGNATURE_INVALID)
        plain = key.sign(alice(now), {"alg": key.algorithm.value})
        mixed = f"{one.partition('.')[0]}.{plain.partition('.')[2]}"
        yield Hostile(f"borrowed: another header's signature, {key.kid}", mixed, Reason.SIGNATURE_INVALID)


def _hash_as_signature(acme: Company, now: float) -> Iterator[Hostile]:
    """Mallory calls herself `header.payload`; the site's own user_hash for that name is an HS256 signature over it."""
    key = acme["acme-hash"]
    for name, header, reason in (
        ("named", {"alg": "HS256", "kid": key.kid}, Reason.KEY_UNKNOWN),
        ("not named", {"alg": "HS256", "typ": "JWT"}, Reason.SIGNATURE_INVALID),
        ("under a token key's name", {"alg": "HS256", "kid": acme.hs.kid}, Reason.SIGNATURE_INVALID),
    ):
        chosen_user_id = key.sign(alice(now), header).rpartition(".")[0]
        forged = f"{chosen_user_id}.{encode(bytes.fromhex(key.user_hash(chosen_user_id)))}"
        yield Hostile(f"user_hash as a signature, {name}", forged, reason)
