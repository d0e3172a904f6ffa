"""What is known of one person? All of it, for whoever has the right to know: a data-subject request's answer.

Values with their provenance and what is held, tags, notes, events, change records, and those who became part of her,
each with what only her own records tell: as one JSON object, piece by piece, so that a long history needs no memory.

Source: GDPR Art. 15; spec §3, §7.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec

from avow.flow.contacts.telling import change_object, provenance_object
from avow.flow.contract import KeyKind, Store
from avow.flow.contract.beside import EventPlace, NoteId
from avow.trust.contact import Contact, ContactId, WorkspaceId
from avow.trust.rules import Rules

STEP: Final = 200
_encode = msgspec.json.Encoder().encode


async def everything(store: Store, contact: Contact, rules: Rules, now: float) -> AsyncIterator[bytes]:
    """The pieces of one JSON object."""
    place = contact.workspace_id, contact.id
    yield _encode(_person(contact, rules, now)).removesuffix(b"}")
    yield b',"keys":' + _encode(await _keys(store, contact))
    yield b',"tags":' + _encode(await _tags(store, *place))
    yield b',"merged":['
    separator = b""
    async for guest in _guests(store, *place):
        told = {"id": guest.id, "role": guest.role, "merged_at": int(guest.updated_at)}
        yield separator + _encode(told).removesuffix(b"}")
        separator = b","
        # Her records stay hers, and so do events that were too many to be handed over.
        for name, pages in {"events": _events, "changes": _changes}.items():
            async for piece in _listed(name, pages(store, guest.workspace_id, guest.id)):
                yield piece
        yield b"}"
    yield b"]"
    for name, pages in {"notes": _notes, "events": _events, "changes": _changes}.items():
        async for piece in _listed(name, pages(store, *place)):
            yield piece
    yield b"}\n"


async def _listed(name: str, pages: AsyncIterator[list[dict[str, Any]]]) -> AsyncIterator[bytes]:
    """A member that is a list, page by page."""
    yield b',"%s":[' % name.encode()
    separator = b""
    async for page in pages:
        if page:
            yield separator + b",".join(map(_encode, page))
            separator = b","
    yield b"]"


def _person(contact: Contact, rules: Rules, now: float) -> dict[str, Any]:
    return {
        "type": "contact.export",
        "id": contact.id,
        "workspace_id": contact.workspace_id,
        "role": contact.role,
        "external_id": contact.external_id,
        "created_at": int(contact.created_at),
        "updated_at": int(contact.updated_at),
        "last_seen_at": None if contact.last_seen_at is None else int(contact.last_seen_at),
        "archived_at": None if contact.archived_at is None else int(contact.archived_at),
        "blocked_at": None if contact.blocked_at is None else int(contact.blocked_at),
        "exported_at": int(now),
        "attributes": provenance_object(contact, rules, now),
    }


async def _keys(store: Store, contact: Contact) -> list[dict[str, Any]]:
    """What leads to her. Sessions are told as that there are some: what is kept of them is a digest."""
    every = await store.keys_of(contact.workspace_id, contact.id)
    rows = (row for row in every if row.key.kind not in (KeyKind.ENDED, KeyKind.EMAIL_ALONE))
    return [{"kind": row.key.kind, "value": None if row.key.kind is KeyKind.SESSION else row.key.value} for row in rows]


async def _tags(store: Store, workspace_id: WorkspaceId, contact_id: ContactId) -> list[dict[str, Any]]:
    names = {tag.id: tag.name for tag in await store.tags(workspace_id)}
    return [
        {"name": names[one.tag_id], "at": int(one.at), "channel": one.channel, "actor": one.actor}
        for one in await store.taggings(workspace_id, contact_id)
        if one.tag_id in names
    ]


async def _guests(store: Store, workspace_id: WorkspaceId, contact_id: ContactId) -> AsyncIterator[Contact]:
    """Who became part of her, and of those."""
    into = [contact_id]
    while into:
        hosts, into = into, []
        for first in range(0, len(hosts), STEP):
            past: tuple[float, ContactId] | None = None
            some = hosts[first : first + STEP]
            while found := await store.merged(workspace_id, some, past=past, limit=STEP):
                for guest in found:
                    yield guest
                into += [guest.id for guest in found]
                past = found[-1].updated_at, found[-1].id


async def _notes(store: Store, workspace_id: WorkspaceId, contact_id: ContactId) -> AsyncIterator[list[dict[str, Any]]]:
    before: NoteId | None = None
    while found := await store.notes(workspace_id, contact_id, before=before, limit=STEP):
        yield [
            {"id": one.id, "at": int(one.at), "channel": one.channel, "actor": one.actor, "body": one.body}
            for one in found
        ]
        before = found[-1].id


async def _events(
    store: Store, workspace_id: WorkspaceId, contact_id: ContactId
) -> AsyncIterator[list[dict[str, Any]]]:
    before: EventPlace | None = None
    while found := await store.events(workspace_id, contact_id, before=before, limit=STEP):
        yield [
            {
                "name": one.name,
                "created_at": int(one.created_at),
                "received_at": int(one.received_at),
                "verified": one.verified,
                "metadata": msgspec.Raw(one.metadata.encode()),
            }
            for one in found
        ]
        before = found[-1].created_at, found[-1].id


async def _changes(
    store: Store, workspace_id: WorkspaceId, contact_id: ContactId
) -> AsyncIterator[list[dict[str, Any]]]:
    before: int | None = None
    while found := await store.changes(workspace_id, contact_id, before=before, limit=STEP):
        yield [change_object(one) for one in found]
        before = found[-1].facts.seq
