"""Who may sign in to a store without a disk? The team's half of the contract over dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from avow.flow.contract import (
    Failures,
    Invitation,
    OperatorChange,
    RecoveryCode,
    SecondFactor,
    Teammate,
    TeammateSession,
    WriteConflict,
)
from avow.trust.contact import WorkspaceId
from tests.support.memory_tables import Memory, Table


class MemoryTeam:
    """`flow.contract.TeamStore`."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def by_email(self, folded_email: str) -> list[Teammate]:
        found = [one for one in self._memory.rows("teammates") if one.email.lower() == folded_email]
        return sorted(found, key=lambda one: one.created_at)

    async def session(self, workspace_id: WorkspaceId, digest: str) -> tuple[TeammateSession, Teammate] | None:
        session = self._memory.tables["sessions"].committed.get((workspace_id, digest))
        if session is None:
            return None
        whose = [one for one in self._memory.rows("teammates", workspace_id) if one.id == session.teammate_id]
        return session, whose[0]

    async def sessions(self, workspace_id: WorkspaceId, teammate_id: str) -> list[TeammateSession]:
        found = [one for one in self._memory.rows("sessions", workspace_id) if one.teammate_id == teammate_id]
        return sorted(found, key=lambda one: -one.last_seen_at)

    async def see_session(self, workspace_id: WorkspaceId, digest: str, at: float) -> None:
        async with self._memory.writing() as tables:
            session = tables["sessions"].get((workspace_id, digest))
            if session is not None and session.last_seen_at < at:
                seen = msgspec.structs.replace(session, last_seen_at=at)
                tables["sessions"].put((workspace_id, digest), seen)
                self._memory.keep()

    async def end_session(self, workspace_id: WorkspaceId, digest: str) -> bool:
        return await self._take("sessions", (workspace_id, digest))

    async def invitations(self, workspace_id: WorkspaceId) -> list[Invitation]:
        found = self._memory.rows("invitations", workspace_id)
        return sorted(found, key=lambda one: (one.created_at, one.digest))

    async def second_factor(self, workspace_id: WorkspaceId, teammate_id: str) -> SecondFactor | None:
        return self._memory.tables["factors"].committed.get((workspace_id, teammate_id))

    async def recovery_codes(self, workspace_id: WorkspaceId, teammate_id: str) -> int:
        return len(self._memory.rows("codes", workspace_id, teammate_id))

    async def take_step(self, workspace_id: WorkspaceId, teammate_id: str, step: int) -> bool:
        async with self._memory.writing() as tables:
            factor = tables["factors"].get((workspace_id, teammate_id))
            if factor is None or factor.last_step >= step:
                return False
            tables["factors"].put((workspace_id, teammate_id), msgspec.structs.replace(factor, last_step=step))
            self._memory.keep()
        return True

    async def take_recovery_code(self, code: RecoveryCode) -> bool:
        return await self._take("codes", (code.workspace_id, code.teammate_id, code.digest))

    async def failures(self, keys: Sequence[str]) -> list[Failures]:
        committed = self._memory.tables["failures"].committed
        return [committed[key,] for key in keys if (key,) in committed]

    async def count_failures(self, keys: Sequence[str], now: float, *, within: float) -> None:
        async with self._memory.writing() as tables:
            for key in keys:
                kept = tables["failures"].get((key,))
                fresh = kept is None or kept.since < now - within
                row = Failures(key, 1, now, now) if fresh else Failures(key, kept.count + 1, kept.since, now)
                tables["failures"].put((key,), row)
            self._memory.keep()

    async def uncount_failure(self, key: str) -> None:
        async with self._memory.writing() as tables:
            kept = tables["failures"].get((key,))
            if kept is not None:
                tables["failures"].put((key,), msgspec.structs.replace(kept, count=max(0, kept.count - 1)))
                self._memory.keep()

    async def forget_failures(self, keys: Sequence[str]) -> None:
        for key in keys:
            await self._take("failures", (key,))

    async def _take(self, name: str, key: tuple[str, ...]) -> bool:
        async with self._memory.writing() as tables:
            if tables[name].get(key) is None:
                return False
            tables[name].drop(key)
            self._memory.keep()
        return True


class MemoryTeamTransaction:
    """`flow.contract.TeamTransaction`."""

    def __init__(self, tables: dict[str, Table], now: float, workspace_id: WorkspaceId) -> None:
        self._tables = tables
        self._now = now
        self._workspace_id = workspace_id

    @property
    def now(self) -> float:
        return self._now

    async def teammates(self) -> list[Teammate]:
        found = [one for key, one in self._tables["teammates"].items() if key[0] == self._workspace_id]
        return sorted(found, key=lambda one: (one.created_at, one.id))

    async def put_teammate(self, teammate: Teammate) -> None:
        for one in await self.teammates():
            if one.email == teammate.email and one.id != teammate.id:
                raise WriteConflict("Somebody else has this e-mail address.")
        self._remove("teammates", lambda one: one.id == teammate.id)
        self._tables["teammates"].put((teammate.workspace_id, teammate.email), teammate)

    async def remove_teammate(self, teammate_id: str) -> None:
        await self.end_sessions(teammate_id)
        await self.drop_second_factor(teammate_id)
        self._remove("teammates", lambda one: one.id == teammate_id)

    async def invitations(self) -> list[Invitation]:
        found = [one for key, one in self._tables["invitations"].items() if key[0] == self._workspace_id]
        return sorted(found, key=lambda one: (one.created_at, one.digest))

    async def put_invitation(self, invitation: Invitation) -> None:
        self._tables["invitations"].put((invitation.workspace_id, invitation.digest), invitation)

    async def drop_invitation(self, digest: str) -> bool:
        return self._dropped("invitations", digest)

    async def second_factor(self, teammate_id: str) -> SecondFactor | None:
        found: SecondFactor | None = self._tables["factors"].get((self._workspace_id, teammate_id))
        return found

    async def put_second_factor(self, factor: SecondFactor, recovery: Sequence[RecoveryCode]) -> None:
        await self.drop_second_factor(factor.teammate_id)
        self._tables["factors"].put((factor.workspace_id, factor.teammate_id), factor)
        for code in recovery:
            self._tables["codes"].put((code.workspace_id, code.teammate_id, code.digest), code)

    async def drop_second_factor(self, teammate_id: str) -> None:
        for name in ("codes", "factors"):
            self._remove(name, lambda one: one.teammate_id == teammate_id)

    async def begin_session(self, session: TeammateSession) -> None:
        self._tables["sessions"].put((session.workspace_id, session.digest), session)

    async def end_session(self, digest: str) -> bool:
        return self._dropped("sessions", digest)

    async def end_sessions(self, teammate_id: str, *, but: str = "") -> None:
        self._remove("sessions", lambda one: one.teammate_id == teammate_id and one.digest != but)

    async def log(self, change: OperatorChange) -> None:
        self._tables["log"].put((change.workspace_id, change.at, change.id), change)

    def _dropped(self, name: str, digest: str) -> bool:
        known = self._tables[name].get((self._workspace_id, digest)) is not None
        self._tables[name].drop((self._workspace_id, digest))
        return known

    def _remove(self, name: str, unwanted: Callable[..., bool]) -> None:
        for key, one in self._tables[name].items():
            if key[0] == self._workspace_id and unwanted(one):
                self._tables[name].drop(key)
