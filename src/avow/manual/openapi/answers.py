"""What does one operation answer? What it is for, and every way in which it may be refused, by status and code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from avow.api.operations import OPERATIONS as REST
from avow.api.operations import Described
from avow.manual import addresses, shelf
from avow.manual.examples import Example
from avow.manual.openapi.requests import JSON, by_name, example
from avow.manual.openapi.samples import completed
from avow.manual.openapi.schemas import Schemas
from avow.manual.openapi.shared import ALWAYS, LIMITS, OF_STATUS, headers
from avow.web.errors import ErrorList
from avow.web.operations import Media

_UNKNOWN_CALLER: Final = frozenset({401, 408, 413, 431, 500, 503})
"""Statuses that may come before anybody knows whose requests to count."""


def answers(one: Described, shown: Sequence[Example], schemas: Schemas) -> dict[str, Any]:
    """All answers by status."""
    told: dict[str, Any] = {}
    if one.operation.status is not None:
        told[str(one.operation.status)] = _success(one, shown, schemas)
    refusals = {**one.operation.refusals}
    if "{" in one.path:
        refusals[404] = tuple(sorted({*refusals.get(404, ()), "not_found"}))
    for status, codes in sorted(refusals.items()):
        told[str(status)] = _refusal(one, status, codes, shown, schemas)
    return told


def _success(one: Described, shown: Sequence[Example], schemas: Schemas) -> dict[str, Any]:
    operation = one.operation
    status = operation.status or 200
    told: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": _headers(one, status)}
    if isinstance(operation.answer, Media):
        kinds = {kind: {"schema": _whole(kind)} for kind in operation.answer.kinds}
        return {**told, "description": operation.answer.meaning, "content": kinds}
    if operation.answer is None:
        return told
    schema = schemas.of(operation.answer)
    return {**told, "content": {JSON: {"schema": schema, **_examples(shown, status, schema, schemas)}}}


def _whole(kind: str) -> dict[str, str]:
    return {"type": "object"} if kind == JSON else {"type": "string"}


def _refusal(
    one: Described, status: int, codes: Sequence[str], shown: Sequence[Example], schemas: Schemas
) -> dict[str, Any]:
    only = {"properties": {"errors": {"items": {"properties": {"code": {"enum": list(codes)}}}}}}
    base = schemas.of(ErrorList)
    told = ", ".join(_linked(code) for code in codes)
    return {
        "description": f"{HTTPStatus(status).phrase}: {told}.",
        "headers": _headers(one, status),
        "content": {JSON: {"schema": {"allOf": [base, only]}, **_examples(shown, status, base, schemas)}},
    }


def _linked(code: str) -> str:
    return f"[`{code}`]({addresses.ROOT}reasons/{code})" if code in shelf.reasons() else f"`{code}`"


def _headers(one: Described, status: int) -> dict[str, Any]:
    is_rest = f"{one.method} {one.path}" in REST
    limits = LIMITS if is_rest and status not in _UNKNOWN_CALLER else ()
    own = OF_STATUS.get(status, ()) if is_rest or status != 401 else ()
    return headers(*ALWAYS, *limits, *own)


def _examples(shown: Sequence[Example], status: int, schema: Mapping[str, Any], schemas: Schemas) -> dict[str, Any]:
    values = {
        name: example(one, completed(one.answer, schema, schemas))
        for name, one in by_name(shown).items()
        if one.status == status and one.answer is not None
    }
    return {"examples": values} if values else {}
