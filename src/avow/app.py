"""How it is all joined up: settings → store, engine, doors, server. The only file that knows everything, and no rules.

- `open_engine` is for whoever asks without serving (the command line); `application` is what a server serves.
- The master key comes from the environment or from `master.key` in the data directory, never from both.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import stat
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from avow import __version__
from avow.admin import ScreensDoor
from avow.errors import UsageError
from avow.flow import imports
from avow.flow.contract import Store
from avow.flow.contract.upkeep import Upkeep
from avow.flow.engine import Engine
from avow.messenger.admission import Limits
from avow.messenger.door import MessengerDoor
from avow.messenger.ping import Messenger
from avow.observe import logs
from avow.observe.board import Board, metrics_app
from avow.observe.measure import Gauges
from avow.observe.requests import RequestBook
from avow.observe.tracing import Tracing, exporter
from avow.observe.tracing import require as require_tracing
from avow.observe.watched_store import no_span, watched
from avow.routes import rest_routes
from avow.settings import Settings, parse_master_key
from avow.store import current, head, open_store, open_upkeep
from avow.store import migrate as migrate_store
from avow.web.boundary import Boundary
from avow.web.connections import Bounds
from avow.web.limits import Limiter
from avow.web.running.server import open_sockets, serving_beside
from avow.web.running.workers import serve as serve_workers
from avow.web.whole import Direct

MASTER_KEY_FILE = "master.key"
MAKE_WAY = 0.0002
"""Seconds that a thread computes while another asks for its turn."""
_Lifespan = Callable[[object], contextlib.AbstractAsyncContextManager[None]]


def create_data_directory(data: Path, entropy: Callable[[int], bytes] = os.urandom) -> None:
    """Make the directory (0700) and a new master key in it (0600). Raises `UsageError` where there is one already."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(data / MASTER_KEY_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise UsageError(f"{data} holds a master key already; use another directory.", field="data") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(entropy(32).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def master_key(settings: Settings) -> bytes:
    """The master key of the environment, or of its file.

    Raises `UsageError` where there is none or anyone may read it.
    """
    if settings.master_key is not None:
        return settings.master_key.value
    path = settings.data / MASTER_KEY_FILE
    try:
        mode = path.stat().st_mode
        text = path.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        raise UsageError(f"There is no {path}. {_whence_a_key(settings)}", field="data") from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read ({error.strerror}); it must belong to this user.", field="data"
        ) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UsageError(f"{path} may be read by others; run: chmod 600 {path}", field="data")
    try:
        return parse_master_key(text).value
    except ValueError as error:
        raise UsageError(f"{path} holds no master key: {error}.", field="data") from None


def _whence_a_key(settings: Settings) -> str:
    """What to do where there is none. Data that are there have one already: a new one would open nothing of theirs."""
    here = f"into {settings.data / MASTER_KEY_FILE} (chmod 600), or name the directory that holds it with --data."
    if settings.data.exists():
        return f"Put the master key of these data {here}"
    return f"Make new data (avow init --data {settings.data}). If there are data already, put their master key {here}"


async def migrate(settings: Settings) -> None:
    """Bring the database's tables to this version."""
    await migrate_store(settings.database_url)


def upkeep(settings: Settings) -> Upkeep:
    """The database in an operator's hands; it needs no master key."""
    return open_upkeep(settings.database_url)


@contextlib.asynccontextmanager
async def open_data(settings: Settings) -> AsyncIterator[Store]:
    """What is stored, without a master key: signing keys stay sealed. The tables must be this program's."""
    store = open_store(settings.database_url)
    try:
        yield store
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def open_engine(
    settings: Settings,
    *,
    now: Callable[[], float] = time.time,
    entropy: Callable[[int], bytes] = os.urandom,
    tables_checked: bool = False,
    watch: Callable[[Store], Store] = lambda store: store,
) -> AsyncIterator[Engine]:
    """The engine over the settings' database, not running: for reads and changes of rules.

    Migrated before, unless the caller has seen that the tables are this program's. `watch` may stand before the store.
    """
    key = master_key(settings)
    if not tables_checked and await current(settings.database_url) != head():
        await migrate(settings)
    store = watch(open_store(settings.database_url, now=now))
    try:
        yield Engine.of(store, key, now=now, monotonic=time.monotonic, entropy=entropy)
    finally:
        await store.close()


def start_logging(level: str, format_: str = "text") -> None:
    """Log to standard error, a line each: no value of anybody's. Every process does so for itself."""
    logs.start(level, format_)


def served(settings: Settings) -> ASGIApp:
    """The application in a process of its own: with its log, and with garbage collected less often.

    What one request leaves is freed by counting references; full collections would only stop the loop now and then.
    A thread that has committed waits until the loop's makes way, before it can say so: not for the 5 ms of Python's
    own, for all who wait for that commit wait with it.
    """
    start_logging(settings.log_level, settings.log_format)
    sys.setswitchinterval(MAKE_WAY)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return application(settings)


def application(settings: Settings) -> ASGIApp:
    """Everything that answers HTTP. The engine lives as long as the server (ASGI lifespan)."""
    gauges = Gauges(settings.slow_milliseconds / 1000, _kind(settings), __version__)
    tracing = _tracing(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            if tracing is not None:
                stack.push_async_callback(asyncio.to_thread, tracing.close)
            engine = await stack.enter_async_context(open_engine(settings, watch=watch))
            await stack.enter_async_context(engine.running())
            await stack.enter_async_context(imports.working(engine))
            if settings.metrics_port is not None:
                await stack.enter_async_context(gauges.looking_after(engine))
            doors.open(engine)
            yield

    def watch(store: Store) -> Store:
        if settings.metrics_port is None and tracing is None:
            return store
        return watched(store, gauges.calls, tracing.span if tracing is not None else no_span)

    doors = _Doors(settings, lifespan, gauges.requests)
    trusted = settings.trusted_proxies + settings.exempt_addresses
    boundary = Boundary(doors, os.urandom, trusted=trusted, told=gauges.requests, direct=doors.direct)
    return boundary if tracing is None else tracing.around(boundary, gauges.requests.route_of, trusted)


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.is_sqlite else "postgresql"


def _tracing(settings: Settings) -> Tracing | None:
    if not settings.traces_endpoint:
        return None
    to = exporter(settings.traces_endpoint)
    return Tracing(to, share=settings.traces_share, database=_kind(settings), version=__version__)


class _Doors:
    """The router, and the Messenger's door beside it; closed until the engine runs."""

    def __init__(self, settings: Settings, lifespan: _Lifespan, book: RequestBook) -> None:
        self._settings = settings
        self._book = book
        self._router: ASGIApp = Router(redirect_slashes=False, lifespan=lifespan)
        self._door: ASGIApp = self._router
        self._messenger: MessengerDoor | None = None

    def open(self, engine: Engine) -> None:
        """Let requests in."""
        settings = self._settings
        limits = Limits(
            Limiter(settings.address_per_minute),
            Limiter(settings.unproven_per_minute),
            Limiter(settings.contact_per_minute),
        )
        routes = rest_routes(engine, Limiter(settings.rest_per_minute))
        router = Router(routes, redirect_slashes=False)
        screens = ScreensDoor(engine, router, trusted_proxies=settings.trusted_proxies, clock=time.monotonic)
        self._book.know({route.endpoint: route.path for route in (*routes, *screens.routes)})
        self._door = screens
        self._messenger = MessengerDoor(
            Messenger(engine, limits),
            trusted_proxies=settings.trusted_proxies,
            exempt_addresses=settings.exempt_addresses,
        )

    def direct(self, scope: Scope) -> Direct | None:
        """Who answers a request past the router."""
        return self._messenger.find(scope) if self._messenger is not None else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._router if scope["type"] == "lifespan" else self._door)(scope, receive, send)


def serve(settings: Settings, on_ready: Callable[[int, int | None], None]) -> None:
    """Serve until a signal ends it; `on_ready` is told the port, and that of metrics, once requests are answered."""
    start_logging(settings.log_level, settings.log_format)
    if settings.traces_endpoint:
        require_tracing()
    board = Board(beside=settings.workers > 1) if settings.metrics_port is not None else None
    with _telling(settings, board) as metrics_port:
        serve_workers(
            partial(served, settings),
            host=settings.host,
            port=settings.port,
            workers=settings.workers,
            bounds=Bounds(
                connections=settings.connections,
                connections_per_address=settings.connections_per_address,
                exempt=settings.trusted_proxies + settings.exempt_addresses,
            ),
            random_bytes=os.urandom,
            on_ready=lambda port: on_ready(port, metrics_port),
            on_report=board.tell if board is not None else None,
        )


@contextlib.contextmanager
def _telling(settings: Settings, board: Board | None) -> Iterator[int | None]:
    """Serve metrics beside, where they are wanted; the port."""
    if board is None or settings.metrics_port is None:
        yield None
        return
    sockets = open_sockets(settings.metrics_host, settings.metrics_port, flags=("--metrics-host", "--metrics-port"))
    bounds = Bounds(connections=16, connections_per_address=16)
    with serving_beside(Boundary(metrics_app(board), os.urandom), sockets, bounds, os.urandom):
        yield sockets[0].getsockname()[1]
