"""Whatever is asked within or beyond the documents, ours and Intercom's: no 5xx, no answer of another shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from avow.api.operations import OPERATIONS
from avow.manual.openapi import document
from tests.house.tree import ROOT
from tests.support.described import hold
from tests.support.fuzzing import fuzz, shapes
from tests.support.program import Made, Server, init
from tests.support.scale import full_or_tenth

INTERCOMS = ROOT.parent / "shared" / "contract" / "intercom-openapi.yaml"
OURS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Intercom's schema has them as texts; a contact that has none has null, as in its webhooks.
ABSENT_IN_A_LEAD = ("email", "email_domain")
REQUESTS = full_or_tenth(10_000)
DATABASES = ("sqlite", "postgresql")
OURS_ON, INTERCOMS_ON = (DATABASES, DATABASES) if full_or_tenth(10) > 1 else (DATABASES[:1], DATABASES[1:])
"""In `make test` each document on one of the databases."""


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Made, str]]:
    """A running server on one of the databases."""
    database = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    made = init(tmp_path / "data", database)
    with Server(made) as server:
        server.wait_until_ready()
        yield made, server.url
        assert " 500 " not in server.log


@pytest.mark.long
@pytest.mark.parametrize("place", OURS_ON, indirect=True)
def test_every_answer_is_one_that_our_document_describes(place: tuple[Made, str]) -> None:
    made, url = place

    def judge(case: schemathesis.Case, answer: Any) -> None:
        case.validate_response(answer, checks=OURS)
        if answer.headers.get("content-type", [""])[0].startswith("application/json") and answer.content:
            hold(case.method, case.formatted_path, answer.status_code, json.loads(answer.content))

    statuses = fuzz(document(), url, made, REQUESTS, judge)
    assert sum(count for status, count in statuses.items() if status < 300) > REQUESTS // 10, statuses


@pytest.mark.long
@pytest.mark.parametrize("place", INTERCOMS_ON, indirect=True)
@pytest.mark.skipif(not INTERCOMS.is_file(), reason="Intercom's OpenAPI document is not beside this checkout")
def test_every_answer_is_one_that_intercoms_document_describes(place: tuple[Made, str]) -> None:
    made, url = place

    def judge(case: schemathesis.Case, answer: Any) -> None:
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    statuses = fuzz(implemented(), url, made, REQUESTS, judge)
    assert sum(count for status, count in statuses.items() if status < 300) > REQUESTS // 10, statuses


def implemented() -> dict[str, Any]:
    """Intercom's document, as far as there is something at its addresses here, and as far as it is its own example."""
    whole: dict[str, Any] = yaml.load(INTERCOMS.read_text(encoding="utf-8"), yaml.CSafeLoader)
    served = {(method.lower(), shapes(path)) for method, _, path in (name.partition(" ") for name in OPERATIONS)}
    kept = {
        path: {name: one for name, one in methods.items() if (name, shapes(path)) in served or name == "parameters"}
        for path, methods in whole["paths"].items()
    }
    whole["paths"] = {path: methods for path, methods in kept.items() if methods}
    _without_format_uri(whole)
    for name in ABSENT_IN_A_LEAD:
        whole["components"]["schemas"]["contact"]["properties"][name]["nullable"] = True
    return whole


def _without_format_uri(part: Any) -> None:
    """Its examples of what it calls a `uri` are paths such as `/contacts/5ba682d23d7cf92bef87bfd4/tags`, and `note`."""
    if isinstance(part, dict) and part.get("format") == "uri":
        del part["format"]
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _without_format_uri(one)
