"""How does a change of who may sign in reach the disk? In one session that holds the workspace's lock exclusively.

Source: `flow/contract/team.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

from avow.flow.contract import Invitation, OperatorChange, RecoveryCode, SecondFactor, Teammate, TeammateSession
from avow.store import workspaces
from avow.store.engine.session import Session
from avow.store.team import rows
from avow.trust.contact import WorkspaceId


class ChangeOfTeam:
    """`flow.contract.TeamTransaction` over one exclusive session."""

    def __init__(self, session: Session, workspace_id: WorkspaceId) -> None:
        self._session = session
        self._workspace_id = workspace_id

    @property
    def now(self) -> float:
        """The time of the change, Unix seconds."""
        return self._session.now

    async def teammates(self) -> list[Teammate]:
        """See the contract."""
        found = await self._session.read(rows.TEAMMATES, [(self._workspace_id,)])
        return sorted(map(rows.teammate_of, found), key=lambda one: (one.created_at, one.id))

    async def put_teammate(self, teammate: Teammate) -> None:
        """See the contract."""
        await self._session.write(rows.PUT_TEAMMATE, [tuple(getattr(teammate, name) for name in rows.TEAMMATE)])

    async def remove_teammate(self, teammate_id: str) -> None:
        """See the contract."""
        await self.end_sessions(teammate_id)
        await self.drop_second_factor(teammate_id)
        await self._session.write(rows.REMOVE_TEAMMATE, [(self._workspace_id, teammate_id)])

    async def invitations(self) -> list[Invitation]:
        """See the contract."""
        found = await self._session.read(rows.INVITATIONS, [(self._workspace_id,)])
        return sorted(map(rows.invitation_of, found), key=lambda one: (one.created_at, one.digest))

    async def put_invitation(self, invitation: Invitation) -> None:
        """See the contract."""
        await self._session.write(rows.INVITE, [tuple(getattr(invitation, name) for name in rows.INVITATION)])

    async def drop_invitation(self, digest: str) -> bool:
        """See the contract."""
        return await self._session.write(rows.UNINVITE, [(self._workspace_id, digest)]) > 0

    async def second_factor(self, teammate_id: str) -> SecondFactor | None:
        """See the contract."""
        found = await self._session.read(rows.FACTOR_OF, [(self._workspace_id, teammate_id)])
        return rows.factor_of(found[0]) if found else None

    async def put_second_factor(self, factor: SecondFactor, recovery: Sequence[RecoveryCode]) -> None:
        """See the contract."""
        await self._session.write(rows.PUT_FACTOR, [tuple(getattr(factor, name) for name in rows.FACTOR)])
        await self._session.write(rows.DROP_CODES, [(factor.workspace_id, factor.teammate_id)])
        codes = sorted((code.workspace_id, code.teammate_id, code.digest) for code in recovery)
        await self._session.write(rows.PUT_CODES, codes)

    async def drop_second_factor(self, teammate_id: str) -> None:
        """See the contract."""
        await self._session.write(rows.DROP_CODES, [(self._workspace_id, teammate_id)])
        await self._session.write(rows.DROP_FACTOR, [(self._workspace_id, teammate_id)])

    async def begin_session(self, session: TeammateSession) -> None:
        """See the contract."""
        await self._session.write(rows.BEGIN, [tuple(getattr(session, name) for name in rows.SESSION)])

    async def end_session(self, digest: str) -> bool:
        """See the contract."""
        return await self._session.write(rows.END, [(self._workspace_id, digest)]) > 0

    async def end_sessions(self, teammate_id: str, *, but: str = "") -> None:
        """See the contract."""
        found = map(rows.session_of, await self._session.read(rows.SESSIONS, [(self._workspace_id, teammate_id)]))
        ended = sorted((self._workspace_id, one.digest) for one in found if one.digest != but)
        await self._session.write(rows.END, ended)

    async def log(self, change: OperatorChange) -> None:
        """See the contract."""
        await workspaces.log(self._session, change)
