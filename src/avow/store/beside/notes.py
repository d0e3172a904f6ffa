"""Where are notes written down? A row each, in the order of their ids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import select

from avow.flow.contract import Note, NoteId
from avow.store.engine.reader import Reader
from avow.store.engine.session import Session
from avow.store.engine.statement import Insert, Lookup
from avow.store.schema import note
from avow.trust.contact import Channel, ContactId, WorkspaceId

COLUMNS: Final = ("workspace_id", "contact_id", "id", "at", "channel", "actor", "author", "body")
_CHANNELS: Final = {str(channel): channel for channel in Channel}

OF_ID: Final = Lookup(note, ("workspace_id", "contact_id", "id"), COLUMNS)
ADD: Final = Insert(note, COLUMNS)


async def add(session: Session, notes: Iterable[Note]) -> None:
    """Write notes down."""
    ordered = sorted(notes, key=lambda one: (one.workspace_id, one.contact_id, one.id))
    await session.write(ADD, [_row(one) for one in ordered])


async def of_id(reader: Reader, workspace_id: WorkspaceId, contact_id: ContactId, note_id: NoteId) -> Note | None:
    """One note of a contact's."""
    rows = await reader.read(OF_ID, (workspace_id, contact_id, note_id))
    return _of_row(rows[0]) if rows else None


async def of_contact(
    reader: Reader, workspace_id: WorkspaceId, contact_id: ContactId, *, before: NoteId | None, limit: int
) -> list[Note]:
    """A contact's notes, newest first."""
    query = select(*(note.c[name] for name in COLUMNS)).where(
        note.c.workspace_id == workspace_id, note.c.contact_id == contact_id
    )
    if before is not None:
        query = query.where(note.c.id < before)
    return [_of_row(row) for row in await reader.rows(query.order_by(note.c.id.desc()).limit(limit))]


def _of_row(row: Any) -> Note:
    workspace_id, contact_id, number, at, channel, actor, author, body = row
    return Note(workspace_id, contact_id, number, at, _CHANNELS[channel], actor, author, body)


def _row(it: Note) -> tuple[Any, ...]:
    return it.workspace_id, it.contact_id, it.id, it.at, str(it.channel), it.actor, it.author, it.body
