"""By what is a contact looked up, and who is found? The keys that the flows and a database hand each other.

Source: scale.md rules 3 and 4, spec §4 V12.
"""

from __future__ import annotations

from typing import Final

import msgspec

from avow.trust.contact import ContactId, WorkspaceId
from avow.trust.words import Word


class KeyKind(Word):
    """What a contact can be looked up by. E-mails and their proofs are stored with ASCII letters folded.

    `ANONYMOUS` is the public id of a visitor's browser, which proves nothing; `SESSION` is what does. `NOTE` is the
    number of a note that was written of her. `EMAIL_ALONE` leads from an address to those of its users whom no external
    id names: few, whoever else claims it. `ENDED` is her own id, once something has ended what proved her (V12).
    """

    EXTERNAL_ID = "external_id"
    EMAIL = "email"
    EMAIL_ALONE = "email_alone"
    EMAIL_PROOF = "email_proof"
    SESSION = "session"
    ANONYMOUS = "anonymous_id"
    NOTE = "note"
    ERASED = "erased"
    ENDED = "ended"


SHARED: Final = frozenset({KeyKind.EMAIL, KeyKind.EMAIL_ALONE})
"""What may lead to several contacts."""
MOST_OF_ADDRESS: Final = 100
"""How many people of one address are looked at. Of a crowd, `find` tells one more, by which it is known as one."""


class LookupKey(msgspec.Struct, frozen=True):
    """One exact value to look up. Sessions and erased ids are given as hex digests, never in clear."""

    workspace_id: WorkspaceId
    kind: KeyKind
    value: str


class KeyRow(msgspec.Struct, frozen=True):
    """Who a key leads to. A `SHARED` kind may lead to several contacts, every other one to one at most.

    `not_before` (whole Unix seconds) is `tokens_not_before` of that identity (V12); an `ERASED` row has no contact.
    Putting a row whose key leads to the same contact already raises its `not_before` (`over`); to another one:
    `WriteConflict`. Dropping a row that leads elsewhere by now, or nowhere, changes nothing.
    """

    key: LookupKey
    contact_id: ContactId | None
    not_before: int | None = None

    def over(self, stood: KeyRow | None) -> KeyRow:
        """This row where another one of the same contact stood: what has ended stays ended, whatever a clock says."""
        if stood is None or stood.not_before is None or (self.not_before or 0) >= stood.not_before:
            return self
        return KeyRow(self.key, self.contact_id, stood.not_before)
