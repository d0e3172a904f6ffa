"""What does one operation take? Its parameters and its body, with the examples of the reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from avow.api.operations import Described
from avow.manual.examples import Example
from avow.manual.openapi.samples import completed, named
from avow.manual.openapi.schemas import Schemas
from avow.web.operations import Media, Operation, Parameter, Place

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"


def parameters_of(one: Described, schemas: Schemas) -> list[dict[str, Any]]:
    """Parts of the address, of the query, and headers."""
    known = {parameter.name: parameter for parameter in one.operation.path}
    named = [part[1:-1] for part in one.path.split("/") if part.startswith("{")]
    parts = [known.get(name, Parameter(name, str, "", place=Place.PATH)) for name in named]
    return [_parameter(each, schemas) for each in (*parts, *one.operation.query, *one.operation.headers)]


def _parameter(parameter: Parameter, schemas: Schemas) -> dict[str, Any]:
    in_path = parameter.place is Place.PATH
    schema = {"type": "string"} if parameter.type is str else schemas.of(parameter.type)
    told: dict[str, Any] = {"name": parameter.name, "in": str(parameter.place)}
    if parameter.meaning:
        told["description"] = parameter.meaning
    if in_path or parameter.required:
        told["required"] = True
    return {**told, "schema": {**schema, "minLength": 1} if in_path and parameter.type is str else schema}


def body_of(operation: Operation, shown: Sequence[Example], schemas: Schemas) -> dict[str, Any]:
    """The body, with what stands for it on the page."""
    if isinstance(operation.body, Media):
        raw = {kind: {"schema": {"type": "string", "contentMediaType": kind}} for kind in operation.body.kinds}
        return {"description": operation.body.meaning, "required": True, "content": raw}
    schema = schemas.of(operation.body)
    content: dict[str, Any] = {JSON: {"schema": schema}}
    given = {name: one for name, one in by_name(shown).items() if one.body is not None}
    if given:
        values = {name: example(one, completed(one.body, schema, schemas)) for name, one in given.items()}
        content[JSON]["examples"] = values
    if operation.forms:
        content[FORM] = {"schema": schema, "encoding": _as_text(schema, schemas)}
    return {"required": operation.body_required, "content": content}


def _as_text(schema: dict[str, Any], schemas: Schemas) -> dict[str, Any]:
    """Objects stand as JSON text in a form."""
    properties = schemas.resolved(schema)["properties"]
    objects = [name for name, one in properties.items() if schemas.resolved(one).get("type") == "object"]
    return {name: {"contentType": JSON} for name in objects}


def by_name(shown: Sequence[Example]) -> dict[str, Example]:
    """Examples by their names: a request and its answer have the same one."""
    return {"example" if not place else f"example{place + 1}": one for place, one in enumerate(shown)}


def addresses_of(shown: Sequence[Example]) -> dict[str, str]:
    """Which address each example asks."""
    return {name: named(one.address) for name, one in by_name(shown).items()}


def example(shown: Example, value: Any) -> dict[str, Any]:
    """An example as OpenAPI has it."""
    return {**({"summary": shown.lead} if shown.lead else {}), "value": value}
