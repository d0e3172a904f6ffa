"""A database that is a few dictionaries: what a committer asks of one, kept for as long as a test lasts.

Time stands still until the test moves `now`. `faults` go wrong one commit after the other, `meanwhile` happens
between a batch's weighing and its commit, as if another process had been faster. `written` is what was committed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import cast

import msgspec

from avow.flow.contract import (
    Clock,
    Erasure,
    EventRow,
    KeyKind,
    KeyRow,
    LookupKey,
    OperatorChange,
    RawRules,
    Replay,
    SealedKey,
    Store,
    Tally,
    Workspace,
    WriteConflict,
    Writes,
)
from avow.trust.access import AccessToken
from avow.trust.attribute import Attribute
from avow.trust.change import Change
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.policy import Policy

Place = tuple[WorkspaceId, ContactId]


class Shelf:
    """Everything that was committed, by what it is looked up by."""

    def __init__(self, now: float, *workspaces: Workspace) -> None:
        self.now = now
        self.rules_of = {one.id: RawRules(1, one, (), (), ()) for one in workspaces}
        self.contacts: dict[Place, Contact] = {}
        self.keys: dict[LookupKey, dict[ContactId | None, KeyRow]] = {}
        self.chains: dict[Place, list[Change]] = {}
        self.replays: dict[tuple[WorkspaceId, str], Replay] = {}
        self.events: list[EventRow] = []
        self.written: list[Writes] = []
        self.faults: list[BaseException | None] = []
        self.meanwhile: list[Callable[[], None]] = []

    @property
    def store(self) -> Store:
        """The shelf as the flows know it; they ask less of it than a store can do."""
        return cast("Store", self)

    @property
    def tallies(self) -> list[Tally]:
        """The counters that were handed over."""
        return [writes.tally for writes in self.written if writes.tally != Tally()]

    async def versions(self) -> dict[WorkspaceId, int]:
        return {workspace_id: rules.version for workspace_id, rules in self.rules_of.items()}

    async def rules(self, workspace_id: WorkspaceId) -> RawRules | None:
        return self.rules_of.get(workspace_id)

    @asynccontextmanager
    async def transaction(self, workspaces: Sequence[WorkspaceId]) -> AsyncIterator[Batch]:
        yield Batch(self)

    @asynccontextmanager
    async def rules_transaction(self, workspace_id: WorkspaceId) -> AsyncIterator[Rewriting]:
        yield Rewriting(self, workspace_id)

    def rewrite(self, workspace_id: WorkspaceId, **parts: object) -> None:
        """Change the rules of a workspace by hand: one version on."""
        before = self.rules_of[workspace_id]
        self.rules_of[workspace_id] = msgspec.structs.replace(before, version=before.version + 1, **parts)


class Batch:
    """One transaction: reads what is committed, writes nothing until `commit`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._writes = Writes()

    async def clock(self) -> Clock:
        return Clock(self._shelf.now, await self._shelf.versions())

    async def rules(self, workspace_id: WorkspaceId) -> RawRules:
        return self._shelf.rules_of[workspace_id]

    async def find(self, keys: Sequence[LookupKey]) -> list[KeyRow]:
        return [row for key in keys for row in self._shelf.keys.get(key, {}).values()]

    async def load(self, ids: Sequence[Place]) -> list[Contact]:
        return [self._shelf.contacts[place] for place in ids if place in self._shelf.contacts]

    async def replays(self, scopes: Sequence[tuple[WorkspaceId, str]]) -> list[Replay]:
        return [self._shelf.replays[scope] for scope in scopes if scope in self._shelf.replays]

    async def write(self, writes: Writes) -> None:
        self._writes = writes

    async def commit(self) -> None:
        shelf, writes = self._shelf, self._writes
        await asyncio.sleep(0)  # the disk takes its time
        if shelf.meanwhile:
            shelf.meanwhile.pop(0)()
        if shelf.faults and (fault := shelf.faults.pop(0)) is not None:
            raise fault
        for save in writes.saves:
            self._refuse_stale((save.contact.workspace_id, save.contact.id), save.loaded_version)
        for erasure in writes.erasures:
            self._refuse_stale((erasure.workspace_id, erasure.contact_id), erasure.loaded_version)
        for workspace_id, attribute in writes.attributes:
            self._put_attribute(workspace_id, attribute)
        for save in writes.saves:
            place = (save.contact.workspace_id, save.contact.id)
            shelf.contacts[place] = save.contact
            shelf.chains.setdefault(place, []).extend(save.changes)
        for erasure in writes.erasures:
            self._erase(erasure)
        for row in writes.drop_keys:
            rows = shelf.keys.get(row.key, {})
            rows.pop(row.contact_id, None)
            if not rows:
                shelf.keys.pop(row.key, None)
        for row in writes.put_keys:
            self._put_key(row)
        shelf.replays |= {(replay.workspace_id, replay.scope): replay for replay in writes.replays}
        shelf.events += writes.events
        shelf.written.append(writes)

    def _refuse_stale(self, place: Place, loaded_version: int) -> None:
        stored = self._shelf.contacts.get(place)
        if (stored.version if stored is not None else 0) != loaded_version:
            raise WriteConflict("somebody else changed the contact")

    def _put_attribute(self, workspace_id: WorkspaceId, attribute: Attribute) -> None:
        rules = self._shelf.rules_of[workspace_id]
        kept = {one.name: one for one in rules.attributes}
        known = kept.get(attribute.name)
        if (known.version if known is not None else 0) != attribute.version - 1:
            raise WriteConflict("somebody else changed the attribute")
        self._shelf.rewrite(workspace_id, attributes=tuple((kept | {attribute.name: attribute}).values()))

    def _put_key(self, row: KeyRow) -> None:
        rows = self._shelf.keys.setdefault(row.key, {})
        if row.key.kind is not KeyKind.EMAIL:
            if any(taken not in (None, row.contact_id) for taken in rows):
                raise WriteConflict("somebody else took the key")
            rows.clear()
        rows[row.contact_id] = row

    def _erase(self, erasure: Erasure) -> None:
        shelf, gone = self._shelf, {erasure.contact_id}
        while more := {one.id for one in shelf.contacts.values() if one.merged_into in gone and one.id not in gone}:
            gone |= more
        shelf.chains.setdefault((erasure.workspace_id, erasure.contact_id), []).extend(erasure.changes)
        for contact_id in gone:
            place = (erasure.workspace_id, contact_id)
            shelf.contacts.pop(place, None)
            shelf.chains[place] = [msgspec.structs.replace(one, raw_values=None) for one in shelf.chains[place]]
        kept = {key: {who: row for who, row in rows.items() if who not in gone} for key, rows in shelf.keys.items()}
        shelf.keys = {key: rows for key, rows in kept.items() if rows}


class Rewriting:
    """One change of the rules, at once."""

    def __init__(self, shelf: Shelf, workspace_id: WorkspaceId) -> None:
        self._shelf = shelf
        self._workspace_id = workspace_id

    @property
    def now(self) -> float:
        return self._shelf.now

    async def rules(self) -> RawRules:
        return self._shelf.rules_of[self._workspace_id]

    async def put_attribute(self, attribute: Attribute) -> None:
        kept = {one.name: one for one in (await self.rules()).attributes} | {attribute.name: attribute}
        self._shelf.rewrite(self._workspace_id, attributes=tuple(kept.values()))

    async def put_key(self, key: SealedKey) -> None:
        kept = {one.kid: one for one in (await self.rules()).keys} | {key.kid: key}
        self._shelf.rewrite(self._workspace_id, keys=tuple(kept.values()))

    async def put_access_token(self, token: AccessToken) -> None:
        kept = {one.id: one for one in (await self.rules()).access_tokens} | {token.id: token}
        self._shelf.rewrite(self._workspace_id, access_tokens=tuple(kept.values()))

    async def put_policy(self, policy: Policy) -> None:
        workspace = msgspec.structs.replace((await self.rules()).workspace, policy=policy)
        self._shelf.rewrite(self._workspace_id, workspace=workspace)

    async def log(self, change: OperatorChange) -> None:
        """Nobody asks a shelf who changed the rules."""
