"""Every error has its status and its `error.list`, and none says what it should not."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from avow import errors
from avow.web import errors as web_errors
from avow.web.boundary import Boundary, InterruptedAnswer
from avow.web.errors import answer
from avow.web.request import ClientGone, request_id
from avow.web.responses import send_json

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


def behind_the_boundary(app: Callable[[Scope, Receive, Send], Awaitable[None]], **options: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(Boundary(app, os.urandom), **options)
    return httpx.AsyncClient(transport=transport, base_url="http://avow")


def raising(error: Exception) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        raise error

    return endpoint


async def fine(request: Request) -> Response:
    return PlainTextResponse(request_id(request.scope), headers={"Vary": "Accept"})


ROUTER = Router(
    [
        Route("/fine", fine, methods=["GET"]),
        Route("/messenger/fine", fine, methods=["POST"]),
        Route("/messenger/gone", raising(errors.Gone("x", successor="b" * 24)), methods=["POST"]),
        Route("/bug", raising(KeyError("plan=platinum token=eyJ")), methods=["GET"]),
    ],
    redirect_slashes=False,
)


async def test_an_unknown_address_is_an_error_list() -> None:
    async with behind_the_boundary(ROUTER) as client:
        reply = await client.get("/nowhere")
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (404, "not_found")
        assert reply.json()["request_id"] == reply.headers["x-request-id"]
        assert (await client.get("/fine/")).status_code == 404


async def test_a_wrong_method_is_an_error_list_that_names_the_right_ones() -> None:
    async with behind_the_boundary(ROUTER) as client:
        reply = await client.delete("/fine")
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (405, "method_not_allowed")
        assert "GET" in reply.headers["allow"]


async def test_a_bug_is_a_500_and_neither_answer_nor_log_quotes_it(caplog: pytest.LogCaptureFixture) -> None:
    async with behind_the_boundary(ROUTER) as client:
        with caplog.at_level(logging.DEBUG, "avow"), caplog.at_level(logging.WARNING, "httpx"):
            reply = await client.get("/bug?email=alice@acme.example")
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (500, "server_error")
    assert reply.headers["x-request-id"] in caplog.text
    assert "builtins.KeyError at " in caplog.text
    assert "test_errors.py" in caplog.text
    for secret in ("platinum", "eyJ", "alice"):
        assert secret not in reply.text + caplog.text


async def test_what_was_foreseen_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with behind_the_boundary(ROUTER) as client:
        with caplog.at_level(logging.WARNING):
            await client.post("/messenger/gone")
            await client.get("/nowhere")
    assert caplog.records == []


async def test_every_answer_has_an_id_and_the_standing_headers() -> None:
    async with behind_the_boundary(ROUTER) as client:
        replies = [await client.get(path) for path in ("/fine", "/nowhere", "/bug")]
    for reply in replies:
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
    assert replies[0].text == replies[0].headers["x-request-id"]
    assert len({reply.headers["x-request-id"] for reply in replies}) == 3


async def test_a_bug_in_the_middle_of_an_answer_ends_it_without_quoting(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("platinum")

    async with behind_the_boundary(app) as client:
        with pytest.raises(InterruptedAnswer) as caught:
            await client.get("/")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "platinum" not in caplog.text


async def test_a_client_that_left_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientGone

    sent: list[object] = []

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "headers": []}
    await Boundary(app, os.urandom)(scope, None, send)  # type: ignore[arg-type]
    assert (sent, caplog.records) == ([], [])


async def test_a_page_may_read_answers_and_refusals_of_the_messenger_and_nothing_else() -> None:
    origin = {"Origin": "https://app.acme.example:8443"}
    async with behind_the_boundary(ROUTER) as client:
        for path in ("/messenger/fine", "/messenger/gone", "/messenger/nowhere"):
            reply = await client.post(path, headers=origin)
            assert reply.headers["access-control-allow-origin"] == "https://app.acme.example:8443"
            assert reply.headers["access-control-allow-credentials"] == "true"
            assert "set-cookie" not in reply.headers
        for path in ("/fine", "/nowhere", "/messengers"):
            reply = await client.get(path, headers=origin)
            assert not [name for name in reply.headers if name.startswith("access-control")]


async def test_an_answer_that_varies_by_page_says_so_once_beside_its_own_reasons() -> None:
    async with behind_the_boundary(ROUTER) as client:
        assert (await client.post("/messenger/fine", headers={"Origin": "https://a"})).headers[
            "vary"
        ] == "Accept, origin"
        assert (await client.post("/messenger/fine")).headers["vary"] == "Accept, origin"
        assert (await client.get("/fine", headers={"Origin": "https://a"})).headers["vary"] == "Accept"


async def test_a_preflight_is_answered_for_the_messenger_only() -> None:
    ask = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
    async with behind_the_boundary(ROUTER) as client:
        reply = await client.options("/messenger/web/ping", headers=ask)
        assert (reply.status_code, reply.content) == (204, b"")
        assert reply.headers["access-control-allow-origin"] == "https://a.example"
        assert reply.headers["access-control-allow-methods"] == "POST"
        assert reply.headers["access-control-allow-headers"] == "content-type"
        assert int(reply.headers["access-control-max-age"]) > 600
        assert (await client.options("/contacts", headers=ask)).status_code == 404
        assert (await client.options("/messenger/fine", headers={"Origin": "https://a"})).status_code == 405


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.example/",
        "https://a, https://b",
        "https://a b",
        "javascript:alert(1)",
        "*",
        "https://" + "a" * 400,
        "",
    ],
)
async def test_what_is_no_origin_is_not_echoed(origin: str) -> None:
    async with behind_the_boundary(ROUTER) as client:
        reply = await client.post("/messenger/fine", headers={"Origin": origin})
    assert "access-control-allow-origin" not in reply.headers


async def test_two_origins_are_not_echoed() -> None:
    async with behind_the_boundary(ROUTER) as client:
        reply = await client.post("/messenger/fine", headers=[("Origin", "https://a"), ("Origin", "https://b")])
    assert "access-control-allow-origin" not in reply.headers


async def test_an_answer_that_may_be_cached_says_so_itself() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send_json(send, 200, b"{}", [(b"cache-control", b"public, max-age=300")])

    async with behind_the_boundary(app) as client:
        assert (await client.get("/widget/abcd1234")).headers["cache-control"] == "public, max-age=300"
