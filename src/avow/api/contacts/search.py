"""Which contacts fit a question? `POST /contacts/search`, in Intercom's language and with `verified` on conditions.

- `pagination` and `sort` stand in the body. A cursor belongs to the order that it was made for; it carries the total,
  which is counted once. It is opaque, and whoever makes one up only misleads herself.
- `slow_fields` names the fields for which every contact was looked at; declare them filterable.

Source: contract/intercom-notes.md §4.1, §4.4, §6.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from avow.api.contacts.answers import answers
from avow.api.exchange import Call
from avow.api.reading import MAX_PER_PAGE, body, optional, page_number
from avow.errors import BadInput
from avow.flow.contacts import MOST_COUNTED
from avow.flow.contract.query import Kind, Mark, Place, Sort
from avow.flow.search.parsing import parse, parse_sort
from avow.flow.search.searching import Asked, Results, search
from avow.flow.search.terms import terms_of
from avow.trust.contact import ContactId
from avow.trust.strict_json import StrictJsonError, loads
from avow.trust.weighing.values import MAX_INTEGER, MIN_INTEGER

PER_PAGE: Final = 50
MOST_IN_A_CURSOR: Final = 8_192
_ID: Final = re.compile(r"[0-9a-f]{24}\Z")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,2}\Z")
_TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.TEXT: (str,),
    Kind.EXACT: (str,),
    Kind.INTEGER: (int,),
    Kind.DATE: (int,),
    Kind.FLOAT: (int, float),
    Kind.BOOLEAN: (bool,),
}
_encode: Final = msgspec.json.Encoder().encode


class _Page(msgspec.Struct, frozen=True):
    """Which page: its number, its size, where it begins and what the total was told to be."""

    number: int
    size: int
    after: Mark | None = None
    known: int | None = None


async def find(call: Call) -> dict[str, Any]:
    """`POST /contacts/search`."""
    fields, engine = body(call), call.engine
    if fields.get("query") is None:
        raise BadInput(
            "query is missing. Send a condition, or a group of some.", field="query", code="parameter_not_found"
        )
    workspace = await engine.rulebook.workspace(call.workspace_id)
    where = parse(fields["query"], terms_of(call.rules, workspace.timezone, engine.now()))
    wanted = optional(fields, "sort", dict) or {}
    order = optional(wanted, "order", str)
    sort = parse_sort(optional(wanted, "field", str), order, call.rules.attributes)
    page = _page(optional(fields, "pagination", dict) or {}, sort)
    asked = Asked(where, page.size, sort, page.after, page.known)
    results = await search(engine.store, call.workspace_id, call.rules, asked)
    return await _answer(call, results, page, sort)


async def _answer(call: Call, results: Results, page: _Page, sort: Sort) -> dict[str, Any]:
    pages: dict[str, Any] = {
        "type": "pages",
        "page": page.number,
        "per_page": page.size,
        "total_pages": -(-results.total // page.size),
    }
    if results.last is not None:
        cursor = _cursor(page.number + 1, sort, results.last, results.counted)
        pages["next"] = {"page": page.number + 1, "per_page": page.size, "starting_after": cursor}
    told: dict[str, Any] = {
        "type": "list",
        "data": await answers(call, results.contacts),
        "total_count": results.total,
        "pages": pages,
    }
    if results.capped:
        told["total_count_capped"] = True
    if results.approximate:
        told["total_count_approximate"] = True
    if results.unindexed:
        told["slow_fields"] = results.unindexed
    return told


def _page(raw: Mapping[str, object], sort: Sort) -> _Page:
    size, cursor = _size(raw.get("per_page")), raw.get("starting_after")
    if cursor is None or cursor == "":
        return _Page(page_number(raw.get("page"), field="pagination.page"), size)
    field = "pagination.starting_after"
    try:
        if not isinstance(cursor, str) or len(cursor) > MOST_IN_A_CURSOR:
            raise ValueError
        number, named, descending, value, contact_id, known = _read(cursor)
    except (ValueError, TypeError, binascii.Error, StrictJsonError):
        raise _no_cursor(field) from None
    counted = type(known) is int and 0 <= known <= MOST_COUNTED + 1
    placed = type(number) is int and 1 < number < 10**9 and isinstance(contact_id, str) and _ID.match(contact_id)
    if not counted or not placed or not _fits(value, sort):
        raise _no_cursor(field)
    if (named, descending) != (sort.subject.field, sort.descending):
        message = "starting_after was made for another order. Begin again, or send the sort that it was made for."
        raise BadInput(message, field=field, code="client_error")
    return _Page(number, size, Mark(value, ContactId(contact_id)), known)


def _size(raw: object) -> int:
    if isinstance(raw, str) and _NUMBER.match(raw):
        raw = int(raw)
    if raw is None:
        return PER_PAGE
    if type(raw) is not int or not 1 <= raw <= MAX_PER_PAGE:
        message = f"per_page is not a number from 1 to {MAX_PER_PAGE}, which is expected."
        raise BadInput(message, field="pagination.per_page")
    return raw


def _cursor(number: int, sort: Sort, mark: Mark, counted: int) -> str:
    whole = [number, sort.subject.field, sort.descending, mark.value, mark.contact_id, counted]
    return base64.urlsafe_b64encode(_encode(whole)).rstrip(b"=").decode()


def _read(cursor: str) -> list[Any]:
    raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    whole = loads(raw, max_depth=2)
    if not isinstance(whole, list) or len(whole) != 6:
        raise ValueError
    return whole


def _fits(value: object, sort: Sort) -> bool:
    """Whether a value can be one that contacts are sorted by."""
    if value is None:
        return True
    kinds = _TYPES[sort.subject.kind]
    if sort.subject.place is Place.FACT and sort.subject.kind is Kind.DATE:
        kinds = (int, float)
    if type(value) not in kinds:
        return False
    return not isinstance(value, int) or MIN_INTEGER <= value <= MAX_INTEGER


def _no_cursor(field: str) -> BadInput:
    message = "Invalid starting_after param. Take it from pages.next of the page before."
    return BadInput(message, field=field, code="client_error")
