"""A contact's chain as the committer would write it, record by record, for whoever checks or falsifies it.

history = History().say(signed({"plan": "pro"})).say(unsigned({"theme": "dark"}))
history.rows[1] = edited(history.rows[1], ...)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec

from avow.trust.attribute import Attribute
from avow.trust.audit.chain import Finding, Row, row_of, verify
from avow.trust.change import GENESIS, ChangeKind, Draft, Outcome, Verdict, seal
from avow.trust.contact import Channel, Contact, ContactId, Holding, Scalar
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.weighing.merging import absorb
from avow.trust.weighing.voice import Saying
from tests.support.world import ACME, BACKEND, KID, NOW, acme_rules, alice, follow, opened, weigh

RULES = acme_rules(opened("plan"), opened("theme"), opened("job"))


class History:
    """Alice's, unless said otherwise. `rows` and `contact` are what a database would hold, and may be falsified."""

    def __init__(self, contact: Contact | None = None, rules: Rules = RULES) -> None:
        self.contact = msgspec.structs.replace(contact or alice(), version=0)
        self.rules = rules
        self.rows: list[Row] = []
        self._at = NOW - 1000.0

    @property
    def id(self) -> ContactId:
        return self.contact.id

    def say(self, *sayings: Saying) -> History:
        """Weigh what was said and write down what became of it."""
        self._at += 1
        decision = weigh(self.contact, *sayings, rules=self.rules, now=int(self._at))
        self.rules, new = decision.rules, self.contact.version == 0
        self.contact = follow(self.contact, decision)
        voice = sayings[0].voice
        key, actor = (voice.by, None) if voice.channel is Channel.SIGNED else (None, voice.by)
        if new or decision.applied:
            kind = ChangeKind.CREATED if new else ChangeKind.UPDATED
            verdicts = tuple(decision.applied)
            self._write(Draft(kind, voice.channel, actor, key, verdicts=verdicts, values=decision.values))
        if decision.refused:
            self.contact = msgspec.structs.replace(self.contact, version=self.contact.version + 1)
            told = tuple(decision.refused)
            self._write(Draft(ChangeKind.IGNORED, voice.channel, verdicts=told, values=decision.refused_values))
        return self

    def absorb(self, guest: Contact) -> History:
        """Merge a visitor in."""
        merging = absorb(self.contact, guest, self.rules, self._at)
        holdings = merging.holdings
        self.contact = msgspec.structs.replace(self.contact, version=self.contact.version + 1, holdings=holdings)
        draft = Draft(ChangeKind.MERGED, Channel.SIGNED, key=KID, other=guest.id, verdicts=merging.verdicts)
        self._write(msgspec.structs.replace(draft, values=merging.values))
        return self

    def turn(self, kind: ChangeKind) -> History:
        """She is archived or blocked, or is so no more."""
        self._at += 1
        column = "archived_at" if kind in (ChangeKind.ARCHIVED, ChangeKind.UNARCHIVED) else "blocked_at"
        since = self._at if kind in (ChangeKind.ARCHIVED, ChangeKind.BLOCKED) else None
        self.contact = msgspec.structs.replace(self.contact, **{"version": self.contact.version + 1, column: since})
        self._write(Draft(kind, Channel.API, BACKEND))
        return self

    def rename(self, external_id: str) -> History:
        """Acme gives her another id."""
        values: dict[str, tuple[Scalar, Scalar]] = {"external_id": (self.contact.external_id, external_id)}
        version = self.contact.version + 1
        self.contact = msgspec.structs.replace(self.contact, version=version, external_id=external_id)
        self._write(Draft(ChangeKind.UPDATED, Channel.API, BACKEND, values=values))
        return self

    def take_back(self, name: str, after: Holding) -> History:
        """A key is distrusted: what it vouched for gives way to this."""
        before, version = self.contact.holding(name), self.contact.version + 1
        holdings = {**self.contact.holdings, name: after}
        self.contact = msgspec.structs.replace(self.contact, version=version, holdings=holdings)
        verdicts = (Verdict(name, Outcome.APPLIED, Channel.SIGNED, Reason.KEY_COMPROMISED),)
        told = {name: (before.value, after.value)}
        self._write(Draft(ChangeKind.DISTRUSTED, None, "teammate:olive", KID, verdicts=verdicts, values=told))
        return self

    def end(self, kind: ChangeKind, other: ContactId | None = None) -> History:
        """A tombstone, or the record of being merged away."""
        self.contact = msgspec.structs.replace(self.contact, version=self.contact.version + 1, holdings={})
        self._write(Draft(kind, Channel.API, BACKEND, other=other))
        return self

    def forget_values(self) -> History:
        """What erasing does: the values halves go."""
        self.rows = [msgspec.structs.replace(row, raw_values=None) for row in self.rows]
        return self

    def check(self, contact: Contact | None = None, attributes: Mapping[str, Attribute] | None = None) -> list[Finding]:
        """What the check finds; `contact` in place of the true one."""
        known = self.rules.attributes if attributes is None else attributes
        return list(verify(ACME, self.id, contact or self.contact, self.rows, known).findings)

    def check_gone(self) -> list[Finding]:
        """What it finds when there is no contact any more."""
        return list(verify(ACME, self.id, None, self.rows, self.rules.attributes).findings)

    def forge(self, position: int, **facts: object) -> None:
        """Rewrite a record's facts, and its own hash with them, as somebody with the database could."""
        row = self.rows[position]
        told = msgspec.json.decode(row.raw_facts) | facts
        raw = msgspec.json.encode(told)
        before = self.rows[position - 1].hash if position else GENESIS
        self.rows[position] = msgspec.structs.replace(row, raw_facts=raw, hash=hashlib.sha256(before + raw).digest())

    def change(self, position: int, **columns: object) -> None:
        """Change what stands in one row."""
        self.rows[position] = msgspec.structs.replace(self.rows[position], **columns)

    def _write(self, draft: Draft) -> None:
        previous = self.rows[-1].hash if self.rows else GENESIS
        seq, salt = self.contact.version, hashlib.sha256(bytes([len(self.rows)])).digest()[:16]
        sealed = seal(draft, workspace_id=ACME, contact_id=self.id, seq=seq, at=self._at, previous=previous, salt=salt)
        self.rows.append(row_of(sealed))
        self.contact = msgspec.structs.replace(self.contact, head=sealed.hash)
