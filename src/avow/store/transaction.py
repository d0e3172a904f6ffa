"""How does a batch reach the disk, and how a change of rules? Table by table in a session, always in one order.

Every process writes its tables in this order and each table's rows in the order of their keys, so that two batches that
meet wait for each other instead of blocking each other. Source: `flow/contract.py`, scale.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from avow.errors import NotFound
from avow.flow.contract import Clock, KeyRow, LookupKey, OperatorChange, RawRules, Replay, SealedKey, Tally, Writes
from avow.store import (
    attributes,
    changes,
    contact_keys,
    contacts,
    counters,
    erasure,
    events,
    keys,
    retention,
    workspaces,
)
from avow.store.engine.session import Session
from avow.trust.access import AccessToken
from avow.trust.attribute import Attribute
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.policy import Policy

_NOTHING: Final = Tally()


class BatchTransaction:
    """`flow.contract.Transaction` over one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[ContactId, contacts.Identity] = {}

    async def clock(self) -> Clock:
        """See the contract."""
        return Clock(self._session.now, self._session.versions)

    async def rules(self, workspace_id: WorkspaceId) -> RawRules:
        """See the contract."""
        return await _rules(self._session, workspace_id)

    async def find(self, keys: Sequence[LookupKey]) -> list[KeyRow]:
        """See the contract."""
        return await contact_keys.find(self._session, keys)

    async def load(self, ids: Sequence[tuple[WorkspaceId, ContactId]]) -> list[Contact]:
        """See the contract."""
        found = await contacts.load(self._session, ids)
        for contact in found:
            self._known[contact.id] = contacts.identity_of(contact)
        return found

    async def replays(self, scopes: Sequence[tuple[WorkspaceId, str]]) -> list[Replay]:
        """See the contract."""
        return await events.answered(self._session, scopes)

    async def write(self, writes: Writes) -> None:
        """See the contract."""
        session = self._session
        if writes.erasures:
            writes = erasure.without_erased(writes)
        await contacts.save(session, writes.saves, self._known)
        if writes.erasures:
            await erasure.erase(session, writes.erasures)
        if writes.faded:
            await retention.let_go(session, writes.faded)
        if writes.drop_keys:
            await contact_keys.drop(session, writes.drop_keys)
        await contact_keys.put(session, writes.put_keys)
        for workspace_id, attribute in writes.attributes:
            await attributes.put(session, workspace_id, attribute)
        for workspace_id in sorted({workspace_id for workspace_id, _ in writes.attributes}):
            await workspaces.raise_version(session, workspace_id)
        await changes.tell(session, writes.outbox)
        await events.record(session, writes.events)
        await events.answer(session, writes.replays)
        if writes.tally != _NOTHING:
            await counters.add(session, writes.tally)

    async def commit(self) -> None:
        """See the contract."""
        await self._session.commit()


class ChangeOfRules:
    """`flow.contract.RulesTransaction` over one exclusive session."""

    def __init__(self, session: Session, workspace_id: WorkspaceId) -> None:
        self._session = session
        self._workspace_id = workspace_id
        self._raised = False

    @property
    def now(self) -> float:
        """The time of the change, Unix seconds."""
        return self._session.now

    async def rules(self) -> RawRules:
        """See the contract."""
        return await _rules(self._session, self._workspace_id)

    async def fingerprints(self) -> list[tuple[WorkspaceId, str, bytes]]:
        """See the contract."""
        return await keys.fingerprints(self._session, await self._family())

    async def put_attribute(self, attribute: Attribute) -> None:
        """See the contract."""
        await attributes.put(self._session, self._workspace_id, attribute)
        self._raised = True

    async def put_key(self, key: SealedKey) -> None:
        """See the contract."""
        await keys.put_key(self._session, await self._family(), key)
        self._raised = True

    async def put_access_token(self, token: AccessToken) -> None:
        """See the contract."""
        await keys.put_token(self._session, token)
        self._raised = True

    async def put_policy(self, policy: Policy) -> None:
        """See the contract."""
        await workspaces.set_policy(self._session, self._workspace_id, policy)
        self._raised = True

    async def log(self, change: OperatorChange) -> None:
        """See the contract."""
        await workspaces.log(self._session, change)

    async def finish(self) -> None:
        """Raise the version where something was put, and commit."""
        if self._raised:
            await workspaces.raise_version(self._session, self._workspace_id)
        await self._session.commit()

    async def _family(self) -> WorkspaceId:
        found = await self._session.read(workspaces.OF_ID, [(self._workspace_id,)])
        return workspaces.family_of(workspaces.of_row(found[0])) if found else self._workspace_id


async def _rules(session: Session, workspace_id: WorkspaceId) -> RawRules:
    found = await workspaces.rules_of(session, workspace_id)
    if found is None:
        raise NotFound(f"There is no workspace {workspace_id!r}. Check the id.", code="workspace_not_found")
    return found
