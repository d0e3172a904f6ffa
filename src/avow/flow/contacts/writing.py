"""What happens when a company's backend writes a contact by REST: it is created, updated or erased, by the committer.

- A vouching access token's values are verified, a relaying one's are not; the token is looked at again in the
  transaction that writes, so that a revoked one writes nothing any more.
- What fails D1-D4 refuses the whole request, one error for each field; a value that D6 ignores is a verdict.
- Whoever gets another `external_id`, or is erased, leaves behind a moment: tokens for that id from before it end (V12).
- An address that only a browser has claimed makes nobody a duplicate: the backend's next write would land on Mallory.

Source: spec §3, §4 V12, §6, §7; what counts as a duplicate is Intercom's (contract/intercom-notes.md §4.2).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import UNSET

from avow.errors import BadInput, Conflict
from avow.flow.contacts.callers import Asked, AskedOf, standing_token
from avow.flow.contacts.fields import Fields, Weighing, weigh_fields
from avow.flow.contacts.reading import present
from avow.flow.contract import KeyKind, KeyRow, LookupKey
from avow.flow.desk import Desk, Effects, Put, Wants
from avow.trust.access import AccessToken, Scope
from avow.trust.change import ChangeKind, Draft, Verdict
from avow.trust.contact import Channel, Contact, ContactId, Role, Scalar, WorkspaceId
from avow.trust.identity import fold_email

_REST_CHANNELS = frozenset({Channel.API, Channel.IMPORT, Channel.TEAMMATE})


class Written(msgspec.Struct, frozen=True):
    """A contact as it now stands, and one verdict a value."""

    contact: Contact
    verdicts: tuple[Verdict, ...] = ()


class Erased(msgspec.Struct, frozen=True):
    """Who was erased. `external_id` is None where this outcome is kept for a retry: nothing of her is kept."""

    contact_id: ContactId
    external_id: str | None = None


class CreateContact(Asked, frozen=True, kw_only=True):
    """A new user or lead: somebody with an e-mail, an external_id, or a role at least."""

    fields: Fields

    @property
    def outcome(self) -> type[Written]:
        """What is kept for a retry."""
        return Written

    def wants(self) -> Wants:
        """Whoever has the same external_id or e-mail."""
        return Wants(_identity_keys(self.workspace_id, self.fields))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Whether the external_id was erased once."""
        return _erased_keys(desk, self.fields)

    def weigh(self, desk: Desk) -> Effects:
        """Create. Raises `BadInputs`, or `Conflict` (its message ends with the id of whoever is there already)."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        role = self.fields.role or Role.USER
        errors = _identity_errors(role, self.fields.external_id or None)
        blank = desk.blank(role, external_id=self.fields.external_id or None)
        weighing = weigh_fields(desk, blank, token, self.fields.without_clears(), errors)
        _refuse_duplicates(desk, weighing.contact, self.fields)
        puts = _puts(weighing.contact, _draft(ChangeKind.CREATED, token, weighing), _refused(token, weighing))
        return _written(puts, weighing, _named(desk, puts[0].contact), ())


class UpdateContact(AskedOf, frozen=True, kw_only=True):
    """Some fields of a contact: what is not named stays as it is, custom attributes merge, `null` clears."""

    fields: Fields

    @property
    def outcome(self) -> type[Written]:
        """What is kept for a retry."""
        return Written

    def wants(self) -> Wants:
        """The contact, and whoever has the external_id or e-mail that it is to get."""
        return Wants(_identity_keys(self.workspace_id, self.fields), (self.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Whether the external_id was erased once."""
        return _erased_keys(desk, self.fields)

    def weigh(self, desk: Desk) -> Effects:
        """Update. Raises `NotFound`, `Gone`, `BadInputs` or `Conflict`."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        before = present(desk.contacts.get(self.contact_id))
        renamed, errors = _renamed(before, self.fields)
        weighing = weigh_fields(desk, renamed, token, self.fields, errors)
        after = weighing.contact
        if after.role is Role.USER and before.role is not Role.USER and not (after.external_id or _email_of(after)):
            raise BadInput("A user has an external_id or an email; send one with the role.", field="role")
        _refuse_duplicates(desk, after, self.fields, before)
        values = _identity_values(before, after)
        if after == before:
            return Effects(Written(before, weighing.receipt), about=before.id)
        draft = None
        if weighing.applied or values:
            draft = _draft(ChangeKind.UPDATED, token, weighing, values)
            after = msgspec.structs.replace(after, updated_at=desk.now)
        puts = _puts(after, draft, _refused(token, weighing))
        return _written(puts, weighing, *_rekeyed(desk, before, after))


class EraseContact(AskedOf, frozen=True, kw_only=True):
    """Everything that tells of a contact goes; its chain stays, with a tombstone, and its tokens end."""

    @property
    def outcome(self) -> type[Erased]:
        """What is kept for a retry."""
        return Erased

    def weigh(self, desk: Desk) -> Effects:
        """Erase. Raises `NotFound` or `Gone`."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        contact = present(desk.contacts.get(self.contact_id))
        tombstone = Draft(ChangeKind.ERASED, Channel.API, token.actor)
        put = Put(msgspec.structs.replace(contact, version=contact.version + 1), tombstone)
        told = contact.external_id if self.idempotency is None else None
        ended = () if contact.external_id is None else (_ended(desk, contact.external_id),)
        return Effects(Erased(contact.id, told), put_keys=ended, erase=put)


def _identity_keys(workspace_id: WorkspaceId, fields: Fields) -> tuple[LookupKey, ...]:
    keys = []
    if isinstance(fields.external_id, str):
        keys.append(LookupKey(workspace_id, KeyKind.EXTERNAL_ID, fields.external_id))
    email = fields.raw_values.get("email")
    if isinstance(email, str) and email:
        keys.append(LookupKey(workspace_id, KeyKind.EMAIL, fold_email(email)))
        keys.append(LookupKey(workspace_id, KeyKind.EMAIL_PROOF, fold_email(email)))
    return tuple(keys)


def _erased_keys(desk: Desk, fields: Fields) -> tuple[LookupKey, ...]:
    return (desk.erased_key(fields.external_id),) if isinstance(fields.external_id, str) else ()


def _identity_errors(role: Role, external_id: str | None) -> list[BadInput]:
    if role is Role.VISITOR:
        return [BadInput("A visitor comes by the Messenger; a contact's role is user or lead.", field="role")]
    if role is Role.LEAD and external_id is not None:
        return [BadInput("A lead has no external_id; leave it out, or send the role user.", field="external_id")]
    return []


def _renamed(contact: Contact, fields: Fields) -> tuple[Contact, list[BadInput]]:
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
    return msgspec.structs.replace(contact, role=role, external_id=external_id), _identity_errors(role, external_id)


def _identity_values(before: Contact, after: Contact) -> dict[str, tuple[Scalar, Scalar]]:
    """What became of who the contact is, told beside the values of attributes, none of which has these names."""
    values: dict[str, tuple[Scalar, Scalar]] = {}
    if before.external_id != after.external_id:
        values["external_id"] = (before.external_id, after.external_id)
    if before.role is not after.role:
        values["role"] = (str(before.role), str(after.role))
    return values


def _rekeyed(desk: Desk, before: Contact, after: Contact) -> tuple[tuple[KeyRow, ...], tuple[KeyRow, ...]]:
    """The keys to put and to drop once an external_id was given or replaced."""
    old, new = before.external_id, after.external_id
    if old == new or new is None:
        return (), ()
    if old is None:
        return _named(desk, after), ()
    key = KeyRow(desk.key(KeyKind.EXTERNAL_ID, new), after.id, int(desk.now))
    return (key, _ended(desk, old)), (KeyRow(desk.key(KeyKind.EXTERNAL_ID, old), before.id),)


def _named(desk: Desk, contact: Contact) -> tuple[KeyRow, ...]:
    """Let the external_id lead to the contact; what ended its tokens before still does."""
    if contact.external_id is None:
        return ()
    ended = desk.row(desk.erased_key(contact.external_id))
    not_before = ended.not_before if ended is not None else None
    return (KeyRow(desk.key(KeyKind.EXTERNAL_ID, contact.external_id), contact.id, not_before),)


def _ended(desk: Desk, external_id: str) -> KeyRow:
    """Nobody has this id any more, and no token from before this moment brings it back: kept as a keyed digest only."""
    return KeyRow(desk.erased_key(external_id), None, int(desk.now))


def _refuse_duplicates(desk: Desk, contact: Contact, fields: Fields, before: Contact | None = None) -> None:
    external_id = fields.external_id
    if isinstance(external_id, str) and (before is None or before.external_id != external_id):
        holder = desk.found(desk.key(KeyKind.EXTERNAL_ID, external_id))
        if holder is not None and holder.id != contact.id:
            raise _duplicate(holder)
    email = _email_of(contact)
    if contact.role is not Role.USER or email is None:
        return
    if before is not None and before.role is Role.USER and _email_of(before) == email:
        return
    proven = desk.found(desk.key(KeyKind.EMAIL_PROOF, email))
    if proven is not None and _is_same_person(contact, proven, vouched=True):
        raise _duplicate(proven)
    for other in desk.all_found(desk.key(KeyKind.EMAIL, email)):
        if _is_same_person(contact, other, vouched=_is_vouched(other, email)):
            raise _duplicate(other)


def _is_same_person(contact: Contact, other: Contact, *, vouched: bool) -> bool:
    """Whether two users with one address are one. Two ids are two people; without ids the address is all there is."""
    if other.id == contact.id or other.role is not Role.USER or other.merged_into is not None:
        return False
    if contact.external_id is None and other.external_id is None:
        return True
    return vouched and (contact.external_id is None or other.external_id is None)


def _is_vouched(contact: Contact, email: str) -> bool:
    """Whether the company itself has given this address for the contact, verified or relayed."""
    holding = contact.holding("email")
    slot, source = holding.verified_slot, holding.source
    if slot is not None and isinstance(slot.value, str) and fold_email(slot.value) == email:
        return True
    return source is not None and source.channel in _REST_CHANNELS and _email_of(contact) == email


def _email_of(contact: Contact) -> str | None:
    email = contact.holding("email").value
    return fold_email(email) if isinstance(email, str) else None


def _duplicate(holder: Contact) -> Conflict:
    return Conflict(f"A contact matching those details already exists with id={holder.merged_into or holder.id}")


def _puts(contact: Contact, draft: Draft | None, refused: Draft | None) -> tuple[Put, ...]:
    """The contact one version on, with its record; what was refused is told in a record of its own."""
    contact = msgspec.structs.replace(contact, version=contact.version + 1)
    if draft is None or refused is None:
        return (Put(contact, draft or refused),)
    return Put(contact, draft), Put(msgspec.structs.replace(contact, version=contact.version + 1), refused)


def _draft(
    kind: ChangeKind, token: AccessToken, weighing: Weighing, values: Mapping[str, tuple[Scalar, Scalar]] | None = None
) -> Draft:
    told = {**weighing.values, **(values or {})}
    return Draft(kind, Channel.API, token.actor, verdicts=weighing.applied, values=told)


def _refused(token: AccessToken, weighing: Weighing) -> Draft | None:
    if not weighing.refused:
        return None
    told = weighing.refused_values
    return Draft(ChangeKind.IGNORED, Channel.API, token.actor, verdicts=weighing.refused, values=told)


def _written(
    puts: tuple[Put, ...], weighing: Weighing, put_keys: tuple[KeyRow, ...], drop_keys: tuple[KeyRow, ...]
) -> Effects:
    return Effects(
        Written(puts[-1].contact, weighing.receipt),
        puts=puts,
        put_keys=put_keys,
        drop_keys=drop_keys,
        rules=weighing.rules,
        new_rules=weighing.new_rules,
    )
