"""Starting and stopping: what was taken is answered, and nobody can hold the server up."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import uvicorn

from avow.errors import UsageError
from avow.web.connections import Bounds
from avow.web.running.server import LAST_SECONDS, Server, open_sockets, stop_signals
from tests.web.stub_app import Stub
from tests.web.wire import PATIENT, Line, running

PROGRAM = """
import os, sys
from pathlib import Path
from avow.web.connections import Bounds
from avow.web.running.workers import serve
from tests.web.stub_app import {factory}
if __name__ == "__main__":
    serve({expression}, host="127.0.0.1", port=int(sys.argv[1]), workers={workers}, bounds=Bounds({bounds}),
          random_bytes=os.urandom, on_ready=lambda port: print(port, flush=True))
"""


@contextmanager
def program(
    directory: Path, expression: str = "build", workers: int = 1, bounds: str = ""
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The server as a process of its own, ready."""
    file = directory / "program.py"
    factory = expression.partition("(")[0]
    file.write_text(PROGRAM.format(factory=factory, expression=expression, workers=workers, bounds=bounds))
    process = subprocess.Popen(
        [sys.executable, str(file), "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])},
    )
    assert process.stdout is not None
    try:
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def dial(port: int) -> Line:
    return Line(socket.create_connection(("127.0.0.1", port), timeout=10))


def workers_behind(port: int) -> set[int]:
    """The processes that answer."""
    found = set()
    for _ in range(24):
        line = dial(port).post(b"abc")
        found.add(int(msgspec.json.decode(line.reply().body)["pid"]))
        line.close()
    return found


def test_a_request_in_hand_is_answered_and_the_connection_then_closed() -> None:
    app = Stub()
    with running(app) as here:
        line = here.dial().post(b"abc", "/slow")
        time.sleep(0.1)
        here.server.should_exit = True
        reply = line.reply()
        assert (reply.status, reply.headers["connection"]) == (200, "close")
        assert line.is_closed()
    assert (app.seen, app.end) == ([("/slow", 3)], ["stopped"])


def test_a_request_that_was_on_its_way_is_answered() -> None:
    with running(Stub(), msgspec.structs.replace(PATIENT, farewell_seconds=0.5)) as here:
        line = here.dial().post(b"abc")
        line.reply()
        here.server.should_exit = True
        time.sleep(0.25)
        reply = line.post(b"abcd").reply()
        assert (reply.status, reply.headers["connection"]) == (200, "close")


def test_a_body_that_is_coming_in_is_waited_for() -> None:
    with running(Stub()) as here:
        line = here.dial().send(b"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc")
        time.sleep(0.1)
        here.server.should_exit = True
        time.sleep(0.4)
        assert line.send(b"def").reply().status == 200


def test_idle_and_silent_connections_do_not_hold_the_server_up() -> None:
    with running(Stub()) as here:
        here.dial()
        here.dial().post(b"abc").reply()
        started = time.monotonic()
        here.server.should_exit = True
        while here.server.server_state.connections:
            time.sleep(0.02)
        assert time.monotonic() - started < 1.0


def test_a_client_that_never_finishes_is_cut_and_the_application_still_ends_in_order() -> None:
    app = Stub()
    with running(app) as here:
        here.dial().send(b"POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabc")
        hanging = here.dial().post(b"abc", "/hang")
        time.sleep(0.1)
        started = time.monotonic()
        here.server.should_exit = True
        assert hanging.is_closed()
        assert 1.2 < time.monotonic() - started < 3
    assert app.end == ["cancelled", "stopped"]


def test_sigterm_in_mid_load_loses_no_answer(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    with program(tmp_path, f"Ledger(Path({str(ledger)!r}))") as (process, port):
        answered: list[int] = []
        lost: list[int] = []

        def load(first: int) -> None:
            line = dial(port)
            for number in range(first, first + 100_000):
                try:
                    reply = line.post(path=f"/?{number}").reply()
                except (AssertionError, ConnectionError):
                    lost.append(number)
                    break
                answered.append(number)
                if reply.headers.get("connection") == "close":
                    break
            line.close()

        threads = [threading.Thread(target=load, args=(number * 100_000,)) for number in range(32)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        assert process.wait(10) == 0
        assert len(answered) > 500
        assert lost == []
        assert sorted(answered) == sorted(int(line.split()[0]) for line in ledger.read_text().splitlines())


def test_a_server_that_hangs_in_its_own_code_is_ended_all_the_same(tmp_path: Path) -> None:
    with program(tmp_path, "Stuck()", bounds="leave_seconds=0.5") as (process, port):
        line = dial(port).post(b"abc")
        time.sleep(0.3)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(12) == 1
        assert time.monotonic() - started < 0.5 + LAST_SECONDS + 0.5
        line.close()


def test_a_second_signal_while_the_first_is_being_handled_does_no_harm() -> None:
    """Python runs a handler between any two steps of another: the second signal comes at the worst of them."""
    stopped: list[int] = []
    server: Server

    def on_stop() -> None:
        stopped.append(1)
        if len(stopped) == 1:
            server.handle_exit(signal.SIGTERM, None)

    server = Server(Stub(), Bounds(), os.urandom, lambda: None, on_stop)
    server.handle_exit(signal.SIGTERM, None)
    server.handle_exit(signal.SIGTERM, None)
    assert (stopped, server.should_exit) == ([1], True)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_whose_terminal_is_gone_answers_what_it_took(tmp_path: Path, workers: int) -> None:
    with program(tmp_path, workers=workers) as (process, port):
        line = dial(port).post(b"abc", "/slow")
        time.sleep(0.2)
        process.send_signal(signal.SIGHUP)
        assert line.reply().status == 200
        assert process.wait(10) == 0
        line.close()


def test_nohup_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert signal.SIGHUP in stop_signals()
    monkeypatch.setattr(signal, "getsignal", lambda _: signal.SIG_IGN)
    assert stop_signals() == (signal.SIGINT, signal.SIGTERM)


def test_stopping_never_takes_ten_seconds() -> None:
    assert Bounds().leave_seconds + LAST_SECONDS < 9.8


def test_workers_share_the_connections_and_a_dead_one_is_replaced(tmp_path: Path) -> None:
    with program(tmp_path, workers=2) as (process, port):
        before = workers_behind(port)
        assert len(before) == 2
        assert process.pid not in before
        os.kill(min(before), signal.SIGKILL)
        after = workers_behind(port)
        assert len(after) == 2
        assert len(before & after) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        for pid in before | after:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, 0)


def test_workers_whose_watcher_is_killed_stop_by_themselves(tmp_path: Path) -> None:
    with program(tmp_path, workers=2) as (process, port):
        pids = workers_behind(port)
        process.kill()
        process.wait()
        end = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < end:
            time.sleep(0.05)
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_application_that_cannot_start_is_said_to_be_so(workers: int) -> None:
    program = f"""
import os
from avow.errors import Unavailable
from avow.web.connections import Bounds
from avow.web.running.workers import serve
from tests.web.stub_app import build_broken
if __name__ == "__main__":
    try:
        serve(build_broken, host="127.0.0.1", port=0, workers={workers}, bounds=Bounds(), random_bytes=os.urandom,
              on_ready=print)
    except Unavailable as error:
        print(error.message)
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(["src", "."])},
    )
    assert done.stdout == "The server could not start; the lines above say why.\n"
    assert "no database" in done.stderr


def test_a_port_in_use_is_a_clear_error() -> None:
    with running(Stub()) as here:
        for count in (1, 2):
            with pytest.raises(UsageError) as caught:
                open_sockets("127.0.0.1", here.port, count)
            assert caught.value.message == (
                f"Port {here.port} on 127.0.0.1 is in use; stop what uses it, or choose another with --port."
            )


def test_a_port_shared_by_workers_is_in_use_too() -> None:
    shared = open_sockets("127.0.0.1", 0, 2)
    for one in shared:
        one.listen()
    with pytest.raises(UsageError):
        open_sockets("127.0.0.1", shared[0].getsockname()[1], 2)
    for one in shared:
        one.close()


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
def test_a_host_that_is_not_this_machine_is_a_clear_error(host: str) -> None:
    with pytest.raises(UsageError, match="--host"):
        open_sockets(host, 0)


def test_serving_on_ipv6_works() -> None:
    sockets = open_sockets("::1", 0)
    assert sockets[0].family == socket.AF_INET6
    sockets[0].close()


def test_the_server_is_built_on_the_version_of_uvicorn_whose_inside_was_read() -> None:
    # `lifetime.py`, `protocol.py` and `server.py` say what they rely on: read that again before allowing another.
    assert uvicorn.__version__.startswith("0.54.")
