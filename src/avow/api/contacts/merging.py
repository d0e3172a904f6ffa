"""How does a lead become a user's, and who has become hers? `/contacts/merge` and `/contacts/{id}/merge_history`.

The history's cursor is opaque to callers: the moment and the id of the last merge that was shown.
Source: contract/intercom-notes.md §4.1, §4.2; contract/intercom-openapi.yaml, schema `merge_history_list`.
"""

from __future__ import annotations

import re
from math import isfinite
from typing import Any, Final

from avow.api.contacts.answers import merge_object, written_answer
from avow.api.exchange import Call
from avow.api.reading import body, optional, page_number, page_size, required
from avow.errors import BadInput
from avow.flow import contacts
from avow.flow.contacts import Likeness, MergeContacts
from avow.flow.contacts.merge_history import Merged, Seen
from avow.trust.contact import ContactId

PER_PAGE: Final = 50
_CURSOR: Final = re.compile(r"([0-9]{1,12}\.[0-9]{1,12})-([0-9a-f]{24})")


async def merge(call: Call) -> dict[str, Any]:
    """`POST /contacts/merge`."""
    fields = body(call)
    source = contacts.contact_id_of(required(fields, "from", str))
    target = contacts.contact_id_of(required(fields, "into", str))
    likeness = Likeness.TAKEN_AS_READ if optional(fields, "skip_duplicate_validation", bool) else Likeness.LOOKED_FOR
    token, idempotency = call.caller.token, call.idempotency
    work = MergeContacts(token=token, idempotency=idempotency, source=source, target=target, likeness=likeness)
    return await written_answer(call, await call.engine.committer.submit(work))


async def history(call: Call) -> dict[str, Any]:
    """`GET /contacts/{id}/merge_history`."""
    order = call.query.get("order", "desc")
    if order not in ("asc", "desc"):
        raise BadInput("order is not asc or desc, one of which is expected.", field="order")
    size, past = page_size(call, usual=PER_PAGE), _past(call.query.get("cursor", ""))
    if past is None:
        page_number(call.query.get("page"), instead="cursor, which is next_cursor of a page")
    store, workspace_id = call.engine.store, call.workspace_id
    found, more = await contacts.merge_history(
        store, workspace_id, call.path["id"], past=past, limit=size, oldest_first=order == "asc"
    )
    told: dict[str, Any] = {"type": "list", "data": [merge_object(one) for one in found], "has_more": more}
    return {**told, "next_cursor": _cursor(found[-1])} if more else told


def _past(cursor: str) -> Seen | None:
    if not cursor:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None or not isfinite(float(match[1])):
        message = "cursor is none of this list's. Take it from next_cursor of the page before."
        raise BadInput(message, field="cursor", code="client_error")
    return float(match[1]), ContactId(match[2])


def _cursor(last: Merged) -> str:
    return f"{last.at!r}-{last.contact_id}"
