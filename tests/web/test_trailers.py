"""What follows a chunked body: no header, however it is called, and no way to fill the memory."""

from __future__ import annotations

import pytest
from starlette.types import Receive, Scope, Send

from avow.web.request import read_body
from avow.web.responses import send_json
from tests.web.stub_app import Stub
from tests.web.wire import PATIENT, running

HEAD = b"POST / HTTP/1.1\r\nHost: acme\r\nTransfer-Encoding: chunked\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n"
BODY = b"5\r\nhello\r\n0\r\n"


class Naming(Stub):
    """Says which headers it was given, once the request is whole."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await super().__call__(scope, receive, send)
            return
        await read_body(scope, receive)
        names = b",".join(name + b"=" + value for name, value in scope["headers"])
        await send_json(send, 200, b'"%b"' % names)


@pytest.mark.parametrize("apart", [False, True])
def test_a_trailer_is_no_header(apart: bool) -> None:
    trailers = b"X-Forwarded-For: 203.0.113.9\r\nOrigin: https://mallory.example\r\n\r\n"
    with running(Naming()) as here:
        line = here.dial()
        if apart:
            line.send(HEAD).send(BODY)
            reply = line.send(trailers).reply()
        else:
            reply = line.send(HEAD + BODY + trailers).reply()
        assert (reply.status, b"198.51.100.7" in reply.body) == (200, True)
        assert b"203.0.113.9" not in reply.body
        assert b"mallory" not in reply.body
        assert line.post(b"x").reply().status == 200


@pytest.mark.parametrize(
    "trailer", [b"a:\r\n", b"x-note: " + b"n" * 60 + b"\r\n", b"x" * 100_000, b"a: " + b"b" * 100_000]
)
def test_trailers_without_end_are_refused_as_a_body_would_be(trailer: bytes) -> None:
    with running(Stub(), PATIENT) as here:
        line = here.dial().send(HEAD + BODY)
        try:
            for _ in range(400):
                line.send(trailer * (4096 // len(trailer) or 1))
        except ConnectionError:
            pass
        assert line.reply().code in ("request_too_large", "bad_request")


def test_the_framing_of_a_body_is_bounded_too() -> None:
    with running(Stub(), PATIENT) as here:
        line = here.dial().send(HEAD)
        try:
            for _ in range(400):
                line.send(b"1;note=%b\r\nx\r\n" % (b"n" * 4000))
        except ConnectionError:
            pass
        assert line.reply().code == "request_too_large"


def test_a_body_in_chunks_of_one_byte_is_taken() -> None:
    with running(Stub(), PATIENT) as here:
        reply = here.dial().send(HEAD + b"1\r\nx\r\n" * 60_000 + b"0\r\n\r\n").reply()
        assert b'"length":60000' in reply.body
