"""What may be done with signing keys? They are registered once, retired, revoked, distrusted.

They stay sealed meanwhile (`flow/rules/sealing.py`). Source: spec §4, "Keys".
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import msgspec

from avow.errors import BadInput, Conflict, NotFound
from avow.flow.bookkeeping.operator_log import log
from avow.flow.contract import RawRules, RulesTransaction, SealedKey, Store
from avow.flow.rules.asking import Asking, once
from avow.flow.rules.sealing import NONCE_BYTES, details, opens, sealed, without_material
from avow.flow.work import Entropy
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Keyring, KeyState, Purpose, SigningKey

MAX_NAME: Final = 100


async def every(store: Store, workspace_id: WorkspaceId) -> tuple[SigningKey, ...]:
    """Every key of a workspace, whatever its state, without what it is made of; the newest first."""
    raw = await store.rules(workspace_id)
    found = [without_material(key) for key in raw.keys] if raw is not None else []
    return tuple(sorted(found, key=lambda key: (key.created_at, key.kid), reverse=True))


def check_name(raw_name: str) -> str:
    """What people call a key. Raises `BadInput`."""
    if not (1 <= len(raw_name) <= MAX_NAME and raw_name.isprintable() and raw_name.strip()):
        raise BadInput(f"name is not a text of 1 to {MAX_NAME} visible characters.", field="name")
    return raw_name


async def add(
    store: Store, workspace_id: WorkspaceId, key: SigningKey, *, master_key: bytes, entropy: Entropy, actor: str
) -> None:
    """Register a key.

    Raises `BadInput` for a name, `Conflict` where its kid is taken, or its material is registered here or in a sibling
    workspace, and `UsageError` where the workspace's keys are sealed under another master key.
    """
    if key.name != key.kid:
        check_name(key.name)
    async with store.rules_transaction(workspace_id) as transaction:
        opens(master_key, (await transaction.rules()).keys)
        await _add(transaction, sealed(key, workspace_id, master_key, entropy(NONCE_BYTES)), key.state, entropy, actor)


async def add_asked(
    store: Store, asking: Asking, key: SigningKey, *, master_key: bytes, entropy: Entropy
) -> SigningKey | None:
    """The same, asked for by REST: the key, without what it is made of, or None where this request registers it.

    Raises `NotAuthenticated`, `Forbidden` or `Unprocessable` too, as things stand when it is written.
    """
    registered = False

    async def change(transaction: RulesTransaction, rules: RawRules) -> SigningKey:
        nonlocal registered
        opens(master_key, rules.keys)
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
    entropy: Entropy,
    actor: str,
) -> SigningKey:
    """Let a key run out: at once, or, unless it has already, from `at` on (Unix seconds). Raises `BadInput`."""
    async with store.rules_transaction(workspace_id) as transaction:
        hand = _Hand(transaction, await transaction.rules(), entropy, actor)
        return await hand.end(kid, KeyState.RETIRED, at)


async def revoke(store: Store, workspace_id: WorkspaceId, kid: str, *, entropy: Entropy, actor: str) -> SigningKey:
    """End a key at once and for good: every process refuses it within a second."""
    async with store.rules_transaction(workspace_id) as transaction:
        hand = _Hand(transaction, await transaction.rules(), entropy, actor)
        return await hand.end(kid, KeyState.REVOKED)


async def end_asked(
    store: Store,
    asking: Asking,
    kid: str,
    state: KeyState,
    *,
    at: int | None = None,
    entropy: Entropy,
) -> SigningKey:
    """A key retired or revoked, as REST asks for it, without what it is made of.

    Raises `BadInput` for a time (`at`) that is over when it is first asked for, and what `once` does, too.
    """

    async def change(transaction: RulesTransaction, rules: RawRules) -> SigningKey:
        if at is not None and at <= transaction.now:
            raise BadInput("retires_at is over. Leave it out to retire the key at once.", field="retires_at")
        hand = _Hand(transaction, rules, entropy, asking.actor)
        return await hand.end(kid, state, at)

    return await once(store, asking, SigningKey, change)


async def distrust(
    store: Store,
    workspace_id: WorkspaceId,
    kid: str,
    *,
    since: float,
    entropy: Entropy,
    actor: str,
) -> SigningKey:
    """Revoke a key, and say since when (Unix seconds) nothing counts that it vouched for; the earliest time stays.

    What it has vouched for already is `flow/distrust`'s. Raises `NotFound`, or `BadInput` for a time that is to come.
    """
    async with store.rules_transaction(workspace_id) as transaction:
        return await _Hand(transaction, await transaction.rules(), entropy, actor).distrust(kid, since)


async def distrust_asked(store: Store, asking: Asking, kid: str, *, since: float, entropy: Entropy) -> SigningKey:
    """The same, asked for by REST, without what the key is made of. Raises what `once` does, too."""

    async def change(transaction: RulesTransaction, rules: RawRules) -> SigningKey:
        hand = _Hand(transaction, rules, entropy, asking.actor)
        return await hand.distrust(kid, since)

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
                return without_material(key)
        raise _nowhere(kid, [key.kid for key in self.rules.keys])

    async def _put(self, before: SigningKey, after: SigningKey, action: str, told: str) -> None:
        workspace_id = self.rules.workspace.id
        stored = next(key for key in self.rules.keys if key.kid == before.kid)
        await self.transaction.put_key(msgspec.structs.replace(stored, details=details(after)))
        await log(self.transaction, workspace_id, self.entropy, self.actor, action, before.kid, before.state, told)


def _nowhere(kid: str, kids: list[str]) -> NotFound:
    message = f"There is no key with kid {kid[:128]!r} in this workspace. Its keys: {', '.join(kids) or 'none'}."
    return NotFound(message, field="kid")
