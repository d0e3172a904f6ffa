"""What happens when somebody at the company says that a lead is a user: the lead becomes part of the user.

- Only a lead into a user, and only who looks the same (e-mail or phone), unless the caller says that it looked.
- Two values that look the same prove nothing: the lead's unverified values are weighed again as `messenger` (§5.6).
- Saying that two contacts are one person vouches for it: a relaying access token may not.
- A blocked lead stays outside, or blocking would end with a merge.

Source: spec §5.6 ("Teammates may merge by hand"); contract/intercom-notes.md §4.2.
"""

from __future__ import annotations

import msgspec

from avow.errors import BadInput
from avow.flow.contacts.absorption import absorbed_by_hand
from avow.flow.contacts.callers import Asked, Speaker, require_vouching, standing_token
from avow.flow.contacts.identity import email_of, outdated_proofs
from avow.flow.contacts.reading import present
from avow.flow.contacts.writing import Written
from avow.flow.desk import Desk
from avow.flow.work import Effects, Wants
from avow.trust.access import Scope
from avow.trust.change import ChangeKind, Draft
from avow.trust.contact import Contact, ContactId, Role
from avow.trust.words import Word


class Likeness(Word):
    """What is asked of two contacts before they become one."""

    LOOKED_FOR = "looked_for"
    TAKEN_AS_READ = "taken_as_read"


class MergeContacts(Asked, frozen=True, kw_only=True):
    """One lead into one user."""

    source: ContactId
    target: ContactId
    likeness: Likeness = Likeness.LOOKED_FOR

    @property
    def outcome(self) -> type[Written]:
        """What is kept for a retry."""
        return Written

    def wants(self) -> Wants:
        """Both."""
        return Wants(ids=(self.source, self.target))

    def weigh(self, desk: Desk) -> Effects:
        """Merge. Raises `NotFound`, `Gone`, `Forbidden`, or `BadInput` (invalid_merge)."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        require_vouching(token, "say that two are one person")
        lead, user = present(desk.contacts.get(self.source)), present(desk.contacts.get(self.target))
        refuse_roles(lead, user)
        if self.likeness is Likeness.LOOKED_FOR and not _alike(lead, user):
            raise BadInput(
                "Contacts can only be merged when they are duplicates (matching email or phone). "
                "Pass skip_duplicate_validation=true to override this check.",
                code="invalid_merge",
            )
        return merged(desk, user, lead, Speaker.of(token))


def refuse_roles(lead: Contact, user: Contact) -> None:
    """Raise `BadInput` (invalid_merge) for anything but a lead and a user."""
    if lead.role is not Role.LEAD:
        raise BadInput(f"from is a {lead.role}. Only a lead is merged into a user.", code="invalid_merge", field="from")
    if user.role is not Role.USER:
        raise BadInput(f"into is a {user.role}. A lead is merged into a user only.", code="invalid_merge", field="into")


def merged(desk: Desk, host: Contact, guest: Contact, speaker: Speaker) -> Effects:
    """The guest made part of the host. Raises `BadInput` (invalid_merge) where the guest is blocked."""
    refuse_blocked(guest)
    seen = [at for at in (host.last_seen_at, guest.last_seen_at) if at is not None]
    before = msgspec.structs.replace(host, last_seen_at=max(seen, default=None))
    it = absorbed_by_hand(desk, before, guest, Draft(ChangeKind.MERGED, speaker.channel, speaker.actor))
    return Effects(
        Written(it.contact, it.verdicts), puts=it.puts, drop_keys=tuple(outdated_proofs(desk, host, it.contact))
    )


def refuse_blocked(guest: Contact) -> None:
    """Raise `BadInput` (invalid_merge) for somebody who is blocked, and would be so no more as part of another."""
    if guest.blocked_at is not None:
        raise BadInput("The contact to merge or convert is blocked. Unblock it first.", code="invalid_merge")


def _alike(lead: Contact, user: Contact) -> bool:
    email, phone = email_of(lead), lead.holding("phone").value
    return (email is not None and email == email_of(user)) or (
        phone is not None and phone == user.holding("phone").value
    )
