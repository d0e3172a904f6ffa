"""Which keys may prove something here and now? A workspace's keys, each with its check made ready once.

- A key that may verify nothing any more gets a check that refuses everything: its primitive is never built.
- Without a `kid`, at most `MAX_CANDIDATES` keys are tried, the newest first: a bound on what one bad token can cost.
- One secret or public key is told by its keyed fingerprint, however it is spelled and wherever it is registered.

Source: spec §4 V4–V6 and "Keys"; RFC 7515 §5.2, RFC 7518 §3.2–3.4, RFC 8037 §3.1.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from avow.trust.keys.public_key import load_public_key
from avow.trust.keys.signing_key import Algorithm, KeyState, Purpose, SigningKey
from avow.trust.policy import Platform
from avow.trust.secret import is_own_secret

MAX_CANDIDATES: Final = 8

Check = Callable[[bytes, bytes], bool]
"""(signed bytes, signature) → whether the signature is the key's. Never raises for any bytes."""

_HALF: Final = 32


@dataclass(frozen=True, slots=True)
class ReadyKey:
    """A key and its check, made ready."""

    key: SigningKey
    check: Check = field(repr=False)


class Keyring:
    """The keys of one workspace, of one version of its rules. Immutable; shared by threads.

    A key that cannot be opened has no material and is revoked: it verifies nothing, and holds up no other.
    `secret_lengths` are those, in characters, of its secrets that do not tell themselves by prefix and checksum: only a
    text of one of them can be one of those (`holds_secret`).
    """

    __slots__ = ("_by_algorithm", "_by_kid", "_hash_keys", "_secrets", "secret_lengths")

    def __init__(self, keys: Iterable[SigningKey] = ()) -> None:
        """Make every key ready. `ValueError` for a kid that occurs twice, `BadInput` for material that is no key."""
        newest_first = sorted(keys, key=lambda key: (key.created_at, key.kid), reverse=True)
        ready = [ReadyKey(key, _check_of(key)) for key in newest_first]
        self._by_kid = {one.key.kid: one for one in ready}
        if len(self._by_kid) != len(ready):
            raise ValueError("two keys of one workspace have the same kid; expected every kid once")
        of_tokens = [one for one in ready if one.key.purpose is Purpose.TOKEN]
        self._by_algorithm = {
            algorithm: tuple(one for one in of_tokens if one.key.algorithm is algorithm) for algorithm in Algorithm
        }
        self._hash_keys = tuple(one for one in ready if one.key.purpose is Purpose.USER_HASH)
        secrets = [key.material for key in newest_first if key.algorithm is Algorithm.HS256 and key.material]
        texts = (secret.decode("utf-8", "replace") for secret in secrets)
        self.secret_lengths = frozenset(len(text) for text in texts if not is_own_secret(text))
        self._secrets: dict[int, set[bytes]] = {}
        for secret in secrets:
            self._secrets.setdefault(len(secret), set()).add(hashlib.sha256(secret).digest())

    @property
    def keys(self) -> tuple[SigningKey, ...]:
        """Every key, the newest first."""
        return tuple(one.key for one in self._by_kid.values())

    def find(self, kid: str) -> ReadyKey | None:
        """The key of that kid, whatever its purpose and state."""
        return self._by_kid.get(kid)

    def of_algorithm(self, algorithm: Algorithm) -> tuple[ReadyKey, ...]:
        """The keys for tokens of that algorithm, whatever their state, the newest first."""
        return self._by_algorithm[algorithm]

    def hash_keys(self, platform: Platform, now: float) -> tuple[ReadyKey, ...]:
        """The keys that may prove a `user_hash` on that platform at that moment, the newest first."""
        usable = [one for one in self._hash_keys if platform in one.key.platforms and one.key.verifies_at(now)]
        return tuple(usable[:MAX_CANDIDATES])

    def holds_secret(self, raw_text: str) -> bool:
        """Whether the whole text is a secret of this workspace, in whatever state: then somebody published it."""
        octets = raw_text.encode("utf-8", "surrogatepass")
        digests = self._secrets.get(len(octets))
        return digests is not None and hashlib.sha256(octets).digest() in digests


def fingerprint(material: bytes, fingerprint_key: bytes) -> bytes:
    """A keyed fingerprint (32 bytes) by which the same material is never registered twice, without keeping it.

    `material` is what `register_secret` or `register_public_key` returned, so PEM and JWK of one key agree.
    """
    # HMAC hashes keys above its block of 64 bytes and fills shorter ones with zeros: equal keys get equal fingerprints.
    effective = hashlib.sha256(material).digest() if len(material) > 64 else material
    return hmac.digest(fingerprint_key, effective.rstrip(b"\0"), "sha256")


def _check_of(key: SigningKey) -> Check:
    if key.state not in (KeyState.LIVE, KeyState.RETIRING):
        return _refuse
    if key.algorithm is Algorithm.HS256:
        return _hs256(key.material)
    public_key = load_public_key(key.material, key.algorithm)
    if isinstance(public_key, RSAPublicKey):
        return _rs256(public_key)
    if isinstance(public_key, EllipticCurvePublicKey):
        return _es256(public_key)
    return _ed25519(public_key)


def _refuse(_signed: bytes, _signature: bytes) -> bool:
    return False


def _hs256(secret: bytes) -> Check:
    keyed = HMAC(secret, SHA256())

    def check(signed: bytes, signature: bytes) -> bool:
        mac = keyed.copy()
        mac.update(signed)
        return hmac.compare_digest(mac.finalize(), signature)

    return check


def _rs256(public_key: RSAPublicKey) -> Check:
    padding, digest = PKCS1v15(), SHA256()

    def check(signed: bytes, signature: bytes) -> bool:
        try:
            public_key.verify(signature, signed, padding, digest)
        except InvalidSignature:
            return False
        return True

    return check


def _es256(public_key: EllipticCurvePublicKey) -> Check:
    ecdsa = ECDSA(SHA256())

    def check(signed: bytes, signature: bytes) -> bool:
        if len(signature) != 2 * _HALF:
            return False
        r, s = int.from_bytes(signature[:_HALF]), int.from_bytes(signature[_HALF:])
        try:
            public_key.verify(encode_dss_signature(r, s), signed, ecdsa)
        except InvalidSignature:
            return False
        return True

    return check


def _ed25519(public_key: Ed25519PublicKey) -> Check:
    def check(signed: bytes, signature: bytes) -> bool:
        try:
            public_key.verify(signature, signed)
        except InvalidSignature:
            return False
        return True

    return check
