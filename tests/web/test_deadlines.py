"""Slow and silent clients: each has its time, no more, and costs the others nothing."""

from __future__ import annotations

import contextlib
import threading

import msgspec

from tests.web.stub_app import Stub
from tests.web.wire import QUICK, running

HEAD = b"POST / HTTP/1.1\r\nHost: acme\r\n"


def test_a_silent_socket_is_closed_at_the_deadline() -> None:
    with running(Stub(), QUICK) as here:
        line = here.dial()
        assert line.is_closed()
        assert 0.4 < line.seconds() < 1.5


def test_a_socket_that_sends_only_empty_lines_is_closed_at_the_deadline() -> None:
    with running(Stub(), QUICK) as here:
        line = here.dial()
        line.drip(b"\r\n" * 100)
        assert line.is_closed()
        assert line.seconds() < 3.5


def test_a_dripped_head_is_answered_408_and_closed() -> None:
    app = Stub()
    with running(app, QUICK) as here:
        line = here.dial()
        drip = threading.Thread(target=line.drip, args=(HEAD + b"X-Long: " + b"x" * 200,))
        drip.start()
        reply = line.reply()
        assert (reply.status, reply.code, reply.headers["connection"]) == (408, "request_timeout", "close")
        assert line.seconds() < 1.5
        assert line.is_closed()
        drip.join()
    assert app.seen == []


def test_a_head_that_begins_late_has_no_more_time_than_one_that_begins_at_once() -> None:
    bounds = msgspec.structs.replace(QUICK, head_seconds=0.8)
    with running(Stub(), bounds) as here:
        line = here.dial()
        threading.Event().wait(0.6)
        line.send(b"POST")
        assert line.reply().status == 408
        assert line.seconds() < 1.4


def test_a_dripped_body_is_answered_408_and_the_application_told_that_nobody_is_there() -> None:
    app = Stub()
    with running(app, QUICK) as here:
        line = here.dial().send(HEAD + b"Content-Length: 500\r\n\r\n")
        drip = threading.Thread(target=line.drip, args=(b"x" * 200,))
        drip.start()
        reply = line.reply()
        assert (reply.status, reply.code) == (408, "request_timeout")
        assert line.is_closed()
        drip.join()
    assert (app.seen, app.gone) == ([], 1)


def test_a_dripped_chunked_body_is_answered_408() -> None:
    with running(Stub(), QUICK) as here:
        line = here.dial().send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        drip = threading.Thread(target=line.drip, args=(b"1\r\nx\r\n" * 40,))
        drip.start()
        assert line.reply().status == 408
        drip.join()


def test_a_body_that_never_ends_after_an_early_answer_is_cut() -> None:
    with running(Stub(), QUICK) as here:
        line = here.dial().send(b"POST /early HTTP/1.1\r\nHost: acme\r\nContent-Length: 500\r\n\r\n")
        assert line.reply().body == b'"early"'
        assert line.is_closed()
        assert line.seconds() < 2


def test_a_body_that_ends_after_an_early_answer_leaves_the_connection_in_use_and_timed() -> None:
    with running(Stub(), QUICK) as here:
        line = here.dial().send(b"POST /early HTTP/1.1\r\nHost: acme\r\nContent-Length: 5\r\n\r\n")
        line.reply()
        line.send(b"hello").post(b"abc")
        assert b'"length":3' in line.reply().body
        line.send(b"POST /early HTTP/1.1\r\nHost: acme\r\nContent-Length: 5\r\n\r\n")
        line.reply()
        line.send(b"hello")
        assert line.is_closed()


def test_a_second_head_has_its_own_deadline() -> None:
    with running(Stub(), msgspec.structs.replace(QUICK, idle_seconds=60)) as here:
        line = here.dial().post(b"abc")
        assert line.reply().status == 200
        threading.Event().wait(0.3)
        line.send(HEAD)
        assert line.reply().status == 408


def test_an_idle_connection_is_closed_without_a_word() -> None:
    with running(Stub(), QUICK) as here:
        line = here.dial().post(b"abc")
        assert line.reply().status == 200
        assert line.is_closed()
        assert 0.4 < line.seconds() < 1.5


def test_a_slow_answer_is_not_cut_by_any_deadline_of_the_client() -> None:
    bounds = msgspec.structs.replace(QUICK, head_seconds=0.2, body_seconds=0.2, idle_seconds=0.2)
    with running(Stub(), bounds) as here:
        line = here.dial().post(b"abc", "/slow")
        assert line.reply().status == 200


def test_a_client_that_does_not_read_its_answer_is_cut() -> None:
    with running(Stub(), msgspec.structs.replace(QUICK, idle_seconds=60)) as here:
        line = here.dial().post(b"abc", "/large")
        threading.Event().wait(1.5)
        received = 0
        with contextlib.suppress(ConnectionError):
            while chunk := line.socket.recv(1_000_000):
                received += len(chunk)
        assert 0 < received < 20_000_000


def test_slow_clients_do_not_slow_others() -> None:
    with running(Stub(), QUICK) as here:
        for _ in range(100):
            here.dial().send(HEAD)
        quick = here.dial()
        for _ in range(100):
            assert quick.post(b"abc").reply().status == 200
        assert quick.seconds() < 0.45
