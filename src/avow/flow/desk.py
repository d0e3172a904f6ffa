"""What is on the table while one batch is weighed: contacts and keys as they stand after every work before this one.

A `Work` says what it needs (`wants`), then weighs it (`weigh`) and answers with `Effects`; only the desk applies
them, so a work that is refused half-way has changed nothing. Later works of the batch see the effects of earlier ones.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from avow.flow import addresses
from avow.flow.beside.ledge import Ledge
from avow.flow.contract import (
    MOST_OF_ADDRESS,
    SHARED,
    Erasure,
    EventRow,
    Fading,
    Job,
    JobSave,
    KeyKind,
    KeyRow,
    LookupKey,
    OutboxRow,
    Replay,
    Save,
    Writes,
)
from avow.flow.contract.query import FilterValue
from avow.flow.search.filtering import moved
from avow.flow.work import TOPICS, Effects, Entropy, Put
from avow.trust.attribute import Attribute
from avow.trust.change import GENESIS, SALT_BYTES, Change, seal
from avow.trust.contact import Contact, ContactId, Role, WorkspaceId
from avow.trust.identity import refuse_several
from avow.trust.rules import Rules


@dataclass(slots=True)
class Desk:
    """One workspace's part of a batch.

    `now` is the database's clock; `erasure_key` digests identities that were erased.
    """

    workspace_id: WorkspaceId
    rules: Rules
    now: float
    entropy: Entropy
    erasure_key: bytes
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    keys: dict[LookupKey, dict[ContactId | None, KeyRow]] = field(default_factory=dict)
    crowded: set[LookupKey] = field(default_factory=set)
    jobs: dict[str, Job] = field(default_factory=dict)
    beside: Ledge = field(default_factory=Ledge)
    _loaded: dict[ContactId, int] = field(default_factory=dict)
    _before: dict[ContactId, Contact] = field(default_factory=dict)
    _changes: dict[ContactId, list[Change]] = field(default_factory=dict)
    _touched_keys: set[LookupKey] = field(default_factory=set)
    _stored_keys: dict[LookupKey, dict[ContactId | None, KeyRow]] = field(default_factory=dict)
    _erased: dict[ContactId, None] = field(default_factory=dict)
    _outbox: list[OutboxRow] = field(default_factory=list)
    _events: list[EventRow] = field(default_factory=list)
    _faded: list[Fading] = field(default_factory=list)
    _attributes: list[tuple[WorkspaceId, Attribute]] = field(default_factory=list)
    _replays: list[Replay] = field(default_factory=list)
    _jobs: dict[str, JobSave] = field(default_factory=dict)

    def lay_out(self, contacts: Iterable[Contact]) -> None:
        """Put loaded contacts on the table."""
        for contact in contacts:
            self.contacts[contact.id] = contact
            self._loaded[contact.id] = contact.version
            if self.rules.filters:
                self._before[contact.id] = contact

    def lay_out_keys(self, rows: Iterable[KeyRow]) -> None:
        """Put loaded keys on the table. Where one leads to a crowd, nobody of it: not all could be seen."""
        for row in rows:
            led = self.keys.setdefault(row.key, {})
            led[row.contact_id] = row
            if len(led) > MOST_OF_ADDRESS:
                self.crowded.add(row.key)
                led.clear()

    def key(self, kind: KeyKind, value: str) -> LookupKey:
        """A key of this workspace."""
        return LookupKey(self.workspace_id, kind, value)

    def row(self, key: LookupKey) -> KeyRow | None:
        """The row of a key that leads to one contact at most."""
        rows = self.keys.get(key)
        return next(iter(rows.values())) if rows else None

    def found(self, key: LookupKey) -> Contact | None:
        """The contact a unique key leads to."""
        row = self.row(key)
        return self.contacts.get(row.contact_id) if row is not None and row.contact_id is not None else None

    def all_found(self, key: LookupKey) -> list[Contact]:
        """Every contact a shared key leads to. Raises `Conflict` for a crowd, in which nobody guesses."""
        if key in self.crowded:
            refuse_several()
        rows = self.keys.get(key, {})
        return [self.contacts[contact_id] for contact_id in rows if contact_id in self.contacts]

    def is_overtaken(self) -> bool:
        """Whether somebody was erased or renamed between the reading of the keys and of the contacts they lead to."""
        for key, rows in self.keys.items():
            for contact_id in rows:
                if contact_id is None:
                    continue
                contact = self.contacts.get(contact_id)
                if contact is None or (key.kind is KeyKind.EXTERNAL_ID and contact.external_id != key.value):
                    return True
        return False

    def is_as_loaded(self, contact: Contact) -> bool:
        """Whether the contact and the rules are still what is on the disk: no work before has moved either."""
        return contact.version == self._loaded.get(contact.id) and not self._attributes

    def erased_key(self, external_id: str) -> LookupKey:
        """Where it is kept that an identity was erased: a keyed digest, which gives nothing away."""
        text = f"{self.workspace_id}\0{external_id}".encode()
        return self.key(KeyKind.ERASED, hmac.digest(self.erasure_key, text, "sha256").hex())

    def ended(self, contact: Contact) -> KeyRow:
        """What proved this contact until now counts no more (V12): kept by her user id, where she has one."""
        if contact.external_id is None:
            return KeyRow(self.key(KeyKind.ENDED, contact.id), contact.id, int(self.now))
        return KeyRow(self.key(KeyKind.EXTERNAL_ID, contact.external_id), contact.id, int(self.now))

    def fresh_contact_id(self) -> ContactId:
        """A new id: 24 hex, the time first, so that neighbours in time are neighbours on the disk."""
        return ContactId(f"{int(self.now):08x}{self.entropy(8).hex()}")

    def fresh_attribute_id(self) -> int:
        """A new attribute's public number."""
        return 1_000 + int.from_bytes(self.entropy(4)) % 2_000_000_000

    def blank(self, role: Role, *, contact_id: ContactId | None = None, external_id: str | None = None) -> Contact:
        """A contact that is not yet: version 0, to be put with version 1."""
        return Contact(
            contact_id or self.fresh_contact_id(),
            self.workspace_id,
            0,
            role,
            self.now,
            self.now,
            GENESIS,
            external_id=external_id,
        )

    def apply(self, effects: Effects) -> None:
        """Let a work's effects be seen by the works after it."""
        for put in effects.puts:
            self._put(put)
        for row in effects.put_keys:
            self._put_key(row)
        for row in effects.drop_keys:
            self._drop_key(row)
        if effects.erase is not None:
            self._put(effects.erase)
            self._erase(effects.erase.contact)
        self._events.extend(effects.events)
        if effects.beside is not None:
            self.beside.add(effects.beside)
        self._faded.extend(effects.faded)
        for save in effects.jobs:
            self._save_job(save)
        if effects.rules is not None:
            self.rules = effects.rules
        self._attributes.extend((self.workspace_id, attribute) for attribute in effects.new_rules)

    def _save_job(self, save: JobSave) -> None:
        """Let a job stand as it was asked for; what came before in this batch is written with it."""
        before = self._jobs.get(save.job.id)
        if before is not None:
            save = JobSave(
                save.job,
                before.loaded_version,
                before.rejected + save.rejected,
                before.parts + save.parts,
                before.eaten + save.eaten,
                before.emptied or save.emptied,
            )
        self._jobs[save.job.id] = save
        self.jobs[save.job.id] = save.job

    def remember(self, replay: Replay) -> None:
        """Keep an outcome for a retry."""
        self._replays.append(replay)

    def _put(self, put: Put) -> None:
        contact, draft = put.contact, put.draft
        before = self.contacts.get(contact.id)
        head = before.head if before is not None else GENESIS
        if draft is not None:
            change = seal(
                draft,
                workspace_id=self.workspace_id,
                contact_id=contact.id,
                seq=contact.version,
                at=self.now,
                previous=head,
                salt=self.entropy(SALT_BYTES),
            )
            self._changes.setdefault(contact.id, []).append(change)
            head = change.hash
            if topic := TOPICS.get((draft.kind, contact.role)):
                self._outbox.append(OutboxRow(self.workspace_id, contact.id, contact.version, topic, self.now))
        contact = msgspec.structs.replace(contact, head=head)
        self.contacts[contact.id] = contact
        if contact.merged_into is not None and (before is None or before.merged_into is None):
            self.beside.move(self.workspace_id, contact.id, contact.merged_into)
        self._follow_emails(before, contact)

    def _follow_emails(self, before: Contact | None, after: Contact) -> None:
        """Keep the keys of addresses what the contact says."""
        if before is not None and addresses.are_as_before(before, after):
            return
        old, new = addresses.keys_of(before) if before is not None else set(), addresses.keys_of(after)
        for key in old - new:
            self._drop_key(KeyRow(key, after.id))
        for key in new - old:
            self._put_key(KeyRow(key, after.id))

    def _put_key(self, row: KeyRow) -> None:
        rows = self._touch(row.key)
        row = row.over(rows.get(row.contact_id))
        if row.key.kind not in SHARED:
            rows.clear()
        rows[row.contact_id] = row
        if row.key.kind is KeyKind.EXTERNAL_ID and row.contact_id is not None and row.not_before is not None:
            self._put_key(KeyRow(self.key(KeyKind.ENDED, row.contact_id), row.contact_id, row.not_before))

    def _drop_key(self, row: KeyRow) -> None:
        if self._touch(row.key).pop(row.contact_id, None) is None:
            # It was not looked up, so it is on the disk: one that this batch has put is not, and needs no dropping.
            self._stored_keys[row.key].setdefault(row.contact_id, row)

    def _touch(self, key: LookupKey) -> dict[ContactId | None, KeyRow]:
        rows = self.keys.setdefault(key, {})
        if key not in self._touched_keys:
            self._touched_keys.add(key)
            self._stored_keys[key] = dict(rows)
        return rows

    def _erase(self, contact: Contact) -> None:
        self._erased[contact.id] = None
        self.contacts.pop(contact.id)
        for key, rows in self.keys.items():
            if key.kind is not KeyKind.ERASED:
                rows.pop(contact.id, None)

    def writes(self) -> Writes:
        """Everything the batch asks of the disk."""
        saves = tuple(
            Save(contact, self._loaded.get(contact_id, 0), tuple(self._changes.get(contact_id, ())))
            for contact_id, contact in self.contacts.items()
            if contact.version != self._loaded.get(contact_id, 0)
        )
        erasures = tuple(
            Erasure(self.workspace_id, contact_id, self._loaded.get(contact_id, 0), tuple(self._changes[contact_id]))
            for contact_id in self._erased
        )
        put_keys, drop_keys = self._key_writes()
        return Writes(
            saves,
            put_keys,
            drop_keys,
            erasures,
            tuple(self._faded),
            tuple(self._attributes),
            tuple(self._outbox),
            tuple(self._events),
            tuple(self._replays),
            tuple(self._jobs.values()),
            self.beside.writes(),
            self._filter_values(saves) if self.rules.filters else (),
        )

    def _filter_values(self, saves: Iterable[Save]) -> tuple[FilterValue, ...]:
        """What the saves change of the indexes over filterable attributes."""
        kept, before = self.rules.filters, self._before
        return tuple(row for save in saves for row in moved(before.get(save.contact.id), save.contact, kept))

    def _key_writes(self) -> tuple[tuple[KeyRow, ...], tuple[KeyRow, ...]]:
        put: list[KeyRow] = []
        drop: list[KeyRow] = []
        for key in self._touched_keys:
            now, stored = self.keys[key], self._stored_keys[key]
            put.extend(row for contact_id, row in now.items() if stored.get(contact_id) != row)
            drop.extend(row for contact_id, row in stored.items() if contact_id not in now)
        return tuple(put), tuple(drop)
