"""How is forgotten what was ignored? After the owner's time, record by record: its values, and what is held of it.

The facts stay, so that the chain still verifies; what was held and not accepted is gone.
Source: spec §1 (retention), §7.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.flow.committer import Committer
from avow.flow.contacts.reading import today
from avow.flow.contract import Fading, LookupKey, Store
from avow.flow.desk import Desk
from avow.flow.work import Effects, Idempotency, Put, Wants
from avow.trust.contact import Contact, WorkspaceId
from avow.trust.policy import Policy
from avow.trust.rules import Rules

STEP: Final = 100
_DAY: Final = 86_400
_HOUR: Final = 3_600
"""A repeat within the hour renews what is held without a record of its own: a record is let go an hour late."""


class Fade(msgspec.Struct, frozen=True):
    """One record whose time is up, and since when values may be held (Unix seconds)."""

    record: Fading
    held_since: float

    @property
    def workspace_id(self) -> WorkspaceId:
        """Where it is."""
        return self.record.workspace_id

    @property
    def idempotency(self) -> Idempotency | None:
        """Nobody asks for it, so nobody asks again."""
        return None

    @property
    def outcome(self) -> type[None]:
        """There is nothing to answer."""
        return type(None)

    def authenticate(self, desk: Desk) -> None:
        """Nobody asks for this."""

    def wants(self) -> Wants:
        """The contact."""
        return Wants(ids=(self.record.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Nothing more."""
        return ()

    def weigh(self, desk: Desk) -> Effects:
        """Let go of the record's values, and of whatever its contact has held for too long."""
        contact = desk.contacts.get(self.record.contact_id)
        if contact is None or (kept := _without_expired(contact, desk.rules, self.held_since)) is contact:
            return Effects(None, faded=(self.record,))
        return Effects(None, puts=(Put(kept),), faded=(self.record,))


def _without_expired(contact: Contact, rules: Rules, held_since: float) -> Contact:
    expired = {
        name: msgspec.structs.replace(holding, held=None)
        for name, _, holding in today(contact, rules)
        if holding.held is not None and holding.held.last_at < held_since
    }
    if not expired:
        return contact
    return msgspec.structs.replace(contact, version=contact.version + 1, holdings=contact.holdings | expired)


async def fade(store: Store, committer: Committer, workspace_id: WorkspaceId, policy: Policy, now: float) -> int:
    """Let go of everything in a workspace whose time is up; returns how many records that were."""
    held_since, count = now - policy.retention_days * _DAY, 0
    while records := await store.fading(workspace_id, before=held_since - _HOUR, limit=STEP):
        for record in records:
            await committer.submit(Fade(record, held_since))
        count += len(records)
    return count
