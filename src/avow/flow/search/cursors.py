"""Where does a list on a screen go on? A page's end as text for an address, and read back; anything else begins again.

A list that has no index of its order goes on newest first, whatever order was asked for.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

import msgspec

from avow.flow.contacts.reading import MOST_COUNTED
from avow.flow.contract.query import NEWEST_FIRST, Kind, Mark, Place, Sort
from avow.trust.contact import ContactId
from avow.trust.strict_json import StrictJsonError, loads
from avow.trust.weighing.values import MAX_INTEGER, MIN_INTEGER

_MOST: Final = 8_192
_ID: Final = re.compile(r"[0-9a-f]{24}\Z")
_TYPES: Final[dict[Kind, tuple[type, ...]]] = {
    Kind.TEXT: (str,),
    Kind.EXACT: (str,),
    Kind.INTEGER: (int,),
    Kind.DATE: (int, float),
    Kind.FLOAT: (int, float),
    Kind.BOOLEAN: (bool,),
}


class Cursor(msgspec.Struct, frozen=True):
    """Where a page goes on: in which order, behind whom, how many there are, and how many were looked at before."""

    sort: Sort
    mark: Mark | None = None
    known: int | None = None
    looked: int = 0


def written(cursor: Cursor) -> str:
    """The cursor as an address carries it; nothing for one that is at the beginning."""
    if cursor.mark is None:
        return ""
    order = cursor.sort.subject.field, cursor.sort.descending
    whole = [*order, cursor.mark.value, cursor.mark.contact_id, cursor.known, cursor.looked]
    return base64.urlsafe_b64encode(msgspec.json.encode(whole)).rstrip(b"=").decode()


def read(raw_cursor: str, wanted: Sort) -> Cursor:
    """Where to go on, in the order wanted or newest first. Of another order, or none of ours, it is the beginning."""
    again = Cursor(wanted)
    if not raw_cursor or len(raw_cursor) > _MOST:
        return again
    try:
        raw = base64.b64decode(
            raw_cursor.encode("ascii") + b"=" * (-len(raw_cursor) % 4), altchars=b"-_", validate=True
        )
        whole = loads(raw, max_depth=2)
    except (ValueError, binascii.Error, StrictJsonError):
        return again
    if not isinstance(whole, list) or len(whole) != 6:
        return again
    field, descending, value, contact_id, known, looked = whole
    counted = known is None or (type(known) is int and 0 <= known <= MOST_COUNTED + 1)
    placed = isinstance(contact_id, str) and _ID.match(contact_id) is not None
    orders = {(one.subject.field, one.descending): one for one in (NEWEST_FIRST, wanted)}
    sort = orders.get((field, descending)) if isinstance(field, str) and isinstance(descending, bool) else None
    if sort is None or not counted or not placed or not _fits(value, sort):
        return again
    if type(looked) is not int or not 0 <= looked <= MAX_INTEGER:
        return again
    return Cursor(sort, Mark(value, ContactId(contact_id)), known, looked)


def _fits(value: object, sort: Sort) -> bool:
    """Whether people can be sorted by such a value."""
    if value is None:
        return True
    fact = sort.subject.place is Place.FACT or sort.subject.kind is not Kind.DATE
    kinds = _TYPES[sort.subject.kind] if fact else (int,)
    return type(value) in kinds and (not isinstance(value, int | float) or MIN_INTEGER <= value <= MAX_INTEGER)
