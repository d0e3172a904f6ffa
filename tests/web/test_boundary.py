"""What every request and every answer passes through: ids, headers, pages, and what goes wrong."""

from __future__ import annotations

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
from avow.web.boundary import Boundary, InterruptedAnswer
from avow.web.request import ClientGone, request_id
from avow.web.responses import send_json


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
    assert "test_boundary.py" in caplog.text
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


class Failing:
    """An application whose start-up or shutdown raises, as a bare one does or as Starlette's router passes it on."""

    def __init__(self, stage: str, error: Exception, says_so: bool) -> None:
        self._stage, self._error, self._says_so = stage, error, says_so

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for stage in ("startup", "shutdown"):
            await receive()
            if stage == self._stage:
                if self._says_so:
                    await send({"type": f"lifespan.{stage}.failed", "message": f"Traceback: {self._error}"})
                raise self._error
            await send({"type": f"lifespan.{stage}.complete"})


@pytest.mark.parametrize("says_so", [True, False])
@pytest.mark.parametrize("stage", ["startup", "shutdown"])
async def test_a_failing_start_or_stop_is_said_once_without_quoting(
    stage: str, says_so: bool, caplog: pytest.LogCaptureFixture
) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, str]:
        return {}

    failing = Failing(stage, OSError("postgresql://olive:s3cret@db"), says_so)
    await Boundary(failing, os.urandom)({"type": "lifespan"}, receive, send)
    assert sent[-1] == {"type": f"lifespan.{stage}.failed"}
    assert [record.message.startswith(f"{stage} failed: builtins.OSError at ") for record in caplog.records] == [True]
    assert "s3cret" not in caplog.text


async def test_a_foreseen_failure_of_the_start_says_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    async def nothing(*_: Any) -> Any:
        return {}

    failing = Failing("startup", errors.Unavailable("The database does not answer; start it."), says_so=False)
    await Boundary(failing, os.urandom)({"type": "lifespan"}, nothing, nothing)
    assert caplog.messages == ["startup failed: The database does not answer; start it."]
