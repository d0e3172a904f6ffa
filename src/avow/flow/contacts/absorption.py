"""What happens when a visitor or lead becomes part of another contact: both chains tell of it, each value is weighed.

- What of the guest may become the host's is `trust/weighing/merging.py`'s to say: nothing gains trust on the way.
- What was refused is told in a record of its own, whose values last only as long as held values do (§1).
- The guest keeps its id, its role and its chain, and leads to the host; its values, and what led to it by them, go.

Source: spec §5.6.
"""

from __future__ import annotations

import msgspec

from avow.flow.desk import Desk
from avow.flow.work import Put
from avow.trust.change import ChangeKind, Draft, Outcome, Verdict
from avow.trust.contact import Contact
from avow.trust.weighing.merging import Merging, absorb, absorb_by_hand


class Absorbed(msgspec.Struct, frozen=True):
    """The host as it shall stand, what is to be put, and one verdict for each of the guest's values."""

    contact: Contact
    puts: tuple[Put, ...]
    verdicts: tuple[Verdict, ...]


def absorbed(desk: Desk, host: Contact, guest: Contact, by: Draft) -> Absorbed:
    """Merge the guest into the host, whom the same browser has proven.

    `by` tells in whose name: its kind, verdicts and values are filled in here.
    """
    return _joined(desk, host, guest, absorb(host, guest, desk.rules, desk.now), by)


def absorbed_by_hand(desk: Desk, host: Contact, guest: Contact, by: Draft) -> Absorbed:
    """The same where somebody at the company says that they are one person."""
    return _joined(desk, host, guest, absorb_by_hand(host, guest, desk.rules, desk.now), by)


def _joined(desk: Desk, host: Contact, guest: Contact, merging: Merging, by: Draft) -> Absorbed:
    host = _next(host, desk, holdings=merging.holdings)
    told = _told(by, ChangeKind.MERGED, merging.told(Outcome.APPLIED), other=guest.id, values=merging.values)
    puts = [Put(host, told)]
    if refused := merging.told(Outcome.IGNORED):
        host = msgspec.structs.replace(host, version=host.version + 1)
        puts.append(Put(host, _told(by, ChangeKind.IGNORED, refused, values=merging.refused_values)))
    gone = _next(guest, desk, holdings={}, ignored={}, merged_into=host.id)
    puts.append(Put(gone, _told(by, ChangeKind.MERGED_AWAY, other=host.id)))
    return Absorbed(host, tuple(puts), merging.verdicts)


def _next(contact: Contact, desk: Desk, **facts: object) -> Contact:
    return msgspec.structs.replace(contact, version=contact.version + 1, updated_at=desk.now, **facts)


def _told(by: Draft, kind: ChangeKind, verdicts: tuple[Verdict, ...] = (), **facts: object) -> Draft:
    return msgspec.structs.replace(by, kind=kind, verdicts=verdicts, **facts)
