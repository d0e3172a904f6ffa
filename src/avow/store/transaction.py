"""How does a batch reach the disk, and how a change of rules? Table by table in a session, always in one order.

Every process writes its tables in this order and each table's rows in the order of their keys, so that two batches that
meet wait for each other instead of blocking each other. Source: `flow/contract.py`, scale.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from avow.errors import NotFound
from avow.flow.contract import (
    Clock,
    Filter,
    FilterValue,
    Job,
    KeyRow,
    LookupKey,
    OperatorChange,
    RawRules,
    Replay,
    SealedKey,
    Tag,
    Tagging,
    TagId,
    Tally,
    Writes,
)
from avow.store import (
    attributes,
    beside,
    changes,
    contact_keys,
    contacts,
    counters,
    erasure,
    events,
    jobs,
    keys,
    retention,
    workspaces,
)
from avow.store.beside import tags
from avow.store.engine.recent import Recent
from avow.store.engine.session import Session
from avow.store.search import filters
from avow.trust.access import AccessToken
from avow.trust.attribute import Attribute
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.policy import Policy

_NOTHING: Final = Tally()


class BatchTransaction:
    """`flow.contract.Transaction` over one session."""

    def __init__(self, session: Session, recent: Recent[contacts.Holdings]) -> None:
        self._session = session
        self._recent = recent
        self._loaded: dict[ContactId, Contact] = {}

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
        found = await contacts.load(self._session, ids, self._recent)
        for contact in found:
            self._loaded[contact.id] = contact
        return found

    async def tags(self, workspace_id: WorkspaceId) -> list[Tag]:
        """See the contract."""
        return await tags.of_workspace(self._session, workspace_id)

    async def taggings(self, ids: Sequence[tuple[WorkspaceId, ContactId]]) -> list[Tagging]:
        """See the contract."""
        return await tags.worn(self._session, ids)

    async def replays(self, scopes: Sequence[tuple[WorkspaceId, str]]) -> list[Replay]:
        """See the contract."""
        return await events.answered(self._session, scopes)

    async def jobs(self, ids: Sequence[tuple[WorkspaceId, str]]) -> list[Job]:
        """See the contract."""
        return await jobs.load(self._session, ids)

    async def write(self, writes: Writes) -> None:
        """See the contract."""
        session = self._session
        if writes.erasures:
            writes = erasure.without_erased(writes)
        await contacts.save(session, writes.saves, self._loaded, self._recent)
        if writes.erasures:
            for one in writes.erasures:
                self._recent.forget(one.contact_id)
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
        if writes.beside:
            await beside.write(session, writes.beside)
        if writes.filter_values:
            await filters.put_values(session, writes.filter_values)
        if writes.jobs:
            await jobs.save(session, writes.jobs)
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

    async def put_workspace(self, name: str, timezone: str) -> None:
        """See the contract."""
        await workspaces.describe(self._session, self._workspace_id, name, timezone)
        self._raised = True

    async def replay(self, scope: str) -> Replay | None:
        """See the contract."""
        return next(iter(await events.answered(self._session, [(self._workspace_id, scope)])), None)

    async def put_replay(self, replay: Replay) -> None:
        """See the contract."""
        await events.answer(self._session, [replay])

    async def tags(self) -> list[Tag]:
        """See the contract."""
        return await tags.of_workspace(self._session, self._workspace_id)

    async def put_tag(self, tag: Tag) -> None:
        """See the contract."""
        await tags.put(self._session, tag)

    async def drop_tag(self, tag_id: TagId) -> None:
        """See the contract."""
        await tags.end(self._session, self._workspace_id, tag_id)

    async def filters(self) -> list[Filter]:
        """See the contract."""
        return await filters.of_workspace(self._session, self._workspace_id)

    async def put_filter(self, it: Filter, *, told: bool) -> None:
        """See the contract."""
        await filters.put(self._session, self._workspace_id, it)
        self._raised = self._raised or told

    async def drop_filter(self, attribute_id: int) -> None:
        """See the contract."""
        await filters.drop(self._session, self._workspace_id, attribute_id)

    async def contacts(self, ids: tuple[ContactId, ...]) -> list[Contact]:
        """See the contract."""
        return await contacts.load(self._session, [(self._workspace_id, contact_id) for contact_id in ids])

    async def put_filter_values(self, values: tuple[FilterValue, ...]) -> None:
        """See the contract."""
        await filters.put_values(self._session, values)

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
