"""Which schema has a type of the code? msgspec's own JSON Schema, laid out as OpenAPI has it.

- An answer may get a field in another version: the schema that is published allows it, though tests do not. Of a body
  that takes no other field (`Exactly`) the schema says so.
- What may be left out is null by default everywhere; that is not repeated.

Source: https://json-schema.org/draft/2020-12; https://spec.openapis.org/oas/v3.1.1.html#schema-object.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from avow.web.operations import Exactly

Schema = dict[str, Any]
REFERENCE: Final = "#/components/schemas/"


class Schemas:
    """The schemas of some types: each one's own (`of`), and those that they refer to (`components`)."""

    def __init__(self, types: Iterable[Any]) -> None:
        self._types = list(types)
        found, components = msgspec.json.schema_components(self._types, ref_template=f"{REFERENCE}{{name}}")
        self._found = [_plain(one) for one in found]
        exact = {one.__name__ for one in self._types if isinstance(one, type) and issubclass(one, Exactly)}
        self.components: Mapping[str, Schema] = {
            name: _plain(one) | ({"additionalProperties": False} if name in exact else {})
            for name, one in sorted(components.items())
        }

    def of(self, type_: Any) -> Schema:
        """A type's own schema."""
        place = next(place for place, one in enumerate(self._types) if one is type_ or one == type_)
        return dict(self._found[place])

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The schema that a reference stands for; any other as it is."""
        while "$ref" in schema:
            schema = self.components[schema["$ref"].removeprefix(REFERENCE)]
        return schema


_ANY_OF: Final = [{"type": "string"}, {"type": "integer"}, {"type": "number"}, {"type": "boolean"}, {"type": "null"}]
_SCALAR: Final[Schema] = {"type": ["string", "number", "boolean", "null"]}


def _plain(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: _plain(one) for name, one in schema.items() if not _is_said_already(name, one)}
    if isinstance(kept.get("description"), str):
        kept["description"] = " ".join(inspect.cleandoc(kept["description"]).split())
    if len(kept.get("enum", ())) == 1:
        kept["const"] = kept.pop("enum")[0]
    if kept.get("anyOf") == _ANY_OF:
        del kept["anyOf"]
        kept |= _SCALAR
    return kept


def _is_said_already(name: str, value: object) -> bool:
    return (name == "default" and value in (None, {}, [])) or (name == "additionalProperties" and value is False)
