"""A client that speaks to a socket byte by byte, as no library would, and a server to speak to."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import msgspec
from starlette.types import ASGIApp

from avow.web.connections import Bounds
from avow.web.running.server import Server, open_sockets

QUICK = Bounds(
    head_seconds=0.5,
    body_seconds=0.5,
    idle_seconds=0.5,
    write_seconds=0.5,
    linger_seconds=0.3,
    farewell_seconds=0.2,
    leave_seconds=1.5,
)
PATIENT = Bounds(linger_seconds=0.3, farewell_seconds=0.2, leave_seconds=1.5)


@dataclass
class Reply:
    """What came back for one request."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The first error code of an `error.list`."""
        listed = msgspec.json.decode(self.body)
        assert listed["type"] == "error.list"
        assert listed["request_id"] == self.headers["x-request-id"]
        return str(listed["errors"][0]["code"])


@dataclass
class Line:
    """One connection to the server."""

    socket: socket.socket
    buffer: bytes = b""
    opened: float = field(default_factory=time.monotonic)

    def send(self, data: bytes) -> Line:
        self.socket.sendall(data)
        return self

    def post(self, body: bytes = b"", path: str = "/") -> Line:
        return self.send(f"POST {path} HTTP/1.1\r\nHost: acme\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)

    def reply(self) -> Reply:
        """The next answer. Fails if the connection ends before it."""
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        status_line, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(self.buffer) < length:
            self._more()
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return Reply(int(status_line.split()[1]), headers, body)

    def is_closed(self) -> bool:
        """Whether the server ends the connection now, having sent nothing more."""
        try:
            return self.buffer == b"" and self.socket.recv(1) == b""
        except ConnectionError:
            return True

    def drip(self, data: bytes, every: float = 0.02) -> None:
        """Send a byte now and then until all is sent or nobody takes any more."""
        for position in range(len(data)):
            try:
                self.socket.sendall(data[position : position + 1])
            except ConnectionError:
                return
            time.sleep(every)

    def seconds(self) -> float:
        return time.monotonic() - self.opened

    def close(self) -> None:
        self.socket.close()

    def _more(self) -> None:
        data = self.socket.recv(65536)
        assert data, f"the server closed; before that it said {self.buffer!r}"
        self.buffer += data


@dataclass
class Running:
    """A server in a thread of its own, on the loop that it has in earnest."""

    port: int
    server: Server
    lines: list[Line] = field(default_factory=list)

    def dial(self) -> Line:
        line = Line(socket.create_connection(("127.0.0.1", self.port), timeout=10))
        self.lines.append(line)
        return line


@contextmanager
def running(app: ASGIApp, bounds: Bounds = PATIENT) -> Iterator[Running]:
    """Serve `app` until the block ends."""
    ready = threading.Event()
    sockets = open_sockets("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]
    server = Server(app, bounds, os.urandom, ready.set)
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    assert ready.wait(10)
    here = Running(port, server)
    try:
        yield here
    finally:
        for line in here.lines:
            line.close()
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def wait_until(true: object, seconds: float = 5.0) -> bool:
    """Whether `true()` becomes so in time."""
    assert callable(true)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False
