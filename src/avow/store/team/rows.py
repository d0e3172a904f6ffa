"""How are those who sign in written down? The statements, and how a row becomes what it means.

Source: `flow/contract/team.py`, scale.md rules 6, 11.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from avow.flow.contract import Failures, Invitation, SecondFactor, Teammate, TeammateSession
from avow.store.engine.statement import Delete, Insert, Lookup, Update
from avow.store.schema import invitation, recovery_code, second_factor, sign_in_failure, teammate, teammate_session

TEAMMATE: Final = ("id", "workspace_id", "email", "name", "role", "password_hash", "created_at")
SESSION: Final = (
    "workspace_id",
    "digest",
    "teammate_id",
    "created_at",
    "last_seen_at",
    "address",
    "agent",
    "complete",
)
INVITATION: Final = ("workspace_id", "digest", "email", "role", "invited_by", "created_at", "expires_at")
FACTOR: Final = ("workspace_id", "teammate_id", "sealed", "created_at", "confirmed", "last_step")
FAILURE: Final = ("key", "count", "since", "last_at")
_HERS: Final = ("workspace_id", "teammate_id")

TEAMMATE_OF_ID: Final = Lookup(teammate, ("workspace_id", "id"), TEAMMATE)
TEAMMATES: Final = Lookup(teammate, ("workspace_id",), TEAMMATE)
PUT_TEAMMATE: Final = Insert(
    teammate,
    TEAMMATE,
    "(workspace_id, id) DO UPDATE SET email = excluded.email, name = excluded.name, role = excluded.role,"
    " password_hash = excluded.password_hash",
)
REMOVE_TEAMMATE: Final = Delete(teammate, ("workspace_id", "id"))

SESSION_OF_DIGEST: Final = Lookup(teammate_session, ("workspace_id", "digest"), SESSION)
SESSIONS: Final = Lookup(teammate_session, _HERS, SESSION)
BEGIN: Final = Insert(teammate_session, SESSION)
SEE: Final = Update(teammate_session, ("last_seen_at",), ("workspace_id", "digest"), newer="last_seen_at")
END: Final = Delete(teammate_session, ("workspace_id", "digest"))

INVITE: Final = Insert(invitation, INVITATION)
INVITATIONS: Final = Lookup(invitation, ("workspace_id",), INVITATION)
UNINVITE: Final = Delete(invitation, ("workspace_id", "digest"))

FACTOR_OF: Final = Lookup(second_factor, _HERS, FACTOR)
PUT_FACTOR: Final = Insert(
    second_factor,
    FACTOR,
    "(workspace_id, teammate_id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at,"
    " confirmed = excluded.confirmed, last_step = excluded.last_step",
)
TAKE_STEP: Final = Update(second_factor, ("last_step",), _HERS, newer="last_step")
DROP_FACTOR: Final = Delete(second_factor, _HERS)
CODES: Final = Lookup(recovery_code, _HERS, ("digest",))
PUT_CODES: Final = Insert(recovery_code, (*_HERS, "digest"))
TAKE_CODE: Final = Delete(recovery_code, (*_HERS, "digest"))
DROP_CODES: Final = Delete(recovery_code, _HERS)

FAILURES: Final = Lookup(sign_in_failure, ("key",), FAILURE)
NOTE: Final = Insert(sign_in_failure, FAILURE, "(key) DO NOTHING")
COUNT: Final = Insert(
    sign_in_failure,
    FAILURE,
    "(key) DO UPDATE SET count = CASE WHEN sign_in_failure.since < excluded.since THEN 1"
    " ELSE sign_in_failure.count + 1 END,"
    " since = CASE WHEN sign_in_failure.since < excluded.since THEN excluded.last_at ELSE sign_in_failure.since END,"
    " last_at = excluded.last_at",
)
"""One failure more. `since` comes as the moment from which on failures count: older ones are forgotten."""
UNCOUNT: Final = Update(sign_in_failure, (), ("key",), fixed="count = CASE WHEN count > 0 THEN count - 1 ELSE 0 END")
"""One failure less: it was none."""
FORGET: Final = Delete(sign_in_failure, ("key",))


def teammate_of(row: Sequence[Any]) -> Teammate:
    """A stored teammate."""
    return Teammate(*row)


def session_of(row: Sequence[Any]) -> TeammateSession:
    """A stored session."""
    workspace_id, digest, teammate_id, created_at, last_seen_at, address, agent, complete = row
    return TeammateSession(workspace_id, digest, teammate_id, created_at, last_seen_at, address, agent, bool(complete))


def invitation_of(row: Sequence[Any]) -> Invitation:
    """A stored invitation."""
    return Invitation(*row)


def factor_of(row: Sequence[Any]) -> SecondFactor:
    """A stored second factor, still sealed."""
    workspace_id, teammate_id, sealed, created_at, confirmed, last_step = row
    return SecondFactor(workspace_id, teammate_id, bytes(sealed), created_at, bool(confirmed), last_step)


def failures_of(row: Sequence[Any]) -> Failures:
    """Stored failures."""
    return Failures(*row)
