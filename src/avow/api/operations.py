"""What does every address of REST do? The chapters, put together, and what each operation has because it is one.

- Whoever asks shows an access token with the scope, may name a version, and has requests left.
- Who sends a body sends JSON, and nobody sends a compressed one; what is written may find the disk full; what is done
  once may have been done already.

Nothing here is loaded until somebody asks for the documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from avow.api import own_shapes as own
from avow.api.beside.operations import OPERATIONS as BESIDE
from avow.api.bulk.operations import OPERATIONS as BULK
from avow.api.contacts.operations import OPERATIONS as CONTACTS
from avow.api.exchange import Act
from avow.api.keys.operations import OPERATIONS as KEYS
from avow.api.resources import RESOURCES
from avow.api.shapes import ONCE
from avow.api.team.operations import OPERATIONS as TEAM
from avow.api.versions import HEADER, known_versions
from avow.trust.access import Scope
from avow.web.operations import BY_ITSELF, Media, Operation, Parameter, Place, together

ATTRIBUTES: Final = "Attributes"
SERVER: Final = "Server"
_SINGLE: Final = {404: ("field_not_found",)}

_OWN: Final[Mapping[str, Operation]] = {
    "GET /me": Operation(summary="Tell whose access token this is", subject=SERVER, answer=own.Me),
    "GET /data_attributes": Operation(
        summary="List attributes",
        subject=ATTRIBUTES,
        answer=own.DataAttributeList,
        query=(
            Parameter("model", str, "`contact`, or `company`, of which there are none."),
            Parameter("include_archived", bool, "Archived ones too."),
        ),
        refusals={422: ("parameter_invalid",)},
    ),
    "POST /data_attributes": Operation(
        summary="Declare an attribute",
        subject=ATTRIBUTES,
        body=own.DeclareAttribute,
        answer=own.DataAttribute,
        headers=(ONCE,),
        refusals={400: ("custom_data_limit_reached", "not_supported"), 409: ("conflict",)},
    ),
    "PUT /data_attributes/{id}": Operation(
        summary="Change or lock an attribute",
        subject=ATTRIBUTES,
        body=own.EditAttribute,
        answer=own.DataAttribute,
        headers=(ONCE,),
        refusals={**_SINGLE, 400: ("custom_data_limit_reached",), 409: ("conflict",)},
    ),
    "GET /data_attributes/{id}/readiness": Operation(
        summary="Tell whether it is safe to lock an attribute",
        subject=ATTRIBUTES,
        answer=own.AttributeReadiness,
        refusals=_SINGLE,
    ),
}
OPEN: Final[Mapping[str, Operation]] = {
    "GET /": Operation(summary="Tell where you are", subject=SERVER, answer=own.Welcome),
    "GET /healthz": Operation(summary="Tell whether the process runs", subject=SERVER, answer=own.Health),
    "GET /readyz": Operation(
        summary="Tell whether the process can believe and write",
        subject=SERVER,
        answer=own.Health,
        refusals={503: ("service_unavailable",)},
    ),
}
"""What asks nobody who wants to know."""

OPERATIONS: Final[Mapping[str, Operation]] = {**CONTACTS, **BESIDE, **_OWN, **KEYS, **TEAM, **BULK}
"""Every operation of REST by method and address, without what all of them have."""

_VERSION: Final = Parameter(
    HEADER, known_versions(), "The version of Intercom's API that you speak; 2.14 if left out.", place=Place.HEADER
)
_ANY: Final = {
    400: ("duplicate_field", "intercom_version_invalid", "parameter_invalid"),
    401: ("unauthorized",),
    429: ("rate_limit_exceeded",),
}
_SCOPED: Final = {403: ("forbidden",)}
_SENDING: Final = {400: ("parameter_not_found",)}
_WRITING: Final = {415: ("media_type_not_acceptable",), 507: ("insufficient_storage",)}
_DONE_ONCE: Final = {422: ("idempotency_key_reused",)}


class Described(NamedTuple):
    """An operation with all that it has, and the scope that it takes."""

    method: str
    path: str
    operation: Operation
    scope: Scope | None


def described() -> Iterator[Described]:
    """Every operation of REST, in the order of its addresses."""
    for raw_path, acts in RESOURCES.items():
        path = address_of(raw_path)
        for method, act in acts.items():
            yield Described(method, path, _complete(method, act, OPERATIONS[f"{method} {path}"]), act.scope)


def address_of(route: str) -> str:
    """The address as people read it: without how its parts are matched."""
    return route.replace(":anything}", "}")


def _complete(method: str, act: Act, operation: Operation) -> Operation:
    usual: list[Mapping[int, tuple[str, ...]]] = [BY_ITSELF, _ANY]
    usual += [_SCOPED] if act.scope is not None else []
    usual += [_SENDING] if operation.body is not None and not isinstance(operation.body, Media) else []
    usual += [_WRITING] if method != "GET" else []
    usual += [_DONE_ONCE] if ONCE in operation.headers else []
    return msgspec.structs.replace(
        operation,
        status=None if operation.status is None else act.status,
        headers=(_VERSION, *operation.headers),
        refusals=together(operation.refusals, *usual),
    )
