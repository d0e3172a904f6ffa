"""How are contacts read from a store without a disk? By id, by key, in lists, and what became part of them."""

from __future__ import annotations

from collections.abc import Sequence

from avow.flow.contract import MOST_OF_ADDRESS, KeyRow, LookupKey, Shelf
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId
from tests.support.memory_tables import Memory


class ContactReads:
    """The part of `flow.contract.Store` that reads contacts and their keys."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    async def contact(self, workspace_id: WorkspaceId, contact_id: ContactId) -> Contact | None:
        found: Contact | None = self.memory.tables["contacts"].committed.get((workspace_id, contact_id))
        return found

    async def find(self, key: LookupKey) -> list[KeyRow]:
        holders = self.memory.tables["lookups"].committed.get((key.workspace_id, key.kind, key.value), {})
        return [*holders.values()][: MOST_OF_ADDRESS + 1]

    async def keys_of(self, workspace_id: WorkspaceId, contact_id: ContactId) -> list[KeyRow]:
        rows = [row for holders in self.memory.rows("lookups", workspace_id) for row in holders.values()]
        mine = [row for row in rows if row.contact_id == contact_id]
        return sorted(mine, key=lambda row: (row.key.kind, row.key.value))

    async def contacts(
        self,
        workspace_id: WorkspaceId,
        *,
        before: ContactId | None,
        limit: int,
        most: int,
        shelf: Shelf = Shelf.LISTED,
    ) -> tuple[list[Contact], int]:
        rows = [it for it in self.memory.rows("contacts", workspace_id) if it.role is not Role.VISITOR]
        listed = [it for it in reversed(rows) if it.merged_into is None and _stands_on(it, shelf)]
        return [it for it in listed if before is None or it.id < before][:limit], min(len(listed), most)

    async def merged(
        self,
        workspace_id: WorkspaceId,
        into: Sequence[ContactId],
        *,
        past: tuple[float, ContactId] | None,
        limit: int,
        oldest_first: bool = False,
    ) -> list[Contact]:
        rows = [it for it in self.memory.rows("contacts", workspace_id) if it.merged_into in into]
        leads = {(it.updated_at, it.id): it for it in rows if it.role is not Role.VISITOR}
        places = sorted(leads, reverse=not oldest_first)
        follows = [it for it in places if past is None or (it > past if oldest_first else it < past)]
        return [leads[place] for place in follows[:limit]]


def _stands_on(it: Contact, shelf: Shelf) -> bool:
    if shelf is Shelf.LISTED:
        return it.archived_at is None and it.blocked_at is None
    return (it.archived_at if shelf is Shelf.ARCHIVED else it.blocked_at) is not None
