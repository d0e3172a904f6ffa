"""Where is a workspace written down? With its policy, its people and what they changed; its rules are read as one.

Whoever changes what may be believed raises `rules_version` in the same transaction. A reader that sees a version has
seen at least those rules, because the version is read first. Source: spec §1, §2 (exact lock), §11.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import select

from avow.flow.contract import OperatorChange, RawRules, SealedKey, Teammate, Workspace
from avow.store import attributes, keys
from avow.store.engine.reader import Reader
from avow.store.engine.session import Row, Session
from avow.store.engine.statement import Insert, Lookup, Update
from avow.store.schema import operator_change, teammate, workspace
from avow.store.search import filters
from avow.trust.access import AccessToken
from avow.trust.contact import WorkspaceId
from avow.trust.policy import Policy, WorkspaceKind

_COLUMNS: Final = ("id", "name", "kind", "timezone", "policy", "created_at", "production_id", "rules_version")
_TEAMMATE: Final = ("id", "workspace_id", "email", "name", "role", "password_hash", "created_at")
_LOG: Final = ("workspace_id", "id", "at", "actor", "action", "subject", "before", "after")

OF_ID: Final = Lookup(workspace, ("id",), _COLUMNS)
CREATE: Final = Insert(workspace, _COLUMNS)
HIRE: Final = Insert(teammate, _TEAMMATE)
SET_POLICY: Final = Update(workspace, ("policy",), ("id",))
DESCRIBE: Final = Update(workspace, ("name", "timezone"), ("id",))
RAISE: Final = Update(workspace, (), ("id",), fixed="rules_version = rules_version + 1")
LOG: Final = Insert(operator_change, _LOG)

_decode_policy = msgspec.json.Decoder(Policy).decode
_encode = msgspec.json.Encoder().encode


class Reading(Protocol):
    """A transaction or a snapshot."""

    async def read(self, lookup: Lookup, keys: Sequence[Row]) -> Sequence[Row]:
        """The rows of all these keys."""


async def rules_of(reading: Reading, workspace_id: WorkspaceId) -> RawRules | None:
    """Everything weighing needs of a workspace; the version first."""
    found = await reading.read(OF_ID, [(workspace_id,)])
    if not found:
        return None
    stored = await reading.read(attributes.OF_WORKSPACE, [(workspace_id,)])
    sealed = await reading.read(keys.KEYS, [(workspace_id,)])
    tokens = await reading.read(keys.TOKENS, [(workspace_id,)])
    indexed = await reading.read(filters.OF_WORKSPACE, [(workspace_id,)])
    return RawRules(
        found[0][-1],
        of_row(found[0]),
        tuple(sorted(map(attributes.of_row, stored), key=lambda it: it.id)),
        tuple(sorted(map(keys.key_of_row, sealed), key=lambda key: key.kid)),
        tuple(sorted(map(keys.token_of_row, tokens), key=lambda token: token.id)),
        tuple(sorted(it.attribute_id for it in map(filters.of_row, indexed) if it.kept)),
    )


def of_row(row: Sequence[Any]) -> Workspace:
    """A stored workspace."""
    number, name, kind, timezone, policy, created_at, production_id, _ = row
    return Workspace(number, name, WorkspaceKind(kind), timezone, _decode_policy(policy), created_at, production_id)


def family_of(it: Workspace) -> WorkspaceId:
    """The production workspace that a workspace is, or belongs to."""
    return it.production_id or it.id


async def create(session: Session, workspaces: Sequence[Workspace], teammates: Sequence[Teammate]) -> None:
    """Make workspaces, production ones first, and their first teammates."""
    for it in sorted(workspaces, key=lambda one: one.production_id is not None):
        facts = (it.id, it.name, str(it.kind), it.timezone, _encode(it.policy).decode())
        await session.write(CREATE, [(*facts, it.created_at, it.production_id, 1)])
    await session.write(HIRE, [msgspec.structs.astuple(one) for one in teammates])


async def furnish(
    session: Session,
    new: Sequence[Workspace],
    sealed: Sequence[SealedKey],
    tokens: Sequence[AccessToken],
    changes: Sequence[OperatorChange],
) -> None:
    """Give workspaces that have just been made their first keys, access tokens and log."""
    families = {it.id: family_of(it) for it in new}
    for key in sealed:
        await keys.put_key(session, families[key.workspace_id], key)
    for token in tokens:
        await keys.put_token(session, token)
    for change in changes:
        await log(session, change)


async def set_policy(session: Session, workspace_id: WorkspaceId, policy: Policy) -> None:
    """Replace a workspace's settings."""
    await session.write(SET_POLICY, [(_encode(policy).decode(), workspace_id)])


async def describe(session: Session, workspace_id: WorkspaceId, name: str, timezone: str) -> None:
    """Give a workspace another name or time zone."""
    await session.write(DESCRIBE, [(name, timezone, workspace_id)])


async def raise_version(session: Session, workspace_id: WorkspaceId) -> None:
    """Tell every process that what may be believed has changed."""
    await session.write(RAISE, [(workspace_id,)])


async def log(session: Session, it: OperatorChange) -> None:
    """Write down what somebody changed about the rules."""
    await session.write(LOG, [msgspec.structs.astuple(it)])


async def every(reader: Reader) -> list[Workspace]:
    """All workspaces, oldest first."""
    rows = await reader.rows(
        select(*(workspace.c[name] for name in _COLUMNS)).order_by(workspace.c.created_at, workspace.c.id)
    )
    return [of_row(row) for row in rows]


async def versions(reader: Reader) -> dict[WorkspaceId, int]:
    """The version of every workspace's rules."""
    return {row[0]: row[1] for row in await reader.rows(select(workspace.c.id, workspace.c.rules_version))}


async def logged(
    reader: Reader, workspace_id: WorkspaceId, *, limit: int, since: float, until: float | None
) -> list[OperatorChange]:
    """What was changed about the rules, newest first."""
    query = select(*(operator_change.c[name] for name in _LOG)).where(
        operator_change.c.workspace_id == workspace_id, operator_change.c.at >= since
    )
    if until is not None:
        query = query.where(operator_change.c.at < until)
    rows = await reader.rows(query.order_by(operator_change.c.at.desc(), operator_change.c.id.desc()).limit(limit))
    return [OperatorChange(*row) for row in rows]


async def teammates_of(reader: Reader, workspace_id: WorkspaceId) -> list[Teammate]:
    """Who works there, by e-mail."""
    query = select(*(teammate.c[name] for name in _TEAMMATE)).where(teammate.c.workspace_id == workspace_id)
    return [Teammate(*row) for row in await reader.rows(query.order_by(teammate.c.email))]
