"""What happens when a tag is put on contacts, or taken off? Each contact's chain tells of it; nothing happens twice.

- A tagging keeps its provenance: who put it on, when, by which channel, and whether somebody vouched for it (spec §9).
- Put on again, it stays as it is, unless somebody vouches for it now and nobody did before: trust gained is told.
- Taking off what nobody wears changes nothing.
- One contact that is not there refuses the whole request.

Source: spec §3, §9; contract/intercom-notes.md §4.2, §5 (tag topics).
"""

from __future__ import annotations

import msgspec

from avow.flow.beside.tags import no_such_tag
from avow.flow.contacts.callers import Asked, Speaker, standing_token
from avow.flow.contacts.reading import present
from avow.flow.contract import Additions, Tag, Tagging, TagId
from avow.flow.desk import Desk
from avow.flow.work import Effects, Put, Wants
from avow.trust.access import Mode, Scope
from avow.trust.change import ChangeKind, Draft
from avow.trust.contact import Contact, ContactId, Scalar


class Tagged(msgspec.Struct, frozen=True):
    """The tag, and how each of the contacts wears it now. Who does not wear it is not among them."""

    tag: Tag
    taggings: tuple[Tagging, ...] = ()


class TagContacts(Asked, frozen=True, kw_only=True):
    """Put a tag on contacts."""

    tag_id: TagId
    contact_ids: tuple[ContactId, ...]

    @property
    def outcome(self) -> type[Tagged]:
        """What is kept for a retry."""
        return Tagged

    def wants(self) -> Wants:
        """The contacts, with what they wear."""
        return Wants(ids=self.contact_ids, tags_of=self.contact_ids)

    def weigh(self, desk: Desk) -> Effects:
        """Put it on. Raises `NotFound` or `Gone`."""
        speaker = Speaker.of(standing_token(desk, self.token, Scope.WRITE_CONTACTS))
        return put_on(desk, self.tag_id, self.contact_ids, speaker)


class UntagContacts(TagContacts, frozen=True, kw_only=True):
    """Take a tag off contacts."""

    def weigh(self, desk: Desk) -> Effects:
        """Take it off. Raises `NotFound` or `Gone`."""
        speaker = Speaker.of(standing_token(desk, self.token, Scope.WRITE_CONTACTS))
        return take_off(desk, self.tag_id, self.contact_ids, speaker)


def put_on(desk: Desk, tag_id: TagId, contact_ids: tuple[ContactId, ...], speaker: Speaker) -> Effects:
    """The tag on every one of these contacts. Raises `NotFound` or `Gone`. They and what they wear must be laid out."""
    tag = _tag(desk, tag_id)
    taggings, new, puts = [], [], []
    for contact in [present(desk.contacts.get(one)) for one in dict.fromkeys(contact_ids)]:
        worn = desk.beside.worn(contact.id, tag_id)
        verified = speaker.mode is Mode.VOUCHING
        if worn is None or (verified and not worn.verified):
            worn = Tagging(desk.workspace_id, contact.id, tag_id, desk.now, speaker.channel, speaker.actor, verified)
            new.append(worn)
            puts.append(_put(desk, contact, ChangeKind.TAGGED, tag, speaker))
        taggings.append(worn)
    beside = Additions(tagged=tuple(new)) if new else None
    return Effects(Tagged(tag, tuple(taggings)), puts=tuple(puts), beside=beside, about=_about(contact_ids))


def take_off(desk: Desk, tag_id: TagId, contact_ids: tuple[ContactId, ...], speaker: Speaker) -> Effects:
    """The tag off every one of these contacts. Raises `NotFound` or `Gone`."""
    tag = _tag(desk, tag_id)
    gone, puts = [], []
    for contact in [present(desk.contacts.get(one)) for one in dict.fromkeys(contact_ids)]:
        worn = desk.beside.worn(contact.id, tag_id)
        if worn is not None:
            gone.append(worn)
            puts.append(_put(desk, contact, ChangeKind.UNTAGGED, tag, speaker))
    beside = Additions(untagged=tuple(gone)) if gone else None
    return Effects(Tagged(tag), puts=tuple(puts), beside=beside, about=_about(contact_ids))


def _tag(desk: Desk, tag_id: TagId) -> Tag:
    tag = desk.beside.tags.get(tag_id)
    if tag is None:
        raise no_such_tag()
    return tag


def _put(desk: Desk, contact: Contact, kind: ChangeKind, tag: Tag, speaker: Speaker) -> Put:
    """The contact one version on, and the record: the tag's id and name as it had then, on the side where it was."""
    told: dict[str, tuple[Scalar, Scalar]] = {}
    for name, value in (("tag_id", str(tag.id)), ("tag_name", tag.name)):
        told[name] = (None, value) if kind is ChangeKind.TAGGED else (value, None)
    contact = msgspec.structs.replace(contact, version=contact.version + 1, updated_at=desk.now)
    return Put(contact, Draft(kind, speaker.channel, speaker.actor, values=told))


def _about(contact_ids: tuple[ContactId, ...]) -> ContactId | None:
    """Whose erasure ends a kept outcome; one of several holds no name and no value."""
    return contact_ids[0] if len(contact_ids) == 1 else None
