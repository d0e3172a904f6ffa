"""Whom does a company's backend mean that names somebody by an id of ours, an id of its own, or an e-mail address?

- The company's own id is byte for byte a user's. An address is only as good as who has given it: it means the one user
  for whom somebody vouches, else the one for whom it was relayed, else the one there is. Among several nobody guesses.
- Whoever was found by an address that nobody vouches for is found, but not surely: what is said of her then is not
  verified. Otherwise Mallory, who claims Alice's address, would be vouched for as Alice.

Source: spec §5.3, §9 ("trust is inherited, never gained"); contract/intercom-notes.md §1.3 (conflict).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from avow.errors import BadInput, Conflict, NotFound
from avow.flow.contacts.identity import is_given, is_vouched, naming
from avow.flow.contacts.reading import present
from avow.flow.contract import MOST_OF_ADDRESS, KeyKind, LookupKey, Store
from avow.flow.desk import Desk
from avow.flow.work import Wants
from avow.trust.access import Mode
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId


class Whom(msgspec.Struct, frozen=True):
    """One of the three; the address is folded."""

    contact_id: ContactId | None = None
    user_id: str | None = None
    email: str | None = None

    def wants(self, workspace_id: WorkspaceId) -> Wants:
        """What must be on the table to find her."""
        if self.contact_id is not None:
            return Wants(ids=(self.contact_id,))
        return Wants((self._key(workspace_id),))

    def _key(self, workspace_id: WorkspaceId) -> LookupKey:
        if self.user_id is not None:
            return LookupKey(workspace_id, KeyKind.EXTERNAL_ID, self.user_id)
        return LookupKey(workspace_id, KeyKind.EMAIL, self.email or "")


class Found(msgspec.Struct, frozen=True):
    """Who is meant, and whether that is sure."""

    contact: Contact
    sure: bool = True


def on_desk(whom: Whom, desk: Desk) -> Found:
    """Who is meant, in the transaction that writes. Raises `NotFound`, `Gone` or `Conflict`."""
    if whom.contact_id is not None:
        return Found(present(desk.contacts.get(whom.contact_id)))
    key = whom._key(desk.workspace_id)
    if whom.user_id is not None:
        return Found(present(desk.found(key)))
    return _of_address(desk.all_found(key), key.value)


def refuse_another(contact: Contact, whom: Whom, desk: Desk, mode: Mode) -> None:
    """Raise `BadInput` where a further name is somebody else's than this contact's.

    An address counts only where it names a user to who speaks so. It names no lead, and one of a crowd names nobody:
    Alice's events are not stopped by those who claim hers.
    """
    if whom.user_id is not None and contact.external_id != whom.user_id:
        message = "user_id is not this contact's. Name one person: by id, or by user_id."
        raise BadInput(message, field="user_id")
    if whom.email is None or (key := whom._key(desk.workspace_id)) in desk.crowded:
        return
    names = naming(mode)
    people = [one for one in _users(desk.all_found(key)) if names(one, whom.email)]
    if people and contact.id not in [one.id for one in people]:
        message = "email is somebody else's. Name one person: by id, by user_id, or by email."
        raise BadInput(message, field="email")


async def find(store: Store, workspace_id: WorkspaceId, whom: Whom) -> Contact:
    """Who is meant, for whoever reads. Raises `NotFound`, `Gone` or `Conflict`."""
    if whom.contact_id is not None:
        return present(await store.contact(workspace_id, whom.contact_id))
    key = whom._key(workspace_id)
    ids = [row.contact_id for row in await store.find(key) if row.contact_id is not None]
    if len(ids) > MOST_OF_ADDRESS:
        raise _several()
    people = [one for contact_id in ids if (one := await store.contact(workspace_id, contact_id)) is not None]
    if whom.user_id is not None:
        return present(people[0] if people else None)
    return _of_address(people, key.value).contact


def _of_address(people: Sequence[Contact], email: str) -> Found:
    users = _users(people)
    vouched = [one for one in users if is_vouched(one, email)]
    meant = vouched or [one for one in users if is_given(one, email)] or users
    if not meant:
        raise NotFound("There is no user with this email in this workspace. Name a lead by her id.", field="email")
    if len(meant) > 1:
        raise _several()
    return Found(meant[0], sure=bool(vouched))


def _several() -> Conflict:
    return Conflict("Several users have this email. Name the one that is meant by user_id or id.", field="email")


def _users(people: Sequence[Contact]) -> list[Contact]:
    """Whom an address may name: users, and none who became part of another."""
    return [one for one in people if one.role is Role.USER and one.merged_into is None]
