"""What became of every write? `/contacts/{id}/changes`, newest first.

Each record says who, when, by which channel, the verdict of every value, before and after, and the hash that chains it.
A record whose values have run out or were erased has `values` null. Source: spec §7.
"""

from __future__ import annotations

import re
from typing import Any, Final

from avow.api.exchange import Call
from avow.api.reading import place
from avow.flow import contacts
from avow.flow.contacts.telling import change_object

PER_PAGE: Final = 50
_ENTRY: Final = re.compile(r"[0-9]{1,15}")


async def page(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/changes`."""
    where = place(call, usual=PER_PAGE, entry=_ENTRY)
    contact_id = contacts.contact_id_of(call.path["id"])
    store, workspace_id = call.engine.store, call.workspace_id
    before = None if where.after is None else int(where.after)
    found, more = await contacts.changes(store, workspace_id, contact_id, before=before, limit=where.per_page)
    last = str(found[-1].facts.seq) if more else None
    return {"type": "list", "data": [change_object(change) for change in found], "pages": where.pages(None, last)}
