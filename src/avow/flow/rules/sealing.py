"""How is a signing key kept? Sealed under the master key; what is told of it stays open.

Material is sealed with AES-256-GCM under a key derived from the master key, bound to workspace and kid, so that a
sealed key moved to another place opens nowhere. Source: spec §4, "Keys".
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from avow.errors import UsageError
from avow.flow.contract import SealedKey, Store
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Algorithm, HashedField, KeyState, Purpose, SigningKey, fingerprint
from avow.trust.policy import Platform

NONCE_BYTES: Final = 12


class _Details(msgspec.Struct, frozen=True):
    """The public facts of a key as they are stored."""

    name: str
    algorithm: Algorithm
    purpose: Purpose
    platforms: tuple[Platform, ...]
    state: KeyState
    hashes: HashedField
    created_at: float
    retires_at: int | None = None
    distrusted_since: float | None = None


def sealed(key: SigningKey, workspace_id: WorkspaceId, master_key: bytes, nonce: bytes) -> SealedKey:
    """The key as it is stored. `nonce`: 12 fresh random bytes."""
    material = nonce + AESGCM(derived(master_key, "seal")).encrypt(nonce, key.material, _place(workspace_id, key.kid))
    mark = fingerprint(key.material, derived(master_key, "fingerprint"))
    return SealedKey(workspace_id, key.kid, details(key), material, mark)


def details(key: SigningKey) -> bytes:
    """What is told of a key, as it is stored beside what is sealed."""
    return msgspec.json.encode(
        _Details(
            key.name,
            key.algorithm,
            key.purpose,
            tuple(sorted(key.platforms)),
            key.state,
            key.hashes,
            key.created_at,
            key.retires_at,
            key.distrusted_since,
        )
    )


def unsealed(key: SealedKey, master_key: bytes) -> SigningKey:
    """The key as the checks use it. Raises `UsageError` where the master key is not the one it was sealed under."""
    nonce, material = key.sealed[:NONCE_BYTES], key.sealed[NONCE_BYTES:]
    try:
        opened = AESGCM(derived(master_key, "seal")).decrypt(nonce, material, _place(key.workspace_id, key.kid))
    except InvalidTag:
        raise UsageError(
            f"The signing key {key.kid!r} cannot be opened with this master key. Start the server with the master.key "
            "(or AVOW_MASTER_KEY) that the data was created with."
        ) from None
    return _with(opened, key)


def verifies(key: SealedKey, now: float) -> bool:
    """Whether a key verifies anything at this moment (Unix seconds): it is told while the key stays sealed."""
    return without_material(key).verifies_at(now)


def without_material(key: SealedKey) -> SigningKey:
    """What is told of a key while it stays sealed."""
    return _with(b"", key)


def opens(master_key: bytes, stored: Sequence[SealedKey]) -> int:
    """How many of these keys it opens. Raises `UsageError` where there are some, and it opens none of them."""
    opened, refused = 0, None
    for key in stored:
        try:
            unsealed(key, master_key)
            opened += 1
        except UsageError as error:
            refused = error
    if refused is not None and not opened:
        raise refused
    return opened


async def check_master_key(store: Store, master_key: bytes) -> int:
    """How many signing keys it opens. Raises `UsageError` where there are some, and it opens none of them.

    One that is sealed under another master key, as it may be in a damaged row, costs that one's tokens only.
    """
    found = [await store.rules(workspace.id) for workspace in await store.workspaces()]
    return opens(master_key, [key for rules in found if rules is not None for key in rules.keys])


def _with(material: bytes, key: SealedKey) -> SigningKey:
    told = msgspec.json.decode(key.details, type=_Details)
    return SigningKey(
        kid=key.kid,
        name=told.name,
        algorithm=told.algorithm,
        purpose=told.purpose,
        platforms=frozenset(told.platforms),
        state=told.state,
        retires_at=told.retires_at,
        hashes=told.hashes,
        distrusted_since=told.distrusted_since,
        material=material,
        created_at=told.created_at,
    )


def derived(master_key: bytes, purpose: str) -> bytes:
    """A key for one purpose (32 bytes), so that the master key itself is used for nothing twice."""
    return hmac.digest(master_key, f"avow {purpose}".encode(), "sha256")


def _place(workspace_id: WorkspaceId, kid: str) -> bytes:
    return f"{workspace_id}\0{kid}".encode()
