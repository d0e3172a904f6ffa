"""What is to be done in the transaction of a batch: a `Work` says what it must see, weighs it, and asks for `Effects`.

Nothing has happened until the desk applies them (`desk.py`) and the committer has written them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from avow.errors import Unprocessable
from avow.flow.bookkeeping.pulse import Counts
from avow.flow.contract import (
    Additions,
    EventRow,
    Fading,
    JobSave,
    KeyRow,
    LookupKey,
    Replay,
)
from avow.trust.attribute import Attribute
from avow.trust.change import ChangeKind, Draft
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId
from avow.trust.rules import Rules
from avow.trust.traffic import Arrivals
from avow.trust.weighing.repeats import Again
from avow.trust.weighing.voice import Page

if TYPE_CHECKING:
    from avow.flow.desk import Desk

Entropy = Callable[[int], bytes]
"""So many random bytes."""
Result = Any | Exception
"""What became of a work: its result, or what it was refused with."""


class Idempotency(msgspec.Struct, frozen=True):
    """What makes a retry one with the first try: who asked for what under which key, and the body (hex digests)."""

    scope: str
    body: str

    def refuse_another(self, replay: Replay | None) -> Replay | None:
        """What is kept of the first try. Raises `Unprocessable` where that had another body."""
        if replay is not None and replay.body != self.body:
            raise Unprocessable(
                "This Idempotency-Key was used for a request with another body. Send a new key with a new request.",
                code="idempotency_key_reused",
                field="Idempotency-Key",
            )
        return replay


class Wants(msgspec.Struct, frozen=True):
    """What a work must see: keys, with everybody they lead to, contacts by id, jobs by theirs, and whose tags."""

    keys: tuple[LookupKey, ...] = ()
    ids: tuple[ContactId, ...] = ()
    jobs: tuple[str, ...] = ()
    tags_of: tuple[ContactId, ...] = ()


class Put(msgspec.Struct, frozen=True):
    """A contact as it shall stand, one version on, with the record that tells why (None: none is due)."""

    contact: Contact
    draft: Draft | None = None


class Elsewhere(msgspec.Struct, frozen=True):
    """What a contact was written unsigned by no page: the attributes by class, and the label of whoever did."""

    contact_id: ContactId
    arrivals: Arrivals
    label: str


class Effects(msgspec.Struct, frozen=True):
    """All that one work asks to be written, and its result. Nothing of it has happened yet.

    `counts` are those of the result's verdicts, where they are known already. `about` names whom a kept result
    (`Idempotency`) tells of, where no put does: it is forgotten with her.
    """

    result: Any
    puts: tuple[Put, ...] = ()
    put_keys: tuple[KeyRow, ...] = ()
    drop_keys: tuple[KeyRow, ...] = ()
    erase: Put | None = None
    faded: tuple[Fading, ...] = ()
    events: tuple[EventRow, ...] = ()
    jobs: tuple[JobSave, ...] = ()
    rules: Rules | None = None
    new_rules: tuple[Attribute, ...] = ()
    beside: Additions | None = None
    about: ContactId | None = None
    seen: ContactId | None = None
    arrivals: Arrivals = {}
    counts: Counts = ()
    again: tuple[Again, ...] = ()
    page: Page | None = None
    kid: str | None = None
    elsewhere: tuple[Elsewhere, ...] = ()

    def erases(self, contact_id: ContactId) -> bool:
        """Whether it asks for this contact to be erased."""
        return self.erase is not None and self.erase.contact.id == contact_id


class Work(Protocol):
    """One thing to be done in the transaction of a batch.

    `outcome` is the type of its result, where it may be replayed.

    `authenticate` raises where the caller may not ask any more: before an outcome is told to her a second time.
    """

    @property
    def workspace_id(self) -> WorkspaceId: ...
    @property
    def idempotency(self) -> Idempotency | None: ...
    @property
    def outcome(self) -> Any: ...
    def authenticate(self, desk: Desk) -> None: ...
    def wants(self) -> Wants: ...
    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]: ...
    def weigh(self, desk: Desk) -> Effects: ...


TOPICS: Final[Mapping[tuple[ChangeKind, Role], str]] = {
    (ChangeKind.CREATED, Role.USER): "contact.user.created",
    (ChangeKind.UPDATED, Role.USER): "contact.user.updated",
    (ChangeKind.HELD_ACCEPTED, Role.USER): "contact.user.updated",
    (ChangeKind.DISTRUSTED, Role.USER): "contact.user.updated",
    (ChangeKind.CREATED, Role.LEAD): "contact.lead.created",
    (ChangeKind.UPDATED, Role.LEAD): "contact.lead.updated",
    (ChangeKind.HELD_ACCEPTED, Role.LEAD): "contact.lead.updated",
    (ChangeKind.DISTRUSTED, Role.LEAD): "contact.lead.updated",
    (ChangeKind.CONVERTED, Role.LEAD): "contact.lead.created",
    (ChangeKind.TAGGED, Role.USER): "contact.user.tag.created",
    (ChangeKind.TAGGED, Role.LEAD): "contact.lead.tag.created",
    (ChangeKind.UNTAGGED, Role.USER): "contact.user.tag.deleted",
    (ChangeKind.UNTAGGED, Role.LEAD): "contact.lead.tag.deleted",
    (ChangeKind.MERGED, Role.USER): "contact.merged",
    (ChangeKind.MERGED, Role.LEAD): "contact.merged",
    (ChangeKind.ARCHIVED, Role.USER): "contact.archived",
    (ChangeKind.ARCHIVED, Role.LEAD): "contact.archived",
    (ChangeKind.UNARCHIVED, Role.USER): "contact.unarchive",
    (ChangeKind.UNARCHIVED, Role.LEAD): "contact.unarchive",
    (ChangeKind.ERASED, Role.USER): "contact.deleted",
    (ChangeKind.ERASED, Role.LEAD): "contact.deleted",
}
"""Which webhook topic tells of a change. What is not here is nobody else's business."""
