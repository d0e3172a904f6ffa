"""Who compares the shop with the model, and sees to the promises that hold whatever the model says.

No unsigned change of a locked attribute, no slot that grows older, no verified value by a voice that vouches for
nothing, records that link and tell a refusal once an hour, and in the end a record for every value that is kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from avow.errors import AvowError, BadInputs, Gone, NotFound
from avow.trust.attribute import STANDARD, Attribute
from avow.trust.audit import chain
from avow.trust.change import GENESIS, Change, ChangeKind, Facts, Outcome, Verdict
from avow.trust.contact import NOTHING, Channel, Contact, ContactId, Holding, Role
from avow.trust.reasons import Reason
from avow.trust.weighing.checks import settled
from tests.support.model import Cell, Told
from tests.support.model_people import Model
from tests.support.shop import Shop
from tests.support.world import ACME

VEILED = {"stale", "undated", "already_known"}
VOUCHING = {Channel.SIGNED, Channel.API, Channel.TEAMMATE, Channel.WORKFLOW, Channel.IMPORT}


class Parted(AssertionError):
    """The shop and the model no longer agree, or a promise was broken."""


def agreed(holds: bool, otherwise: str, found: object) -> None:
    """Raise `Parted` unless it holds."""
    if not holds:
        raise Parted(f"{otherwise}; found {found!r}")


def told(verdicts: Iterable[Verdict]) -> list[Told]:
    """A receipt, as the model writes it."""
    return [(line.name, str(line.verdict), line.reason and str(line.reason)) for line in verdicts]


def refusal(outcome: object) -> str | None:
    """The code of a refusal, as the model calls it."""
    names = {BadInputs: "parameters", Gone: "contact_merged", NotFound: "not_found"}
    if not isinstance(outcome, AvowError):
        return None
    return names.get(type(outcome), outcome.code)


def compare(shop: Shop, model: Model) -> None:
    """Everything that is kept of everybody, and every attribute."""
    known = STANDARD | shop.attributes()
    for name, rule in model.rules.items():
        one = known.get(name)
        found = one and (one.type, one.enforcement, one.provisional, one.archived, one.ever_signed)
        wanted = (rule.kind, rule.enforcement, rule.provisional, rule.archived, rule.ever_signed)
        agreed(found == wanted, f"the attribute {name} is to be {wanted}", found)
    agreed(known.keys() - STANDARD.keys() <= model.rules.keys(), "an attribute came from nowhere", known.keys())
    contacts = shop.contacts()
    agreed({person.id for person in model.people} == contacts.keys(), "not the same people", contacts.keys())
    for person in model.people:
        contact = contacts[ContactId(person.id or "")]
        into = person.merged_into.id if person.merged_into else None
        who = (str(contact.role), contact.external_id, contact.merged_into)
        agreed(who == (person.role, person.external_id, into), f"expected {person}", who)
        for name in contact.holdings.keys() | person.cells.keys():
            holding, cell = contact.holding(name), person.cells.get(name, Cell())
            if holding != NOTHING or cell != Cell():
                _compare_cell(name, holding, cell, known[name])


def _compare_cell(name: str, holding: Holding, cell: Cell, attribute: Attribute) -> None:
    holding = settled(holding, attribute)
    source, slot, held = holding.source, holding.verified_slot, holding.held
    found = {
        "value": (type(holding.value), holding.value),
        "source": source and (source.channel, source.verified, source.by, source.signed_at, source.received_at),
        "slot": slot
        and (slot.value, slot.source.channel, slot.source.by, slot.source.signed_at, slot.source.received_at),
        "held": held and (held.value, held.channel, held.proven, held.first_at, held.last_at, held.count),
    }
    now, kept, back = cell.current, cell.slot, cell.held
    wanted = {
        "value": (type(cell.value), cell.value),
        "source": now and (now.channel, now.verified, now.by, now.signed_at, now.received_at),
        "slot": kept and (kept.value, kept.channel, kept.by, kept.signed_at, kept.received_at),
        "held": back and (back.value, back.channel, back.proven, back.first, back.last, back.count),
    }
    agreed(found == wanted, f"{name} is to be {wanted}", found)


class Witness:
    """What was seen of everybody so far, and what must not happen to it."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._seen: dict[ContactId, Contact] = {}
        self._named = {*STANDARD, *shop.attributes()}
        self._refused: set[tuple[ContactId, str, str, int, str | None]] = set()

    def watch(self, locks: set[str]) -> None:
        """After a step: `locks` names what was locked all the time."""
        contacts = self._shop.contacts()
        for contact_id, contact in contacts.items():
            before = self._seen.get(contact_id)
            if before is contact:
                continue
            for name, holding in contact.holdings.items():
                earlier = before.holding(name) if before is not None else NOTHING
                if holding is not earlier:
                    _keep_promises(contact, name, earlier, holding, locked=name in locks)
            self._read_records(before, contact)
        self._seen, self._named = contacts, {*STANDARD, *self._shop.attributes()}

    def merge(self, contact_id: ContactId, expected: list[Told]) -> None:
        """The records of a merge tell what the model says of it: what was applied, and apart what was ignored."""
        contact, before = self._shop.contacts()[contact_id], self._seen.get(contact_id)
        facts = [change.facts for change in self._changes(before, contact)]
        for outcome, apart in (("applied", 0), ("ignored", 1)):
            wanted = sorted(line for line in expected if line[1] == outcome)
            found = [
                sorted(told(facts[at + apart].verdicts))
                for at, one in enumerate(facts[: len(facts) - apart])
                if one.kind is ChangeKind.MERGED
            ]
            agreed(not wanted or wanted in found, f"the merge is to tell {wanted}", found)

    def _changes(self, before: Contact | None, contact: Contact) -> list[Change]:
        """The records that came since."""
        changes = self._shop.disk.memory.tables["changes"].committed
        seqs = range(before.version + 1 if before is not None else 1, contact.version + 1)
        return [changes[ACME, contact.id, seq] for seq in seqs if (ACME, contact.id, seq) in changes]

    def _read_records(self, before: Contact | None, contact: Contact) -> None:
        head, last = before.head if before is not None else GENESIS, None
        for change in self._changes(before, contact):
            agreed(change.hash == hashlib.sha256(head + change.raw_facts).digest(), "the chain is broken", change.facts)
            head = change.hash
            if last is not ChangeKind.MERGED:
                self._count_refusals(change.facts)
            last = change.facts.kind
        agreed(head == contact.head, "the head is not the last record", contact)

    def _count_refusals(self, facts: Facts) -> None:
        if facts.kind is not ChangeKind.IGNORED:
            return
        for line in facts.verdicts:
            agreed(line.verdict is Outcome.IGNORED, "something applied was told as ignored", facts)
            if line.name not in self._named:
                continue  # names of no attribute share one record for each reason
            prover = facts.key if line.reason is Reason.UNVERIFIED else None  # what is held is found by its key
            once = (facts.contact_id, line.name, str(line.reason), int(facts.at // 3600), prover)
            agreed(once not in self._refused, "a refusal was recorded twice in an hour", facts)
            self._refused.add(once)

    def verify_chains(self) -> None:
        """In the end: every chain verifies, and tells of every value that is kept."""
        contacts, attributes = self._shop.contacts(), STANDARD | self._shop.attributes()
        places = {key[1] for key in self._shop.disk.memory.tables["changes"].committed}
        for contact_id in sorted(places):
            rows = [chain.row_of(change) for change in self._shop.chain(contact_id)]
            found = chain.verify(ACME, contact_id, contacts.get(contact_id), rows, attributes).findings
            agreed(not found, "the audit finds something", found)


def _keep_promises(contact: Contact, name: str, before: Holding, after: Holding, *, locked: bool) -> None:
    source, old, new = after.source, before.verified_slot, after.verified_slot
    if source is not None and source != before.source and locked and not source.verified:
        exempt = source.channel is Channel.BOT and contact.role is not Role.USER
        agreed(exempt, f"{name} is locked and was changed unsigned", after)
    if old is not None:
        agreed(
            new is not None and new.source.signed_at >= old.source.signed_at, f"the slot of {name} grew older", after
        )
    for written in (source, new.source if new is not None else None):
        if written is not None and written.verified:
            agreed(written.channel in VOUCHING and written.by is not None, f"{name} was never vouched for", after)
