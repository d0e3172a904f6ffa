"""What is a store without a disk? The whole contract over dictionaries, for tests that want no database.

It passes the same suite as SQLite and PostgreSQL do. One transaction runs at a time; stores may share one `Memory`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from avow.errors import Conflict, NotFound
from avow.flow.contract import (
    MOST_OF_ADDRESS,
    Alert,
    Clock,
    Fading,
    Job,
    KeyRow,
    KeyUse,
    LookupKey,
    OperatorChange,
    OutboxRow,
    RawRules,
    RecordPlace,
    RefusalCount,
    Replay,
    RulesTransaction,
    SealedKey,
    Teammate,
    TeamTransaction,
    TrafficCount,
    Transaction,
    Workspace,
    WriteConflict,
    WriterSeen,
    Writes,
)
from avow.trust.access import AccessToken
from avow.trust.attribute import Attribute
from avow.trust.change import Change, Facts
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.policy import Policy
from tests.support import memory_jobs, memory_writes
from tests.support.memory_beside import BatchTags, BesideTables, TagRules
from tests.support.memory_contacts import ContactReads
from tests.support.memory_screens import MemoryScreens
from tests.support.memory_search import FilterRules, SearchTables
from tests.support.memory_tables import Memory, Table
from tests.support.memory_team import MemoryTeam, MemoryTeamTransaction

_DAY = 86_400


class MemoryTransaction(BatchTags):
    """`flow.contract.Transaction`."""

    def __init__(self, memory: Memory, now: float, workspaces: Sequence[WorkspaceId]) -> None:
        self._memory, self._tables = memory, memory.tables
        self._now = now
        self._workspaces = workspaces

    async def clock(self) -> Clock:
        versions = self._tables["versions"].items()
        return Clock(self._now, {key[0]: version for key, version in versions if key[0] in self._workspaces})

    async def rules(self, workspace_id: WorkspaceId) -> RawRules:
        return _found(_rules({name: dict(table.items()) for name, table in self._tables.items()}, workspace_id))

    async def find(self, keys: Sequence[LookupKey]) -> list[KeyRow]:
        found = [self._tables["lookups"].get((key.workspace_id, key.kind, key.value)) for key in keys]
        return [row for holders in found if holders for row in [*holders.values()][: MOST_OF_ADDRESS + 1]]

    async def load(self, ids: Sequence[tuple[WorkspaceId, ContactId]]) -> list[Contact]:
        return [it for place in ids if (it := self._tables["contacts"].get(place)) is not None]

    async def replays(self, scopes: Sequence[tuple[WorkspaceId, str]]) -> list[Replay]:
        found = [self._tables["replays"].get(scope) for scope in scopes]
        return [one for one in found if one is not None and one.at >= self._now - _DAY]

    async def jobs(self, ids: Sequence[tuple[WorkspaceId, str]]) -> list[Job]:
        return [job for place in ids if (job := self._tables["jobs"].get(place)) is not None]

    async def write(self, writes: Writes) -> None:
        memory_writes.apply(self._tables, writes)

    async def commit(self) -> None:
        self._memory.keep()


class MemoryRulesTransaction(TagRules, FilterRules):
    """`flow.contract.RulesTransaction`."""

    def __init__(self, tables: dict[str, Table], now: float, workspace_id: WorkspaceId) -> None:
        self._tables = tables
        self._now = now
        self._workspace_id = workspace_id
        self.raised = False

    @property
    def now(self) -> float:
        return self._now

    async def rules(self) -> RawRules:
        return _found(_rules({name: dict(table.items()) for name, table in self._tables.items()}, self._workspace_id))

    async def fingerprints(self) -> list[tuple[WorkspaceId, str, bytes]]:
        family = self._family(self._workspace_id)
        rows = [row for _, row in self._tables["keys"].items() if self._family(row.workspace_id) == family]
        return [(row.workspace_id, row.kid, row.fingerprint) for row in rows]

    async def put_attribute(self, attribute: Attribute) -> None:
        memory_writes.put_attribute(self._tables, self._workspace_id, attribute)
        self.raised = True

    async def put_key(self, key: SealedKey) -> None:
        taken = {fingerprint: (where, kid) for where, kid, fingerprint in await self.fingerprints()}
        if taken.get(key.fingerprint, (key.workspace_id, key.kid)) != (key.workspace_id, key.kid):
            raise WriteConflict("The same key material is registered already.")
        self._tables["keys"].put((key.workspace_id, key.kid), key)
        self.raised = True

    async def put_access_token(self, token: AccessToken) -> None:
        self._tables["tokens"].put((token.workspace_id, token.id), token)
        self.raised = True

    async def put_policy(self, policy: Policy) -> None:
        self._describe(policy=policy)

    async def put_workspace(self, name: str, timezone: str) -> None:
        self._describe(name=name, timezone=timezone)

    def _describe(self, **facts: Any) -> None:
        place, table = (self._workspace_id,), self._tables["workspaces"]
        table.put(place, msgspec.structs.replace(table.get(place), **facts))
        self.raised = True

    async def replay(self, scope: str) -> Replay | None:
        kept: Replay | None = self._tables["replays"].get((self._workspace_id, scope))
        return kept if kept is not None and kept.at >= self._now - _DAY else None

    async def put_replay(self, replay: Replay) -> None:
        memory_writes.put_replay(self._tables, replay)

    async def log(self, change: OperatorChange) -> None:
        self._tables["log"].put((change.workspace_id, change.at, change.id), change)

    def _family(self, workspace_id: WorkspaceId) -> WorkspaceId:
        it: Workspace = self._tables["workspaces"].get((workspace_id,))
        return it.production_id or it.id


class MemoryStore(ContactReads, BesideTables, SearchTables):
    """`flow.contract.Store`. `now` is the clock, in Unix seconds."""

    def __init__(self, memory: Memory | None = None, *, now: Callable[[], float] = time.time) -> None:
        super().__init__(memory or Memory())
        self.team = MemoryTeam(self.memory)
        self.screens = MemoryScreens(self.memory)
        self._now = now
        self.jobs = memory_jobs.MemoryJobs(self.memory)

    @asynccontextmanager
    async def transaction(self, workspaces: Sequence[WorkspaceId]) -> AsyncIterator[Transaction]:
        async with self.memory.writing():
            yield MemoryTransaction(self.memory, self._now(), workspaces)

    exclusive_transaction = transaction

    @asynccontextmanager
    async def rules_transaction(self, workspace_id: WorkspaceId) -> AsyncIterator[RulesTransaction]:
        async with self.memory.writing() as tables:
            change = MemoryRulesTransaction(tables, self._now(), workspace_id)
            yield change
            if change.raised:
                memory_writes.raise_version(tables, workspace_id)
            self.memory.keep()

    @asynccontextmanager
    async def team_transaction(self, workspace_id: WorkspaceId) -> AsyncIterator[TeamTransaction]:
        async with self.memory.writing() as tables:
            yield MemoryTeamTransaction(tables, self._now(), workspace_id)
            self.memory.keep()

    async def create_workspaces(
        self,
        workspaces: Sequence[Workspace],
        teammates: Sequence[Teammate],
        *,
        keys: Sequence[SealedKey] = (),
        access_tokens: Sequence[AccessToken] = (),
        log: Sequence[OperatorChange] = (),
    ) -> None:
        async with self.memory.writing() as tables:
            for it in workspaces:
                if tables["workspaces"].get((it.id,)) is not None:
                    raise Conflict(f"A workspace {it.id!r} is there already. Take another id.")
                tables["workspaces"].put((it.id,), it)
                tables["versions"].put((it.id,), 1)
            for one in teammates:
                tables["teammates"].put((one.workspace_id, one.email), one)
            for key in keys:
                tables["keys"].put((key.workspace_id, key.kid), key)
            for token in access_tokens:
                tables["tokens"].put((token.workspace_id, token.id), token)
            for change in log:
                tables["log"].put((change.workspace_id, change.at, change.id), change)
            self.memory.keep()

    async def workspaces(self) -> list[Workspace]:
        return sorted(self.memory.rows("workspaces"), key=lambda it: (it.created_at, it.id))

    async def rules(self, workspace_id: WorkspaceId) -> RawRules | None:
        return _rules({name: table.committed for name, table in self.memory.tables.items()}, workspace_id)

    async def versions(self) -> dict[WorkspaceId, int]:
        return {key[0]: version for key, version in self.memory.tables["versions"].committed.items()}

    async def changes(
        self, workspace_id: WorkspaceId, contact_id: ContactId, *, before: int | None, limit: int
    ) -> list[Change]:
        rows = self.memory.rows("changes", workspace_id, contact_id)
        return [row for row in reversed(rows) if before is None or row.facts.seq < before][:limit]

    async def chains(self, workspace_id: WorkspaceId) -> AsyncIterator[tuple[ContactId, Contact | None, list[Change]]]:
        tables = self.memory.tables
        places = {key[:2] for name in ("contacts", "changes") for key in tables[name].committed}
        for place in sorted(place for place in places if place[0] == workspace_id):
            yield place[1], tables["contacts"].committed.get(place), self.memory.rows("changes", *place)

    async def changes_by_key(
        self, workspace_id: WorkspaceId, kid: str, *, since: float, before: float, past: RecordPlace | None, limit: int
    ) -> list[Facts]:
        facts = [row.facts for row in self.memory.rows("changes", workspace_id)]
        found = {(it.at, it.contact_id, it.seq): it for it in facts if it.key == kid and since <= it.at < before}
        seen = (past.at, past.contact_id, past.seq) if past is not None else (0.0, "", 0)
        return [found[place] for place in sorted(found) if place > seen][:limit]

    async def traffic(self, workspace_id: WorkspaceId, attribute: str, *, since_hour: int) -> list[TrafficCount]:
        return [row for row in self.memory.rows("traffic", workspace_id, attribute) if row.hour >= since_hour]

    async def writers(self, workspace_id: WorkspaceId, attribute: str, *, since_day: int) -> list[WriterSeen]:
        return [row for row in self.memory.rows("writers", workspace_id, attribute) if row.day >= since_day]

    async def refusals(self, workspace_id: WorkspaceId, *, since_hour: int) -> list[RefusalCount]:
        rows = [row for row in self.memory.rows("refusals", workspace_id) if row.hour >= since_hour]
        return sorted(rows, key=lambda row: row.hour)

    async def key_uses(self, workspace_id: WorkspaceId, *, since_day: int) -> list[KeyUse]:
        rows = [row for row in self.memory.rows("uses", workspace_id) if row.day >= since_day]
        return sorted(rows, key=lambda row: row.day)

    async def alerts(self, workspace_id: WorkspaceId, *, since_day: int) -> list[Alert]:
        return sorted((r for r in self.memory.rows("alerts", workspace_id) if r.day >= since_day), key=lambda r: r.day)

    async def outbox(self, workspace_id: WorkspaceId, *, limit: int) -> list[OutboxRow]:
        return self.memory.rows("outbox", workspace_id)[:limit]

    async def fading(self, workspace_id: WorkspaceId, *, before: float, limit: int) -> list[Fading]:
        rows = [row for row in self.memory.rows("fading", workspace_id) if row.at < before]
        return sorted(rows, key=lambda row: row.at)[:limit]

    async def operator_changes(
        self, workspace_id: WorkspaceId, *, limit: int, since: float = 0.0, until: float | None = None
    ) -> list[OperatorChange]:
        rows: list[OperatorChange] = self.memory.rows("log", workspace_id)[::-1]
        return [row for row in rows if since <= row.at and (until is None or row.at < until)][:limit]

    async def teammates(self, workspace_id: WorkspaceId) -> list[Teammate]:
        return self.memory.rows("teammates", workspace_id)

    async def sweep(self, now: float) -> None:
        async with self.memory.writing() as tables:
            memory_writes.sweep(tables, now)
            memory_jobs.sweep(tables, now)
            self.memory.keep()

    async def close(self) -> None:
        """Nothing is held."""


def _rules(tables: dict[str, dict[Any, Any]], workspace_id: WorkspaceId) -> RawRules | None:
    if (workspace_id,) not in tables["workspaces"]:
        return None
    mine = {
        name: tuple(tables[name][key] for key in sorted(tables[name]) if key[0] == workspace_id)
        for name in ("attributes", "keys", "tokens")
    }
    version, it = tables["versions"][(workspace_id,)], tables["workspaces"][(workspace_id,)]
    kept = sorted(it.attribute_id for (where, _), it in tables["filters"].items() if where == workspace_id and it.kept)
    return RawRules(version, it, mine["attributes"], mine["keys"], mine["tokens"], tuple(kept))


def _found(rules: RawRules | None) -> RawRules:
    if rules is None:
        raise NotFound("There is no such workspace.", code="workspace_not_found")
    return rules
