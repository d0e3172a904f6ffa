"""What happens to visitors when a company's backend asks: found by the public id of their browser, written, converted.

- The public id is a name and no proof: it says which visitor is meant to somebody who holds an access token.
- Written by REST, a visitor's values are vouched for, or relayed, as anybody's are.
- Converted to a lead, the visitor stays itself. Converted to a user, it becomes part of that user as in any merge:
  unverified values are weighed again (§5.6), its browser's session leads nowhere any more, and whoever says so vouches.
- An address is a name only where somebody vouches for it; to a relaying token, also where it was relayed.

Source: spec §5.5, §5.6; contract/intercom-notes.md §4.2.
"""

from __future__ import annotations

import msgspec

from avow.errors import BadInput, Conflict, NotFound
from avow.flow.contacts import identity
from avow.flow.contacts.absorption import absorbed_by_hand
from avow.flow.contacts.callers import Asked, Speaker, require_vouching, standing_token
from avow.flow.contacts.fields import Fields
from avow.flow.contacts.merging import merged, refuse_blocked
from avow.flow.contacts.reading import present
from avow.flow.contacts.writing import Written, created, updated
from avow.flow.contract import KeyKind, LookupKey, Store
from avow.flow.desk import Desk
from avow.flow.work import Effects, Put, Wants
from avow.trust.access import Mode, Scope
from avow.trust.change import ChangeKind, Draft
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId
from avow.trust.identity import fold_email


class Named(msgspec.Struct, frozen=True):
    """Who is meant: by contact id, else by `user_id` (a visitor's is the public id of its browser), else by e-mail."""

    contact_id: ContactId | None = None
    user_id: str | None = None
    email: str | None = None


async def find_visitor(store: Store, workspace_id: WorkspaceId, named: Named) -> Contact:
    """The visitor of that id or public id. Raises `NotFound`, or `Gone` where it became part of somebody."""
    contact_id = named.contact_id
    if contact_id is None and named.user_id is not None:
        rows = await store.find(LookupKey(workspace_id, KeyKind.ANONYMOUS, named.user_id))
        contact_id = rows[0].contact_id if rows else None
    return _visitor(await store.contact(workspace_id, contact_id) if contact_id is not None else None)


async def anonymous_id_of(store: Store, contact: Contact) -> str | None:
    """The public id of a visitor's browser."""
    rows = await store.keys_of(contact.workspace_id, contact.id)
    return next((row.key.value for row in rows if row.key.kind is KeyKind.ANONYMOUS), None)


class _AskedOfVisitor(Asked, frozen=True, kw_only=True):
    visitor: Named

    @property
    def outcome(self) -> type[Written]:
        """What is kept for a retry."""
        return Written

    def wants(self) -> Wants:
        """The visitor."""
        named, keys = self.visitor, []
        if named.contact_id is not None:
            return Wants(ids=(named.contact_id,))
        if named.user_id is not None:
            keys.append(LookupKey(self.workspace_id, KeyKind.ANONYMOUS, named.user_id))
        elif named.email is not None:
            keys.append(LookupKey(self.workspace_id, KeyKind.EMAIL, fold_email(named.email)))
        return Wants(tuple(keys))

    def _found(self, desk: Desk, speaker: Speaker) -> Contact:
        named = self.visitor
        if named.contact_id is not None:
            return _visitor(desk.contacts.get(named.contact_id))
        if named.user_id is not None:
            return _visitor(desk.found(desk.key(KeyKind.ANONYMOUS, named.user_id)))
        return _visitor(_with_email(desk, named.email, Role.VISITOR, speaker.mode))


class UpdateVisitor(_AskedOfVisitor, frozen=True, kw_only=True):
    """Some values of a visitor."""

    fields: Fields

    def weigh(self, desk: Desk) -> Effects:
        """Update. Raises `NotFound`, `Gone` or `BadInputs`."""
        speaker = Speaker.of(standing_token(desk, self.token, Scope.WRITE_CONTACTS))
        return updated(desk, self._found(desk, speaker), speaker, self.fields)


class ConvertVisitor(_AskedOfVisitor, frozen=True, kw_only=True):
    """A visitor becomes a lead, or part of a user or lead (`into`: who that is; somebody new where nobody is)."""

    role: Role
    into: Named

    def wants(self) -> Wants:
        """The visitor, and whom it shall become."""
        visitor = super().wants()
        ids = (self.into.contact_id,) if self.into.contact_id is not None else ()
        return Wants((*visitor.keys, *identity.keys_of(self.workspace_id, self._fields())), (*visitor.ids, *ids))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Whether the user_id was erased once."""
        return identity.erased_keys(desk, self._fields())

    def weigh(self, desk: Desk) -> Effects:
        """Convert. Raises `NotFound`, `Gone`, `Forbidden`, `Conflict` or `BadInput`."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        speaker = Speaker.of(token)
        visitor = self._found(desk, speaker)
        refuse_blocked(visitor)
        if self.role is Role.LEAD and self.into.contact_id is None:
            return self._becoming_a_lead(desk, visitor, speaker)
        require_vouching(token)
        host = self._host(desk, speaker)
        return (
            self._joining_a_new_user(desk, visitor, speaker) if host is None else merged(desk, host, visitor, speaker)
        )

    def _becoming_a_lead(self, desk: Desk, visitor: Contact, speaker: Speaker) -> Effects:
        effects = updated(desk, visitor, speaker, self._fields())
        first, *rest = effects.puts
        assert first.draft is not None  # the role has changed
        told = msgspec.structs.replace(first.draft, kind=ChangeKind.CONVERTED)
        return msgspec.structs.replace(effects, puts=(Put(first.contact, told), *rest))

    def _joining_a_new_user(self, desk: Desk, visitor: Contact, speaker: Speaker) -> Effects:
        effects = created(desk, speaker, self._fields())
        by = Draft(ChangeKind.MERGED, speaker.channel, speaker.actor)
        it = absorbed_by_hand(desk, effects.puts[-1].contact, visitor, by)
        result = Written(it.contact, (*effects.result.verdicts, *it.verdicts))
        return msgspec.structs.replace(effects, result=result, puts=(*effects.puts, *it.puts))

    def _host(self, desk: Desk, speaker: Speaker) -> Contact | None:
        """Whom the visitor becomes part of, if she is there."""
        into = self.into
        if into.contact_id is not None:
            host = present(desk.contacts.get(into.contact_id))
        elif into.user_id is not None:
            found = desk.found(desk.key(KeyKind.EXTERNAL_ID, into.user_id))
            if found is None:
                return None
            host = found
        elif (by_email := _with_email(desk, into.email, Role.USER, speaker.mode)) is not None:
            host = by_email
        else:
            return None
        if host.role is not self.role:
            raise BadInput(f"user is a {host.role}, and type says {self.role}. Send the type that it is.", field="type")
        return host

    def _fields(self) -> Fields:
        into = self.into
        values = {} if into.email is None else {"email": into.email}
        if into.user_id is None:
            return Fields(role=self.role, raw_values=values)
        return Fields(role=self.role, external_id=into.user_id, raw_values=values)


def _visitor(contact: Contact | None) -> Contact:
    if contact is None:
        raise NotFound("Visitor Not Found. Visitors are stored with their first write, and go by id or user_id.")
    present(contact)
    if contact.role is not Role.VISITOR:
        raise NotFound(f"Visitor Not Found. It is a {contact.role} by now: look among the contacts, id={contact.id}")
    return contact


def _with_email(desk: Desk, email: str | None, role: Role, mode: Mode) -> Contact | None:
    """The one contact of that role whom this address names to who speaks so. Raises `Conflict` for several."""
    if email is None:
        return None
    folded = fold_email(email)
    everybody = desk.all_found(desk.key(KeyKind.EMAIL, folded))
    names = identity.naming(mode)
    found = [one for one in everybody if one.role is role and names(one, folded)]
    if len(found) > 1:
        raise Conflict("Several have this e-mail address. Send the id or the user_id instead.", field="email")
    return found[0] if found else None
