"""How signing keys are kept and what may be done with them: sealed at rest, registered once, retired, revoked.

Material is sealed with AES-256-GCM under a key derived from the master key, bound to workspace and kid, so that a
sealed key moved to another place opens nowhere. Source: spec §4, "Keys".
"""

from __future__ import annotations

import hmac
from dataclasses import replace
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from avow.errors import BadInput, Conflict, NotFound, UsageError
from avow.flow.contract import OperatorChange, RulesTransaction, SealedKey, Store
from avow.flow.work import Entropy
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Algorithm, HashedField, KeyState, Purpose, SigningKey, fingerprint
from avow.trust.policy import Platform

_NONCE_BYTES: Final = 12


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


def sealed(key: SigningKey, workspace_id: WorkspaceId, master_key: bytes, nonce: bytes) -> SealedKey:
    """The key as it is stored. `nonce`: 12 fresh random bytes."""
    details = _Details(
        key.name,
        key.algorithm,
        key.purpose,
        tuple(sorted(key.platforms)),
        key.state,
        key.hashes,
        key.created_at,
        key.retires_at,
    )
    material = nonce + AESGCM(derived(master_key, "seal")).encrypt(nonce, key.material, _place(workspace_id, key.kid))
    mark = fingerprint(key.material, derived(master_key, "fingerprint"))
    return SealedKey(workspace_id, key.kid, msgspec.json.encode(details), material, mark)


def unsealed(key: SealedKey, master_key: bytes) -> SigningKey:
    """The key as the checks use it. Raises `UsageError` where the master key is not the one it was sealed under."""
    nonce, material = key.sealed[:_NONCE_BYTES], key.sealed[_NONCE_BYTES:]
    try:
        opened = AESGCM(derived(master_key, "seal")).decrypt(nonce, material, _place(key.workspace_id, key.kid))
    except InvalidTag:
        raise UsageError(
            f"The signing key {key.kid!r} cannot be opened with this master key. Start the server with the master.key "
            "(or AVOW_MASTER_KEY) that the data was created with."
        ) from None
    details = msgspec.json.decode(key.details, type=_Details)
    return SigningKey(
        kid=key.kid,
        name=details.name,
        algorithm=details.algorithm,
        purpose=details.purpose,
        platforms=frozenset(details.platforms),
        state=details.state,
        retires_at=details.retires_at,
        hashes=details.hashes,
        material=opened,
        created_at=details.created_at,
    )


def derived(master_key: bytes, purpose: str) -> bytes:
    """A key for one purpose (32 bytes), so that the master key itself is used for nothing twice."""
    return hmac.digest(master_key, f"avow {purpose}".encode(), "sha256")


def _place(workspace_id: WorkspaceId, kid: str) -> bytes:
    return f"{workspace_id}\0{kid}".encode()


async def add(
    store: Store, workspace_id: WorkspaceId, key: SigningKey, *, master_key: bytes, entropy: Entropy, actor: str
) -> None:
    """Register a key.

    Raises `Conflict` where its kid is taken, or its material is registered here or in a sibling workspace.
    """
    new = sealed(key, workspace_id, master_key, entropy(_NONCE_BYTES))
    async with store.rules_transaction(workspace_id) as transaction:
        for where, kid, mark in await transaction.fingerprints():
            if where == workspace_id and kid == key.kid:
                raise Conflict(f"There is a key with kid {kid!r} already. A kid is never used twice.", field="kid")
            if mark == new.fingerprint:
                raise Conflict(
                    f"This key is registered already, as {kid!r} in workspace {where}. One secret or public key serves "
                    "one workspace and one purpose: make a new one.",
                    field="secret",
                )
        await transaction.put_key(new)
        await _log(transaction, workspace_id, entropy, actor, "key.add", key.kid, "", key.state)


async def retire(
    store: Store,
    workspace_id: WorkspaceId,
    kid: str,
    *,
    at: int | None,
    master_key: bytes,
    entropy: Entropy,
    actor: str,
) -> SigningKey:
    """Let a key run out: at once, or (`at`, Unix seconds) once every backend signs with its successor."""
    return await _become(store, workspace_id, kid, KeyState.RETIRED, at, master_key, entropy, actor)


async def revoke(
    store: Store, workspace_id: WorkspaceId, kid: str, *, master_key: bytes, entropy: Entropy, actor: str
) -> SigningKey:
    """End a key at once and for good: every process refuses it within a second."""
    return await _become(store, workspace_id, kid, KeyState.REVOKED, None, master_key, entropy, actor)


async def _become(
    store: Store,
    workspace_id: WorkspaceId,
    kid: str,
    state: KeyState,
    at: int | None,
    master_key: bytes,
    entropy: Entropy,
    actor: str,
) -> SigningKey:
    async with store.rules_transaction(workspace_id) as transaction:
        key = await _found(transaction, kid, master_key)
        if key.state is KeyState.REVOKED:
            raise BadInput(f"The key {kid!r} is revoked, and a revoked key stays revoked.", field="kid")
        state = KeyState.RETIRING if at is not None and at > transaction.now else state
        changed = replace(key, state=state, retires_at=at if state is KeyState.RETIRING else None)
        await transaction.put_key(sealed(changed, workspace_id, master_key, entropy(_NONCE_BYTES)))
        await _log(transaction, workspace_id, entropy, actor, f"key.{state}", kid, key.state, state)
        return changed


async def _found(transaction: RulesTransaction, kid: str, master_key: bytes) -> SigningKey:
    rules = await transaction.rules()
    for key in rules.keys:
        if key.kid == kid:
            return unsealed(key, master_key)
    known = ", ".join(key.kid for key in rules.keys) or "none"
    raise NotFound(f"There is no key with kid {kid!r} in this workspace. Its keys: {known}.", field="kid")


async def _log(
    transaction: RulesTransaction,
    workspace_id: WorkspaceId,
    entropy: Entropy,
    actor: str,
    action: str,
    subject: str,
    before: str,
    after: str,
) -> None:
    await transaction.log(
        OperatorChange(workspace_id, entropy(12).hex(), transaction.now, actor, action, subject, before, after)
    )
