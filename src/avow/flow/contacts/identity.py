"""Who is this contact, and who else must not be? External ids and addresses given, replaced, shared and given away.

- Whoever gets another `external_id`, or is erased, leaves behind a moment: tokens for that id from before it end (V12).
- An address that only a browser has claimed makes nobody a duplicate: the backend's next write would land on Mallory.
- Two ids are two people, whatever address they share; without ids the address is all there is. So whoever has an id
  is compared with those who have none, whom no crowd hides; whoever has none, with all, and in a crowd with nobody.
- An address that was only relayed may be Mallory's word, read and written back: it makes a duplicate, which refuses,
  but leads nobody to her who vouches.

Source: spec §4 V12, §5.3; what counts as a duplicate is Intercom's (contract/intercom-notes.md §4.2).
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import UNSET

from avow.errors import BadInput, Conflict, Forbidden
from avow.flow.contacts.callers import Speaker
from avow.flow.contacts.fields import Fields
from avow.flow.contract import KeyKind, KeyRow, LookupKey
from avow.flow.desk import Desk
from avow.trust.access import Mode
from avow.trust.contact import Channel, Contact, Role, Scalar, WorkspaceId
from avow.trust.identity import fold_email

_REST_CHANNELS = frozenset({Channel.API, Channel.IMPORT, Channel.TEAMMATE})


def keys_of(workspace_id: WorkspaceId, fields: Fields) -> tuple[LookupKey, ...]:
    """What whoever is the same already can be looked up by."""
    keys = []
    if isinstance(fields.external_id, str):
        keys.append(LookupKey(workspace_id, KeyKind.EXTERNAL_ID, fields.external_id))
    email = fields.raw_values.get("email")
    if isinstance(email, str) and email:
        if not keys or fields.role is Role.LEAD:
            keys.append(LookupKey(workspace_id, KeyKind.EMAIL, fold_email(email)))
        keys.append(LookupKey(workspace_id, KeyKind.EMAIL_ALONE, fold_email(email)))
        keys.append(LookupKey(workspace_id, KeyKind.EMAIL_PROOF, fold_email(email)))
    return tuple(keys)


def erased_keys(desk: Desk, fields: Fields) -> tuple[LookupKey, ...]:
    """Where it is kept that the external_id was erased or given away once."""
    return (desk.erased_key(fields.external_id),) if isinstance(fields.external_id, str) else ()


def errors_of(role: Role, external_id: str | None) -> list[BadInput]:
    """What is wrong with a role and an external_id beside each other."""
    if role is Role.VISITOR:
        return [BadInput("A visitor comes by the Messenger; a contact's role is user or lead.", field="role")]
    if role is Role.LEAD and external_id is not None:
        return [BadInput("A lead has no external_id; leave it out, or send the role user.", field="external_id")]
    return []


def renamed(contact: Contact, fields: Fields) -> tuple[Contact, list[BadInput]]:
    """The contact under the role and external_id that were asked for, and what is wrong with them."""
    role = fields.role or contact.role
    external_id = contact.external_id if fields.external_id is UNSET else fields.external_id
    if external_id is None and contact.external_id is not None:
        message = "An external_id can be replaced but not removed; send another one, or leave the field out."
        return contact, [BadInput(message, field="external_id")]
    if contact.role is Role.USER and role is not Role.USER:
        return contact, [BadInput("A user stays a user; leave the role out.", field="role")]
    if (role, external_id) == (contact.role, contact.external_id):
        return contact, []
    return msgspec.structs.replace(contact, role=role, external_id=external_id), errors_of(role, external_id)


def refuse_relayed_name(before: Contact, after: Contact, speaker: Speaker) -> None:
    """Raise `Forbidden` where a relay names somebody who is there already, or makes her a user.

    Verified values would change hands, or be a user's.
    """
    if speaker.mode is not Mode.RELAYING:
        return
    if before.external_id != after.external_id:
        message = "This access token relays, so it cannot give a contact another external_id. Use a vouching one."
        raise Forbidden(message, field="external_id")
    if before.role is not after.role and after.role is Role.USER:
        message = "This access token relays, so it cannot make a visitor or lead a user. Use a vouching one."
        raise Forbidden(message, field="role")


def check_promotion(before: Contact, after: Contact) -> None:
    """Raise `BadInput` for a new user whom nothing names."""
    if before.role is not after.role and after.role is Role.USER and not (after.external_id or email_of(after)):
        raise BadInput("A user has an external_id or an email; send one with the role.", field="role")


def values_of(before: Contact, after: Contact) -> dict[str, tuple[Scalar, Scalar]]:
    """What became of who the contact is, told beside the values of attributes, none of which has these names."""
    values: dict[str, tuple[Scalar, Scalar]] = {}
    if before.external_id != after.external_id:
        values["external_id"] = (before.external_id, after.external_id)
    if before.role is not after.role:
        values["role"] = (str(before.role), str(after.role))
    return values


def given_to(contact: Contact) -> dict[str, tuple[Scalar, Scalar]]:
    """The external_id of somebody new, as her first record tells it."""
    return {} if contact.external_id is None else {"external_id": (None, contact.external_id)}


def rekeyed(desk: Desk, before: Contact, after: Contact) -> tuple[tuple[KeyRow, ...], tuple[KeyRow, ...]]:
    """The keys to put and to drop once an external_id was given or replaced."""
    old, new = before.external_id, after.external_id
    if old == new or new is None:
        return (), ()
    if old is None:
        return named(desk, after), ()
    key = KeyRow(desk.key(KeyKind.EXTERNAL_ID, new), after.id, int(desk.now))
    return (key, ended(desk, old)), (KeyRow(desk.key(KeyKind.EXTERNAL_ID, old), before.id),)


def named(desk: Desk, contact: Contact) -> tuple[KeyRow, ...]:
    """Let the external_id lead to the contact; what ended its tokens before still does."""
    if contact.external_id is None:
        return ()
    ended = desk.row(desk.erased_key(contact.external_id))
    not_before = ended.not_before if ended is not None else None
    return (KeyRow(desk.key(KeyKind.EXTERNAL_ID, contact.external_id), contact.id, not_before),)


def ended(desk: Desk, external_id: str) -> KeyRow:
    """Nobody has this id any more, and no token from before this moment brings it back: kept as a keyed digest only."""
    return KeyRow(desk.erased_key(external_id), None, int(desk.now))


def outdated_proofs(desk: Desk, before: Contact, after: Contact) -> list[KeyRow]:
    """A hash over an address leads to nobody any more once the company vouches for another one, or for none (§5.3)."""
    slot, held_before = after.holding("email").verified_slot, before.holding("email")
    if slot is None:
        return []
    known = (held_before.value, held_before.slot.value if held_before.slot is not None else None)
    old = {fold_email(email) for email in known if isinstance(email, str)}
    kept = fold_email(slot.value) if isinstance(slot.value, str) else None
    return [KeyRow(desk.key(KeyKind.EMAIL_PROOF, email), after.id) for email in sorted(old) if email != kept]


def refuse_duplicates(desk: Desk, contact: Contact, fields: Fields, before: Contact | None = None) -> None:
    """Raise `Conflict`, ending with the id of whoever is there, where the contact would be somebody else again."""
    external_id = fields.external_id
    if isinstance(external_id, str) and (before is None or before.external_id != external_id):
        holder = desk.found(desk.key(KeyKind.EXTERNAL_ID, external_id))
        if holder is not None and holder.id != contact.id:
            raise _duplicate(holder)
    email = email_of(contact)
    if contact.role is not Role.USER or email is None:
        return
    if before is not None and before.role is Role.USER and email_of(before) == email:
        return
    proven = desk.found(desk.key(KeyKind.EMAIL_PROOF, email))
    if proven is not None and _is_same_person(contact, proven, vouched=True):
        raise _duplicate(proven)
    for other in desk.all_found(_key_of_alike(desk, contact, email)):
        if _is_same_person(contact, other, vouched=is_given(other, email)):
            raise _duplicate(other)


def alike(desk: Desk, contact: Contact, email: str, mode: Mode) -> list[Contact]:
    """Everybody there who is whoever a row with this (folded) address and `contact`'s role and id is about.

    `mode` is that of whoever brings the row. Raises `Conflict` where that cannot be known in a crowd.
    """
    names = naming(mode)
    known = desk.all_found(_key_of_alike(desk, contact, email))
    if contact.role is not Role.USER:
        leads = (one for one in known if one.role is contact.role and one.merged_into is None)
        return [one for one in leads if names(one, email)]
    proven = desk.found(desk.key(KeyKind.EMAIL_PROOF, email))
    found = [proven] if proven is not None and _is_same_person(contact, proven, vouched=True) else []
    return found + [one for one in known if _is_same_person(contact, one, vouched=names(one, email))]


def _key_of_alike(desk: Desk, contact: Contact, email: str) -> LookupKey:
    named = contact.role is Role.USER and contact.external_id is not None
    return desk.key(KeyKind.EMAIL_ALONE if named else KeyKind.EMAIL, email)


def _is_same_person(contact: Contact, other: Contact, *, vouched: bool) -> bool:
    """Whether two users with one address are one. Two ids are two people; without ids the address is all there is."""
    if other.id == contact.id or other.role is not Role.USER or other.merged_into is not None:
        return False
    if contact.external_id is None and other.external_id is None:
        return True
    return vouched and (contact.external_id is None or other.external_id is None)


def naming(mode: Mode) -> Callable[[Contact, str], bool]:
    """By which addresses whoever speaks so finds somebody: who vouches, by verified ones; who relays, by any given one.

    What a relay has written may be what a page had claimed; who vouches would vouch for Mallory by it.
    """
    return is_given if mode is Mode.RELAYING else is_vouched


def is_vouched(contact: Contact, email: str) -> bool:
    """Whether somebody vouches that this (folded) address is the contact's."""
    slot = contact.holding("email").verified_slot
    return slot is not None and isinstance(slot.value, str) and fold_email(slot.value) == email


def is_given(contact: Contact, email: str) -> bool:
    """Whether this (folded) address came from the company's side, vouched for or only relayed."""
    source = contact.holding("email").source
    relayed = source is not None and source.channel in _REST_CHANNELS and email_of(contact) == email
    return relayed or is_vouched(contact, email)


def email_of(contact: Contact) -> str | None:
    """The current address, folded, whoever wrote it."""
    email = contact.holding("email").value
    return fold_email(email) if isinstance(email, str) else None


def _duplicate(holder: Contact) -> Conflict:
    what = "A contact" if holder.archived_at is None else "An archived contact"
    return Conflict(f"{what} matching those details already exists with id={holder.merged_into or holder.id}")
