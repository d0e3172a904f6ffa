"""What may be believed, as this process knows it, and how fresh that knowledge is.

- Whoever writes reads the rules' version in the transaction that writes: there the rules are exact.
- Before that, tokens are checked against the cached rules. They are confirmed every half second; rules that could
  not be confirmed for a second are not used at all: the process refuses rather than guesses (spec §4 "Keys", §11).
- A refusal that newer rules might lift (a key registered this instant) asks for them before it is spoken.
- Whoever asks at the same time shares one look, and its failure: nobody queues for looks of her own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context
from dataclasses import replace
from typing import Final
from weakref import WeakValueDictionary

from avow.errors import NotFound, Unavailable, UsageError
from avow.flow.contract import RawRules, SealedKey, Store, Transaction, Workspace
from avow.flow.rules.sealing import unsealed, without_material
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Keyring, KeyState, SigningKey
from avow.trust.rules import Rules

CONFIRM_EVERY: Final = 0.5
TRUSTED_FOR: Final = 1.0
REFRESH_AT_MOST_EVERY: Final = 0.1
PATIENCE: Final = 5.0
"""Seconds that a look may take."""

_log = logging.getLogger("avow.flow")


class Rulebook:
    """The rules of every workspace this process has met. `clock` is a monotonic one, in seconds."""

    def __init__(self, store: Store, master_key: bytes, clock: Callable[[], float]) -> None:
        self._store = store
        self._master_key = master_key
        self._clock = clock
        self._rules: dict[WorkspaceId, Rules] = {}
        self._workspaces: dict[WorkspaceId, Workspace] = {}
        self._versions: dict[WorkspaceId, int] = {}
        self._confirmed_at = float("-inf")
        self._look: asyncio.Task[None] | None = None
        self._reading: WeakValueDictionary[WorkspaceId, asyncio.Lock] = WeakValueDictionary()  # while somebody does

    @property
    def age(self) -> float:
        """Seconds since the rules were confirmed; infinite before the first time."""
        return self._clock() - self._confirmed_at

    async def confirm(self) -> None:
        """Ask the database for the versions and read again what has moved. Called every `CONFIRM_EVERY` seconds."""
        asked_at = self._clock()
        self._versions = await self._store.versions()
        for workspace_id in [known for known in self._rules if known not in self._versions]:
            del self._rules[workspace_id]
        for workspace_id, rules in list(self._rules.items()):
            if rules.version != self._versions[workspace_id]:
                await self._read(workspace_id)
        self._confirmed_at = max(asked_at, self._confirmed_at)

    def at_hand(self, workspace_id: WorkspaceId) -> Rules | None:
        """The rules, where they are known and were confirmed within the last second; else `current` gets them."""
        return self._rules.get(workspace_id) if self._clock() - self._confirmed_at <= TRUSTED_FOR else None

    async def current(self, workspace_id: WorkspaceId) -> Rules:
        """The rules, confirmed within the last second. Raises `NotFound`, or `Unavailable` where nothing is certain."""
        asked_at = self._clock()
        while self._clock() - self._confirmed_at > TRUSTED_FOR and self._confirmed_at < asked_at:
            await self.look()
        rules = self._rules.get(workspace_id)
        if rules is not None:
            return rules
        if workspace_id not in self._versions:
            await self.refresh()
        if workspace_id not in self._versions:
            raise NotFound(
                "There is no workspace of this id. Check app_id.", code="workspace_not_found", field="app_id"
            )
        reading = self._reading.setdefault(workspace_id, asyncio.Lock())
        async with reading:  # rules that have moved are missed by every request at once, and one reads them for all
            return self._rules.get(workspace_id) or await self._read(workspace_id)

    async def refresh(self) -> None:
        """Look for newer rules now, before a refusal is spoken.

        Whoever asks at the same time shares one look, at most ten a second, whatever is asked.
        """
        asked_at = self._clock()
        while self._confirmed_at < asked_at:
            if (early := self._confirmed_at + REFRESH_AT_MOST_EVERY - self._clock()) > 0:
                await asyncio.sleep(early)
            else:
                await self.look()

    async def look(self) -> None:
        """See the look through that is under way, or begin one. Raises `Unavailable` for all who wait for it."""
        if self._look is None or self._look.done():
            # It belongs to nobody's request, and goes on when the first who asked has left.
            self._look = asyncio.create_task(self._confirm_or_refuse(), name="rules", context=Context())
        await asyncio.shield(self._look)

    async def close(self) -> None:
        """Give up the look under way."""
        if self._look is not None:
            self._look.cancel()
            await asyncio.gather(self._look, return_exceptions=True)

    def forget(self, workspace_id: WorkspaceId) -> None:
        """The rules have just been changed here: read them again before they are used again."""
        self._rules.pop(workspace_id, None)

    async def workspace(self, workspace_id: WorkspaceId) -> Workspace:
        """The workspace itself, as of the current rules."""
        await self.current(workspace_id)
        return self._workspaces[workspace_id]

    async def at(self, workspace_id: WorkspaceId, version: int, transaction: Transaction) -> Rules:
        """The rules of exactly this version, read in the transaction that saw it where they are not known yet."""
        rules = self._rules.get(workspace_id)
        if rules is None or rules.version != version:
            rules = self._take(await transaction.rules(workspace_id))
        return rules

    async def _confirm_or_refuse(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.confirm()
        except (Unavailable, TimeoutError) as error:
            raise Unavailable("The rules cannot be confirmed: the database does not answer. Try again.") from error

    async def _read(self, workspace_id: WorkspaceId) -> Rules:
        raw = await self._store.rules(workspace_id)
        if raw is None:
            raise NotFound(
                "There is no workspace of this id. Check app_id.", code="workspace_not_found", field="app_id"
            )
        return self._take(raw)

    def _take(self, raw: RawRules) -> Rules:
        rules = opened(raw, self._master_key)
        known = self._rules.get(rules.workspace_id)
        if known is None or known.version <= rules.version:
            self._rules[rules.workspace_id] = rules
            self._workspaces[rules.workspace_id] = raw.workspace
        return rules


def opened(raw: RawRules, master_key: bytes) -> Rules:
    """Stored rules as the checks use them, keys unsealed; one that cannot be opened verifies nothing."""
    workspace = raw.workspace
    keyring = Keyring(_openable(key, master_key) for key in raw.keys)
    policy = workspace.policy
    return Rules.of(raw.version, workspace.id, policy, raw.attributes, keyring, raw.access_tokens, raw.filters)


def _openable(key: SealedKey, master_key: bytes) -> SigningKey:
    try:
        return unsealed(key, master_key)
    except UsageError:
        _log.warning(
            "The signing key %r of %s cannot be opened with this master key: its tokens are refused. Revoke it.",
            key.kid,
            key.workspace_id,
        )
        return replace(without_material(key), state=KeyState.REVOKED, retires_at=None)
