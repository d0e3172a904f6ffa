"""What is kept beside a contact's values: tags, notes, events. Rows of data, and what the flows ask of a database for
them.

- Nothing of it is loaded with a contact: who writes attributes pays nothing for it.
- A tag is a workspace's; a tagging says who put it on whom, when, by which channel, and whether that was vouched for
  (spec §9). Deleting a tag ends all its taggings at once, though their rows go later.
- A `Move` hands over everything of somebody who was merged, after what the same batch adds to her.
- All of it is erased with its contact.

Source: spec §5.6, §7, §9.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NewType, Protocol

import msgspec

from avow.trust.contact import Channel, ContactId, Role, WorkspaceId

TagId = NewType("TagId", int)
NoteId = NewType("NoteId", int)
EventPlace = tuple[float, str]
"""Where an event stands among those of its contact: by `created_at`, then by id."""


class Tag(msgspec.Struct, frozen=True):
    """A label of a workspace's. Two names that fold to one text are one tag's."""

    workspace_id: WorkspaceId
    id: TagId
    name: str
    created_at: float


class Tagging(msgspec.Struct, frozen=True):
    """A tag on a contact: since when (Unix seconds), by which channel, by whom, and whether somebody vouched for it."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    tag_id: TagId
    at: float
    channel: Channel
    actor: str
    verified: bool


class Note(msgspec.Struct, frozen=True):
    """What a teammate wants to be known of a contact. `body` is safe HTML; later notes have greater ids.

    `author` is the teammate (her id) in whose name it was written, `actor` who wrote it.
    """

    workspace_id: WorkspaceId
    contact_id: ContactId
    id: NoteId
    at: float
    channel: Channel
    actor: str
    author: str | None
    body: str


class EventRow(msgspec.Struct, frozen=True):
    """Something a person did. `metadata` is a JSON object's text; `verified` tells whether a backend reported it."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    id: str
    name: str
    created_at: float
    received_at: float
    verified: bool
    metadata: str = "{}"


class EventSummary(msgspec.Struct, frozen=True):
    """How often a contact did something, when first and when last. Stored: what the company says happened elsewhere."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    name: str
    count: int
    first_at: float
    last_at: float


class Move(msgspec.Struct, frozen=True):
    """What stands beside `source` shall stand beside `into`; what is there of both, once."""

    workspace_id: WorkspaceId
    source: ContactId
    into: ContactId


class Additions(msgspec.Struct, frozen=True):
    """What is written beside contacts. At most one tagging for a contact and tag, one summary for a contact and name.

    Taggings and summaries take the place of those that are there.
    """

    tagged: tuple[Tagging, ...] = ()
    untagged: tuple[Tagging, ...] = ()
    notes: tuple[Note, ...] = ()
    summaries: tuple[EventSummary, ...] = ()
    moves: tuple[Move, ...] = ()


class Beside(msgspec.Struct, frozen=True):
    """What a contact's own page tells of it: the tags' ids, those put on first first; the newest notes, how many."""

    tags: tuple[TagId, ...] = ()
    notes: tuple[NoteId, ...] = ()
    note_count: int = 0


class BesideTransaction(Protocol):
    """What a batch may ask."""

    async def tags(self, workspace_id: WorkspaceId) -> list[Tag]: ...
    async def taggings(self, ids: Sequence[tuple[WorkspaceId, ContactId]]) -> list[Tagging]: ...


class TagChanges(Protocol):
    """A change of a workspace's tags. While it lasts no batch puts a tag on anybody.

    `put_tag` makes a tag or gives it another name; a name that is taken is a `WriteConflict`.
    """

    async def tags(self) -> list[Tag]: ...
    async def put_tag(self, tag: Tag) -> None: ...
    async def drop_tag(self, tag_id: TagId) -> None: ...


class BesideReads(Protocol):
    """Reads, of what was committed.

    `tags` come by folded name; `taggings` oldest first; `notes` by id, newest first, those before `before`; `events` by
    place, newest first, those since `since` (Unix seconds) and before `before`. `event_summaries` come by name and
    count what was tracked together with what was handed in; those of `most` names. `beside` has no entry for whom
    nothing is there, and at most `notes` of the newest. `ages` are role, `created_at` and `last_seen_at` of users and
    leads in lists, `most` of them, in any order.
    """

    async def tags(self, workspace_id: WorkspaceId) -> list[Tag]: ...
    async def taggings(self, workspace_id: WorkspaceId, contact_id: ContactId) -> list[Tagging]: ...
    async def beside(
        self, workspace_id: WorkspaceId, contact_ids: Sequence[ContactId], *, notes: int
    ) -> dict[ContactId, Beside]: ...
    async def notes(
        self, workspace_id: WorkspaceId, contact_id: ContactId, *, before: NoteId | None, limit: int
    ) -> list[Note]: ...
    async def note(self, workspace_id: WorkspaceId, contact_id: ContactId, note_id: NoteId) -> Note | None: ...
    async def events(
        self,
        workspace_id: WorkspaceId,
        contact_id: ContactId,
        *,
        since: float = 0.0,
        before: EventPlace | None = None,
        limit: int,
    ) -> list[EventRow]: ...
    async def event_summaries(
        self, workspace_id: WorkspaceId, contact_id: ContactId, *, most: int
    ) -> list[EventSummary]: ...
    async def ages(self, workspace_id: WorkspaceId, *, most: int) -> list[tuple[Role, float, float | None]]: ...
