"""Is what is kept of a contact what its records tell? The fourth part of `chain.py`'s check.

- A current value, and a verified slot, name the record that applied it: that record exists, and the channel, the key,
  the time, the value and whether anybody vouched for it are its own. A value without a source is nobody's.
- The verified slot is that of the newest record that vouched, until a distrusted key takes it back.
- Who is archived or blocked is so since the newest record of that, and nobody else is. An `external_id` and a role are
  those that the newest record about them tells, if any does.
- The newest record that applied a value to an attribute tells the value that is current, so that neither an edited nor
  a rolled-back value passes. Two exceptions, both of them rules: a value that a merge brought in beside another one,
  and an unverified leftover that did not fit the type its attribute was adopted with.

Not checked: `signed_at` (raised without a record), what is held, and what only the chain of a merged contact tells.
Source: spec §2 (adoption), §3, §5.6, §7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from avow.trust.attribute import Attribute
from avow.trust.audit.vouching import RETOLD, vouched
from avow.trust.change import ChangeKind, Facts, Outcome, Values, Verdict
from avow.trust.contact import Channel, Contact, Holding, Role, Scalar, Source
from avow.trust.weighing.checks import as_adopted
from avow.trust.weighing.values import Unfit

_NEVER_VERIFIED = frozenset({Channel.MESSENGER, Channel.OBSERVED, Channel.BOT})
_decode = msgspec.json.Decoder(Values).decode


class Told(msgspec.Struct, frozen=True):
    """What one record says: its facts, and the values it applied (empty where that half is gone or cannot be read)."""

    facts: Facts
    values: dict[str, tuple[Scalar, Scalar]]
    legible: bool

    @classmethod
    def of(cls, facts: Facts, raw_values: bytes | None) -> Told:
        """Both halves, decoded."""
        try:
            values = _decode(raw_values).values if raw_values is not None else None
        except msgspec.MsgspecError:
            values = None
        return cls(facts, values or {}, values is not None)

    def applied(self, name: str) -> Verdict | None:
        """The verdict by which the record gave that attribute its value, if it did."""
        verdicts = [v for v in self.facts.verdicts if v.name == name and v.verdict is Outcome.APPLIED]
        return verdicts[-1] if verdicts else None

    def tells(self, name: str, value: Scalar, attribute: Attribute | None) -> bool:
        """Whether this is the value that it applied, as it was or as the type adopted since then has it."""
        if not self.legible:
            return True
        if name not in self.values:
            return False
        _, told = self.values[name]
        return told == value or (value is not None and value == self._as_adopted(told, attribute))

    def left_as_it_was(self, name: str) -> bool:
        """Whether the current value stayed: what a merge brings in beside a newer one is told in the other's chain."""
        before, after = self.values.get(name, (None, None))
        return before == after

    def was_put_aside(self, name: str, attribute: Attribute | None) -> bool:
        """Whether the value it applied does not fit the type adopted since then, and is held instead of kept."""
        _, told = self.values.get(name, (None, None))
        return told is not None and self._as_adopted(told, attribute) is None

    def _as_adopted(self, value: Scalar, attribute: Attribute | None) -> Scalar:
        """The value as the type has it that its attribute was adopted with since, or None where it does not fit."""
        if attribute is None or attribute.adopted_at is None:
            return value
        try:
            return as_adopted(attribute, value, self.facts.at)
        except Unfit:
            return None


def untold(
    contact: Contact, records: Sequence[Told], attributes: Mapping[str, Attribute]
) -> Iterator[tuple[int | None, str]]:
    """What is kept and not told, or told and not kept: the record it concerns, and a sentence without the value."""
    if contact.merged_into is not None:
        ends = [one.facts for one in records if one.facts.kind is ChangeKind.MERGED_AWAY]
        if not any(end.other == contact.merged_into for end in ends):
            yield None, "it counts as merged, and no record tells of that"
        return
    yield from _set_aside(contact, [one.facts for one in records])
    yield from _named(contact, records)
    by_seq = {one.facts.seq: one for one in records}
    newest = {verdict.name: one for one in records for verdict in one.facts.verdicts if one.applied(verdict.name)}
    trust = _Trust.of(records)
    for name, holding in contact.holdings.items():
        attribute, found = attributes.get(name), False
        for fault in _of_values(name, holding, by_seq, newest.get(name), attribute, trust):
            found = True
            yield fault
        if not found and (message := trust.fault_of(name, holding)):
            yield trust.vouched.get(name), message
    for name in sorted(newest.keys() - contact.holdings.keys()):
        yield newest[name].facts.seq, f"the value of {name!r} that this record wrote is gone"


class _Trust(msgspec.Struct, frozen=True):
    """Of each attribute, the number of the newest record that vouched for it, and of the newest that took that back."""

    vouched: dict[str, int]
    taken_back: dict[str, int]

    @classmethod
    def of(cls, records: Sequence[Told]) -> _Trust:
        """What these records tell, oldest first."""
        told = [(verdict.name, one.facts) for one in records for verdict in one.facts.verdicts]
        return cls(
            {name: facts.seq for name, facts in told if vouched(facts, name) is not None},
            {name: facts.seq for name, facts in told if facts.kind is ChangeKind.DISTRUSTED},
        )

    def is_taken_back(self, name: str, seq: int) -> bool:
        """Whether trust was taken back after this record: then an older word may stand in the place of its own."""
        return self.taken_back.get(name, 0) > seq

    def fault_of(self, name: str, holding: Holding) -> str | None:
        """Why the verified slot is not that of the newest record that vouched."""
        if holding.slot is not None and not holding.slot.source.verified:
            return f"the verified value of {name!r} is vouched for by nobody"
        slot, newest = holding.verified_slot, self.vouched.get(name, 0)
        if self.is_taken_back(name, newest) or newest == (slot.source.change if slot is not None else 0):
            return None
        return f"the verified value of {name!r} is not the one that this record, the newest that vouched, tells"


def _named(contact: Contact, records: Sequence[Told]) -> Iterator[tuple[int | None, str]]:
    """Whether its id and role are those that the newest record about them tells, if any does."""
    if contact.external_id is not None and contact.role is not Role.USER:
        yield None, f"it has an external_id, and a {contact.role} has none"
    for field, now in (("external_id", contact.external_id), ("role", str(contact.role))):
        told = [one for one in records if field in one.values]
        if told and told[-1].values[field][1] != now:
            yield told[-1].facts.seq, f"its {field} is not the one that this record, the newest about it, tells"


def _set_aside(contact: Contact, records: Sequence[Facts]) -> Iterator[tuple[int | None, str]]:
    """Whether it was archived and blocked, and when, as its newest record of that tells."""
    turns = (
        (contact.archived_at, ChangeKind.ARCHIVED, ChangeKind.UNARCHIVED),
        (contact.blocked_at, ChangeKind.BLOCKED, ChangeKind.UNBLOCKED),
    )
    for since, begun, ended in turns:
        told = [one for one in records if one.kind in (begun, ended)]
        if since != (told[-1].at if told and told[-1].kind is begun else None):
            counts = f"it counts as {begun}" if since is not None else f"it counts as never {begun}, or as {ended}"
            yield (told[-1].seq if told else None), f"{counts}, and no record tells of that"


def _of_values(
    name: str,
    holding: Holding,
    by_seq: Mapping[int, Told],
    last: Told | None,
    attribute: Attribute | None,
    trust: _Trust,
) -> Iterator[tuple[int | None, str]]:
    """What is wrong with the values of one attribute; `last` is the newest record that wrote one."""
    if holding.source is None and holding.value is not None:
        yield None, f"a value of {name!r} is stored, and not who wrote it"
    for value, source in _kept(holding):
        if fault := _fault_of(name, value, source, by_seq.get(source.change), attribute, trust):
            yield source.change, fault
    if last is not None and not _stands(name, holding, last, attribute):
        yield last.facts.seq, f"the value of {name!r} is not the one that this record, the newest about it, tells"


def _kept(holding: Holding) -> Iterator[tuple[Scalar, Source]]:
    if holding.source is not None:
        yield holding.value, holding.source
    if holding.slot is not None:
        yield holding.slot.value, holding.slot.source


def _fault_of(
    name: str, value: Scalar, source: Source, record: Told | None, attribute: Attribute | None, trust: _Trust
) -> str | None:
    """Why a value is not what the record that it names as its origin says of it."""
    if source.verified and source.channel in _NEVER_VERIFIED:
        return f"the value of {name!r} came unsigned and counts as verified"
    merged = record is not None and record.facts.kind is ChangeKind.MERGED
    verdict = record.applied(name) if record is not None else None
    if record is None or verdict is None:
        if merged:
            return f"the value of {name!r} names a merge as its origin that does not tell of it"
        return f"the value of {name!r} names this record as its origin, and no such record tells of it"
    if source.verified is not (vouched(record.facts, name) is not None):
        counts, says = ("verified", "nobody vouched") if source.verified else ("unverified", "somebody vouched")
        return f"the value of {name!r} counts as {counts}, and this record, its origin, says that {says} for it"
    # What a distrusted key had vouched for may have given way to an older word of whoever was merged.
    if merged and source.verified and trust.is_taken_back(name, record.facts.seq):
        return None
    by_others = source.verified and not merged and source.by not in _vouchers(record.facts)
    if verdict.channel is not source.channel or by_others:
        return f"the value of {name!r} claims another channel or voucher than this record tells"
    if record.facts.kind not in RETOLD and source.received_at != record.facts.at:
        return f"the value of {name!r} claims another time than that of this record, its origin"
    if not record.tells(name, value, attribute) and not (merged and source.verified and record.left_as_it_was(name)):
        return f"the value of {name!r} is not the one that this record, its origin, tells"
    return None


def _vouchers(facts: Facts) -> tuple[str | None, str | None]:
    return facts.key, facts.actor


def _stands(name: str, holding: Holding, last: Told, attribute: Attribute | None) -> bool:
    """Whether the current value is the one that the newest record about it applied."""
    if holding.source is not None and holding.source.change > last.facts.seq:
        return True
    return last.tells(name, holding.value, attribute) or last.was_put_aside(name, attribute)
