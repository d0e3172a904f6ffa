"""What may be believed about one person: every value beside who vouched for it, and the newest vouched value beside
that.

- The *current value* is what was written last; its `Source` says by whom, when, and whether that was verified.
- The *verified slot* is the newest verified value, or verified clear. Unverified writes never touch it.
- A *held* value is the last one that was ignored; it changes nothing until somebody accepts it.

Source: spec §3.
"""

from __future__ import annotations

from typing import NewType

import msgspec

from avow.trust.words import Word

WorkspaceId = NewType("WorkspaceId", str)
ContactId = NewType("ContactId", str)

Scalar = str | int | float | bool | None


class Role(Word):
    """What a person is to the company; screens call all of them people."""

    USER = "user"
    LEAD = "lead"
    VISITOR = "visitor"


class Channel(Word):
    """The door a value came in by (spec §3)."""

    SIGNED = "signed"
    MESSENGER = "messenger"
    OBSERVED = "observed"
    BOT = "bot"
    API = "api"
    IMPORT = "import"
    TEAMMATE = "teammate"
    WORKFLOW = "workflow"


class State(Word):
    """What screens and the API say of a value, always in words."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    CONTRADICTED = "contradicted"


class Source(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who wrote a value. `by` is a kid or an actor; `signed_at` whole Unix seconds; `received_at` Unix seconds.

    `change` is the sequence number of the change record that tells the story.
    """

    channel: Channel
    verified: bool
    by: str | None
    signed_at: int
    received_at: float
    change: int


class Slot(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The newest verified value (None: a verified clear) and who vouched for it."""

    value: Scalar
    source: Source


class Held(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The last ignored value of one attribute. `version` grows with every different value: accepting one names it.

    `proven` is false for claims of callers who had not proven whom they speak about: such values contradict nobody.
    `aside`: it stood here until a lock put it aside; whether its writer had proven anything is not known any more.
    `proven_by` is the kid of the key whose token proved the caller.
    """

    value: Scalar
    version: int
    channel: Channel
    proven: bool
    first_at: float
    last_at: float
    count: int
    origin: str | None = None
    path: str | None = None
    aside: bool = False
    proven_by: str | None = None

    @property
    def is_evidence(self) -> bool:
        """Whether no unproven voice may displace it, or count itself as its repeat."""
        return self.proven or self.aside


class Holding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that is kept of one attribute of one contact.

    Invariant: while the current value is verified it *is* the slot, and `slot` is None; only beside an unverified
    current value is the slot written out.
    """

    value: Scalar = None
    source: Source | None = None
    slot: Slot | None = None
    held: Held | None = None

    @property
    def verified_slot(self) -> Slot | None:
        """The slot, wherever it is kept."""
        if self.source is not None and self.source.verified:
            return Slot(self.value, self.source)
        return self.slot

    def state(self, *, held_since: float) -> State:
        """The state in words; held values seen last before `held_since` have expired and count no more."""
        slot = self.verified_slot
        if slot is None:
            return State.UNVERIFIED
        if self.source is None or not self.source.verified:
            return State.CONTRADICTED
        held = self.held
        if held is not None and held.proven and held.last_at >= held_since and held.value != slot.value:
            return State.CONTRADICTED
        return State.VERIFIED


NOTHING = Holding()


class Contact(msgspec.Struct, frozen=True):
    """One person in one workspace.

    `version` grows with every stored change of the row and numbers the change records; `head` is the hash of the newest
    one. `ignored` counts, per "attribute:reason", what was ignored again in the hour (Unix hours) after it was
    recorded. Whoever was archived or blocked (and since when, Unix seconds) stays, and is left out of lists.
    """

    id: ContactId
    workspace_id: WorkspaceId
    version: int
    role: Role
    created_at: float
    updated_at: float
    head: bytes
    external_id: str | None = None
    last_seen_at: float | None = None
    merged_into: ContactId | None = None
    holdings: dict[str, Holding] = {}
    ignored: dict[str, tuple[int, int]] = {}
    archived_at: float | None = None
    blocked_at: float | None = None

    def holding(self, name: str) -> Holding:
        """What is kept of this attribute, which may be nothing."""
        return self.holdings.get(name, NOTHING)
