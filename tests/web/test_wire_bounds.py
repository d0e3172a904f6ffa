"""Requests that are too large, malformed or ambiguous: refused on the wire, before any application."""

from __future__ import annotations

import threading

import pytest

from tests.web.stub_app import Stub
from tests.web.wire import PATIENT, running

POST = b"POST / HTTP/1.1\r\nHost: acme\r\n"


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


def test_a_body_of_exactly_64_kib_is_taken() -> None:
    with running(Stub()) as here:
        reply = here.dial().post(b"x" * 65536).reply()
        assert (reply.status, b'"length":65536' in reply.body) == (200, True)


def test_a_longer_body_is_refused_by_its_announced_length_before_any_of_it_came() -> None:
    app = Stub()
    with running(app) as here:
        line = here.dial().send(POST + b"Content-Length: 65537\r\n\r\n")
        reply = line.reply()
        assert (reply.status, reply.code, reply.headers["connection"]) == (413, "request_too_large", "close")
        assert line.is_closed()
    assert (app.seen, app.gone) == ([], 0)


def test_a_client_that_sends_its_long_body_anyway_can_still_read_the_refusal() -> None:
    with running(Stub()) as here:
        line = here.dial().send(POST + b"Content-Length: 3000000\r\n\r\n")
        for _ in range(5):
            threading.Event().wait(0.03)
            line.send(b"x" * 600_000)
        reply = line.reply()
        assert reply.code == "request_too_large"
        assert b"longer than 65536 bytes" in reply.body
        assert line.is_closed()


def test_a_page_may_read_that_its_body_was_too_long() -> None:
    with running(Stub()) as here:
        line = here.dial().send(
            b"POST /messenger/web/ping HTTP/1.1\r\nOrigin: https://acme.example\r\nContent-Length: 70000\r\n\r\n"
        )
        assert line.reply().headers["access-control-allow-origin"] == "https://acme.example"


def test_a_chunked_body_is_refused_as_soon_as_it_is_too_long() -> None:
    app = Stub()
    with running(app) as here:
        line = here.dial().send(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(*[b"x" * 1000] * 66))
        reply = line.reply()
        assert (reply.status, reply.code) == (413, "request_too_large")
        assert line.is_closed()
    assert (app.seen, app.gone) == ([], 1)


def test_a_chunked_body_within_the_bound_is_taken() -> None:
    with running(Stub()) as here:
        line = here.dial().send(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(*[b"x" * 1000] * 65, b""))
        assert b'"length":65000' in line.reply().body


def test_the_rest_of_a_body_after_an_early_answer_is_bounded_too() -> None:
    with running(Stub()) as here:
        line = here.dial().send(b"POST /early HTTP/1.1\r\nHost: acme\r\nTransfer-Encoding: chunked\r\n\r\n")
        assert line.reply().status == 200
        line.send(chunked(*[b"x" * 1000] * 70))
        assert line.is_closed()


def test_a_body_shorter_than_announced_is_not_given_to_the_application_as_whole() -> None:
    app = Stub()
    with running(app) as here:
        line = here.dial().send(POST + b"Content-Length: 10\r\n\r\nabc")
        line.close()
        other = here.dial()
        other.post(b"x").reply()
    assert app.seen == [("/", 1)]
    assert app.gone == 1


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"X-Long: " + b"x" * 30_000 + b"\r\n", id="one field of 30 KiB"),
        pytest.param(b"X: y\r\n" * 5_000, id="5,000 fields"),
        pytest.param(b"".join(b"X-%d: y\r\n" % number for number in range(101)), id="101 fields"),
        pytest.param(b"X-Long: " + b"x" * 16_000 + b"\r\nY: " + b"y" * 1000 + b"\r\n", id="a little over 16 KiB"),
        pytest.param(b"Cookie: " + b"x" * 300_000 + b"\r\n", id="300 KB"),
    ],
)
def test_a_huge_head_is_refused_with_431(head: bytes) -> None:
    app = Stub()
    with running(app) as here:
        line = here.dial().send(POST + head + b"\r\n")
        reply = line.reply()
        assert (reply.status, reply.code) == (431, "request_headers_too_large")
        assert line.is_closed()
    assert app.seen == []


def test_a_huge_head_is_refused_before_it_ends() -> None:
    with running(Stub()) as here:
        line = here.dial().send(POST)
        for _ in range(5):
            line.send(b"X-Long: " + b"x" * 8_000 + b"\r\n")
        assert line.reply().status == 431


def test_a_huge_address_is_refused() -> None:
    with running(Stub()) as here:
        assert here.dial().send(b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: acme\r\n\r\n").reply().status == 431


def test_a_head_of_15_kib_after_a_long_body_in_the_same_packet_is_taken() -> None:
    with running(Stub()) as here:
        second = b"POST /second HTTP/1.1\r\nX-Long: " + b"x" * 15_000 + b"\r\nContent-Length: 0\r\n\r\n"
        line = here.dial().send(POST + b"Content-Length: 40000\r\n\r\n" + b"x" * 40_000 + second)
        assert [line.reply().status, line.reply().status] == [200, 200]


@pytest.mark.parametrize(
    "request_bytes",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"GARBAGE\r\n\r\n", id="no request line"),
        pytest.param(POST + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde", id="two lengths"),
        pytest.param(POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", id="the same length twice"),
        pytest.param(
            POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="length and chunked"
        ),
        pytest.param(
            POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", id="chunked and length"
        ),
        pytest.param(POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", id="unknown encoding"),
        pytest.param(POST + b"Content-Length: -1\r\n\r\n", id="negative length"),
        pytest.param(POST + b"Content-Length: +3\r\n\r\nabc", id="length with a sign"),
        pytest.param(POST + b"Content-Length: 0x3\r\n\r\nabc", id="hexadecimal length"),
        pytest.param(POST + b"Content-Length: 99999999999999999999\r\n\r\n", id="length beyond 64 bits"),
        pytest.param(POST + b"Bad Name: x\r\n\r\n", id="blank in a field's name"),
        pytest.param(POST + b"X: a\r\n folded\r\n\r\n", id="folded field"),
        pytest.param(POST + b"X: a\x00b\r\n\r\n", id="NUL in a field"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", id="chunk without a size"),
        pytest.param(b"GET /a%00b HTTP/1.1\r\nHost: acme\r\n\r\n", id="escaped NUL in the path"),
        pytest.param(b"GET /?email=a%00b HTTP/1.1\r\nHost: acme\r\n\r\n", id="escaped NUL in the query"),
        pytest.param(b"GET /%ff HTTP/1.1\r\nHost: acme\r\n\r\n", id="path that is not UTF-8"),
        pytest.param(b"GET /%ed%a0%80 HTTP/1.1\r\nHost: acme\r\n\r\n", id="surrogate in the path"),
        pytest.param(b"CONNECT acme:443 HTTP/1.1\r\nHost: acme\r\n\r\n", id="tunnel"),
    ],
)
def test_what_is_malformed_is_refused_with_400_and_closed(request_bytes: bytes) -> None:
    app = Stub()
    with running(app) as here:
        line = here.dial().send(request_bytes)
        reply = line.reply()
        assert (reply.status, reply.code) == (400, "bad_request")
        assert line.is_closed()
    assert app.seen == []


def test_an_escaped_path_in_utf8_is_taken() -> None:
    with running(Stub()) as here:
        assert '"path":"/möwe"'.encode() in here.dial().post(path="/m%C3%B6we").reply().body


def test_pipelined_requests_are_answered_in_order() -> None:
    with running(Stub()) as here:
        line = here.dial()
        line.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: acme\r\n\r\n" % number for number in range(10)))
        assert [b'"/%d"' % number in line.reply().body for number in range(10)] == [True] * 10


def test_thousands_of_pipelined_requests_are_answered_up_to_the_bound_and_then_closed() -> None:
    app = Stub()
    with running(app) as here:
        line = here.dial().send(b"GET /slow HTTP/1.1\r\n\r\n" + b"GET / HTTP/1.1\r\n\r\n" * 5_000)
        for _ in range(1 + PATIENT.pipelined):
            assert line.reply().status == 200
        assert line.is_closed()
    assert len(app.seen) == 1 + PATIENT.pipelined


def test_a_bad_request_behind_a_good_one_does_not_take_its_answer_away() -> None:
    app = Stub()
    with running(app) as here:
        line = here.dial().send(b"GET /slow HTTP/1.1\r\n\r\nGARBAGE\r\n\r\n")
        assert line.reply().status == 200
        assert line.is_closed()
    assert app.seen == [("/slow", 0)]


def test_a_long_chunked_body_behind_a_good_request_does_not_take_its_answer_away() -> None:
    app = Stub()
    with running(app) as here:
        line = here.dial().send(b"GET /slow HTTP/1.1\r\n\r\n" + POST + b"Transfer-Encoding: chunked\r\n\r\n")
        line.send(chunked(*[b"x" * 1000] * 70))
        assert line.reply().status == 200
        assert line.is_closed()
    assert app.seen == [("/slow", 0)]


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
def test_an_upgrade_is_ignored_and_the_request_answered(protocol: bytes) -> None:
    head = b"/ HTTP/1.1\r\nHost: acme\r\nConnection: Upgrade\r\nUpgrade: " + protocol + b"\r\n"
    with running(Stub()) as here:
        line = here.dial().send(b"GET " + head + b"\r\n")
        assert b'"length":0' in line.reply().body
        line.send(b"POST " + head + b"Content-Length: 3\r\n\r\nabc" + b"GET /next HTTP/1.1\r\n\r\n")
        assert b'"length":3' in line.reply().body
        assert b'"/next"' in line.reply().body
        line.send(b"POST " + head + b"Transfer-Encoding: chunked\r\n\r\n").send(chunked(b"ab", b"cdef", b""))
        assert b'"length":6' in line.reply().body


def test_the_body_of_a_request_that_asks_for_an_upgrade_is_never_taken_for_a_request() -> None:
    app = Stub()
    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: acme\r\n\r\n"
    head = POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n" % len(smuggled)
    with running(app) as here:
        line = here.dial().send(head)
        threading.Event().wait(0.1)
        line.send(smuggled)
        assert line.reply().status == 200
    assert app.seen == [("/", len(smuggled))]


def test_the_body_of_a_request_that_asks_for_an_upgrade_is_bounded() -> None:
    with running(Stub()) as here:
        line = here.dial().send(POST + b"Connection: Upgrade\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.send(chunked(*[b"x" * 1000] * 70))
        assert line.reply().status == 413


def test_a_client_that_says_it_has_no_more_to_say_still_gets_its_answer() -> None:
    with running(Stub()) as here:
        line = here.dial().post(b"abc", "/slow")
        line.socket.shutdown(1)
        assert line.reply().status == 200
        assert line.is_closed()


def test_a_client_that_asks_leave_to_send_gets_it() -> None:
    with running(Stub()) as here:
        line = here.dial().send(POST + b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert line.reply().status == 100
        line.send(b"abc")
        assert b'"length":3' in line.reply().body


def test_a_client_of_http_1_0_is_answered_and_closed() -> None:
    with running(Stub()) as here:
        line = here.dial().send(b"GET / HTTP/1.0\r\n\r\n")
        assert line.reply().status == 200
        assert line.is_closed()
