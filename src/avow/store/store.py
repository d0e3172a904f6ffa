"""Where is it written down? Here: `flow.contract.Store` over one engine, each noun in the module of its name."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from avow.errors import Conflict
from avow.flow.contract import (
    Alert,
    Fading,
    Filter,
    Found,
    Glance,
    KeyRow,
    KeyUse,
    LookupKey,
    OperatorChange,
    OutboxRow,
    RawRules,
    RecordPlace,
    RefusalCount,
    RulesTransaction,
    SealedKey,
    Search,
    Shelf,
    Store,
    Teammate,
    TeamTransaction,
    TrafficCount,
    Transaction,
    Workspace,
    WriterSeen,
)
from avow.store import audit, changes, contact_keys, contacts, counters, erasure, jobs, retention, workspaces
from avow.store.beside import BesideReader
from avow.store.engine.place import place_of
from avow.store.engine.postgres import Postgres
from avow.store.engine.recent import Recent
from avow.store.engine.session import Engine
from avow.store.engine.sqlite import SQLite
from avow.store.jobs import StoredJobs
from avow.store.screens import Screens
from avow.store.search import filters
from avow.store.search import glance as glancing
from avow.store.search import search as searching
from avow.store.team import ChangeOfTeam, Team
from avow.store.team import sweep as sweep_team
from avow.store.transaction import BatchTransaction, ChangeOfRules
from avow.trust.access import AccessToken
from avow.trust.change import Change, Facts
from avow.trust.contact import Contact, ContactId, WorkspaceId


def open_store(url: str, *, now: Callable[[], float] = time.time) -> Store:
    """The store of a migrated database, connecting when it is first asked. `now` is the clock of a SQLite file.

    Not checked here: whether the database is migrated (`migrate.current`). A SQLite file that is missing is not made.
    """
    place = place_of(url)
    return DatabaseStore(SQLite(place, now) if isinstance(place, Path) else Postgres(place))


class DatabaseStore(BesideReader):
    """What every method means is said in the contract. Everything may raise `Unavailable` and `StorageFull`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.reader
        self._recent = Recent(contacts.decode_holdings)
        self.jobs = StoredJobs(engine.reader)
        self.team = Team(engine)
        self.screens = Screens(self._reader)

    @asynccontextmanager
    async def transaction(self, workspaces: Sequence[WorkspaceId]) -> AsyncIterator[Transaction]:
        async with self._engine.shared(workspaces) as session:
            self._recent.turn(session.now)
            yield BatchTransaction(session, self._recent)

    @asynccontextmanager
    async def exclusive_transaction(self, workspaces: Sequence[WorkspaceId]) -> AsyncIterator[Transaction]:
        async with self._engine.exclusive(workspaces) as session:
            self._recent.turn(session.now)
            yield BatchTransaction(session, self._recent)

    @asynccontextmanager
    async def rules_transaction(self, workspace_id: WorkspaceId) -> AsyncIterator[RulesTransaction]:
        async with self._engine.exclusive([workspace_id]) as session:
            change = ChangeOfRules(session, workspace_id)
            yield change
            await change.finish()

    @asynccontextmanager
    async def team_transaction(self, workspace_id: WorkspaceId) -> AsyncIterator[TeamTransaction]:
        async with self._engine.exclusive([workspace_id]) as session:
            yield ChangeOfTeam(session, workspace_id)
            await session.commit()

    async def create_workspaces(
        self,
        new: Sequence[Workspace],
        teammates: Sequence[Teammate],
        *,
        keys: Sequence[SealedKey] = (),
        access_tokens: Sequence[AccessToken] = (),
        log: Sequence[OperatorChange] = (),
    ) -> None:
        async with self._engine.exclusive([it.id for it in new]) as session:
            if session.versions:
                raise Conflict(f"A workspace {min(session.versions)!r} is there already. Take another id.")
            await workspaces.create(session, new, teammates)
            await workspaces.furnish(session, new, keys, access_tokens, log)
            await session.commit()

    async def workspaces(self) -> list[Workspace]:
        return await workspaces.every(self._reader)

    async def rules(self, workspace_id: WorkspaceId) -> RawRules | None:
        async with self._engine.prompt.snapshot() as snapshot:
            return await workspaces.rules_of(snapshot, workspace_id)

    async def versions(self) -> dict[WorkspaceId, int]:
        return await workspaces.versions(self._engine.prompt)

    async def contact(self, workspace_id: WorkspaceId, contact_id: ContactId) -> Contact | None:
        return await contacts.of_id(self._reader, workspace_id, contact_id)

    async def find(self, key: LookupKey) -> list[KeyRow]:
        return await contact_keys.of_key(self._reader, key)

    async def contacts(
        self,
        workspace_id: WorkspaceId,
        *,
        before: ContactId | None,
        limit: int,
        most: int,
        shelf: Shelf = Shelf.LISTED,
    ) -> tuple[list[Contact], int]:
        return await contacts.listed(self._reader, workspace_id, shelf, before=before, limit=limit, most=most)

    async def search(self, search: Search) -> Found:
        return await searching.search(self._engine, search)

    async def glance(self, search: Search, *, at_most: int) -> Glance:
        return await glancing.glance(self._engine, search, at_most=at_most)

    async def filters(self, workspace_id: WorkspaceId) -> list[Filter]:
        return await filters.every(self._reader, workspace_id)

    async def unfinished_filters(self) -> list[WorkspaceId]:
        return await filters.unfinished(self._reader)

    async def contact_ids(self, workspace_id: WorkspaceId, *, after: ContactId | None, limit: int) -> list[ContactId]:
        return await filters.ids(self._reader, workspace_id, after=after, limit=limit)

    async def contact_count(self, workspace_id: WorkspaceId) -> int:
        return await filters.count(self._engine.patient, workspace_id)

    async def merged(
        self,
        workspace_id: WorkspaceId,
        into: Sequence[ContactId],
        *,
        past: tuple[float, ContactId] | None,
        limit: int,
        oldest_first: bool = False,
    ) -> list[Contact]:
        return await contacts.merged(self._reader, workspace_id, into, past, limit=limit, oldest_first=oldest_first)

    async def keys_of(self, workspace_id: WorkspaceId, contact_id: ContactId) -> list[KeyRow]:
        return await contact_keys.of_contact(self._reader, workspace_id, contact_id)

    async def changes(
        self, workspace_id: WorkspaceId, contact_id: ContactId, *, before: int | None, limit: int
    ) -> list[Change]:
        return await changes.of_contact(self._reader, workspace_id, contact_id, before=before, limit=limit)

    def chains(self, workspace_id: WorkspaceId) -> AsyncIterator[audit.Chain]:
        return audit.chains(self._reader, workspace_id)

    async def changes_by_key(
        self, workspace_id: WorkspaceId, kid: str, *, since: float, before: float, past: RecordPlace | None, limit: int
    ) -> list[Facts]:
        return await changes.of_key(self._reader, workspace_id, kid, since=since, before=before, past=past, limit=limit)

    async def traffic(self, workspace_id: WorkspaceId, attribute: str, *, since_hour: int) -> list[TrafficCount]:
        return await counters.traffic_of(self._reader, workspace_id, attribute, since_hour=since_hour)

    async def writers(self, workspace_id: WorkspaceId, attribute: str, *, since_day: int) -> list[WriterSeen]:
        return await counters.writers_of(self._reader, workspace_id, attribute, since_day=since_day)

    async def refusals(self, workspace_id: WorkspaceId, *, since_hour: int) -> list[RefusalCount]:
        return await counters.refusals_of(self._reader, workspace_id, since_hour=since_hour)

    async def key_uses(self, workspace_id: WorkspaceId, *, since_day: int) -> list[KeyUse]:
        return await counters.key_uses_of(self._reader, workspace_id, since_day=since_day)

    async def alerts(self, workspace_id: WorkspaceId, *, since_day: int) -> list[Alert]:
        return await counters.alerts_of(self._reader, workspace_id, since_day=since_day)

    async def outbox(self, workspace_id: WorkspaceId, *, limit: int) -> list[OutboxRow]:
        return await changes.untold(self._reader, workspace_id, limit=limit)

    async def fading(self, workspace_id: WorkspaceId, *, before: float, limit: int) -> list[Fading]:
        return await retention.due(self._reader, workspace_id, before=before, limit=limit)

    async def operator_changes(
        self, workspace_id: WorkspaceId, *, limit: int, since: float = 0.0, until: float | None = None
    ) -> list[OperatorChange]:
        return await workspaces.logged(self._reader, workspace_id, limit=limit, since=since, until=until)

    async def teammates(self, workspace_id: WorkspaceId) -> list[Teammate]:
        return await workspaces.teammates_of(self._reader, workspace_id)

    async def thin_out(self, workspace_id: WorkspaceId, contact_ids: Sequence[ContactId]) -> None:
        await erasure.thin_out(self._engine, workspace_id, contact_ids)

    async def sweep(self, now: float) -> None:
        await retention.sweep(self._engine, now)
        await jobs.sweep(self._engine, now)
        await sweep_team(self._engine, now)

    async def close(self) -> None:
        await self._engine.close()
