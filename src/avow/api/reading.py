"""What does a REST request say? Its body as strict JSON, fields of a type, and where in a list it wants to go on.

- JSON in UTF-8, every name once, nested at most 8 deep; a field of another type is an error of that field.
- Errors say what was expected, never what came.

Source: spec §11; contract/intercom-notes.md §4.1 (cursor pages).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from avow.api.exchange import Call
from avow.errors import BadInput, BadInputs
from avow.trust.strict_json import DuplicateName, StrictJsonError, loads
from avow.web.request import Media, require_media

MAX_DEPTH: Final = 8
MAX_PER_PAGE: Final = 150
_PAGE: Final = re.compile(r"[1-9][0-9]{0,8}")
_Value = TypeVar("_Value")
_KINDS: Final = {str: "text", bool: "true or false", dict: "an object", list: "a list", int: "a whole number"}


def body(call: Call) -> dict[str, object]:
    """The body, a JSON object. Raises `BadInput` or `UnsupportedMedia`."""
    require_media(call.scope, Media.JSON)
    try:
        value = loads(call.raw_body, max_depth=MAX_DEPTH)
    except DuplicateName as error:
        raise BadInput(f"The body is ambiguous: {error}.", code="duplicate_field") from None
    except StrictJsonError as error:
        raise BadInput(f"The body is not the JSON that is expected: {error}.", code="bad_request") from None
    if not isinstance(value, dict):
        raise BadInput("The body is not a JSON object. Send one.", code="bad_request")
    return value


def may_say(call: Call, *names: str) -> dict[str, object]:
    """The body, where there is one, of these fields and no other. Raises what `body` and `refuse_unknown` do."""
    fields = body(call) if call.raw_body else {}
    refuse_unknown(fields, *names)
    return fields


def refuse_unknown(fields: Mapping[str, object], *names: str) -> None:
    """Raise `BadInputs` for every field that is none of these.

    For what is not Intercom's: nobody sends it what she has read there, and a slip would do what nobody asked for.
    """
    message = f"There is no such field here. It takes {', '.join(names)}." if names else "Nothing is asked for here."
    errors = [BadInput(message, field=name[:64]) for name in fields if name not in names]
    if errors:
        raise BadInputs(errors)


def optional(fields: Mapping[str, object], name: str, kind: type[_Value]) -> _Value | None:
    """The field, or None where it is absent or `null`. Raises `BadInput` for another type."""
    value = fields.get(name)
    if value is None:
        return None
    if type(value) is not kind:
        raise BadInput(f"{name} is not {_KINDS[kind]}, which is expected.", field=name)
    return value


def required(fields: Mapping[str, object], name: str, kind: type[_Value]) -> _Value:
    """The field. Raises `BadInput`: parameter_not_found where it is missing."""
    value = optional(fields, name, kind)
    if value is None:
        raise BadInput(f"{name} is missing. Send {_KINDS[kind]}.", field=name, code="parameter_not_found")
    return value


def identifier(fields: Mapping[str, object], name: str) -> str:
    """The field, an id: text, or the whole number that some clients send. Raises `BadInput`."""
    value = fields.get(name)
    if value is None:
        raise BadInput(f"{name} is missing. Send an id.", field=name, code="parameter_not_found")
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise BadInput(f"{name} is not an id, which is expected.", field=name)
    return str(value)


def flag(query: Mapping[str, str], name: str) -> bool:
    """A switch of the query, off where it is absent."""
    value = query.get(name, "false").lower()
    if value not in ("true", "false", "1", "0", ""):
        raise BadInput(f"{name} is not true or false, one of which is expected.", field=name)
    return value in ("true", "1")


class Place(msgspec.Struct, frozen=True):
    """Where a caller is in a list: the number of the page, its size, and the last entry before it (None: the start)."""

    page: int
    per_page: int
    after: str | None

    def pages(self, total: int | None, last: str | None) -> dict[str, object]:
        """Intercom's `pages`. `last` is the last entry shown, where more follow; `total` how many there are."""
        pages: dict[str, object] = {"type": "pages", "page": self.page, "per_page": self.per_page}
        if total is not None:
            pages["total_pages"] = -(-total // self.per_page)
        if last is not None:
            cursor = f"{self.page + 1}.{last}"
            pages["next"] = {"page": self.page + 1, "per_page": self.per_page, "starting_after": cursor}
        return pages


def place(call: Call, *, usual: int, entry: re.Pattern[str], most_pages: int = 1) -> Place:
    """Which page is asked for, in a list whose entries are named like `entry`. A cursor goes before a page's number.

    `most_pages` is how far the list can be asked for by number alone. Raises `BadInput`: client_error for a number
    beyond that (the first page again and again would be a list without an end), and for a cursor of another list.
    """
    size, cursor = page_size(call, usual=usual), call.query.get("starting_after", "")
    if not cursor:
        return Place(page_number(call.query.get("page"), most=most_pages), size, None)
    number, _, after = cursor.partition(".")
    if not _PAGE.fullmatch(number) or not entry.fullmatch(after):
        message = "starting_after is no cursor of this list. Take it from pages.next of the page before."
        raise BadInput(message, field="starting_after", code="client_error")
    return Place(int(number), size, after)


def page_number(
    raw: object, *, most: int = 1, field: str = "page", instead: str = "starting_after, from pages.next of a page"
) -> int:
    """The number of a page that is asked for without a cursor. Raises `BadInput` as `place` does."""
    number = str(raw) if type(raw) is int else "1" if raw is None or raw == "" else raw
    if not isinstance(number, str) or not _PAGE.fullmatch(number):
        raise BadInput("page is not a number from 1, which is expected.", field=field)
    if int(number) > most:
        message = f"By number there is no page beyond {most} here. Send {instead}."
        raise BadInput(message, field=field, code="client_error")
    return int(number)


def page_size(call: Call, *, usual: int) -> int:
    """How many entries a page shall have. Raises `BadInput`."""
    raw_size = call.query.get("per_page", "")
    if raw_size and (not re.fullmatch(r"[0-9]{1,4}", raw_size) or not 1 <= int(raw_size) <= MAX_PER_PAGE):
        raise BadInput(f"per_page is not a number from 1 to {MAX_PER_PAGE}, which is expected.", field="per_page")
    return int(raw_size or usual)
