"""How signing keys are kept and what may be done with them: sealed at rest, registered once, retired, revoked.

Material is sealed with AES-256-GCM under a key derived from the master key, bound to workspace and kid, so that a
sealed key moved to another place opens nowhere. Source: spec §4, "Keys".
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from avow.errors import BadInput, Conflict, NotFound, UsageError
from avow.flow.bookkeeping.operator_log import log
from avow.flow.contract import RawRules, RulesTransaction, SealedKey, Store
from avow.flow.rules.asking import Asking, once
from avow.flow.work import Entropy
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Algorithm, HashedField, Keyring, KeyState, Purpose, SigningKey, fingerprint
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
    details = _Details(
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
    material = nonce + AESGCM(derived(master_key, "seal")).encrypt(nonce, key.material, _place(workspace_id, key.kid))
    mark = fingerprint(key.material, derived(master_key, "fingerprint"))
    return SealedKey(workspace_id, key.kid, msgspec.json.encode(details), material, mark)


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
    return _with(b"", key).verifies_at(now)


def _with(material: bytes, key: SealedKey) -> SigningKey:
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
        distrusted_since=details.distrusted_since,
        material=material,
        created_at=details.created_at,
    )


def derived(master_key: bytes, purpose: str) -> bytes:
    """A key for one purpose (32 bytes), so that the master key itself is used for nothing twice."""
    return hmac.digest(master_key, f"avow {purpose}".encode(), "sha256")


def _place(workspace_id: WorkspaceId, kid: str) -> bytes:
    return f"{workspace_id}\0{kid}".encode()


async def every(store: Store, workspace_id: WorkspaceId, master_key: bytes) -> tuple[SigningKey, ...]:
    """Every key of a workspace, whatever its state, the newest first."""
    raw = await store.rules(workspace_id)
    found = [unsealed(key, master_key) for key in raw.keys] if raw is not None else []
    return tuple(sorted(found, key=lambda key: (key.created_at, key.kid), reverse=True))


async def add(
    store: Store, workspace_id: WorkspaceId, key: SigningKey, *, master_key: bytes, entropy: Entropy, actor: str
) -> None:
    """Register a key.

    Raises `Conflict` where its kid is taken, or its material is registered here or in a sibling workspace.
    """
    async with store.rules_transaction(workspace_id) as transaction:
        await _add(transaction, sealed(key, workspace_id, master_key, entropy(NONCE_BYTES)), key.state, entropy, actor)


async def add_asked(
    store: Store, asking: Asking, key: SigningKey, *, master_key: bytes, entropy: Entropy
) -> SigningKey | None:
    """The same, asked for by REST: the key, without what it is made of, or None where this request registers it.

    Raises `NotAuthenticated`, `Forbidden` or `Unprocessable` too, as things stand when it is written.
    """
    registered = False

    async def change(transaction: RulesTransaction, _: RawRules) -> SigningKey:
        nonlocal registered
        registered, new = True, sealed(key, asking.workspace_id, master_key, entropy(NONCE_BYTES))
        await _add(transaction, new, key.state, entropy, asking.actor)
        return replace(key, material=b"")

    first = await once(store, asking, SigningKey, change)
    return None if registered else first


async def _add(transaction: RulesTransaction, new: SealedKey, state: KeyState, entropy: Entropy, actor: str) -> None:
    for where, kid, mark in await transaction.fingerprints():
        if where == new.workspace_id and kid == new.kid:
            raise Conflict(f"There is a key with kid {kid!r} already. A kid is never used twice.", field="kid")
        if mark == new.fingerprint:
            raise Conflict(
                f"This key is registered already, as {kid!r} in workspace {where}. One secret or public key serves "
                "one workspace and one purpose: make a new one.",
                field="secret",
            )
    await transaction.put_key(new)
    await log(transaction, new.workspace_id, entropy, actor, "key.add", new.kid, "", state)


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
    """Let a key run out: at once, or, unless it has already, from `at` on (Unix seconds). Raises `BadInput`."""
    async with store.rules_transaction(workspace_id) as transaction:
        hand = _Hand(transaction, await transaction.rules(), master_key, entropy, actor)
        return await hand.end(kid, KeyState.RETIRED, at)


async def revoke(
    store: Store, workspace_id: WorkspaceId, kid: str, *, master_key: bytes, entropy: Entropy, actor: str
) -> SigningKey:
    """End a key at once and for good: every process refuses it within a second."""
    async with store.rules_transaction(workspace_id) as transaction:
        hand = _Hand(transaction, await transaction.rules(), master_key, entropy, actor)
        return await hand.end(kid, KeyState.REVOKED)


async def end_asked(
    store: Store,
    asking: Asking,
    kid: str,
    state: KeyState,
    *,
    at: int | None = None,
    master_key: bytes,
    entropy: Entropy,
) -> SigningKey:
    """A key retired or revoked, as REST asks for it, without what it is made of.

    Raises `BadInput` for a time (`at`) that is over when it is first asked for, and what `once` does, too.
    """

    async def change(transaction: RulesTransaction, rules: RawRules) -> SigningKey:
        if at is not None and at <= transaction.now:
            raise BadInput("retires_at is over. Leave it out to retire the key at once.", field="retires_at")
        hand = _Hand(transaction, rules, master_key, entropy, asking.actor)
        return replace(await hand.end(kid, state, at), material=b"")

    return await once(store, asking, SigningKey, change)


async def distrust(
    store: Store,
    workspace_id: WorkspaceId,
    kid: str,
    *,
    since: float,
    master_key: bytes,
    entropy: Entropy,
    actor: str,
) -> SigningKey:
    """Revoke a key, and say since when (Unix seconds) nothing counts that it vouched for; the earliest time stays.

    What it has vouched for already is `flow/distrust`'s. Raises `NotFound`, or `BadInput` for a time that is to come.
    """
    async with store.rules_transaction(workspace_id) as transaction:
        return await _Hand(transaction, await transaction.rules(), master_key, entropy, actor).distrust(kid, since)


async def distrust_asked(
    store: Store, asking: Asking, kid: str, *, since: float, master_key: bytes, entropy: Entropy
) -> SigningKey:
    """The same, asked for by REST, without what the key is made of. Raises what `once` does, too."""

    async def change(transaction: RulesTransaction, rules: RawRules) -> SigningKey:
        hand = _Hand(transaction, rules, master_key, entropy, asking.actor)
        return replace(await hand.distrust(kid, since), material=b"")

    return await once(store, asking, SigningKey, change)


def doubtable(key: SigningKey, since: float, now: float) -> SigningKey:
    """The key, if it can be distrusted since then. Raises `BadInput`."""
    if key.purpose is not Purpose.TOKEN:
        message = f"The key {key.kid!r} is for user_hash: it has never vouched for a value. Revoke it."
        raise BadInput(message, field="kid")
    if not 0 <= since <= now:
        raise BadInput("since is not a time that has been. Send Unix seconds.", field="since")
    return key


def known(keyring: Keyring, kid: str) -> SigningKey:
    """The key of that kid. Raises `NotFound`, naming those that there are."""
    ready = keyring.find(kid)
    if ready is None:
        raise _nowhere(kid, sorted(key.kid for key in keyring.keys))
    return ready.key


@dataclass(frozen=True, slots=True)
class _Hand:
    """Whoever changes a key that is there, in the transaction that read these rules."""

    transaction: RulesTransaction
    rules: RawRules
    master_key: bytes
    entropy: Entropy
    actor: str

    async def end(self, kid: str, state: KeyState, at: int | None = None) -> SigningKey:
        """The key, retired (from `at` on, where that is to come) or revoked."""
        key = self._found(kid)
        if key.state is KeyState.REVOKED:
            raise BadInput(f"The key {kid!r} is revoked, and a revoked key stays revoked.", field="kid")
        now = self.transaction.now
        retires_at = None if at is None or at <= now else key.check_retires_at(at, now)
        state = state if retires_at is None else KeyState.RETIRING
        changed = replace(key, state=state, retires_at=retires_at)
        await self._put(key, changed, f"key.{state}", state)
        return changed

    async def distrust(self, kid: str, since: float) -> SigningKey:
        """The key, revoked, and not to be trusted since then; the earliest time stays."""
        key = doubtable(self._found(kid), since, self.transaction.now)
        earliest = since if key.distrusted_since is None else min(since, key.distrusted_since)
        changed = replace(key, state=KeyState.REVOKED, retires_at=None, distrusted_since=earliest)
        if changed != key:
            await self._put(key, changed, "key.distrusted", f"{KeyState.REVOKED}, distrusted since {earliest:.0f}")
        return changed

    def _found(self, kid: str) -> SigningKey:
        for key in self.rules.keys:
            if key.kid == kid:
                return unsealed(key, self.master_key)
        raise _nowhere(kid, [key.kid for key in self.rules.keys])

    async def _put(self, before: SigningKey, after: SigningKey, action: str, told: str) -> None:
        workspace_id = self.rules.workspace.id
        await self.transaction.put_key(sealed(after, workspace_id, self.master_key, self.entropy(NONCE_BYTES)))
        await log(self.transaction, workspace_id, self.entropy, self.actor, action, before.kid, before.state, told)


def _nowhere(kid: str, kids: list[str]) -> NotFound:
    message = f"There is no key with kid {kid[:128]!r} in this workspace. Its keys: {', '.join(kids) or 'none'}."
    return NotFound(message, field="kid")
