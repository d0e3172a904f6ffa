"""Every request is counted once and told at most once, by its route: nobody's id, address or value is in it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from avow.errors import Unavailable
from avow.observe import logs
from avow.observe.exposition import render
from avow.observe.readings import Readings
from avow.observe.requests import RequestBook
from avow.web.boundary import Boundary
from avow.web.journal import LASTING, note_workspace
from tests.observe.page import read, value

ID = "01010101-0101-4101-8101-010101010101"
CANARY = "alice-canary@acme.example"


async def contact(scope: Scope, receive: Receive, send: Send) -> None:
    note_workspace("acme0001")
    await PlainTextResponse("x" * 100)(scope, receive, send)


async def away(scope: Scope, receive: Receive, send: Send) -> None:
    raise Unavailable(f"about {CANARY}")


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    raise ValueError(CANARY)


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    scope[LASTING] = True
    await PlainTextResponse("x")(scope, receive, send)


class Named:
    """An endpoint that an application is, as those of REST are."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


ROUTES = [
    Route("/contacts/{id:path}", Named(contact), methods=["GET"]),
    Route("/away", Named(away)),
    Route("/broken", Named(broken)),
    Route("/healthz", Named(contact)),
    Route("/live", Named(stream)),
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, from `start` on."""
    stream = io.StringIO()
    root, ours = logging.getLogger(), logging.getLogger("avow")
    before = (root.level, ours.level, root.handlers[:])
    yield stream
    root.level, ours.level, root.handlers[:] = before


def book_of(level: str, lines: io.StringIO, *, slow: float = 60.0, format_: str = "json") -> RequestBook:
    logs.start(level, format_, lines)
    book = RequestBook(slow)
    book.know({route.endpoint: route.path for route in ROUTES})
    return book


async def ask(book: RequestBook, *requests: tuple[str, str], headers: dict[str, str] | None = None) -> None:
    app = Boundary(Router(ROUTES, redirect_slashes=False), lambda size: b"\x01" * size, told=book)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://avow") as client:
        for method, path in requests:
            await client.request(method, path, headers=headers)


async def test_requests_are_counted_by_template_method_and_status(lines: io.StringIO) -> None:
    book = book_of("error", lines)
    paths = [f"/contacts/{CANARY}?email={CANARY}", "/contacts/77"]
    await ask(book, *(("GET", path) for path in paths), ("POST", paths[0]), ("GET", f"/nowhere/{CANARY}"))
    page = render(Readings(tuple(book.numbers()), tuple(book.spreads())), open_metrics=False)
    samples = read(page)
    assert value(samples, "avow_http_requests_total", route="/contacts/{id}", method="GET", status="200") == 2
    assert value(samples, "avow_http_requests_total", route="/contacts/{id}", method="POST", status="405") == 1
    assert value(samples, "avow_http_requests_total", route="none", status="404") == 1
    assert value(samples, "avow_http_response_bytes_total", route="/contacts/{id}", method="GET") == 200
    assert value(samples, "avow_http_request_duration_seconds_count", route="/contacts/{id}", method="GET") == 2
    assert book.in_progress == 0
    assert "canary" not in page
    assert lines.getvalue() == ""


async def test_a_strange_method_makes_no_label_of_its_own(lines: io.StringIO) -> None:
    book = book_of("error", lines)
    await ask(book, ("MKCALENDAR", "/contacts/1"), ("PROPFIND", "/contacts/1"))
    samples = read(render(Readings(tuple(book.numbers())), open_metrics=False))
    assert value(samples, "avow_http_requests_total", method="OTHER") == 2


async def test_a_request_is_one_line_of_json_with_its_route_and_workspace(lines: io.StringIO) -> None:
    secret = {"Authorization": f"Bearer {CANARY}", "Cookie": CANARY, "X-Forwarded-For": CANARY, "X-Request-Id": CANARY}
    await ask(book_of("info", lines), ("GET", f"/contacts/{CANARY}?email={CANARY}"), headers=secret)
    line = json.loads(lines.getvalue())
    assert line.pop("duration_ms") >= 0
    assert line.pop("pid") > 0
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "avow.request",
        "message": "request",
        "request_id": ID,
        "workspace": "acme0001",
        "method": "GET",
        "route": "/contacts/{id}",
        "status": 200,
        "bytes": 100,
    }


async def test_probes_and_pings_are_told_at_debug_only(lines: io.StringIO) -> None:
    await ask(book_of("info", lines), ("GET", "/healthz"))
    assert lines.getvalue() == ""
    await ask(book_of("debug", lines), ("GET", "/healthz"))
    assert json.loads(lines.getvalue())["level"] == "debug"


async def test_a_stream_that_somebody_listened_to_for_long_was_not_slow(lines: io.StringIO) -> None:
    book = book_of("warning", lines, slow=0.0)
    await ask(book, ("GET", "/live"))
    samples = read(render(Readings(tuple(book.numbers()), tuple(book.spreads())), open_metrics=False))
    assert value(samples, "avow_http_requests_total", route="/live", method="GET", status="200") == 1
    assert value(samples, "avow_http_request_duration_seconds_count", route="/live", method="GET") == 0
    assert lines.getvalue() == ""


async def test_slow_requests_and_5xx_are_always_told(lines: io.StringIO) -> None:
    book = book_of("error", lines, slow=0.0)
    await ask(book, ("GET", "/healthz"), ("GET", "/away"), ("GET", "/broken"))
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    requests = [(line["route"], line["level"], line["status"]) for line in told if line["logger"] == "avow.request"]
    assert requests == [("/healthz", "warning", 200), ("/away", "error", 503), ("/broken", "error", 500)]
    assert "canary" not in lines.getvalue()


async def test_lines_of_one_request_carry_its_id(lines: io.StringIO) -> None:
    await ask(book_of("info", lines), ("GET", "/broken"))
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["logger"] for line in told] == ["avow.web", "avow.request"]
    assert {line["request_id"] for line in told} == {ID}


async def test_text_is_for_people_and_says_the_same(lines: io.StringIO) -> None:
    await ask(book_of("info", lines, format_="text"), ("GET", "/contacts/1"))
    [line] = lines.getvalue().splitlines()
    assert "info    avow.request: request" in line
    assert "route=/contacts/{id} status=200" in line


@pytest.mark.parametrize(
    ("raw", "peer", "taken"),
    [
        ("olive-looks-1", "127.0.0.1", True),
        ("4bf92f3577b34da6a3ce929d0e0e4736", "10.1.2.3", True),
        ("olive-looks-1", "203.0.113.7", False),
        ("short", "127.0.0.1", False),
        ("x" * 65, "127.0.0.1", False),
        ("alice@acme.example", "127.0.0.1", False),
        ("avow_at_0123456789", "127.0.0.1", False),
        ("eyJh.eyJz.c2ln", "127.0.0.1", False),
    ],
)
async def test_only_whom_the_operator_trusts_names_a_request_and_only_with_an_id(
    raw: str, peer: str, taken: bool
) -> None:
    from ipaddress import ip_network

    app = Boundary(
        Router(ROUTES, redirect_slashes=False),
        lambda size: b"\x01" * size,
        trusted=(ip_network("127.0.0.0/8"), ip_network("10.0.0.0/8")),
    )
    transport = httpx.ASGITransport(app, client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://avow") as client:
        answer = await client.get("/nowhere", headers={"X-Request-Id": raw})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == (raw if taken else ID)
