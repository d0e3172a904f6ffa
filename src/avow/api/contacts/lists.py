"""Which contacts are there? `/contacts`, one of them, and the one of an external_id.

- Lists show users and leads that are neither archived nor blocked; `archived=true` and `blocked=true` list those.
- By its id a contact is found whatever became of it, but for erased ones; who was merged is a 410.

Source: contract/intercom-notes.md §4.2.
"""

from __future__ import annotations

import re
from typing import Any, Final

from avow.api.contacts.answers import answer, answers
from avow.api.exchange import Call
from avow.api.reading import flag, place
from avow.errors import BadInput, NotFound
from avow.flow import contacts
from avow.flow.contract import Shelf
from avow.trust.token_checks.user_id import user_id_of

PER_PAGE: Final = 10
_ENTRY: Final = re.compile(r"[0-9a-f]{24}")


async def page(call: Call) -> dict[str, Any]:
    """`GET /contacts`: newest first. Where `total_count` is capped, `total_count_capped` says so."""
    where, shelf = place(call, usual=PER_PAGE, entry=_ENTRY), _shelf(call)
    before = None if where.after is None else contacts.contact_id_of(where.after)
    store = call.engine.store
    found = await contacts.page(store, call.workspace_id, before=before, limit=where.per_page, shelf=shelf)
    last = found.contacts[-1].id if found.more else None
    told: dict[str, Any] = {
        "type": "list",
        "data": await answers(call, found.contacts),
        "total_count": found.total,
        "pages": where.pages(found.total, last),
    }
    return {**told, "total_count_capped": True} if found.capped else told


def _shelf(call: Call) -> Shelf:
    archived, blocked = flag(call.query, "archived"), flag(call.query, "blocked")
    if archived and blocked:
        raise BadInput("archived and blocked are two lists. Ask for one of them.", field="blocked")
    return Shelf.ARCHIVED if archived else Shelf.BLOCKED if blocked else Shelf.LISTED


async def get(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}`."""
    return await answer(call, await contacts.get(call.engine.store, call.workspace_id, call.path["id"]))


async def find_by_external_id(call: Call) -> dict[str, Any]:
    """`GET /contacts/find_by_external_id/{external_id}`: byte for byte, after one decoding of the address."""
    external_id = user_id_of(call.path["external_id"])
    if external_id is None or "\0" in external_id:
        raise NotFound("There is no user with this external_id, and can be none.")
    return await answer(call, await contacts.find_by_external_id(call.engine.store, call.workspace_id, external_id))
