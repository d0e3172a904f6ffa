"""How answers leave: head and body together, but nothing waits that need not."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from avow.web.responses import Answer, send_answer
from tests.web.stub_app import Stub
from tests.web.wire import Line, running, wait_until


class Sending:
    """Sends these messages, with a pause between them."""

    def __init__(self, *messages: Message, pause: float = 0.0) -> None:
        self._stub = Stub()
        self._messages = messages
        self._pause = pause

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._stub(scope, receive, send)
            return
        for message in self._messages:
            await send(message)
            await asyncio.sleep(self._pause)


def head(*headers: tuple[bytes, bytes]) -> Message:
    return {"type": "http.response.start", "status": 200, "headers": headers}


def part(body: bytes, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


def first_packet(line: Line) -> bytes:
    return line.send(b"GET / HTTP/1.1\r\nHost: acme\r\n\r\n").socket.recv(65536)


def test_head_and_body_come_in_one_packet() -> None:
    with running(Sending(head((b"content-length", b"5")), part(b"hello"))) as here:
        line = here.dial()
        for _ in range(20):
            assert first_packet(line).endswith(b"\r\n\r\nhello")


def test_the_head_of_a_stream_does_not_wait_for_its_first_event() -> None:
    with running(Sending(head(), part(b"event"), pause=0.3)) as here:
        assert first_packet(here.dial()).endswith(b"transfer-encoding: chunked\r\n\r\n")


def test_a_long_body_arrives_whole() -> None:
    with running(
        Sending(head((b"content-length", b"300000")), part(b"x" * 200_000, more=True), part(b"y" * 100_000))
    ) as here:
        line = here.dial()
        for _ in range(3):
            line.send(b"GET / HTTP/1.1\r\nHost: acme\r\n\r\n")
            assert line.reply().body == b"x" * 200_000 + b"y" * 100_000


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_an_answer_to_head_has_no_body_and_comes_all_the_same(version: bytes) -> None:
    with running(Sending(head((b"content-length", b"5")), part(b"hello"))) as here:
        line = here.dial()
        for _ in range(3 if version == b"1.1" else 1):
            packet = line.send(b"HEAD / HTTP/" + version + b"\r\nHost: acme\r\n\r\n").socket.recv(65536)
            assert b"content-length: 5\r\n" in packet
            assert packet.endswith(b"\r\n\r\n")


def test_an_answer_without_a_body_comes_at_once() -> None:
    class Empty(Stub):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "lifespan":
                await super().__call__(scope, receive, send)
            else:
                await send_answer(send, Answer(204))

    with running(Empty()) as here:
        line = here.dial()
        for _ in range(3):
            assert line.post().reply().status == 204


def test_an_answer_that_breaks_off_ends_the_connection() -> None:
    with running(Sending(head((b"content-length", b"5")), part(b"he", more=True))) as here:
        line = here.dial().send(b"GET / HTTP/1.1\r\nHost: acme\r\n\r\n")
        with pytest.raises(AssertionError, match="the server closed"):
            line.reply()


class Streaming(Stub):
    """Sends events until somebody tells it that the client is gone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] != "/stream":
            await super().__call__(scope, receive, send)
            return
        await send(head())
        while True:
            try:
                async with asyncio.timeout(0.02):
                    if (await receive())["type"] == "http.disconnect":
                        self.gone += 1
                        return
            except TimeoutError:
                await send(part(b"event", more=True))


@pytest.mark.parametrize("behind", [b"", b"GET /behind HTTP/1.1\r\n\r\n"])
def test_a_stream_learns_that_its_client_is_gone_whatever_was_sent_behind_it(
    behind: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    app = Streaming()
    with running(app) as here:
        line = here.dial().send(b"GET /stream HTTP/1.1\r\n\r\n" + behind)
        assert line.socket.recv(100)
        line.close()
        assert wait_until(lambda: app.gone == 1)
        assert wait_until(lambda: here.server.server_state.tasks == set())
    assert caplog.messages == []
