"""Every error has its status and its `error.list`, and none says what it should not."""

from __future__ import annotations

import json

import pytest

from avow import errors
from avow.web import errors as web_errors
from avow.web.errors import answer

ALL = {
    errors.BadInput("x", field="email"): (400, "parameter_invalid"),
    errors.NotAuthenticated("x"): (401, "unauthorized"),
    errors.TokenRefused("x", code="token_expired"): (401, "token_expired"),
    errors.Forbidden("x", code="identity_unproven"): (403, "identity_unproven"),
    errors.NotFound("x"): (404, "not_found"),
    errors.Conflict("x"): (409, "conflict"),
    errors.Gone("x", successor="a" * 24): (410, "contact_merged"),
    errors.TooLarge("x"): (413, "request_too_large"),
    errors.UnsupportedMedia("x"): (415, "media_type_not_acceptable"),
    errors.Unprocessable("x"): (422, "data_invalid"),
    errors.RateLimited("x", retry_after=7): (429, "rate_limit_exceeded"),
    errors.Unavailable("x"): (503, "service_unavailable"),
    errors.StorageFull("x"): (507, "insufficient_storage"),
    errors.UsageError("x"): (500, "server_error"),
    ValueError("plan=platinum"): (500, "server_error"),
    RecursionError(): (500, "server_error"),
}


@pytest.mark.parametrize(("error", "expected"), ALL.items(), ids=lambda one: type(one).__name__)
def test_an_error_has_its_status_and_code(error: Exception, expected: tuple[int, str]) -> None:
    given = answer(error, "r1")
    body = json.loads(given.body)
    assert (given.status, body["errors"][0]["code"]) == expected
    assert (body["type"], body["request_id"]) == ("error.list", "r1")
    assert "platinum" not in given.body.decode()


def test_every_kind_of_error_has_a_status_of_its_own() -> None:
    def kinds(root: type[errors.AvowError]) -> set[type[errors.AvowError]]:
        return {root}.union(*(kinds(kind) for kind in root.__subclasses__()))

    inside = {kind for kind in kinds(errors.AvowError) if kind.__module__ == "avow.errors"}
    of_another = {errors.AvowError, errors.UsageError, errors.BadInputs, errors.TokenRefused}
    assert inside - of_another == set(web_errors.STATUS)


def test_the_field_at_fault_is_named_and_left_out_if_there_is_none() -> None:
    assert json.loads(answer(errors.BadInput("x", field="email"), "r1").body)["errors"] == [
        {"code": "parameter_invalid", "message": "x", "field": "email"}
    ]
    assert "field" not in json.loads(answer(errors.NotFound("x"), "r1").body)["errors"][0]


def test_several_errors_are_several_entries() -> None:
    several = errors.BadInputs([errors.BadInput("a", field="x"), errors.BadInput("b", field="y", code="type_mismatch")])
    given = answer(several, "r1")
    assert given.status == 400
    assert [(one["field"], one["code"]) for one in json.loads(given.body)["errors"]] == [
        ("x", "parameter_invalid"),
        ("y", "type_mismatch"),
    ]


@pytest.mark.parametrize(
    ("error", "header"),
    [
        (errors.NotAuthenticated("x"), (b"www-authenticate", b"Bearer")),
        (errors.RateLimited("x", retry_after=7), (b"retry-after", b"7")),
        (errors.Unavailable("x"), (b"retry-after", b"1")),
        (errors.Gone("x", successor="a" * 24), (b"link", b"</contacts/" + b"a" * 24 + b'>; rel="canonical"')),
    ],
)
def test_an_error_carries_the_header_that_belongs_to_it(error: Exception, header: tuple[bytes, bytes]) -> None:
    assert header in answer(error, "r1").headers


def test_a_refused_token_is_no_challenge_to_log_in() -> None:
    assert [name for name, _ in answer(errors.TokenRefused("x"), "r1").headers] == [b"content-type"]


def test_a_message_that_is_not_unicode_text_still_gets_through() -> None:
    given = answer(errors.BadInput("found \ud800", field="a\udfff"), "r1")
    assert json.loads(given.body)["errors"][0] == {"code": "parameter_invalid", "message": "found ?", "field": "a?"}
