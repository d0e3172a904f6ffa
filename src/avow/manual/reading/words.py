"""How is a type said in words? JSON Schema, as somebody reads it who wants to know what to send.

Types that have a name lead to where they are told in full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from markupsafe import Markup, escape

from avow.manual.openapi.schemas import REFERENCE

_KINDS: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "object": "object",
    "array": "list",
}
_MOST_WORDS: Final = 12


class Field(msgspec.Struct, frozen=True):
    """A member of an object, or a parameter."""

    name: str
    kind: Markup
    meaning: Markup
    required: bool


def fields(schema: Mapping[str, Any]) -> list[Field]:
    """The members of an object."""
    needed = schema.get("required", ())
    return [
        Field(name, kind(one), sentence(one.get("description", "")), name in needed)
        for name, one in schema.get("properties", {}).items()
    ]


def sentence(text: str) -> Markup:
    """A sentence with code in it."""
    parts = text.split("`")
    shown = [Markup("<code>{}</code>").format(one) if place % 2 else escape(one) for place, one in enumerate(parts)]
    return Markup("").join(shown)


def kind(schema: Mapping[str, Any]) -> Markup:
    """The type in words."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REFERENCE)
        return Markup('<a href="#type-{}">{}</a>').format(name, name)
    if "const" in schema:
        return _code(schema["const"])
    if "enum" in schema:
        return _either([_code(one) for one in schema["enum"]])
    if "anyOf" in schema:
        return _either([kind(one) for one in schema["anyOf"]])
    return _plain(schema)


def _plain(schema: Mapping[str, Any]) -> Markup:
    told = schema.get("type")
    if isinstance(told, list):
        return _either([Markup(_KINDS[one]) for one in told])  # noqa: S704 - our own words
    if told == "array":
        return Markup("list of {}").format(kind(schema.get("items", {})))
    if told == "object" and isinstance(schema.get("additionalProperties"), dict):
        return Markup("object of {}").format(kind(schema["additionalProperties"]))
    return escape(_KINDS.get(str(told), "anything") + _bounds(schema))


def _bounds(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if most is not None:
        return f", {f'{least} to ' if least else 'at most '}{most:,} characters"
    least, most = schema.get("minimum"), schema.get("maximum")
    if most is not None:
        return f", {least or 0} to {most:,}"
    return f", from {least}" if least else ""


def _either(parts: Sequence[Markup]) -> Markup:
    shown = list(parts) if len(parts) <= _MOST_WORDS else [*parts[:3], Markup("…"), *parts[-2:]]
    if len(shown) < 2:
        return Markup("").join(shown)
    return Markup(", ").join(shown[:-1]) + Markup(" or ") + shown[-1]


def _code(value: object) -> Markup:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return Markup("<code>{}</code>").format(text)
