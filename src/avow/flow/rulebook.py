"""What may be believed, as this process knows it, and how fresh that knowledge is.

- Whoever writes reads the rules' version in the transaction that writes: there the rules are exact.
- Before that, tokens are checked against the cached rules. They are confirmed every half second; rules that could
  not be confirmed for a second are not used at all: the process refuses rather than guesses (spec §4 "Keys", §11).
- A refusal that newer rules might lift (a key registered this instant) asks for them before it is spoken.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final
from weakref import WeakValueDictionary

from avow.errors import NotFound, Unavailable
from avow.flow import keys
from avow.flow.contract import RawRules, Store, Transaction, Workspace
from avow.trust.contact import WorkspaceId
from avow.trust.keys import Keyring
from avow.trust.rules import Rules

CONFIRM_EVERY: Final = 0.5
TRUSTED_FOR: Final = 1.0
REFRESH_AT_MOST_EVERY: Final = 0.1


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
        self._looking = asyncio.Lock()
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
        self._confirmed_at = asked_at

    def at_hand(self, workspace_id: WorkspaceId) -> Rules | None:
        """The rules, where they are known and were confirmed within the last second; else `current` gets them."""
        return self._rules.get(workspace_id) if self._clock() - self._confirmed_at <= TRUSTED_FOR else None

    async def current(self, workspace_id: WorkspaceId) -> Rules:
        """The rules, confirmed within the last second. Raises `NotFound`, or `Unavailable` where nothing is certain."""
        if self._clock() - self._confirmed_at > TRUSTED_FOR:
            async with self._looking:  # whoever finds them too old at the same time shares one look
                if self._clock() - self._confirmed_at > TRUSTED_FOR:
                    await self._confirm_or_refuse()
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
        async with self._looking:
            if self._confirmed_at >= asked_at:
                return
            await asyncio.sleep(max(0.0, self._confirmed_at + REFRESH_AT_MOST_EVERY - self._clock()))
            await self._confirm_or_refuse()

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
            await self.confirm()
        except Unavailable as error:
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
    """Stored rules as the checks use them, keys unsealed."""
    workspace = raw.workspace
    keyring = Keyring(keys.unsealed(key, master_key) for key in raw.keys)
    policy = workspace.policy
    return Rules.of(raw.version, workspace.id, policy, raw.attributes, keyring, raw.access_tokens, raw.filters)
