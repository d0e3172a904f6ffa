"""What does a store without a disk keep beside contacts? Tags, notes and events, as the contract says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from avow.flow.contract import (
    Additions,
    Beside,
    EventPlace,
    EventRow,
    EventSummary,
    Move,
    Note,
    NoteId,
    Tag,
    Tagging,
    TagId,
    WriteConflict,
)
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId
from avow.trust.weighing.names import fold
from tests.support.memory_tables import Memory, Table

OWNED = ("events", "taggings", "notes", "summaries")
"""Tables whose rows go with their contact."""


class TagTables:
    """What a transaction sees of tags."""

    _tables: dict[str, Table]

    def _tags(self, workspace_id: WorkspaceId) -> list[Tag]:
        found = [tag for place, tag in self._tables["tags"].items() if place[0] == workspace_id]
        return sorted(found, key=lambda tag: fold(tag.name))


class BatchTags(TagTables):
    """`flow.contract.beside.BesideTransaction`."""

    async def tags(self, workspace_id: WorkspaceId) -> list[Tag]:
        return self._tags(workspace_id)

    async def taggings(self, ids: Sequence[tuple[WorkspaceId, ContactId]]) -> list[Tagging]:
        return [one for place, one in self._tables["taggings"].items() if place[:2] in ids]


class TagRules(TagTables):
    """`flow.contract.beside.TagChanges`."""

    _workspace_id: WorkspaceId

    async def tags(self) -> list[Tag]:
        return self._tags(self._workspace_id)

    async def put_tag(self, tag: Tag) -> None:
        others = [one for one in await self.tags() if one.id != tag.id]
        if fold(tag.name) in {fold(one.name) for one in others}:
            raise WriteConflict("Another tag has this name.")
        self._tables["tags"].put((tag.workspace_id, tag.id), tag)

    async def drop_tag(self, tag_id: TagId) -> None:
        self._tables["tags"].drop((self._workspace_id, tag_id))
        for place, one in self._tables["taggings"].items():
            if (one.workspace_id, one.tag_id) == (self._workspace_id, tag_id):
                self._tables["taggings"].drop(place)


def apply(tables: Mapping[str, Any], additions: Additions, gone: set[tuple[WorkspaceId, ContactId]]) -> None:
    """Write what a batch adds beside contacts, but for those that it erases."""
    added: list[tuple[str, Any, Any]] = []
    added += [("taggings", (one.workspace_id, one.contact_id, one.tag_id), one) for one in additions.tagged]
    added += [("notes", (one.workspace_id, one.contact_id, one.id), one) for one in additions.notes]
    added += [("summaries", (one.workspace_id, one.contact_id, one.name), one) for one in additions.summaries]
    for one in additions.untagged:
        tables["taggings"].drop((one.workspace_id, one.contact_id, one.tag_id))
    for name, place, row in added:
        if place[:2] not in gone:
            if tables["contacts"].get(place[:2]) is None:
                raise WriteConflict("The contact is gone.")
            tables[name].put(place, row)
    for move in additions.moves:
        if (move.workspace_id, move.into) not in gone:
            _hand_over(tables, move)


def _hand_over(tables: Mapping[str, Any], move: Move) -> None:
    for name in ("events", "notes", "taggings"):
        for place, row in tables[name].items():
            if place[:2] != (move.workspace_id, move.source):
                continue
            new = (move.workspace_id, move.into, *place[2:])
            kept = tables[name].get(new)
            if kept is None or (name != "notes" and row.verified and not kept.verified):
                tables[name].put(new, msgspec.structs.replace(row, contact_id=move.into))
            tables[name].drop(place)


class BesideTables:
    """`flow.contract.beside.BesideReads`."""

    memory: Memory

    async def tags(self, workspace_id: WorkspaceId) -> list[Tag]:
        return sorted(self.memory.rows("tags", workspace_id), key=lambda tag: fold(tag.name))

    async def taggings(self, workspace_id: WorkspaceId, contact_id: ContactId) -> list[Tagging]:
        return sorted(self.memory.rows("taggings", workspace_id, contact_id), key=lambda one: (one.at, one.tag_id))

    async def beside(
        self, workspace_id: WorkspaceId, contact_ids: Sequence[ContactId], *, notes: int
    ) -> dict[ContactId, Beside]:
        found = {}
        for one in contact_ids:
            worn = await self.taggings(workspace_id, one)
            written = await self.notes(workspace_id, one, before=None, limit=1_000_000)
            if worn or written:
                ids = tuple(note.id for note in written[:notes])
                found[one] = Beside(tuple(tagging.tag_id for tagging in worn), ids, len(written))
        return found

    async def notes(
        self, workspace_id: WorkspaceId, contact_id: ContactId, *, before: NoteId | None, limit: int
    ) -> list[Note]:
        rows: list[Note] = self.memory.rows("notes", workspace_id, contact_id)[::-1]
        return [note for note in rows if before is None or note.id < before][:limit]

    async def note(self, workspace_id: WorkspaceId, contact_id: ContactId, note_id: NoteId) -> Note | None:
        found: Note | None = self.memory.tables["notes"].committed.get((workspace_id, contact_id, note_id))
        return found

    async def events(
        self,
        workspace_id: WorkspaceId,
        contact_id: ContactId,
        *,
        since: float = 0.0,
        before: EventPlace | None = None,
        limit: int,
    ) -> list[EventRow]:
        rows: list[EventRow] = self.memory.rows("events", workspace_id, contact_id)[::-1]
        rows = [row for row in rows if before is None or (row.created_at, row.id) < before]
        return [row for row in rows if row.created_at >= since][:limit]

    async def thin_out(self, workspace_id: WorkspaceId, contact_ids: Sequence[ContactId]) -> None:
        async with self.memory.writing() as tables:
            for key, row in tables["events"].items():
                if row.workspace_id == workspace_id and row.contact_id in contact_ids:
                    tables["events"].drop(key)
            self.memory.keep()

    async def event_summaries(
        self, workspace_id: WorkspaceId, contact_id: ContactId, *, most: int
    ) -> list[EventSummary]:
        found = {one.name: [one] for one in self.memory.rows("summaries", workspace_id, contact_id)}
        for row in self.memory.rows("events", workspace_id, contact_id):
            at = row.created_at
            found.setdefault(row.name, []).append(EventSummary(workspace_id, contact_id, row.name, 1, at, at))
        summed = [
            EventSummary(
                workspace_id,
                contact_id,
                name,
                sum(one.count for one in found[name]),
                min(one.first_at for one in found[name]),
                max(one.last_at for one in found[name]),
            )
            for name in sorted(found)
        ]
        return summed[:most]

    async def ages(self, workspace_id: WorkspaceId, *, most: int) -> list[tuple[Role, float, float | None]]:
        people = [it for it in self.memory.rows("contacts", workspace_id) if _is_listed(it)]
        return [(it.role, it.created_at, it.last_seen_at) for it in people[:most]]


def _is_listed(it: Contact) -> bool:
    aside = (it.merged_into, it.archived_at, it.blocked_at)
    return it.role is not Role.VISITOR and all(one is None for one in aside)
