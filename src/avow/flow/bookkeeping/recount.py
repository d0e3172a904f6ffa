"""Counting, a little later, what was ignored again: bookkeeping that no answer waits for."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from avow.flow.contract import LookupKey
from avow.flow.desk import Desk
from avow.flow.work import Effects, Idempotency, Put, Wants
from avow.trust.contact import ContactId, WorkspaceId
from avow.trust.weighing.repeats import Again, count_again


class Recount(msgspec.Struct, frozen=True):
    """So many repeats for each thing that is on record already. A contact that is gone by now takes no more counts."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    repeats: Mapping[Again, int]

    @property
    def idempotency(self) -> Idempotency | None:
        """Counting is not asked for by anybody, and never replayed."""
        return None

    @property
    def outcome(self) -> type[None]:
        """There is nothing to answer."""
        return type(None)

    def authenticate(self, desk: Desk) -> None:
        """Nobody asks for this."""

    def wants(self) -> Wants:
        """The contact."""
        return Wants(ids=(self.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Nothing more."""
        return ()

    def weigh(self, desk: Desk) -> Effects:
        """The contact with its counts raised, without a change record."""
        contact = desk.contacts.get(self.contact_id)
        if contact is None:
            return Effects(None)
        counted = count_again(contact, self.repeats, desk.now)
        return Effects(None, puts=(Put(msgspec.structs.replace(counted, version=contact.version + 1)),))
