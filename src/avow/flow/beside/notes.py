"""What happens when a note is written of a contact, and where is one found again?

- A note is found by its number alone: its key leads to the contact it was written of, and on to whom she became.
- Whoever writes it may name the teammate in whose name she does; who really wrote it is kept beside.
- The contact's chain tells that a note was written, not what it says.

Source: contract/intercom-notes.md §4.2; scale.md rule 3.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from avow.errors import BadInput, NotFound
from avow.flow.beside.markup import safe_html
from avow.flow.contacts import get
from avow.flow.contacts.callers import AskedOf, Speaker, standing_token
from avow.flow.contacts.reading import present
from avow.flow.contract import Additions, Beside, KeyKind, KeyRow, LookupKey, Note, NoteId, Store
from avow.flow.desk import Desk
from avow.flow.work import Effects, Put
from avow.trust.access import Scope
from avow.trust.change import ChangeKind, Draft
from avow.trust.contact import Contact, ContactId, WorkspaceId

MAX_NOTE: Final = 10_000
_ID: Final = re.compile(r"[0-9]{1,16}\Z")
_MOST_MERGES: Final = 100


class Page(msgspec.Struct, frozen=True):
    """Some of a contact's notes, newest first, how many there are, and whether older ones follow."""

    notes: tuple[Note, ...]
    total: int
    more: bool


class AddNote(AskedOf, frozen=True, kw_only=True):
    """Write a note. `author` is a teammate's id, known to be one; `body` is `checked`."""

    body: str
    author: str | None = None

    @property
    def outcome(self) -> type[Note]:
        """What is kept for a retry."""
        return Note

    def weigh(self, desk: Desk) -> Effects:
        """Write it. Raises `NotFound` or `Gone`."""
        token = standing_token(desk, self.token, Scope.WRITE_CONTACTS)
        contact = present(desk.contacts.get(self.contact_id))
        return noted(desk, contact, Speaker.of(token), self.author, self.body)


def noted(desk: Desk, contact: Contact, speaker: Speaker, author: str | None, body: str) -> Effects:
    """The note, written of this contact. `author` is a teammate's id, known to be one; `body` is `checked`."""
    key = _fresh_key(desk)
    who = speaker.channel, speaker.actor
    note = Note(desk.workspace_id, contact.id, NoteId(int(key.value)), desk.now, *who, author, body)
    draft = Draft(ChangeKind.NOTED, *who, values={"note_id": (None, key.value)})
    after = msgspec.structs.replace(contact, version=contact.version + 1)
    return Effects(
        note,
        puts=(Put(after, draft),),
        put_keys=(KeyRow(key, contact.id),),
        beside=Additions(notes=(note,)),
    )


def _fresh_key(desk: Desk) -> LookupKey:
    """A number that JavaScript can hold, later ones greater.

    Should another process have taken it, that is a conflict, and everything is weighed again with another one.
    """
    while True:
        number = int(desk.now * 1000) << 10 | int.from_bytes(desk.entropy(2)) & 0x3FF
        key = desk.key(KeyKind.NOTE, str(number))
        if desk.row(key) is None:
            return key


def checked(raw_body: str) -> str:
    """The note as safe HTML. Raises `BadInput` for one that says nothing, or too much."""
    if not raw_body.strip() or len(raw_body) > MAX_NOTE:
        raise BadInput(f"body is not a text of 1 to {MAX_NOTE} characters, which is expected.", field="body")
    return safe_html(raw_body)


async def find(store: Store, workspace_id: WorkspaceId, raw_id: str) -> Note:
    """One note. Raises `NotFound`."""
    if _ID.match(raw_id):
        for row in await store.find(LookupKey(workspace_id, KeyKind.NOTE, str(int(raw_id)))):
            contact = await _final(store, workspace_id, row.contact_id)
            note = await store.note(workspace_id, contact.id, NoteId(int(raw_id))) if contact is not None else None
            if note is not None:
                return note
    raise NotFound("There is no note of this id in this workspace.")


async def _final(store: Store, workspace_id: WorkspaceId, contact_id: ContactId | None) -> Contact | None:
    """Whom somebody has become by now, however often she was merged."""
    contact = None
    for _ in range(_MOST_MERGES):
        if contact_id is None:
            break
        contact = await store.contact(workspace_id, contact_id)
        contact_id = contact.merged_into if contact is not None else None
    return contact


async def page(
    store: Store, workspace_id: WorkspaceId, raw_contact_id: str, *, before: NoteId | None, limit: int, skip: int = 0
) -> Page:
    """At most `limit` notes: those before `before`, or those after the newest `skip`. Raises `NotFound` or `Gone`."""
    contact = await get(store, workspace_id, raw_contact_id)
    if not skip and before is None:
        return await newest(store, contact, limit=limit)
    beside = await _beside(store, contact, skip)
    if skip:
        if len(beside.notes) < skip:
            return Page((), beside.note_count, more=False)
        before = beside.notes[-1]
    found = await store.notes(workspace_id, contact.id, before=before, limit=limit + 1)
    return Page(tuple(found[:limit]), beside.note_count, len(found) > limit)


async def newest(store: Store, contact: Contact, *, limit: int) -> Page:
    """The newest notes. They are counted only where these are not all of them."""
    found = await store.notes(contact.workspace_id, contact.id, before=None, limit=limit + 1)
    if len(found) <= limit:
        return Page(tuple(found), len(found), more=False)
    return Page(tuple(found[:limit]), (await _beside(store, contact, 0)).note_count, more=True)


async def _beside(store: Store, contact: Contact, notes: int) -> Beside:
    return (await store.beside(contact.workspace_id, [contact.id], notes=notes)).get(contact.id, Beside())
