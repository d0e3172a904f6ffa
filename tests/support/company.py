"""Acme, a company whose backend owns keys and signs, well or badly as a test asks.

Secrets, P-256 and Ed25519 keys come from their names and are the same in every run; RSA keys are made once a process.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from avow.trust.keys import (
    Algorithm,
    HashedField,
    Keyring,
    KeyState,
    Purpose,
    SigningKey,
    register_public_key,
    register_secret,
    secret_from_random,
)
from avow.trust.policy import Platform
from avow.trust.token_checks.form import encode

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
EVERYWHERE = frozenset(Platform)


def seed(name: str) -> bytes:
    return hashlib.sha256(f"Acme's key {name}".encode()).digest()


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """An RSA key for a name: another one in each process."""
    return rsa.generate_private_key(65537, 2048)


@dataclass(frozen=True)
class Key:
    """A key as its owner has it: a secret's text, or a private key made from its kid."""

    kid: str
    algorithm: Algorithm
    purpose: Purpose = Purpose.TOKEN
    state: KeyState = KeyState.LIVE
    platforms: frozenset[Platform] = EVERYWHERE
    retires_at: int | None = None
    hashes: HashedField = HashedField.USER_ID
    imported_secret: str | None = field(default=None, repr=False)

    @property
    def secret(self) -> str:
        return self.imported_secret or secret_from_random(seed(self.kid))

    @cached_property
    def private(self) -> PrivateKey:
        if self.algorithm is Algorithm.RS256:
            return rsa_key(self.kid)
        if self.algorithm is Algorithm.ES256:
            return ec.derive_private_key(int.from_bytes(seed(self.kid)) >> 1, ec.SECP256R1())
        return ed25519.Ed25519PrivateKey.from_private_bytes(seed(self.kid))

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def private_pem(self) -> str:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    @property
    def registered(self) -> SigningKey:
        """What Avow knows of it."""
        shared = self.algorithm is Algorithm.HS256
        return SigningKey(
            kid=self.kid,
            name=f"Acme's {self.kid}",
            algorithm=self.algorithm,
            purpose=self.purpose,
            platforms=self.platforms,
            state=self.state,
            created_at=1_700_000_000,
            material=register_secret(self.secret) if shared else register_public_key(self.public_pem, self.algorithm),
            retires_at=self.retires_at,
            hashes=self.hashes,
        )

    def signature(self, signed: bytes) -> bytes:
        """The bytes of a right signature."""
        if self.algorithm is Algorithm.HS256:
            return hmac.digest(self.secret.encode(), signed, "sha256")
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(signed, padding.PKCS1v15(), SHA256())
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return raw_ecdsa(self.private.sign(signed, ec.ECDSA(SHA256())))
        return self.private.sign(signed)

    def sign(self, payload: Mapping[str, object] | bytes, header: Mapping[str, object] | bytes | None = None) -> str:
        """A token; bytes are taken as they are. Without a header it gets the plain one, which names the kid."""
        plain = {"alg": self.algorithm.value, "typ": "JWT", "kid": self.kid}
        signed = f"{encode(as_json(plain if header is None else header))}.{encode(as_json(payload))}"
        return f"{signed}.{encode(self.signature(signed.encode()))}"

    def user_hash(self, value: str) -> str:
        """The legacy hash, as Intercom's snippets make it."""
        return hmac.new(self.secret.encode(), value.encode(), "sha256").hexdigest()


def as_json(members: Mapping[str, object] | bytes) -> bytes:
    return members if isinstance(members, bytes) else json.dumps(members, ensure_ascii=False).encode()


def raw_ecdsa(der: bytes) -> bytes:
    r, s = utils.decode_dss_signature(der)
    return r.to_bytes(32) + s.to_bytes(32)


@dataclass(frozen=True)
class Company:
    """Acme's keys by kid. `retiring` retires long after, `over` retired long before any test's now."""

    keys: Mapping[str, Key]

    def __getitem__(self, kid: str) -> Key:
        return self.keys[kid]

    @property
    def hs(self) -> Key:
        return self.keys["acme-hs"]

    @property
    def asymmetric(self) -> tuple[Key, Key, Key]:
        return self.keys["acme-rsa"], self.keys["acme-ec"], self.keys["acme-ed"]

    @cached_property
    def keyring(self) -> Keyring:
        return Keyring(key.registered for key in self.keys.values())


@cache
def acme() -> Company:
    """The company of every test: keys of each algorithm, state, platform and purpose."""
    hs = Algorithm.HS256
    keys = [
        Key("acme-hs", hs),
        Key("acme-rsa", Algorithm.RS256),
        Key("acme-ec", Algorithm.ES256),
        Key("acme-ed", Algorithm.ED25519),
        Key("acme-imported", hs, imported_secret="pässwörter-9fK2.qLz7 wX4tB8nR1vY6mC3"),
        Key("acme-ios", hs, platforms=frozenset({Platform.IOS})),
        Key("acme-retiring", hs, state=KeyState.RETIRING, retires_at=4_000_000_000),
        Key("acme-over", hs, state=KeyState.RETIRING, retires_at=1_700_000_001),
        Key("acme-retired", hs, state=KeyState.RETIRED),
        Key("acme-revoked", hs, state=KeyState.REVOKED),
        Key("acme-revoked-rsa", Algorithm.RS256, state=KeyState.REVOKED),
        Key("acme-hash", hs, purpose=Purpose.USER_HASH),
    ]
    return Company({key.kid: key for key in keys})
