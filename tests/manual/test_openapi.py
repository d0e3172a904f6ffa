"""The document says what the code does: every address, scope, type and code, with examples that are of these types."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest

from avow import __version__
from avow.api.operations import described
from avow.api.resources import RESOURCES
from avow.manual.examples import sections
from avow.manual.openapi import document
from avow.trust.access import Scope
from avow.trust.reasons import Reason
from avow.web.operations import Exactly
from tests.docs.pages import page

JSON = "application/json"


@cache
def told() -> dict[str, Any]:
    return document()


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in told()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in part:
        _, kind, name = part["$ref"].removeprefix("#/").split("/")
        part = told()["components"][kind][name]
    return part


def fits(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for({**schema, "components": told()["components"]})


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for one in part.values():
            yield from references(one)
    elif isinstance(part, list):
        for one in part:
            yield from references(one)


def test_it_is_of_this_version_and_every_reference_in_it_leads_somewhere() -> None:
    assert (told()["openapi"], told()["info"]["version"]) == ("3.1.1", __version__)
    for reference in references(told()):
        _, kind, name = reference.removeprefix("#/").split("/")
        assert name in told()["components"][kind]


def test_every_schema_is_json_schema() -> None:
    for name, schema in told()["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid(schema), name


def test_every_address_is_in_it_with_the_scope_that_it_takes() -> None:
    security = {(method, path): operation["security"] for method, path, operation in operations()}
    for raw_path, acts in RESOURCES.items():
        for method, act in acts.items():
            scopes = [act.scope] if act.scope else []
            assert security[(method, raw_path.replace(":anything", ""))] == [{"accessToken": scopes}]
    unasked = {path for (_, path), asked in security.items() if not asked}
    assert unasked == {
        "/", "/healthz", "/readyz", "/openapi.json", "/widget/{workspace_id}",
        "/messenger/{platform}/ping", "/messenger/{platform}/events",
    }  # fmt: skip


def test_every_operation_has_a_name_of_its_own_a_chapter_and_a_sentence() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    chapters = {tag["name"] for tag in told()["tags"]}
    assert {operation["tags"][0] for _, _, operation in operations()} == chapters
    for method, path, operation in operations():
        assert operation["summary"], f"{method} {path}"
        assert path == "/widget/{workspace_id}" or operation["description"], f"{method} {path}"


def test_parts_of_an_address_are_parameters() -> None:
    for method, path, operation in operations():
        parameters = [resolved(one) for one in operation["parameters"]]
        parts = [one["name"] for one in parameters if one["in"] == "path"]
        assert sorted(parts) == sorted(re.findall(r"\{(\w+)\}", path)), f"{method} {path}"
        assert all(one["required"] for one in parameters if one["in"] == "path")


@pytest.mark.parametrize("name", [f"{one.method} {one.path}" for one in described()])
def test_every_operation_has_an_example_in_the_reference_which_runs(name: str) -> None:
    method, _, path = name.partition(" ")
    assert sections()[name].of(method, path), f"docs/reference/http.md has no example in the section {name}"


def test_every_example_is_of_the_type_that_is_told() -> None:
    counted = 0
    for method, path, operation in operations():
        contents = [operation.get("requestBody", {}), *map(resolved, operation["responses"].values())]
        for one in contents:
            content = one.get("content", {}).get(JSON, {})
            for name, example in content.get("examples", {}).items():
                wrong = [error.message for error in fits(content["schema"]).iter_errors(example["value"])]
                assert not wrong, f"{method} {path} {name}: {wrong}\n{example['value']}"
                counted += 1
    assert counted > 100


def test_a_body_that_takes_no_other_field_says_so_and_no_answer_does() -> None:
    bodies = [type_ for one in described() for type_ in (one.operation.body, *one.operation.besides)]
    exact = {one.__name__ for one in bodies if isinstance(one, type) and issubclass(one, Exactly)}
    said = {name for name, one in told()["components"]["schemas"].items() if one.get("additionalProperties") is False}
    assert {"MakeKey", "Nothing", "EditAttribute"} <= said == exact


def test_no_example_leaves_anything_out() -> None:
    for method, path, operation in operations():
        for answer in map(resolved, operation["responses"].values()):
            for example in answer.get("content", {}).get(JSON, {}).get("examples", {}).values():
                assert "…" not in keys(example["value"]), f"{method} {path}"
                assert not re.search(r"<[a-z]+>", str(example["value"]).replace("<p>", "")), f"{method} {path}"


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for one in value.values() for name in keys(one)}
    return {name for one in value for name in keys(one)} if isinstance(value, list) else set()


def test_every_refusal_names_codes_that_the_reference_explains() -> None:
    explained = set(re.findall(r"`(\w+)`", page("docs/reference/errors.md"))) | {str(reason) for reason in Reason}
    for method, path, operation in operations():
        for status, raw in operation["responses"].items():
            if int(status) >= 400:
                schema = resolved(raw)["content"][JSON]["schema"]["allOf"][1]
                codes = schema["properties"]["errors"]["items"]["properties"]["code"]["enum"]
                assert set(codes) <= explained, f"{method} {path} {status}"


def test_types_that_are_read_by_hand_have_the_scopes_and_reasons_of_the_code() -> None:
    schemas = told()["components"]["schemas"]
    assert set(schemas["Scope"]["enum"]) == set(Scope)
    assert set(schemas["Reason"]["enum"]) == set(Reason)


def test_nothing_of_it_is_loaded_before_somebody_asks() -> None:
    script = "import sys, avow.app; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    late = ("markdown_it", "avow.manual.openapi", "avow.manual.reading", "avow.api.operations", "avow.api.shapes")
    assert [name for name in loaded if name.startswith(late)] == []
