"""What did somebody do? `/events`: told by the company's backend, listed for 90 days, counted for ever.

- One person is named by `id`, `user_id` or `email`; several names must not be two people's. Leads go by `id`.
- Metadata is flat: texts, numbers, true and false, links with a text, amounts with a currency; at most ten entries.
- A page leads to the next by `pages.next`, an address to be asked as it stands; `before` goes before a page's number.

Source: contract/intercom-openapi.yaml, `createDataEvent`, `lisDataEvents`, `dataEventSummaries`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from avow.api.exchange import Call
from avow.api.reading import body, flag, optional, page_number, page_size, required
from avow.errors import BadInput
from avow.flow import contacts
from avow.flow.beside import events
from avow.flow.beside.events import SummariseEvents, TrackEvent
from avow.flow.beside.whom import Whom, find
from avow.flow.contract import EventPlace, EventRow, EventSummary
from avow.trust.contact import Contact
from avow.trust.identity import fold_email
from avow.trust.token_checks.user_id import MAX_USER_ID, user_id_of

PER_PAGE: Final = 50
MAX_NAME: Final = 120
MAX_ENTRIES: Final = 10
MAX_KEY: Final = 190
MAX_METADATA: Final = 4_096
MAX_COUNT: Final = 2**53 - 1
_MAX_EMAIL: Final = 255
_LAST_SECOND: Final = 99_999_999_999
_ORDER: Final = ("id", "user_id", "email")
_NAMES: Final = {"intercom_user_id": "id"}
_PLACE: Final = re.compile(r"([0-9]{1,11}(?:\.[0-9]{1,9})?)-([0-9a-f]{1,64})")
_SECONDS: Final = re.compile(r"[0-9]{1,11}")
_PAIRS: Final = ({"url": str, "value": str}, {"amount": int, "currency": str})
"""The objects that metadata may hold: a link with its text, and an amount of cents."""


async def track(call: Call) -> None:
    """`POST /events`."""
    fields = body(call)
    whom, *besides = _named(fields, _ORDER)
    work = TrackEvent(
        token=call.caller.token,
        idempotency=call.idempotency,
        whom=whom,
        besides=tuple(besides),
        name=_name(fields),
        created_at=_seconds(fields, "created_at"),
        metadata=_metadata(fields),
    )
    await call.engine.committer.submit(work)


async def summarise(call: Call) -> None:
    """`POST /events/summaries`: how often somebody did something before it was tracked here."""
    fields = body(call)
    summary = required(fields, "event_summaries", dict)
    first, last = _seconds(summary, "first"), _seconds(summary, "last")
    count = required(summary, "count", int)
    if not 1 <= count <= MAX_COUNT:
        raise BadInput(f"count is not a number from 1 to {MAX_COUNT}, which is expected.", field="count")
    if last < first:
        raise BadInput("last is earlier than first. Send Unix seconds of both.", field="last")
    _whom(fields, ("user_id",))
    whom, *besides = _named(fields, _ORDER)
    work = SummariseEvents(
        token=call.caller.token,
        idempotency=call.idempotency,
        whom=whom,
        besides=tuple(besides),
        name=_name(summary),
        count=count,
        first_at=first,
        last_at=last,
    )
    await call.engine.committer.submit(work)


async def listed(call: Call) -> dict[str, Any]:
    """`GET /events?type=user`; with `summary=true`, counted by name."""
    query = call.query
    if query.get("type") != "user":
        raise BadInput("type is not user, which is expected.", field="type", code="parameter_not_found")
    named = {name: query[name] for name in (*_NAMES, *_ORDER[1:]) if query.get(name)}
    if len(named) != 1:
        message = "Name one person: send user_id, email or intercom_user_id."
        raise BadInput(message, field="user_id", code="parameter_not_found")
    store, workspace_id = call.engine.store, call.workspace_id
    contact = await find(
        store, workspace_id, _whom({_NAMES.get(name, name): raw for name, raw in named.items()}, _ORDER)
    )
    whose = _whose(contact)
    if flag(query, "summary"):
        counted = await events.summarised(store, workspace_id, contact.id)
        return {"type": "event.summary", **whose, "events": [_summary_object(one) for one in counted]}
    size, since, before = page_size(call, usual=PER_PAGE), _since(query.get("since", "")), _before(query)
    if before is None:
        page_number(query.get("page"), instead="before, or follow pages.next")
    found, more = await events.listed(
        store, workspace_id, contact.id, now=call.engine.now(), since=since, before=before, limit=size
    )
    asked = {"since": query["since"]} if query.get("since") else {}
    pages = {"next": _next(contact, found[-1], size, asked)} if more else {}
    shown = [_event_object(one, whose) for one in found]
    return {"type": "event.list", **whose, "events": shown, "pages": pages}


def _whom(fields: Mapping[str, object], names: tuple[str, ...]) -> Whom:
    """The first of these names that is there. Raises `BadInput` where none is, or where it cannot be one."""
    return _named(fields, names)[0]


def _named(fields: Mapping[str, object], names: tuple[str, ...]) -> tuple[Whom, ...]:
    """By which of these names somebody is meant, at least one. Raises `BadInput`."""
    named = tuple(_by(name, fields[name]) for name in names if fields.get(name) not in (None, ""))
    if not named:
        message = f"{names[0]} is missing. Send {' or '.join(names)}."
        raise BadInput(message, field=names[0], code="parameter_not_found")
    return named


def _by(name: str, raw: object) -> Whom:
    if name == "id":
        return Whom(contact_id=contacts.contact_id_of(str(raw)))
    if name == "user_id":
        user_id = user_id_of(raw)
        if user_id is None:
            message = f"user_id is not a text of 1 to {MAX_USER_ID} characters that is not blank."
            raise BadInput(message, field="user_id")
        return Whom(user_id=user_id)
    if not isinstance(raw, str) or len(raw) > _MAX_EMAIL:
        raise BadInput(f"email is not a text of 1 to {_MAX_EMAIL} characters, which is expected.", field="email")
    return Whom(email=fold_email(raw))


def _name(fields: Mapping[str, object]) -> str:
    name = required(fields, "event_name", str)
    if not name.strip() or len(name) > MAX_NAME:
        raise BadInput(f"event_name is not a text of 1 to {MAX_NAME} characters.", field="event_name")
    return name


def _seconds(fields: Mapping[str, object], name: str) -> int:
    seconds = required(fields, name, int)
    if not 0 <= seconds <= _LAST_SECOND:
        raise BadInput(f"{name} is not a time in Unix seconds, which is expected.", field=name)
    return seconds


def _metadata(fields: Mapping[str, object]) -> str:
    """The entries, as JSON. Raises `BadInput` for too many, and for what is not flat or too long."""
    raw: dict[str, object] = optional(fields, "metadata", dict) or {}
    if len(raw) > MAX_ENTRIES:
        message = f"metadata has {len(raw)} entries. Send at most {MAX_ENTRIES}."
        raise BadInput(message, field="metadata")
    for name, value in raw.items():
        if not 1 <= len(name) <= MAX_KEY or not _is_flat(value):
            message = "An entry is no text, number, link or amount, or its name is too long. See the documentation."
            raise BadInput(message, field=f"metadata.{name[:64]}" if name else "metadata")
    text = msgspec.json.encode(raw).decode()
    if len(text) > MAX_METADATA:
        raise BadInput(f"metadata is longer than {MAX_METADATA} characters.", field="metadata")
    return text


def _is_flat(value: object) -> bool:
    if isinstance(value, dict):
        return any(
            value.keys() == pair.keys() and all(type(value[name]) is kind for name, kind in pair.items())
            for pair in _PAIRS
        )
    return value is None or isinstance(value, (str, int, float, bool))


def _since(raw: str) -> float:
    if raw and not _SECONDS.fullmatch(raw):
        raise BadInput("since is not a time in Unix seconds, which is expected.", field="since")
    return float(raw or 0)


def _before(query: Mapping[str, str]) -> EventPlace | None:
    raw = query.get("before", "")
    if not raw:
        return None
    if _SECONDS.fullmatch(raw):
        return float(raw), ""
    match = _PLACE.fullmatch(raw)
    if match is None:
        message = "before is no place in this list. Take it from pages.next of the page before."
        raise BadInput(message, field="before", code="client_error")
    return float(match[1]), match[2]


def _next(contact: Contact, last: EventRow, size: int, asked: Mapping[str, str]) -> str:
    """What follows `last` of the same list: `asked` is what else bounds it."""
    where = {"per_page": size, **asked, "before": f"{last.created_at!r}-{last.id}"}
    return "/events?" + urlencode({"type": "user", "intercom_user_id": contact.id, **where})


def _whose(contact: Contact) -> dict[str, Any]:
    named = {"user_id": contact.external_id, "email": contact.holding("email").value}
    told = {name: value for name, value in named.items() if value is not None}
    return {"intercom_user_id": contact.id, **told}


def _event_object(row: EventRow, whose: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "event",
        "id": row.id,
        "event_name": row.name,
        "created_at": int(row.created_at),
        **whose,
        "metadata": msgspec.Raw(row.metadata.encode()),
        "verified": row.verified,
    }


def _summary_object(one: EventSummary) -> dict[str, Any]:
    return {"name": one.name, "first": _iso(one.first_at), "last": _iso(one.last_at), "count": one.count}


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
