"""What does one contact lose, in the transaction that writes? The slots of a distrusted key, and what they led to.

- Weighed is the contact as it stands there: what was found in its records before is used for those slots alone that it
  was found for. Whatever has come to stand there since is looked up again (`again`), and nothing is written.
- One record tells what fell and by which key; what a locked attribute has lost is held, and told in a record of its
  own, which lasts only as long as held values do.

Source: spec §4 "Keys" (distrust), §7.
"""

from __future__ import annotations

import msgspec

from avow.errors import Unavailable
from avow.flow.contacts.identity import outdated_proofs
from avow.flow.contacts.reading import held_since, holding_today, today
from avow.flow.contract import LookupKey
from avow.flow.desk import Desk
from avow.flow.distrust.evidence import Evidence
from avow.flow.work import Effects, Idempotency, Put, Wants
from avow.trust.audit.vouching import is_trusted
from avow.trust.change import ChangeKind, Draft, Outcome, Verdict
from avow.trust.contact import Channel, Contact, ContactId, Holding, Scalar, WorkspaceId
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.weighing.distrust import Doubt, Fall, Fallen, fallen_slots, kept_aside, weigh


class Lost(msgspec.Struct, frozen=True):
    """What became of one contact: by attribute. `again`: its records have to be read once more; `into`: who she is now.

    `gone`: there is no such contact any more.
    """

    falls: dict[str, Fall] = {}
    again: bool = False
    into: ContactId | None = None
    gone: bool = False


class Falling(msgspec.Struct, frozen=True, kw_only=True):
    """One contact, weighed by what its records told."""

    workspace_id: WorkspaceId
    contact_id: ContactId
    kid: str
    actor: str
    evidence: Evidence

    @property
    def idempotency(self) -> Idempotency | None:
        """What has fallen falls only once."""
        return None

    @property
    def outcome(self) -> type[Lost]:
        """Never kept."""
        return Lost

    def authenticate(self, desk: Desk) -> None:
        """Whoever distrusted the key was asked then."""

    def wants(self) -> Wants:
        """The contact."""
        return Wants(ids=(self.contact_id,))

    def wants_more(self, desk: Desk) -> tuple[LookupKey, ...]:
        """Nothing more."""
        return ()

    def weigh(self, desk: Desk) -> Effects:
        """Let fall what falls. Raises `Unavailable` where the key is not distrusted, as far as this process can see."""
        ready = desk.rules.keyring.find(self.kid)
        if ready is None or ready.key.distrusted_since is None:
            raise Unavailable("The key is not distrusted by the rules that this process sees. Try again.")
        contact = desk.contacts.get(self.contact_id)
        if contact is None or contact.merged_into is not None:
            return Effects(Lost(gone=contact is None, into=contact.merged_into if contact else None))
        doubt = Doubt(self.kid, ready.key.distrusted_since)
        fallen = weigh_all(contact, desk.rules, doubt, self.evidence)
        if fallen is None:
            return Effects(Lost(again=True))
        if not fallen:
            return Effects(Lost())
        puts = _puts(contact, fallen, desk, self.kid, self.actor)
        falls = {name: one.fall for name, one in fallen.items()}
        return Effects(Lost(falls), puts=puts, drop_keys=tuple(outdated_proofs(desk, contact, puts[-1].contact)))


def weigh_all(contact: Contact, rules: Rules, doubt: Doubt, evidence: Evidence) -> dict[str, Fallen] | None:
    """What becomes of every attribute that does not stand as it is.

    None where the evidence is none for a slot that falls: it was written, or moved by a merge, since; or the slot
    before it is a key's that is distrusted by now.
    """
    for place in fallen_slots(contact, doubt).items():
        if place not in evidence.earlier or not is_trusted(evidence.earlier[place], rules.keyring):
            return None
    fallen: dict[str, Fallen] = {}
    for name, attribute, holding in today(contact, rules):
        slot = holding.verified_slot
        earlier = evidence.earlier.get((name, slot.source.change)) if slot is not None else None
        one = weigh(holding, attribute, doubt, earlier, evidence.doubted, contact.version + 1)
        if one is not None:
            fallen[name] = one
    return fallen


def _puts(contact: Contact, fallen: dict[str, Fallen], desk: Desk, kid: str, actor: str) -> tuple[Put, ...]:
    holdings = {**contact.holdings, **{name: one.holding for name, one in fallen.items()}}
    version = contact.version + 1
    after = msgspec.structs.replace(contact, version=version, updated_at=desk.now, holdings=holdings)
    verdicts, values = _told(contact, desk.rules, fallen)
    draft = Draft(ChangeKind.DISTRUSTED, None, actor, kid, verdicts=verdicts, values=values)
    lost = {name: one.to_hold for name, one in fallen.items() if one.to_hold is not None}
    since = held_since(desk.rules.policy, desk.now)
    kept = {name: slot for name, slot in lost.items() if not _holds(holdings[name], since)}
    if not kept:
        return (Put(after, draft),)
    version += 1
    for name, slot in kept.items():
        held = kept_aside(slot, desk.now, version)
        holdings[name] = msgspec.structs.replace(holdings[name], held=held)
    refused = tuple(Verdict(name, Outcome.IGNORED, Channel.SIGNED, Reason.KEY_COMPROMISED) for name in kept)
    asked = {name: (holdings[name].value, slot.value) for name, slot in kept.items()}
    ignored = Draft(ChangeKind.IGNORED, None, actor, verdicts=refused, values=asked)
    return Put(after, draft), Put(msgspec.structs.replace(after, version=version), ignored)


def _holds(holding: Holding, since: float) -> bool:
    """Whether something is held already: what a browser said is not pushed out."""
    return holding.held is not None and holding.held.last_at >= since


def _told(
    contact: Contact, rules: Rules, fallen: dict[str, Fallen]
) -> tuple[tuple[Verdict, ...], dict[str, tuple[Scalar, Scalar]]]:
    """A verdict for each attribute, and the values of those whose current value, or whose trust in it, is another."""
    verdicts = []
    values: dict[str, tuple[Scalar, Scalar]] = {}
    for name, one in fallen.items():
        before = holding_today(contact, name, rules)
        moved = before.source != one.holding.source and one.fall is not Fall.DATE_LOWERED
        outcome = Outcome.APPLIED if moved else Outcome.UNCHANGED
        verdicts.append(Verdict(name, outcome, Channel.SIGNED, Reason.KEY_COMPROMISED))
        if moved:
            values[name] = (before.value, one.holding.value)
    return tuple(verdicts), values
