"""How it is all joined up: settings → store, engine, doors, server. The only file that knows everything, and no rules.

- `open_engine` is for whoever asks without serving (the command line); `application` is what a server serves.
- The master key comes from the environment or from `master.key` in the data directory, never from both.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import stat
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

from starlette.routing import Router
from starlette.types import ASGIApp, Receive, Scope, Send

from avow.errors import UsageError
from avow.flow.engine import Engine
from avow.messenger.admission import Limits
from avow.messenger.door import MessengerDoor
from avow.messenger.ping import Messenger
from avow.routes import rest_routes
from avow.settings import Settings, parse_master_key
from avow.store import current, head, open_store
from avow.store import migrate as migrate_store
from avow.web.boundary import Boundary
from avow.web.connections import Bounds
from avow.web.limits import Limiter
from avow.web.workers import serve as serve_workers

MASTER_KEY_FILE = "master.key"
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
        text = path.read_text()
    except FileNotFoundError:
        raise UsageError(
            f"There is no {path}. Run `avow init --data {settings.data}`, or name the directory that holds it "
            "with --data.",
            field="data",
        ) from None
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


async def migrate(settings: Settings) -> None:
    """Bring the database's tables to this version."""
    await migrate_store(settings.database_url)


@contextlib.asynccontextmanager
async def open_engine(
    settings: Settings,
    *,
    now: Callable[[], float] = time.time,
    entropy: Callable[[int], bytes] = os.urandom,
) -> AsyncIterator[Engine]:
    """The engine over the settings' database, not running: for reads and changes of rules. Migrated before."""
    key = master_key(settings)
    if await current(settings.database_url) != head():
        await migrate(settings)
    store = open_store(settings.database_url, now=now)
    try:
        yield Engine.of(store, key, now=now, monotonic=time.monotonic, entropy=entropy)
    finally:
        await store.close()


def start_logging(level: str) -> None:
    """Log to standard error, a line each: no request, no value. Every worker process does so for itself."""
    logging.basicConfig(level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("alembic", "asyncio", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLogger().level))


def served(settings: Settings) -> ASGIApp:
    """The application in a process of its own: with its log, and with garbage collected less often.

    What one request leaves is freed by counting references; full collections would only stop the loop now and then.
    """
    start_logging(settings.log_level)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return application(settings)


def application(settings: Settings) -> ASGIApp:
    """Everything that answers HTTP. The engine lives as long as the server (ASGI lifespan)."""

    @contextlib.asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with open_engine(settings) as engine, engine.running():
            doors.open(engine)
            yield

    doors = _Doors(settings, lifespan)
    return Boundary(doors, os.urandom)


class _Doors:
    """The Messenger's door in front of the router; closed until the engine runs."""

    def __init__(self, settings: Settings, lifespan: _Lifespan) -> None:
        self._settings = settings
        self._router: ASGIApp = Router(redirect_slashes=False, lifespan=lifespan)
        self._door: ASGIApp = self._router

    def open(self, engine: Engine) -> None:
        """Let requests in."""
        settings = self._settings
        limits = Limits(
            Limiter(settings.address_per_minute),
            Limiter(settings.unproven_per_minute),
            Limiter(settings.contact_per_minute),
        )
        router = Router(rest_routes(engine, Limiter(settings.rest_per_minute)), redirect_slashes=False)
        self._door = MessengerDoor(
            Messenger(engine, limits),
            router,
            trusted_proxies=settings.trusted_proxies,
            exempt_addresses=settings.exempt_addresses,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._router if scope["type"] == "lifespan" else self._door)(scope, receive, send)


def serve(settings: Settings, on_ready: Callable[[int], None]) -> None:
    """Serve until a signal ends it; `on_ready` is told the port once requests are answered."""
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
        on_ready=on_ready,
    )
