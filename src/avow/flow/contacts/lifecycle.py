"""What happens when a contact is set aside: archived and brought back, blocked and let in again, by REST.

- Archived: it leaves lists and searches and keeps everything. Whoever comes back *proven* brings it back
  (`flow/updates/update.py`); an unproven claim does not.
- Blocked: its proven requests are refused, unproven claims about it change nothing, and everything that proved who
  she was before ends (V12). It leaves the lists too. Letting it in again revives no old proof.
- What is so already changes nothing and is not told twice.

Source: spec §4 V12; contract/intercom-notes.md §4.2.
"""

from __future__ import annotations

import msgspec

from avow.flow.contacts.callers import AskedOf, Speaker, standing_token
from avow.flow.contacts.reading import present
from avow.flow.desk import Desk
from avow.flow.work import Effects, Put
from avow.trust.access import Scope
from avow.trust.change import ChangeKind, Draft
from avow.trust.contact import Contact, ContactId


class SetAside(msgspec.Struct, frozen=True):
    """Who it is about, and whether she is archived or blocked now."""

    contact_id: ContactId
    external_id: str | None
    archived: bool
    blocked: bool


class _Asked(AskedOf, frozen=True, kw_only=True):
    @property
    def outcome(self) -> type[SetAside]:
        """What is kept for a retry."""
        return SetAside

    def _found(self, desk: Desk) -> tuple[Contact, Speaker]:
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        return present(desk.contacts.get(self.contact_id)), Speaker.of(token)


class ArchiveContact(_Asked, frozen=True, kw_only=True):
    """Leave it out of lists."""

    def weigh(self, desk: Desk) -> Effects:
        """Archive. Raises `NotFound` or `Gone`."""
        contact, speaker = self._found(desk)
        return archived(desk, contact, speaker)


class UnarchiveContact(_Asked, frozen=True, kw_only=True):
    """Let lists show it again."""

    def weigh(self, desk: Desk) -> Effects:
        """Bring back. Raises `NotFound` or `Gone`."""
        contact, speaker = self._found(desk)
        return unarchived(desk, contact, speaker)


class BlockContact(_Asked, frozen=True, kw_only=True):
    """Refuse whatever comes from her."""

    def weigh(self, desk: Desk) -> Effects:
        """Block. Raises `NotFound` or `Gone`."""
        contact, speaker = self._found(desk)
        return blocked(desk, contact, speaker)


class UnblockContact(_Asked, frozen=True, kw_only=True):
    """Take what comes from her again."""

    def weigh(self, desk: Desk) -> Effects:
        """Let in again. Raises `NotFound` or `Gone`."""
        contact, speaker = self._found(desk)
        return unblocked(desk, contact, speaker)


def archived(desk: Desk, contact: Contact, speaker: Speaker) -> Effects:
    """The contact, archived since now unless it was before."""
    if contact.archived_at is not None:
        return _as_it_is(contact)
    return _told(desk, contact, speaker, ChangeKind.ARCHIVED, archived_at=desk.now)


def unarchived(desk: Desk, contact: Contact, speaker: Speaker) -> Effects:
    """The contact, in lists again."""
    if contact.archived_at is None:
        return _as_it_is(contact)
    return _told(desk, contact, speaker, ChangeKind.UNARCHIVED, archived_at=None)


def blocked(desk: Desk, contact: Contact, speaker: Speaker) -> Effects:
    """The contact, blocked since now unless it was before; what proved her identity until now ends (V12)."""
    if contact.blocked_at is not None:
        return _as_it_is(contact)
    effects = _told(desk, contact, speaker, ChangeKind.BLOCKED, blocked_at=desk.now)
    return msgspec.structs.replace(effects, put_keys=(desk.ended(contact),))


def unblocked(desk: Desk, contact: Contact, speaker: Speaker) -> Effects:
    """The contact, let in again."""
    if contact.blocked_at is None:
        return _as_it_is(contact)
    return _told(desk, contact, speaker, ChangeKind.UNBLOCKED, blocked_at=None)


def _told(desk: Desk, contact: Contact, speaker: Speaker, kind: ChangeKind, **facts: float | None) -> Effects:
    after = msgspec.structs.replace(contact, version=contact.version + 1, updated_at=desk.now, **facts)
    return Effects(_standing(after), puts=(Put(after, Draft(kind, speaker.channel, speaker.actor)),))


def _as_it_is(contact: Contact) -> Effects:
    return Effects(_standing(contact), about=contact.id)


def _standing(contact: Contact) -> SetAside:
    return SetAside(contact.id, contact.external_id, contact.archived_at is not None, contact.blocked_at is not None)
