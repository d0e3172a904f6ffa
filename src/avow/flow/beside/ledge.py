"""What of tags, notes and events is on the table while a batch is weighed: the part of the desk beside its contacts.

- Nothing is loaded unless a work says that it wants a contact's tags.
- Later works see what earlier ones put on and took off; what is written is the difference to what was loaded.
- What somebody has who is merged is handed over by the store: nothing of it need be loaded.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from avow.flow.contract import Additions, EventSummary, Move, Note, Tag, Tagging, TagId
from avow.trust.contact import ContactId, WorkspaceId

_Worn = dict[tuple[ContactId, TagId], Tagging]


@dataclass(slots=True)
class Ledge:
    """One workspace's part of a batch."""

    tags: dict[TagId, Tag] = field(default_factory=dict)
    _worn: _Worn = field(default_factory=dict)
    _loaded: _Worn = field(default_factory=dict)
    _notes: list[Note] = field(default_factory=list)
    _summaries: dict[tuple[ContactId, str], EventSummary] = field(default_factory=dict)
    _moves: list[Move] = field(default_factory=list)

    def lay_out(self, tags: Iterable[Tag], taggings: Iterable[Tagging]) -> None:
        """Put the workspace's tags on the table, and what the wanted contacts wear of them."""
        self.tags = {one.id: one for one in tags}
        self._loaded = {(one.contact_id, one.tag_id): one for one in taggings if one.tag_id in self.tags}
        self._worn = dict(self._loaded)

    def worn(self, contact_id: ContactId, tag_id: TagId) -> Tagging | None:
        """The tag on the contact, as it stands so far."""
        return self._worn.get((contact_id, tag_id))

    def add(self, additions: Additions) -> None:
        """Let what a work adds be seen by the works after it."""
        for one in additions.tagged:
            self._worn[one.contact_id, one.tag_id] = one
        for one in additions.untagged:
            self._worn.pop((one.contact_id, one.tag_id), None)
        self._notes.extend(additions.notes)
        self._summaries.update({(one.contact_id, one.name): one for one in additions.summaries})

    def move(self, workspace_id: WorkspaceId, source: ContactId, into: ContactId) -> None:
        """Hand over what stands beside somebody who was merged."""
        self._moves.append(Move(workspace_id, source, into))

    def writes(self) -> tuple[Additions, ...]:
        """What the batch asks of the disk; nothing where nothing was added."""
        additions = Additions(
            tuple(one for place, one in self._worn.items() if self._loaded.get(place) != one),
            tuple(one for place, one in self._loaded.items() if place not in self._worn),
            tuple(self._notes),
            tuple(self._summaries.values()),
            tuple(self._moves),
        )
        return () if additions == Additions() else (additions,)
