"""What was noted of a contact? `/contacts/{id}/notes` and `/notes/{id}`.

- The body is told as safe HTML: what came as text is shown as text, whatever it says.
- `admin_id` names the teammate in whose name it is written; without it that is whoever `/me` names. Who really wrote it
  stands in `provenance`.

Source: contract/intercom-openapi.yaml, schema `note`; contract/intercom-notes.md §4.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from avow.api.exchange import Call
from avow.api.reading import body, identifier, place, required
from avow.api.team.performers import admin_object, owner_of, team_of, with_id
from avow.flow import contacts
from avow.flow.beside import notes
from avow.flow.beside.notes import AddNote
from avow.flow.contract import Note, NoteId, Teammate

PER_PAGE: Final = 50
MOST_PAGES: Final = 1_000
"""How far Intercom's clients get, which ask for these pages by number until one is empty."""
_ENTRY: Final = re.compile(r"[0-9]{1,16}")


async def page(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/notes`: newest first."""
    where = place(call, usual=PER_PAGE, entry=_ENTRY, most_pages=MOST_PAGES)
    before = None if where.after is None else NoteId(int(where.after))
    skip = (where.page - 1) * where.per_page if before is None else 0
    store, workspace_id = call.engine.store, call.workspace_id
    found = await notes.page(store, workspace_id, call.path["id"], before=before, limit=where.per_page, skip=skip)
    team = await team_of(call)
    last = str(found.notes[-1].id) if found.more else None
    return {
        "type": "list",
        "data": [_note_object(one, team) for one in found.notes],
        "total_count": found.total,
        "pages": where.pages(found.total, last),
    }


async def get(call: Call) -> dict[str, Any]:
    """`GET /notes/{id}`."""
    return _note_object(await notes.find(call.engine.store, call.workspace_id, call.path["id"]), await team_of(call))


async def create(call: Call) -> dict[str, Any]:
    """`POST /contacts/{id}/notes`."""
    contact_id, fields = contacts.contact_id_of(call.path["id"]), body(call)
    text = notes.checked(required(fields, "body", str))
    team = await team_of(call)
    author = _author(fields, team)
    work = AddNote(
        token=call.caller.token,
        idempotency=call.idempotency,
        contact_id=contact_id,
        body=text,
        author=None if author is None else author.id,
    )
    note: Note = await call.engine.committer.submit(work)
    return _note_object(note, team)


def _author(fields: Mapping[str, object], team: list[Teammate]) -> Teammate | None:
    if fields.get("admin_id") is None:
        return owner_of(team)
    return with_id(identifier(fields, "admin_id"), team)


def _note_object(note: Note, team: list[Teammate]) -> dict[str, Any]:
    author = next((one for one in team if one.id == note.author), None)
    return {
        "type": "note",
        "id": str(note.id),
        "created_at": int(note.at),
        "contact": {"type": "contact", "id": note.contact_id},
        "author": None if author is None else admin_object(author),
        "body": note.body,
        "provenance": {"channel": note.channel, "actor": note.actor},
    }
