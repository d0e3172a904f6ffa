"""What is known of one person, for her page? Values as they stand, what stands beside them, and what became of them.

Every list is bounded and says whether there is more. Source: spec §3, §7, §10 (contact).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from avow.flow import contacts
from avow.flow.beside import events, notes
from avow.flow.contacts import Standing
from avow.flow.contacts.merge_history import Merged
from avow.flow.contract import EventRow, EventSummary, KeyKind, LookupKey, Store, Tag, Tagging
from avow.flow.engine import Engine
from avow.trust.change import Change
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.rules import Rules

CHANGES: Final = 25
NOTES: Final = 5
EVENTS: Final = 10
SUMMARIES: Final = 8
_STANDARD_FIRST: Final = ("name", "email", "phone")


class Value(msgspec.Struct, frozen=True):
    """One attribute of hers. `attribute_id` is None where the rules of this moment do not know it yet."""

    name: str
    attribute_id: int | None
    standing: Standing


class Person(msgspec.Struct, frozen=True):
    """All of it. `tags` come with how they were put on; `browsers` is how many anonymous browsers lead to her."""

    contact: Contact
    values: tuple[Value, ...]
    tags: tuple[tuple[Tag, Tagging], ...]
    all_tags: tuple[Tag, ...]
    notes: notes.Page
    events: tuple[EventRow, ...]
    summaries: tuple[EventSummary, ...]
    merged: tuple[Merged, ...]
    browsers: int
    changes: tuple[Change, ...]
    older: int | None

    @property
    def version(self) -> str:
        """What `version` says of what is told here."""
        return _version(self.contact, self.events)


async def look(
    engine: Engine, workspace_id: WorkspaceId, raw_contact_id: str, rules: Rules, *, before: int | None, all_notes: bool
) -> Person:
    """The person. `before` is the number of the record that the history goes on behind.

    Raises `NotFound`, or `Gone` for somebody who was merged.
    """
    store, now = engine.store, engine.now()
    contact = await contacts.get(store, workspace_id, raw_contact_id)
    place = workspace_id, contact.id
    tags = await store.tags(workspace_id)
    named = {tag.id: tag for tag in tags}
    worn = [(named[one.tag_id], one) for one in await store.taggings(*place) if one.tag_id in named]
    recent = await _recent(store, contact, now)
    summaries = await events.summarised(store, *place) if recent else []
    found = await store.changes(*place, before=before, limit=CHANGES + 1)
    merged = await contacts.merge_histories(store, workspace_id, [contact])
    keys = await store.keys_of(*place)
    return Person(
        contact,
        values_of(contact, rules, now),
        tuple(worn),
        tuple(tags),
        await notes.newest(store, contact, limit=200 if all_notes else NOTES),
        tuple(recent),
        tuple(sorted(summaries, key=lambda one: -one.last_at)[:SUMMARIES]),
        tuple(merged.get(contact.id, ())),
        sum(row.key.kind is KeyKind.SESSION for row in keys),
        tuple(found[:CHANGES]),
        found[CHANGES - 1].facts.seq if len(found) > CHANGES else None,
    )


async def version(store: Store, workspace_id: WorkspaceId, contact_id: ContactId, now: float) -> str:
    """A text that differs once her page has something new: the contact's version and the events that it shows.

    An event leaves the contact as it is, and costs no write more for being shown: whoever looks reads the newest few.
    """
    contact = await store.contact(workspace_id, contact_id)
    return "" if contact is None else _version(contact, await _recent(store, contact, now))


async def _recent(store: Store, contact: Contact, now: float) -> list[EventRow]:
    found, _ = await events.listed(
        store, contact.workspace_id, contact.id, now=now, since=0.0, before=None, limit=EVENTS
    )
    return found


def _version(contact: Contact, recent: Sequence[EventRow]) -> str:
    shown = " ".join(one.id for one in recent).encode()
    return f"{contact.version}.{hashlib.blake2s(shown, digest_size=6).hexdigest()}" if recent else str(contact.version)


def values_of(contact: Contact, rules: Rules, now: float) -> tuple[Value, ...]:
    """Every value that anything is known of: name and addresses first, then custom attributes, then the others."""
    known = contacts.standings(contact, rules, now)

    def place(name: str) -> tuple[int, str]:
        if name in _STANDARD_FIRST:
            return _STANDARD_FIRST.index(name), name
        attribute = rules.attributes.get(name)
        return (8 if attribute is not None and attribute.standard else 4), name

    def number(name: str) -> int | None:
        attribute = rules.attributes.get(name)
        return None if attribute is None else attribute.id

    return tuple(Value(name, number(name), known[name]) for name in sorted(known, key=place))


async def sessions_of(engine: Engine, contact: Contact) -> tuple[LookupKey, ...]:
    """The keys by which browsers without a name are known as hers."""
    rows = await engine.store.keys_of(contact.workspace_id, contact.id)
    return tuple(row.key for row in rows if row.key.kind is KeyKind.SESSION)
