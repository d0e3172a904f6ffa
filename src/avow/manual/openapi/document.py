"""How is the whole API said so that a program can read it? One OpenAPI 3.1 document of everything.

- Operations and types come from the code, prose and examples from the reference for people: nothing is said twice.
- What several operations have in common (parameters, headers, refusals) stands in `components` once.

Source: https://spec.openapis.org/oas/v3.1.1.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from avow import __version__
from avow.api.operations import OPEN, SERVER, Described, described
from avow.api.operations import OPERATIONS as REST
from avow.manual import addresses, examples, markdown
from avow.manual.openapi.answers import answers
from avow.manual.openapi.requests import addresses_of, body_of, parameters_of
from avow.manual.openapi.schemas import Schemas
from avow.manual.openapi.shared import HEADERS, TOKEN, Shared
from avow.messenger.operations import OPERATIONS as MESSENGER
from avow.web.errors import ErrorList
from avow.web.operations import BY_ITSELF, Media, Operation, together

ABOUT: Final = (
    "Customer data that can be trusted: every value knows who vouched for it. REST speaks Intercom's dialect, so that "
    "its clients work by another base URL; what is added to it stands under the same resources. "
    f"The pages of the documentation are at [{addresses.ROOT}]({addresses.ROOT})."
)
CHAPTERS: Final = (
    "Messenger", "Contacts", "Provenance", "Visitors", "Tags", "Notes", "Segments", "Events", "Attributes", "Keys",
    "Team", "Imports and exports", "Companies", "Server",
)  # fmt: skip
_SELF: Final = {
    "GET /openapi.json": Operation(
        summary="Get this document", subject=SERVER, answer=Media("This document.", ("application/json",))
    )
}
Document = dict[str, Any]


def document() -> Document:
    """The document, made anew: whoever serves it keeps it."""
    operations = list(_operations())
    schemas = Schemas(_types(operations))
    shared = Shared()
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = _told(one, schemas, shared)
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Avow",
            "summary": "Customer data that can be trusted.",
            "description": ABOUT,
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "This server."}],
        "tags": [{"name": chapter} for chapter in CHAPTERS],
        "paths": paths,
        "components": {
            "schemas": dict(schemas.components),
            "parameters": shared.parameters,
            "responses": shared.responses,
            "headers": HEADERS,
            "securitySchemes": {"accessToken": TOKEN},
        },
        "externalDocs": {"description": "The documentation, served with it", "url": addresses.ROOT},
    }


def _operations() -> Iterator[Described]:
    for name, operation in MESSENGER.items():
        yield _open(name, operation)
    yield from described()
    for name, operation in {**OPEN, **_SELF}.items():
        yield _open(name, operation)


def _open(name: str, operation: Operation) -> Described:
    """An operation that asks for no access token."""
    method, _, path = name.partition(" ")
    complete = msgspec.structs.replace(operation, refusals=together(operation.refusals, BY_ITSELF))
    return Described(method, path, complete, None)


def _types(operations: Sequence[Described]) -> list[Any]:
    types: list[Any] = [ErrorList]
    for one in operations:
        operation = one.operation
        types += [type_ for type_ in (operation.answer, operation.body) if not isinstance(type_, Media | None)]
        types += operation.besides
        types += [parameter.type for parameter in (*operation.path, *operation.query, *operation.headers)]
    kept: list[Any] = []
    for type_ in types:
        if not any(type_ is known or type_ == known for known in kept):
            kept.append(type_)
    return kept


def _told(one: Described, schemas: Schemas, shared: Shared) -> Document:
    operation = one.operation
    section = examples.sections().get(f"{one.method} {one.path}", examples.NOTHING)
    shown = section.of(one.method, one.path)
    told: Document = {
        "operationId": addresses.section(one.method, one.path).replace("-", "_"),
        "summary": operation.summary,
        "tags": [operation.subject],
        "parameters": [shared.parameter(each) for each in parameters_of(one, schemas)],
    }
    if section.prose:
        told["description"] = markdown.with_addresses(section.prose, "reference/http.md")
    if shown:
        told["x-addresses"] = addresses_of(shown)
    if operation.body is not None:
        told["requestBody"] = body_of(operation, shown, schemas)
    told["responses"] = {status: shared.response(status, each) for status, each in answers(one, shown, schemas).items()}
    told["security"] = [{"accessToken": [one.scope] if one.scope else []}] if _is_rest(one) else []
    return told


def _is_rest(one: Described) -> bool:
    return f"{one.method} {one.path}" in REST
