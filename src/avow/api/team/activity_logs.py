"""Who changed what about the rules? `/admins/activity_logs`, made from what operators' changes left behind.

- Each change has the one of Intercom's activity types that says it best; `metadata` tells what it is called here.
- Newest first, of a span of time that the caller names; of more than 10,000 changes in it, the newest 10,000.

Source: contract/intercom-notes.md §1.2 (activity types), §4.2; contract/intercom-openapi.yaml, schema `activity_log`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from avow.api.exchange import Call
from avow.api.reading import body, optional, page_size, required
from avow.api.team.activities import EVENT_TYPES, activity_type, description, state
from avow.api.team.performers import reference, team_of, teammate_of
from avow.errors import BadInput
from avow.flow.contract import OperatorChange, Teammate

PER_PAGE: Final = 20
MAX_PER_PAGE: Final = 250
MOST_LOOKED_AT: Final = 10_000
MAX_TYPES: Final = 100
_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_PAGE: Final = re.compile(r"[1-9][0-9]{0,4}")


class _Window(msgspec.Struct, frozen=True):
    """The span that is asked for (Unix seconds, both ends in it), which types of it, and which page."""

    after: int
    before: int | None
    types: frozenset[str] | None
    page: int
    per_page: int


async def page(call: Call) -> dict[str, Any]:
    """`GET /admins/activity_logs`."""
    query = call.query
    after, before = _asked_second(query.get("created_at_after"), "created_at_after"), query.get("created_at_before")
    if after is None:
        message = "created_at_after is missing. Send the Unix second to begin with."
        raise BadInput(message, field="created_at_after", code="parameter_not_found")
    number = query.get("page") or query.get("starting_after") or "1"
    if not _PAGE.fullmatch(number):
        raise BadInput("page is not a number from 1, which is expected.", field="page")
    until = _asked_second(before, "created_at_before")
    return await _listed(call, _Window(after, until, None, int(number), page_size(call, usual=PER_PAGE)))


async def search(call: Call) -> dict[str, Any]:
    """`POST /admins/activity_logs/search`."""
    fields = body(call)
    after, before = required(fields, "created_at_after", int), optional(fields, "created_at_before", int)
    number, size = optional(fields, "page", int), optional(fields, "per_page", int)
    if number is not None and not 1 <= number <= MOST_LOOKED_AT:
        raise BadInput("page is not a number from 1, which is expected.", field="page")
    if size is not None and not 1 <= size <= MAX_PER_PAGE:
        raise BadInput(f"per_page is not a number from 1 to {MAX_PER_PAGE}, which is expected.", field="per_page")
    for name, second in (("created_at_after", after), ("created_at_before", before)):
        _asked_second(None if second is None else str(second), name)
    types = optional(fields, "event_types", list)
    if types is not None and (len(types) > MAX_TYPES or not all(isinstance(one, str) for one in types)):
        raise BadInput(f"event_types is not a list of at most {MAX_TYPES} texts.", field="event_types")
    wanted = None if types is None else frozenset(types)
    return await _listed(call, _Window(after, before, wanted, number or 1, size or PER_PAGE))


async def event_types(_: Call) -> dict[str, Any]:
    """`GET /admins/activity_log_event_types`: those that changes here have."""
    return {"type": "activity_log_event_type.list", "event_types": EVENT_TYPES}


def _asked_second(raw: str | None, name: str) -> int | None:
    if not raw:
        return None
    if not _SECONDS.fullmatch(raw):
        raise BadInput(f"{name} is not a time in Unix seconds, which is expected.", field=name)
    return int(raw)


async def _listed(call: Call, window: _Window) -> dict[str, Any]:
    until = None if window.before is None else float(window.before + 1)
    store, workspace_id = call.engine.store, call.workspace_id
    found = await store.operator_changes(workspace_id, limit=MOST_LOOKED_AT, since=float(window.after), until=until)
    wanted = [one for one in found if window.types is None or activity_type(one) in window.types]
    start = (window.page - 1) * window.per_page
    shown, team = wanted[start : start + window.per_page], await team_of(call)
    return {
        "type": "activity_log.list",
        "pages": _pages(window, len(wanted)),
        "activity_logs": [_activity_object(one, team) for one in shown],
    }


def _pages(window: _Window, total: int) -> dict[str, Any]:
    size, last = window.per_page, max(1, -(-total // window.per_page))
    follows = {"page": window.page + 1, "per_page": size, "starting_after": str(window.page + 1)}
    pages = {"type": "pages", "page": window.page, "per_page": size, "total_pages": last}
    return {**pages, "next": follows if window.page < last else None}


def _activity_object(one: OperatorChange, team: Sequence[Teammate]) -> dict[str, Any]:
    teammate, who = teammate_of(one.actor, team), reference(one.actor, team)
    return {
        "type": "activity_log",
        "id": one.id,
        "performed_by": who if teammate is None else {**who, "email": teammate.email},
        "metadata": {
            "action": one.action,
            "subject": one.subject,
            "before": state(one, one.before),
            "after": state(one, one.after),
        },
        "created_at": int(one.at),
        "activity_type": activity_type(one),
        "activity_description": description(one, teammate.name if teammate is not None else one.actor),
    }
