"""What happens when a company's backend writes a contact by REST: it is created, updated or erased, by the committer.

- A vouching access token's values are verified, a relaying one's are not; the token is looked at again in the
  transaction that writes, so that a revoked one writes nothing any more.
- What fails D1-D4 refuses the whole request, one error for each field; a value that D6 ignores is a verdict.
- What is told apart: what was applied, in the record that stays, from what was refused, in one that runs out (§1).

Source: spec §3, §6, §7. Who a contact is, is `identity.py`'s.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from avow.flow.contacts import identity
from avow.flow.contacts.callers import Asked, AskedOf, Speaker, standing_token
from avow.flow.contacts.fields import Fields, Weighing, weigh_fields
from avow.flow.contacts.reading import present
from avow.flow.contract import KeyRow, LookupKey
from avow.flow.desk import Desk
from avow.flow.work import Effects, Elsewhere, Put, Wants
from avow.trust.access import Scope
from avow.trust.change import ChangeKind, Draft, Verdict
from avow.trust.contact import Channel, Contact, ContactId, Role, Scalar
from avow.trust.traffic import label_without_page


class Written(msgspec.Struct, frozen=True):
    """A contact as it now stands, and one verdict a value."""

    contact: Contact
    verdicts: tuple[Verdict, ...] = ()


class Erased(msgspec.Struct, frozen=True):
    """Who was erased. `external_id` is None by REST, where this may be kept for a retry: nothing of her is kept."""

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
        return Wants(identity.keys_of(self.workspace_id, self.fields))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Whether the external_id was erased once."""
        return identity.erased_keys(desk, self.fields)

    def weigh(self, desk: Desk) -> Effects:
        """Create. Raises `BadInputs`, or `Conflict` (its message ends with the id of whoever is there already)."""
        return created(desk, Speaker.of(standing_token(desk, self.token, Scope.WRITE_CONTACTS)), self.fields)


class UpdateContact(AskedOf, frozen=True, kw_only=True):
    """Some fields of a contact: what is not named stays as it is, custom attributes merge, `null` clears."""

    fields: Fields

    @property
    def outcome(self) -> type[Written]:
        """What is kept for a retry."""
        return Written

    def wants(self) -> Wants:
        """The contact, and whoever has the external_id or e-mail that it is to get."""
        return Wants(identity.keys_of(self.workspace_id, self.fields), (self.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Whether the external_id was erased once."""
        return identity.erased_keys(desk, self.fields)

    def weigh(self, desk: Desk) -> Effects:
        """Update. Raises `NotFound`, `Gone`, `BadInputs` or `Conflict`."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        return updated(desk, present(desk.contacts.get(self.contact_id)), Speaker.of(token), self.fields)


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
        return erased(desk, contact, Channel.API, token.actor, Erased(contact.id))


def erased(desk: Desk, contact: Contact, channel: Channel | None, actor: str, outcome: Erased) -> Effects:
    """All that erasing takes. `channel` is None for an operator, who comes by none."""
    tombstone = Draft(ChangeKind.ERASED, channel, actor)
    put = Put(msgspec.structs.replace(contact, version=contact.version + 1), tombstone)
    ended = () if contact.external_id is None else (identity.ended(desk, contact.external_id),)
    return Effects(outcome, put_keys=ended, erase=put)


def created(desk: Desk, speaker: Speaker, fields: Fields) -> Effects:
    """A new contact, as these fields say. Raises `BadInputs` or `Conflict`."""
    role = fields.role or Role.USER
    errors = identity.errors_of(role, fields.external_id or None)
    blank = desk.blank(role, external_id=fields.external_id or None)
    weighing = weigh_fields(desk, blank, speaker, fields.without_clears(), errors)
    identity.refuse_duplicates(desk, weighing.contact, fields)
    draft = _draft(ChangeKind.CREATED, speaker, weighing, identity.given_to(blank))
    puts = _puts(weighing.contact, draft, _refused(speaker, weighing))
    return _written(puts, speaker, weighing, identity.named(desk, puts[0].contact), ())


def updated(desk: Desk, before: Contact, speaker: Speaker, fields: Fields) -> Effects:
    """A contact that is there, as these fields want it. Raises `BadInputs`, `Conflict` or `Forbidden`."""
    renamed, errors = identity.renamed(before, fields)
    identity.refuse_relayed_name(before, renamed, speaker)
    weighing = weigh_fields(desk, renamed, speaker, fields, errors)
    after = weighing.contact
    identity.check_promotion(before, after)
    identity.refuse_duplicates(desk, after, fields, before)
    values = identity.values_of(before, after)
    if after == before:
        return Effects(Written(before, weighing.receipt), about=before.id, elsewhere=_elsewhere(speaker, weighing))
    draft = None
    if weighing.applied or values:
        draft = _draft(ChangeKind.UPDATED, speaker, weighing, values)
        after = msgspec.structs.replace(after, updated_at=desk.now)
    puts = _puts(after, draft, _refused(speaker, weighing))
    put_keys, drop_keys = identity.rekeyed(desk, before, after)
    return _written(puts, speaker, weighing, put_keys, (*drop_keys, *identity.outdated_proofs(desk, before, after)))


def _puts(contact: Contact, draft: Draft | None, refused: Draft | None) -> tuple[Put, ...]:
    """The contact one version on, with its record; what was refused is told in a record of its own."""
    contact = msgspec.structs.replace(contact, version=contact.version + 1)
    if draft is None or refused is None:
        return (Put(contact, draft or refused),)
    return Put(contact, draft), Put(msgspec.structs.replace(contact, version=contact.version + 1), refused)


def _draft(
    kind: ChangeKind, speaker: Speaker, weighing: Weighing, values: Mapping[str, tuple[Scalar, Scalar]] | None = None
) -> Draft:
    told = {**weighing.values, **(values or {})}
    return Draft(kind, speaker.channel, speaker.actor, verdicts=weighing.applied, values=told)


def _refused(speaker: Speaker, weighing: Weighing) -> Draft | None:
    if not weighing.refused:
        return None
    told = weighing.refused_values
    return Draft(ChangeKind.IGNORED, speaker.channel, speaker.actor, verdicts=weighing.refused, values=told)


def _elsewhere(speaker: Speaker, weighing: Weighing) -> tuple[Elsewhere, ...]:
    """What a lock would ignore of it, for the counters."""
    if not weighing.arrivals:
        return ()
    return (Elsewhere(weighing.contact.id, weighing.arrivals, label_without_page(speaker.channel, speaker.name)),)


def _written(
    puts: tuple[Put, ...],
    speaker: Speaker,
    weighing: Weighing,
    put_keys: tuple[KeyRow, ...],
    drop_keys: tuple[KeyRow, ...],
) -> Effects:
    return Effects(
        Written(puts[-1].contact, weighing.receipt),
        puts=puts,
        put_keys=put_keys,
        drop_keys=drop_keys,
        rules=weighing.rules,
        new_rules=weighing.new_rules,
        elsewhere=_elsewhere(speaker, weighing),
    )
