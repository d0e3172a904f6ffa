"""How does an example of a page become one that a program can take? What it leaves out is put in, by the schema.

- On a page `…` stands for any value, a member `…` for further members; `<name>` for a text that comes again. Here each
  gets a value that its schema allows, the same one wherever it comes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from avow.manual.openapi.schemas import Schemas

ANY: Final = "…"
_NAMED: Final = re.compile(r"<([A-Za-z_]+)>")
_KNOWN: Final = {
    "APP": "k3v9x2qa",
    "TEST_APP": "q7m4t8wz",
    "KID": "acme-2026",
    "SECRET": f"avow_sk_{ANY}",
    "TOKEN": f"avow_at_{ANY}",
    "jwt": f"eyJhbGciOiJIUzI1NiIsImtpZCI6ImFjbWUtMjAyNiJ9.{ANY}.{ANY}",
}
_NUMBERED: Final = frozenset({"vip", "beta", "note", "seats"})


def named(text: str) -> str:
    """A text with its names put in."""
    return _NAMED.sub(lambda found: _named(found[1]), text)


def _named(name: str) -> str:
    if name in _KNOWN:
        return _KNOWN[name]
    number = hashlib.sha256(name.encode()).hexdigest()
    return str(int(number[:6], 16)) if name in _NUMBERED else number[:24]


def completed(value: Any, schema: Mapping[str, Any], schemas: Schemas) -> Any:
    """The example, whole."""
    schema = _fitting(value, schemas.resolved(schema), schemas)
    if value == ANY:
        return sample(schema, schemas)
    if isinstance(value, str):
        return named(value)
    if isinstance(value, dict):
        return _whole(value, schema, schemas)
    if isinstance(value, list):
        items = schema.get("items", {})
        return [completed(one, items, schemas) for one in value if one != ANY]
    return value


def _whole(value: Mapping[str, Any], schema: Mapping[str, Any], schemas: Schemas) -> dict[str, Any]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    others = others if isinstance(others, dict) else {}
    told = {
        named(name): completed(one, properties.get(name, others), schemas) for name, one in value.items() if name != ANY
    }
    if ANY not in value:
        return told
    missing = {name: sample(properties[name], schemas) for name in schema.get("required", ()) if name not in told}
    whole = told | missing
    in_order = [name for name in properties if name in whole]
    return {name: whole[name] for name in (*in_order, *(name for name in whole if name not in properties))}


def _fitting(value: Any, schema: Mapping[str, Any], schemas: Schemas) -> Mapping[str, Any]:
    """Of several schemas, the one that fits a value of this kind and this `type`."""
    kind = "object" if isinstance(value, dict) else "array"
    for one in schema.get("anyOf", ()) if isinstance(value, dict | list) else ():
        candidate = schemas.resolved(one)
        tag = candidate.get("properties", {}).get("type", {}).get("const")
        if candidate.get("type") == kind and (tag is None or tag == value.get("type")):
            return candidate
    return schema


def sample(raw_schema: Mapping[str, Any], schemas: Schemas) -> Any:
    """A value that the schema allows, as plain as there is."""
    if raw_schema.get("examples"):
        return raw_schema["examples"][0]
    schema = schemas.resolved(raw_schema)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    choices = schema.get("anyOf", ())
    if choices:
        return None if {"type": "null"} in choices else sample(choices[0], schemas)
    return _of_kind(schema, schemas)


def _of_kind(schema: Mapping[str, Any], schemas: Schemas) -> Any:
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: sample(properties[name], schemas) for name in schema.get("required", ())}
    plain = {"string": ANY, "integer": 1, "number": 1.0, "boolean": False, "array": []}
    return plain.get(kind) if isinstance(kind, str) else None
