"""An answer that leaves as a whole is the one that would have left in two messages, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
from itertools import product

import pytest
from starlette.types import Receive, Scope, Send

from avow.errors import Conflict
from avow.web.boundary import Boundary
from avow.web.protocol import GuardedProtocol
from avow.web.request import header, read_body
from avow.web.responses import JSON, Answer, Header, send_answer
from avow.web.whole import WIRE, Direct
from tests.web.stub_app import Stub
from tests.web.wire import Line, Reply, Running, running, wait_until

ORIGIN = b"Origin: https://acme.example\r\n"


async def answered(scope: Scope, receive: Receive) -> Answer:
    """What the path says, in the time that it says."""
    body = await read_body(scope, receive)
    what = scope["path"].rsplit("/", 1)[-1]
    if what == "slow":
        await asyncio.sleep(0.2)
    if what == "conflict":
        raise Conflict("Somebody was faster.")
    if what == "bug":
        raise KeyError("plan=platinum")
    if what == "nothing":
        return Answer(204)
    extra: dict[str, Header] = {"vary": (b"vary", b"accept"), "cut": (b"x-note", b"a\r\nset-cookie: b")}
    return Answer(200, b'"%b"' % body, (JSON, *((extra[what],) if what in extra else ())))


class Both:
    """`/messenger/whole/…` is answered as a whole, `/messenger/parts/…` in two messages, by the same function."""

    def __init__(self) -> None:
        self._stub = Stub()
        self.wired: list[bool] = []

    def direct(self, scope: Scope) -> Direct | None:
        if scope["path"].startswith("/messenger/whole/"):
            self.wired.append(WIRE in scope)
            return answered
        return None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._stub(scope, receive, send)
        else:
            await send_answer(send, await answered(scope, receive))


def boundary(both: Both) -> Boundary:
    return Boundary(both, os.urandom, direct=both.direct)


def shape(reply: Reply) -> tuple[int, bytes, list[tuple[str, str]]]:
    told = {**reply.headers, "x-request-id": "", "date": ""}
    return reply.status, reply.body if reply.status == 200 else b"", sorted(told.items())


ASKED = [b"", ORIGIN, ORIGIN * 2, b"Origin: no origin\r\n", b"Connection: close\r\n"]


@pytest.mark.parametrize("what", ["fine", "vary", "conflict", "bug", "nothing", "slow"])
def test_an_answer_is_the_same_either_way(what: str) -> None:
    both = Both()
    with running(boundary(both)) as here:
        for version, more in product((b"1.1", b"1.0"), ASKED):
            compare(here, what, version, more)
    assert set(both.wired) == {True}


def compare(here: Running, what: str, version: bytes, more: bytes) -> None:
    def asked(line: Line, way: str) -> Reply:
        target = f"/messenger/{way}/{what}".encode()
        return line.send(b"POST %b HTTP/%b\r\n%bContent-Length: 2\r\n\r\nhi" % (target, version, more)).reply()

    whole, parts = here.dial(), here.dial()
    assert shape(asked(whole, "whole")) == shape(asked(parts, "parts"))
    if version == b"1.0" or b"close" in more:
        assert whole.is_closed()
        assert parts.is_closed()
    else:
        assert shape(asked(whole, "parts")) == shape(asked(parts, "whole"))


def test_no_header_ends_its_line_early() -> None:
    with running(boundary(Both())) as here:
        line = here.dial().post(path="/messenger/whole/cut")
        line.socket.settimeout(2)
        assert b"set-cookie" not in line.socket.recv(65536)


def test_pipelined_answers_come_in_order_whichever_way_they_go() -> None:
    ways = ["whole/slow", "parts/fine", "whole/fine", "parts/slow", "whole/fine"]
    with running(boundary(Both())) as here:
        line = here.dial()
        for number, way in enumerate(ways):
            line.post(b"%d" % number, f"/messenger/{way}")
        assert [line.reply().body for _ in ways] == [b'"%d"' % number for number in range(len(ways))]


@pytest.mark.parametrize("last", [b"", b"POST /messenger/whole/fine HTTP/1.1\r\nHo", b"\0\0\0\r\n\r\n"])
def test_a_connection_that_ended_waits_for_no_collector(last: bytes) -> None:
    def left() -> int:
        return sum(isinstance(one, GuardedProtocol) for one in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        with running(boundary(Both())) as here:
            before = left()
            for _ in range(20):
                line = here.dial().post(b"x", "/messenger/whole/fine")
                assert line.reply().status == 200
                line.send(last).close()
            assert wait_until(lambda: left() <= before + 2)
    finally:
        gc.enable()


async def test_a_server_that_does_not_offer_it_gets_two_messages() -> None:
    both, told = Both(), []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"hi"}

    async def send(message: dict[str, object]) -> None:
        told.append(message["type"])

    scope: Scope = {"type": "http", "method": "POST", "path": "/messenger/whole/fine", "headers": []}
    await boundary(both)(scope, receive, send)  # type: ignore[arg-type]
    assert told == ["http.response.start", "http.response.body"]
    assert header(scope, b"origin") is None
