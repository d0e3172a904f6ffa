"""Where is it written down? Here: `flow.contract.Store` over one engine, each noun in the module of its name."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from avow.errors import Conflict
from avow.flow.contract import (
    Alert,
    EventRow,
    Fading,
    KeyRow,
    KeyUse,
    LookupKey,
    OperatorChange,
    OutboxRow,
    RawRules,
    RefusalCount,
    RulesTransaction,
    Store,
    Teammate,
    TrafficCount,
    Transaction,
    Workspace,
    WriterSeen,
)
from avow.store import audit, changes, contact_keys, contacts, counters, events, retention, workspaces
from avow.store.engine.place import place_of
from avow.store.engine.postgres import Postgres
from avow.store.engine.session import Engine
from avow.store.engine.sqlite import SQLite
from avow.store.transaction import BatchTransaction, ChangeOfRules
from avow.trust.change import Change
from avow.trust.contact import Contact, ContactId, WorkspaceId


def open_store(url: str, *, now: Callable[[], float] = time.time) -> Store:
    """The store of a migrated database, connecting when it is first asked. `now` is the clock of a SQLite file.

    Not checked here: whether the database is migrated (`migrate.current`). A SQLite file that is missing is not made.
    """
    place = place_of(url)
    return DatabaseStore(SQLite(place, now) if isinstance(place, Path) else Postgres(place))


class DatabaseStore:
    """What every method means is said in the contract. Everything may raise `Unavailable` and `StorageFull`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.reader

    @asynccontextmanager
    async def transaction(self, workspaces: Sequence[WorkspaceId]) -> AsyncIterator[Transaction]:
        async with self._engine.shared(workspaces) as session:
            yield BatchTransaction(session)

    @asynccontextmanager
    async def rules_transaction(self, workspace_id: WorkspaceId) -> AsyncIterator[RulesTransaction]:
        async with self._engine.exclusive([workspace_id]) as session:
            change = ChangeOfRules(session, workspace_id)
            yield change
            await change.finish()

    async def create_workspaces(self, new: Sequence[Workspace], teammates: Sequence[Teammate]) -> None:
        async with self._engine.exclusive([it.id for it in new]) as session:
            if session.versions:
                raise Conflict(f"A workspace {min(session.versions)!r} is there already. Take another id.")
            await workspaces.create(session, new, teammates)
            await session.commit()

    async def workspaces(self) -> list[Workspace]:
        return await workspaces.every(self._reader)

    async def rules(self, workspace_id: WorkspaceId) -> RawRules | None:
        async with self._reader.snapshot() as snapshot:
            return await workspaces.rules_of(snapshot, workspace_id)

    async def versions(self) -> dict[WorkspaceId, int]:
        return await workspaces.versions(self._reader)

    async def contact(self, workspace_id: WorkspaceId, contact_id: ContactId) -> Contact | None:
        return await contacts.of_id(self._reader, workspace_id, contact_id)

    async def find(self, key: LookupKey) -> list[KeyRow]:
        return await contact_keys.of_key(self._reader, key)

    async def contacts(
        self, workspace_id: WorkspaceId, *, before: ContactId | None, limit: int, most: int
    ) -> tuple[list[Contact], int]:
        return await contacts.listed(self._reader, workspace_id, before=before, limit=limit, most=most)

    async def changes(
        self, workspace_id: WorkspaceId, contact_id: ContactId, *, before: int | None, limit: int
    ) -> list[Change]:
        return await changes.of_contact(self._reader, workspace_id, contact_id, before=before, limit=limit)

    def chains(self, workspace_id: WorkspaceId) -> AsyncIterator[audit.Chain]:
        return audit.chains(self._reader, workspace_id)

    async def changes_by_key(
        self, workspace_id: WorkspaceId, kid: str, *, since: float, limit: int
    ) -> list[tuple[ContactId, int]]:
        return await changes.of_key(self._reader, workspace_id, kid, since=since, limit=limit)

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

    async def events(self, workspace_id: WorkspaceId, contact_id: ContactId, *, limit: int) -> list[EventRow]:
        return await events.of_contact(self._reader, workspace_id, contact_id, limit=limit)

    async def outbox(self, workspace_id: WorkspaceId, *, limit: int) -> list[OutboxRow]:
        return await changes.untold(self._reader, workspace_id, limit=limit)

    async def fading(self, workspace_id: WorkspaceId, *, before: float, limit: int) -> list[Fading]:
        return await retention.due(self._reader, workspace_id, before=before, limit=limit)

    async def operator_changes(self, workspace_id: WorkspaceId, *, limit: int) -> list[OperatorChange]:
        return await workspaces.logged(self._reader, workspace_id, limit=limit)

    async def teammates(self, workspace_id: WorkspaceId) -> list[Teammate]:
        return await workspaces.teammates_of(self._reader, workspace_id)

    async def sweep(self, now: float) -> None:
        await retention.sweep(self._engine, now)

    async def close(self) -> None:
        await self._engine.close()
