"""Where are sessions, invitations and second factors written down? One small statement for each step of signing in.

Source: `flow/contract/team.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Select, func, select

from avow.flow.contract import Failures, Invitation, RecoveryCode, SecondFactor, Teammate, TeammateSession
from avow.store.engine.clearing import clear
from avow.store.engine.session import Engine, Row
from avow.store.engine.statement import Delete, Writing
from avow.store.schema import invitation, sign_in_failure, teammate, teammate_session
from avow.store.team import rows
from avow.trust.contact import WorkspaceId

_DAY: Final = 86_400
KEPT_SESSIONS: Final = 31 * _DAY
"""A session that was not used for so long is no more."""
KEPT_FAILURES: Final = 3_600
"""Longer than failures count: whoever tries one address after the other fills no disk."""


class Team:
    """`flow.contract.TeamStore` over one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.reader

    async def by_email(self, folded_email: str) -> list[Teammate]:
        """See the contract."""
        query = select(*(teammate.c[name] for name in rows.TEAMMATE)).where(
            func.lower(teammate.c.email) == folded_email
        )
        return [rows.teammate_of(row) for row in await self._reader.rows(query.order_by(teammate.c.created_at))]

    async def session(self, workspace_id: WorkspaceId, digest: str) -> tuple[TeammateSession, Teammate] | None:
        """See the contract."""
        async with self._reader.snapshot() as snapshot:
            found = await snapshot.read(rows.SESSION_OF_DIGEST, [(workspace_id, digest)])
            if not found:
                return None
            session = rows.session_of(found[0])
            (whose,) = await snapshot.read(rows.TEAMMATE_OF_ID, [(workspace_id, session.teammate_id)])
            return session, rows.teammate_of(whose)

    async def sessions(self, workspace_id: WorkspaceId, teammate_id: str) -> list[TeammateSession]:
        """See the contract."""
        found = await self._reader.read(rows.SESSIONS, (workspace_id, teammate_id))
        return sorted(map(rows.session_of, found), key=lambda one: -one.last_seen_at)

    async def see_session(self, workspace_id: WorkspaceId, digest: str, at: float) -> None:
        """See the contract."""
        await self._write(rows.SEE, [(at, workspace_id, digest, at)])

    async def end_session(self, workspace_id: WorkspaceId, digest: str) -> bool:
        """See the contract."""
        return await self._write(rows.END, [(workspace_id, digest)]) > 0

    async def invitations(self, workspace_id: WorkspaceId) -> list[Invitation]:
        """See the contract."""
        found = await self._reader.read(rows.INVITATIONS, (workspace_id,))
        return sorted(map(rows.invitation_of, found), key=lambda one: (one.created_at, one.digest))

    async def second_factor(self, workspace_id: WorkspaceId, teammate_id: str) -> SecondFactor | None:
        """See the contract."""
        found = await self._reader.read(rows.FACTOR_OF, (workspace_id, teammate_id))
        return rows.factor_of(found[0]) if found else None

    async def recovery_codes(self, workspace_id: WorkspaceId, teammate_id: str) -> int:
        """See the contract."""
        return len(await self._reader.read(rows.CODES, (workspace_id, teammate_id)))

    async def take_step(self, workspace_id: WorkspaceId, teammate_id: str, step: int) -> bool:
        """See the contract."""
        return await self._write(rows.TAKE_STEP, [(step, workspace_id, teammate_id, step)]) > 0

    async def take_recovery_code(self, code: RecoveryCode) -> bool:
        """See the contract."""
        return await self._write(rows.TAKE_CODE, [(code.workspace_id, code.teammate_id, code.digest)]) > 0

    async def failures(self, keys: Sequence[str]) -> list[Failures]:
        """See the contract."""
        return [rows.failures_of(row) for key in keys for row in await self._reader.read(rows.FAILURES, (key,))]

    async def count_failures(self, keys: Sequence[str], now: float, *, within: float) -> None:
        """See the contract."""
        async with self._engine.shared([]) as session:
            await session.write(rows.NOTE, [(key, 0, now, now) for key in sorted(keys)])
            await session.write(rows.COUNT, [(key, 1, now - within, now) for key in sorted(keys)])
            await session.commit()

    async def uncount_failure(self, key: str) -> None:
        """See the contract."""
        await self._write(rows.UNCOUNT, [(key,)])

    async def forget_failures(self, keys: Sequence[str]) -> None:
        """See the contract."""
        await self._write(rows.FORGET, [(key,) for key in sorted(keys)])

    async def _write(self, statement: Writing, found: Sequence[Row]) -> int:
        async with self._engine.shared([]) as session:
            touched = await session.write(statement, found)
            await session.commit()
        return touched


async def sweep(engine: Engine, now: float) -> None:
    """Remove sessions, invitations and failures that nobody comes back to."""
    for removal, old in too_old(now):
        await clear(engine, old, removal)


def too_old(now: float) -> Iterator[tuple[Delete, Select[Any]]]:
    """What that is at `now` (Unix seconds): found by its time, and removed by its key."""
    session, failure = teammate_session.c, sign_in_failure.c
    yield rows.END, select(session.workspace_id, session.digest).where(session.last_seen_at < now - KEPT_SESSIONS)
    old = invitation.c.expires_at < now - _DAY
    yield rows.UNINVITE, select(invitation.c.workspace_id, invitation.c.digest).where(old)
    yield rows.FORGET, select(failure.key).where(failure.last_at < now - KEPT_FAILURES)
