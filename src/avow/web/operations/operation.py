"""What every HTTP wing needs to say what it does: operations, and the types of what is asked and answered.

- A description stands beside the handler it describes; `avow.manual` makes the OpenAPI document and pages of them.
- `Told` is the base of answers: a field that is not described is a mistake, and tests hold every answer to it.
  `Asked` is the base of bodies, and what is not described is read over; with `Exactly` it is refused.
- Nothing here is looked at while requests are answered.

Source: https://spec.openapis.org/oas/v3.1.1.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object of an answer."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An object of a body."""


class Exactly(Asked, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object of a body that takes no other field: a slip would do what nobody asked for."""


class Place(StrEnum):
    """Where a parameter stands."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"


class Parameter(msgspec.Struct, frozen=True):
    """One parameter: its name, its type as msgspec knows types, and what it means."""

    name: str
    type: Any
    meaning: str
    required: bool = False
    place: Place = Place.QUERY


class Media(msgspec.Struct, frozen=True):
    """A body or an answer that is no JSON, by its kind (or one of several)."""

    meaning: str
    kinds: tuple[str, ...]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What one method of an address does.

    `subject` is the chapter it stands in; `body` and `answer` are types, None for none. `refusals` are the codes that
    this operation has besides those that its kind has anyway, by status. `path` says more of parts of the address than
    that they are texts. `besides` are types that others name without msgspec's knowing. `forms`: the body may be one.
    `status` is that of the answer where all goes well, None where nothing ever goes well.
    """

    summary: str
    subject: str
    answer: Any = None
    status: int | None = 200
    body: Any = None
    body_required: bool = True
    besides: tuple[Any, ...] = ()
    forms: bool = False
    path: tuple[Parameter, ...] = ()
    query: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    refusals: Mapping[int, tuple[str, ...]] = {}


BY_ITSELF: Final[Mapping[int, tuple[str, ...]]] = {
    400: ("bad_request",),
    408: ("request_timeout",),
    413: ("request_too_large",),
    431: ("request_headers_too_large",),
    500: ("server_error",),
    503: ("service_unavailable",),
}
"""What the server refuses by itself, before any operation sees it (`web/errors.py`)."""


def together(*refusals: Mapping[int, tuple[str, ...]]) -> dict[int, tuple[str, ...]]:
    """All codes of all, by status."""
    statuses = sorted({status for one in refusals for status in one})
    return {status: tuple(sorted({code for one in refusals for code in one.get(status, ())})) for status in statuses}


Seconds = Annotated[int, Meta(description="Unix seconds.", examples=[1767225600])]
ContactId = Annotated[
    str, Meta(description="A contact's id.", pattern="^[0-9a-f]{24}$", examples=["65f1c0a1b2c3d4e5f6a7b8c9"])
]
Scalar = str | int | float | bool | None
