"""What may be read of what stands beside contacts: `flow.contract.BesideReads`, each noun from its own module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select, text

from avow.flow.contract import (
    Beside,
    EventPlace,
    EventRow,
    EventSummary,
    Note,
    NoteId,
    Tag,
    Tagging,
    TagId,
)
from avow.store import events
from avow.store.beside import notes, summaries, tags
from avow.store.engine.reader import Reader, Snapshot
from avow.store.schema import LISTED, contact, contact_tag, note
from avow.trust.contact import ContactId, Role, WorkspaceId

_ROLES: Final = {str(role): role for role in Role}


class BesideReader:
    """Reads beside the writers. What every method means is said in the contract."""

    _reader: Reader

    async def tags(self, workspace_id: WorkspaceId) -> list[Tag]:
        return await tags.every(self._reader, workspace_id)

    async def taggings(self, workspace_id: WorkspaceId, contact_id: ContactId) -> list[Tagging]:
        return await tags.of_contact(self._reader, workspace_id, contact_id)

    async def beside(
        self, workspace_id: WorkspaceId, contact_ids: Sequence[ContactId], *, notes: int
    ) -> dict[ContactId, Beside]:
        async with self._reader.snapshot() as snapshot:
            return await _beside(snapshot, workspace_id, contact_ids, notes)

    async def notes(
        self, workspace_id: WorkspaceId, contact_id: ContactId, *, before: NoteId | None, limit: int
    ) -> list[Note]:
        return await notes.of_contact(self._reader, workspace_id, contact_id, before=before, limit=limit)

    async def note(self, workspace_id: WorkspaceId, contact_id: ContactId, note_id: NoteId) -> Note | None:
        return await notes.of_id(self._reader, workspace_id, contact_id, note_id)

    async def events(
        self,
        workspace_id: WorkspaceId,
        contact_id: ContactId,
        *,
        since: float = 0.0,
        before: EventPlace | None = None,
        limit: int,
    ) -> list[EventRow]:
        return await events.of_contact(self._reader, workspace_id, contact_id, since=since, before=before, limit=limit)

    async def event_summaries(
        self, workspace_id: WorkspaceId, contact_id: ContactId, *, most: int
    ) -> list[EventSummary]:
        return await summaries.of_contact(self._reader, workspace_id, contact_id, most=most)

    async def ages(self, workspace_id: WorkspaceId, *, most: int) -> list[tuple[Role, float, float | None]]:
        query = select(contact.c.role, contact.c.created_at, contact.c.last_seen_at)
        mine = query.where(contact.c.workspace_id == workspace_id, text(LISTED)).limit(most)
        return [(_ROLES[role], created_at, seen_at) for role, created_at, seen_at in await self._reader.rows(mine)]


async def _beside(
    snapshot: Snapshot, workspace_id: WorkspaceId, contact_ids: Sequence[ContactId], most: int
) -> dict[ContactId, Beside]:
    """Two statements where there is nothing, which is nearly always."""
    worn = await _worn(snapshot, workspace_id, contact_ids)
    counted = select(note.c.contact_id, func.count()).where(
        note.c.workspace_id == workspace_id, note.c.contact_id.in_(contact_ids)
    )
    counts = {row[0]: row[1] for row in await snapshot.rows(counted.group_by(note.c.contact_id))}
    newest = {one: await _newest(snapshot, workspace_id, one, most) for one in counts}
    return {
        one: Beside(tuple(worn.get(one, ())), newest.get(one, ()), counts.get(one, 0))
        for one in dict.fromkeys((*worn, *counts))
    }


async def _worn(
    snapshot: Snapshot, workspace_id: WorkspaceId, contact_ids: Sequence[ContactId]
) -> dict[ContactId, list[TagId]]:
    query = select(contact_tag.c.contact_id, contact_tag.c.tag_id).where(
        contact_tag.c.workspace_id == workspace_id, contact_tag.c.contact_id.in_(contact_ids)
    )
    rows = await snapshot.rows(query.order_by(contact_tag.c.at, contact_tag.c.tag_id))
    if not rows:
        return {}
    ended = {row[1] for row in await snapshot.read(tags.OF_WORKSPACE, [(workspace_id,)]) if row[4] is not None}
    worn: dict[ContactId, list[TagId]] = {}
    for contact_id, tag_id in rows:
        if tag_id not in ended:
            worn.setdefault(contact_id, []).append(tag_id)
    return worn


async def _newest(
    snapshot: Snapshot, workspace_id: WorkspaceId, contact_id: ContactId, most: int
) -> tuple[NoteId, ...]:
    query = select(note.c.id).where(note.c.workspace_id == workspace_id, note.c.contact_id == contact_id)
    return tuple(row[0] for row in await snapshot.rows(query.order_by(note.c.id.desc()).limit(most)))
