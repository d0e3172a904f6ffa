"""What every HTTP wing needs to run: a server that starts or says why not, and leaves within ten seconds when asked.

- Stop (SIGTERM, SIGINT, SIGHUP): no new connections; requests in hand are answered; idle connections close; after 8 s
  what is left is cut; then the application shuts down. If something hangs even so, the process ends itself before the
  tenth second.
- Asked to stop, the process ends with 0: it did what it was asked.
- No access log of uvicorn's: a path may hold an e-mail address or an external id. `journal.py` tells of requests.

What is relied on of uvicorn 0.54 (`server.py`): `startup` opens listeners on given sockets after the application's
start-up; `main_loop` calls `on_tick` ten times a second; `shutdown` is called once after it; `capture_signals`
surrounds all of it.

Source: spec §11.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

import msgspec
import uvicorn
from starlette.types import ASGIApp

from avow.errors import Unavailable, UsageError
from avow.web.connections import Bounds, Gate
from avow.web.journal import Observed
from avow.web.protocol import GuardedProtocol, guarded_by

log = logging.getLogger("avow.web")

BACKLOG = 2048
# Of the file descriptors that the process may have, these are kept for the database, logs and the like.
RESERVED_FILES = 128
# All that may pass between the end of `Bounds.leave_seconds` and the end of the process.
LAST_SECONDS = 1.5

AppFactory = Callable[[], ASGIApp]


class Server(uvicorn.Server):
    """uvicorn's server around one gate. `on_ready` is called once it answers, `on_stop` at the first signal."""

    def __init__(
        self,
        app: ASGIApp,
        bounds: Bounds,
        random_bytes: Callable[[int], bytes],
        on_ready: Callable[[], None],
        on_stop: Callable[[], None] = lambda: None,
    ) -> None:
        self._gate = Gate(bounds, random_bytes)
        if isinstance(app, Observed):
            app.attend(self._gate)
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._first_signal = threading.Lock()
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                http=guarded_by(self._gate),
                ws="none",
                interface="asgi3",
                lifespan="on",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                backlog=BACKLOG,
                workers=1,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self._on_ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % 2 == 0:
            self._sweep()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """In place of uvicorn's, whose waits for clients and for the application have no end."""
        bounds = self._gate.bounds
        loop = asyncio.get_running_loop()
        for listener in self.servers:
            listener.close()
        for listening in sockets or []:
            listening.close()
        for connection in self._connections():
            connection.shutdown()
        end = loop.time() + bounds.leave_seconds
        while (self.server_state.connections or self.server_state.tasks) and loop.time() < end and not self.force_exit:
            await asyncio.sleep(0.05)
            self._sweep()
        for task in list(self.server_state.tasks):
            task.cancel()
        for connection in self._connections():
            connection.transport.abort()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.lifespan.shutdown(), end - loop.time() + LAST_SECONDS / 2)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's, but a signal that was obeyed is not raised again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in stop_signals()}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # A second signal may interrupt the handling of the first at any place: taking a lock cannot be torn apart.
        if self._first_signal.acquire(blocking=False):
            self._on_stop()
        super().handle_exit(sig, frame)

    def _sweep(self) -> None:
        now = asyncio.get_running_loop().time()
        for connection in self._connections():
            connection.sweep(now)

    def _connections(self) -> list[GuardedProtocol]:
        return [one for one in self.server_state.connections if isinstance(one, GuardedProtocol)]


def stop_signals() -> tuple[signal.Signals, ...]:
    """Those that ask to stop: a terminal that hangs up too, unless whoever started us said not to mind (nohup)."""
    minds = signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
    return (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if minds else ()))


def serve_here(
    app: ASGIApp,
    sockets: Sequence[socket.socket],
    bounds: Bounds,
    random_bytes: Callable[[int], bytes],
    on_ready: Callable[[], None],
) -> None:
    """Serve `app` in this process on bound sockets until a signal ends it. Raises `Unavailable` if it cannot start.

    It opens as many files as it may; where that is less than the connections allowed, fewer connections are allowed.
    """
    last = threading.Timer(bounds.leave_seconds + LAST_SECONDS, _end_now)
    last.daemon = True
    server = Server(app, _within_file_limit(bounds), random_bytes, on_ready, on_stop=last.start)
    try:
        server.run(list(sockets))
    except SystemExit as leaving:  # uvicorn's way to say that the application's start-up failed
        raise Unavailable("The server could not start; the lines above say why.") from leaving
    finally:
        last.cancel()


def open_sockets(
    host: str, port: int, count: int = 1, flags: tuple[str, str] = ("--host", "--port")
) -> list[socket.socket]:
    """Bind `count` sockets to one address; port 0 takes a free one. Raises `UsageError` if the address cannot be had.

    `flags` are those by which host and port were chosen, for the error.

    Several sockets on one port share what comes in evenly (SO_REUSEPORT), and whoever holds them keeps what waits in
    them. So that this cannot join a port that somebody else serves, the port is tried once without that option.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        found_none = f"There is no address {host!r} to serve on"
        raise UsageError(f"{found_none}; give {flags[0]} an address of this machine.") from None
    family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    sockets: list[socket.socket] = []
    for number in range(count + 1 if count > 1 else 1):
        one = socket.socket(family, kind, protocol)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if number:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            one.bind(address)
            if number == 0:
                one.listen(BACKLOG)
        except OSError as error:
            one.close()
            raise _cannot_bind(error, host, port, flags) from None
        address = (address[0], one.getsockname()[1], *address[2:])
        if number == 0 and count > 1:
            one.close()
        else:
            sockets.append(one)
    return sockets


@contextlib.contextmanager
def serving_beside(
    app: ASGIApp, sockets: Sequence[socket.socket], bounds: Bounds, random_bytes: Callable[[int], bytes]
) -> Iterator[None]:
    """Serve a small application in a thread of its own until the block ends: it has no part in the process's life."""
    server = Server(app, bounds, random_bytes, on_ready=lambda: None)
    thread = threading.Thread(target=server.run, args=(list(sockets),), name="beside", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(LAST_SECONDS)


def _cannot_bind(error: OSError, host: str, port: int, flags: tuple[str, str]) -> UsageError:
    if error.errno == errno.EADDRINUSE:
        return UsageError(f"Port {port} on {host} is in use; stop what uses it, or choose another with {flags[1]}.")
    if error.errno == errno.EACCES:
        return UsageError(f"Port {port} may not be opened by this user; choose one above 1023 with {flags[1]}.")
    found = f"{host} port {port} cannot be opened ({error.strerror})"
    return UsageError(f"{found}; give {flags[0]} an address of this machine.")


def _within_file_limit(bounds: Bounds) -> Bounds:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = bounds.connections + Gate.MAX_TURNED_AWAY + RESERVED_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return bounds
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    room = max(16, soft - Gate.MAX_TURNED_AWAY - RESERVED_FILES)
    if room >= bounds.connections:
        return bounds
    log.warning("only %d files may be open, so %d connections are taken at most; raise the limit", soft, room)
    return msgspec.structs.replace(bounds, connections=room)


def _end_now() -> None:
    log.critical("the server did not stop in time and is ended now")
    os._exit(1)
