"""How is the API read by people? `/docs/api`: every operation by chapter, with its examples, and every type.

It is made of the same document that programs read: what stands there stands here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
from markupsafe import Markup

from avow.manual import addresses, markdown, shelf
from avow.manual.openapi import Document, document
from avow.manual.reading.rendering import page
from avow.manual.reading.words import Field, fields, kind, sentence
from avow.manual.serving import Piece

JSON: Final = "application/json"
_PLACES: Final = (("path", "In the address"), ("query", "In the query"), ("header", "Headers"))


class Shown(msgspec.Struct, frozen=True):
    """One example: what is sent (None: nothing but the address) and what is answered."""

    lead: Markup
    asked: Markup
    told: Markup | None


class Refused(msgspec.Struct, frozen=True):
    """A status, and the codes that come with it, each with the address of its page if it has one."""

    status: str
    phrase: str
    codes: tuple[tuple[str, str | None], ...]


class Way(msgspec.Struct, frozen=True):
    """One operation."""

    method: str
    path: str
    anchor: str
    summary: str
    text: Markup
    scope: str | None
    parameters: tuple[tuple[str, list[Field]], ...]
    body: Markup | None
    members: list[Field]
    answer: Markup | None
    status: str | None
    examples: tuple[Shown, ...]
    refusals: tuple[Refused, ...]


class Chapter(msgspec.Struct, frozen=True):
    """Operations about one thing."""

    title: str
    ways: tuple[Way, ...]


class Type(msgspec.Struct, frozen=True):
    """A type that has a name: an object's members, or a set of words."""

    name: str
    text: Markup
    members: list[Field]
    words: tuple[tuple[str, str | None], ...]


def page_of_api() -> Piece:
    """The page."""
    told = document()
    return page("api.html", "API", addresses.API, chapters=_chapters(told), types=_types(told), about=_about(told))


def _about(told: Document) -> Markup:
    return markdown.rendered(told["info"]["description"], shelf.HTTP)


def _chapters(told: Document) -> list[Chapter]:
    ways: dict[str, list[Way]] = {tag["name"]: [] for tag in told["tags"]}
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            ways[operation["tags"][0]].append(_way(told, method.upper(), path, operation))
    return [Chapter(title, tuple(found)) for title, found in ways.items() if found]


def _way(told: Document, method: str, path: str, operation: Mapping[str, Any]) -> Way:
    answers = {status: _resolved(told, one) for status, one in operation["responses"].items()}
    status = next((one for one in answers if int(one) < 400), None)
    scopes: list[str] = next((one["accessToken"] for one in operation["security"]), [])
    return Way(
        method,
        path,
        addresses.section(method, path),
        operation["summary"],
        markdown.rendered(operation.get("description", ""), shelf.HTTP),
        next(iter(scopes), None),
        tuple(_parameters([_resolved(told, one) for one in operation["parameters"]])),
        *_body(told, operation),
        None if status is None else _answer(answers[status]),
        status,
        tuple(_examples(method, operation, answers)),
        tuple(_refusals(answers)),
    )


def _resolved(told: Document, one: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference stands for."""
    if "$ref" not in one:
        return one
    _, _, kind_of, name = one["$ref"].split("/")
    resolved: Mapping[str, Any] = told["components"][kind_of][name]
    return resolved


def _parameters(parameters: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Field]]]:
    for place, title in _PLACES:
        found = [
            Field(one["name"], kind(one["schema"]), sentence(one.get("description", "")), one.get("required", False))
            for one in parameters
            if one["in"] == place
        ]
        if found:
            yield title, found


def _body(told: Document, operation: Mapping[str, Any]) -> tuple[Markup | None, list[Field]]:
    """The body's type, and its members."""
    body = operation.get("requestBody")
    if body is None:
        return None, []
    schema = body["content"].get(JSON, {}).get("schema")
    if schema is None:
        return sentence(body["description"]), []
    return kind(schema), fields(_resolved(told, schema))


def _answer(answer: Mapping[str, Any]) -> Markup:
    content = answer.get("content")
    if not content:
        return Markup("an empty body")
    schema = content.get(JSON, {}).get("schema", {})
    return kind(schema) if "$ref" in schema or "anyOf" in schema else sentence(answer["description"])


def _examples(method: str, operation: Mapping[str, Any], answers: Mapping[str, Mapping[str, Any]]) -> Iterator[Shown]:
    """Requests and answers that belong together have the same name."""
    bodies = _named(operation.get("requestBody", {}))
    told = {name: (status, one) for status, answer in answers.items() for name, one in _named(answer).items()}
    for name, address in operation.get("x-addresses", {}).items():
        body, (status, answer) = bodies.get(name, {}), told.get(name, ("", {}))
        yield Shown(
            sentence(body.get("summary") or answer.get("summary") or ""),
            _block(body.get("value"), f"{method} {address}"),
            _block(answer["value"], status) if answer else None,
        )


def _named(whole: Mapping[str, Any]) -> Mapping[str, Any]:
    named: Mapping[str, Any] = whole.get("content", {}).get(JSON, {}).get("examples", {})
    return named


def _block(value: Any, caption: str) -> Markup:
    text = "" if value is None else msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return markdown.block(text, "json", caption)


def _refusals(answers: Mapping[str, Mapping[str, Any]]) -> Iterator[Refused]:
    for status, one in answers.items():
        if int(status) >= 400:
            schema = one["content"][JSON]["schema"]
            codes = schema["allOf"][1]["properties"]["errors"]["items"]["properties"]["code"]["enum"]
            yield Refused(status, one["description"].partition(":")[0], tuple((code, _page_of(code)) for code in codes))


def _page_of(code: str) -> str | None:
    return f"{addresses.ROOT}reasons/{code}" if code in shelf.reasons() else None


def _types(told: Document) -> list[Type]:
    return [
        Type(
            name,
            sentence(schema.get("description", "")),
            fields(schema),
            tuple((word, _page_of(word)) for word in schema.get("enum", ())),
        )
        for name, schema in told["components"]["schemas"].items()
    ]
