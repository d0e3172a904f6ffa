"""What a teammate does to one person: edits, decides what is held, sets aside, signs out, tags, notes, merges, erases.

- Her role was read with the session of this request; `actor` can be had no other way (`flow/team/roles.py`).
- Everything goes the way of REST's works: the same checks, the same records, by the channel `teammate`.
- An edit says what she saw. A value, or a user id, that is another one by now is a `Conflict`, and nothing is written.

Source: spec §3 (channel teammate), §4 V12 ("sign out everywhere"), §5.6, §7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from avow.errors import Conflict
from avow.flow.beside import notes, tagging
from avow.flow.contacts import held, identity, lifecycle, merging, writing
from avow.flow.contacts.callers import Speaker
from avow.flow.contacts.fields import Fields
from avow.flow.contacts.reading import holding_today, present
from avow.flow.contacts.writing import Erased
from avow.flow.contract import KeyRow, LookupKey, TagId
from avow.flow.desk import Desk
from avow.flow.work import Effects, Put, Wants
from avow.trust.access import Mode
from avow.trust.change import ChangeKind, Draft
from avow.trust.contact import Channel, Contact, ContactId, Scalar, WorkspaceId
from avow.trust.words import Word


class ByHand(msgspec.Struct, frozen=True, kw_only=True):
    """The part that all of them have. `actor` is the teammate as records name her."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    actor: str

    @property
    def idempotency(self) -> None:
        """A form that was sent leads to another page: it is not sent twice."""
        return

    @property
    def outcome(self) -> Any:
        """Nothing is kept for a retry."""
        return None

    @property
    def speaker(self) -> Speaker:
        """In whose name."""
        return Speaker(Channel.TEAMMATE, self.actor, Mode.VOUCHING, self.actor)

    def authenticate(self, desk: Desk) -> None:
        """She may: that was looked at with her session."""

    def wants(self) -> Wants:
        """The contact."""
        return Wants(ids=(self.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Nothing more."""
        return ()

    def _contact(self, desk: Desk) -> Contact:
        return present(desk.contacts.get(self.contact_id))


class Edit(ByHand, frozen=True, kw_only=True):
    """Some fields. `seen` are the values that stood in them, by the name of the attribute.

    `seen_external_id` is the user id that stood there, where another one is to be written.
    """

    fields: Fields
    seen: Mapping[str, Scalar] = {}
    seen_external_id: str | UnsetType | None = UNSET

    def wants(self) -> Wants:
        """The contact, and whoever has the external_id or e-mail that it is to get."""
        return Wants(identity.keys_of(self.workspace_id, self.fields), (self.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Whether the external_id was erased once."""
        return identity.erased_keys(desk, self.fields)

    def weigh(self, desk: Desk) -> Effects:
        """Write them. Raises `NotFound`, `Gone`, `BadInputs` or `Conflict`."""
        contact = self._contact(desk)
        if self.seen_external_id is not UNSET and contact.external_id != self.seen_external_id:
            raise _changed("The user id", "external_id")
        for name, value in self.seen.items():
            if holding_today(contact, name, desk.rules).value != value:
                raise _changed(name, name)
        return writing.updated(desk, contact, self.speaker, self.fields)


def _changed(what: str, field: str) -> Conflict:
    message = f"{what} was changed while you were editing. Nothing is written: look at it, then edit again."
    return Conflict(message, field=field)


class Decision(Word):
    """What becomes of a held value."""

    ACCEPT = "accept"
    DISCARD = "discard"


class DecideHeld(ByHand, frozen=True, kw_only=True):
    """Take a held value, or let it go; `version` names the one she saw, `address` is its `held_address`."""

    name: str
    version: int
    decision: Decision
    address: str | None = None

    def wants(self) -> Wants:
        """The contact, and whoever has the e-mail that it is to get."""
        return held.wanted(self.workspace_id, self.contact_id, self.address)

    def weigh(self, desk: Desk) -> Effects:
        """Do so. Raises `NotFound`, `Gone`, `Conflict`, or `BadInput` where it no longer fits, or is no address."""
        contact = self._contact(desk)
        if self.decision is Decision.DISCARD:
            return held.discarded(desk, contact, self.name, self.version, self.actor)
        return held.accepted(desk, contact, self.name, self.version, self.actor, self.address)


class Aside(Word):
    """How somebody is set aside, and brought back."""

    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    BLOCK = "block"
    UNBLOCK = "unblock"


_ASIDE: Final[Mapping[Aside, Callable[[Desk, Contact, Speaker], Effects]]] = {
    Aside.ARCHIVE: lifecycle.archived,
    Aside.UNARCHIVE: lifecycle.unarchived,
    Aside.BLOCK: lifecycle.blocked,
    Aside.UNBLOCK: lifecycle.unblocked,
}


class SetAside(ByHand, frozen=True, kw_only=True):
    """Archive, block, and back."""

    aside: Aside

    def weigh(self, desk: Desk) -> Effects:
        """Do so. Raises `NotFound` or `Gone`."""
        return _ASIDE[self.aside](desk, self._contact(desk), self.speaker)


class SignOut(ByHand, frozen=True, kw_only=True):
    """End whatever proved until now who she is (V12). `sessions` are those of browsers that are known as hers."""

    sessions: tuple[LookupKey, ...] = ()

    def wants(self) -> Wants:
        """The contact, and what leads to it."""
        return Wants(self.sessions, (self.contact_id,))

    def weigh(self, desk: Desk) -> Effects:
        """Sign out. Raises `NotFound` or `Gone`."""
        contact = self._contact(desk)
        after = msgspec.structs.replace(contact, version=contact.version + 1, updated_at=desk.now)
        # A session that leads to nobody is burned (§5.5): its browser comes back as somebody new, under a new one.
        burned = tuple(KeyRow(key, None) for key in self.sessions if desk.found(key) == contact)
        draft = Draft(ChangeKind.SIGNED_OUT, Channel.TEAMMATE, self.actor)
        return Effects(after, puts=(Put(after, draft),), put_keys=(desk.ended(contact), *burned))


class Tag(ByHand, frozen=True, kw_only=True):
    """Put a tag on her."""

    tag_id: TagId

    def wants(self) -> Wants:
        """The contact, with what it wears."""
        return Wants(ids=(self.contact_id,), tags_of=(self.contact_id,))

    def weigh(self, desk: Desk) -> Effects:
        """Put it on. Raises `NotFound` or `Gone`."""
        return tagging.put_on(desk, self.tag_id, (self.contact_id,), self.speaker)


class Untag(Tag, frozen=True, kw_only=True):
    """Take a tag off."""

    def weigh(self, desk: Desk) -> Effects:
        """Take it off. Raises `NotFound` or `Gone`."""
        return tagging.take_off(desk, self.tag_id, (self.contact_id,), self.speaker)


class AddNote(ByHand, frozen=True, kw_only=True):
    """Write a note. `author` is her id; `body` is `notes.checked`."""

    author: str
    body: str

    def weigh(self, desk: Desk) -> Effects:
        """Write it. Raises `NotFound` or `Gone`."""
        return notes.noted(desk, self._contact(desk), self.speaker, self.author, self.body)


class MergeLead(ByHand, frozen=True, kw_only=True):
    """Make a lead (the contact) part of a user: she has looked at both, so nothing is asked of their values."""

    user_id: ContactId

    def wants(self) -> Wants:
        """Both."""
        return Wants(ids=(self.contact_id, self.user_id))

    def weigh(self, desk: Desk) -> Effects:
        """Merge. Raises `NotFound`, `Gone`, or `BadInput` (invalid_merge)."""
        lead, user = self._contact(desk), present(desk.contacts.get(self.user_id))
        merging.refuse_roles(lead, user)
        return merging.merged(desk, user, lead, self.speaker)


class Erase(ByHand, frozen=True, kw_only=True):
    """Everything that tells of her goes; her chain stays, with a tombstone."""

    def weigh(self, desk: Desk) -> Effects:
        """Erase. Raises `NotFound` or `Gone`."""
        contact = self._contact(desk)
        told = Erased(contact.id, contact.external_id)
        return writing.erased(desk, contact, Channel.TEAMMATE, self.actor, told)
