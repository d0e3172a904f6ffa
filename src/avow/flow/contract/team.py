"""What the flows ask of a database about the people who sign in: teammates, sessions, invitations, second factors.

- What somebody holds in her hand (a session's cookie, an invitation's link, a recovery code) is known here only by its
  digest (hex SHA-256), and a second factor's secret only sealed: who reads the database signs in nowhere.
- A `TeamTransaction` holds the workspace's lock exclusively: of two that take the last owner's role away, the second
  sees what the first has done; whoever comes in is looked at once more where her session begins. What `TeamStore`
  writes by itself is one statement each.

Source: spec §11 (roles, sessions stored hashed).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from avow.flow.contract.rows import OperatorChange, Teammate
from avow.trust.contact import WorkspaceId


class TeammateSession(msgspec.Struct, frozen=True):
    """A browser in which somebody signed in. `complete` is False while her second factor is still asked for."""

    workspace_id: WorkspaceId
    digest: str
    teammate_id: str
    created_at: float
    last_seen_at: float
    address: str
    agent: str
    complete: bool


class Invitation(msgspec.Struct, frozen=True):
    """Somebody who may become a teammate, by the link whose digest this is. Times are Unix seconds."""

    workspace_id: WorkspaceId
    digest: str
    email: str
    role: str
    invited_by: str
    created_at: float
    expires_at: float


class SecondFactor(msgspec.Struct, frozen=True):
    """A teammate's one-time codes: the secret, sealed, and the last step (30 s) whose code was used.

    Until `confirmed`, nobody is asked for a code.
    """

    workspace_id: WorkspaceId
    teammate_id: str
    sealed: bytes
    created_at: float
    confirmed: bool
    last_step: int


class RecoveryCode(msgspec.Struct, frozen=True):
    """One way back for who has lost her second factor; used once."""

    workspace_id: WorkspaceId
    teammate_id: str
    digest: str


class Failures(msgspec.Struct, frozen=True):
    """How often signing in has failed lately: for an address of somebody, known or not, by a keyed digest of both."""

    key: str
    count: int
    since: float
    last_at: float


class TeamTransaction(Protocol):
    """One change of who may sign in and do what; it commits on leaving its block. What is read is as it stands now.

    `end_session` says whether it was there; `end_sessions` leaves the one whose digest is `but`.
    """

    @property
    def now(self) -> float: ...
    async def teammates(self) -> list[Teammate]: ...
    async def put_teammate(self, teammate: Teammate) -> None: ...
    async def remove_teammate(self, teammate_id: str) -> None: ...
    async def invitations(self) -> list[Invitation]: ...
    async def put_invitation(self, invitation: Invitation) -> None: ...
    async def drop_invitation(self, digest: str) -> bool: ...
    async def second_factor(self, teammate_id: str) -> SecondFactor | None: ...
    async def put_second_factor(self, factor: SecondFactor, recovery: Sequence[RecoveryCode]) -> None: ...
    async def drop_second_factor(self, teammate_id: str) -> None: ...
    async def begin_session(self, session: TeammateSession) -> None: ...
    async def end_session(self, digest: str) -> bool: ...
    async def end_sessions(self, teammate_id: str, *, but: str = "") -> None: ...
    async def log(self, change: OperatorChange) -> None: ...


class TeamStore(Protocol):
    """Reads, and the small writes of signing in. Lists come oldest first, sessions the one seen last first.

    `take_step` and `take_recovery_code` say whether this was the first use; a second one is False, whoever is faster.
    `put_teammate` raises `WriteConflict` where somebody else of the workspace has the e-mail address.
    `uncount_failure` takes one of what was counted back; nothing goes below none.
    """

    async def by_email(self, folded_email: str) -> list[Teammate]: ...
    async def session(self, workspace_id: WorkspaceId, digest: str) -> tuple[TeammateSession, Teammate] | None: ...
    async def sessions(self, workspace_id: WorkspaceId, teammate_id: str) -> list[TeammateSession]: ...
    async def see_session(self, workspace_id: WorkspaceId, digest: str, at: float) -> None: ...
    async def end_session(self, workspace_id: WorkspaceId, digest: str) -> bool: ...

    async def invitations(self, workspace_id: WorkspaceId) -> list[Invitation]: ...
    async def second_factor(self, workspace_id: WorkspaceId, teammate_id: str) -> SecondFactor | None: ...
    async def recovery_codes(self, workspace_id: WorkspaceId, teammate_id: str) -> int: ...
    async def take_step(self, workspace_id: WorkspaceId, teammate_id: str, step: int) -> bool: ...
    async def take_recovery_code(self, code: RecoveryCode) -> bool: ...

    async def failures(self, keys: Sequence[str]) -> list[Failures]: ...
    async def count_failures(self, keys: Sequence[str], now: float, *, within: float) -> None: ...
    async def uncount_failure(self, key: str) -> None: ...
    async def forget_failures(self, keys: Sequence[str]) -> None: ...
