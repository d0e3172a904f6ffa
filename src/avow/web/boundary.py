"""What every HTTP wing needs around it: the outermost application, through which every request and every answer passes.

- Every request has an id, and every answer says it (`X-Request-Id`); a journal hears of every request once
  (`journal.py`).
- Every answer carries the standing headers (`responses.py`), those to a Messenger also the ones for its page
  (`cors.py`).
- A start-up or shutdown that fails is said in the log in one line.
- Whatever is raised inside becomes an `error.list` (`errors.py`). What nobody foresaw is logged as types and places
  only.
- Under it stands a bare `starlette.routing.Router(routes, redirect_slashes=False, lifespan=...)`: the router's 404 and
  405 are raised up to here, and no middleware of Starlette's is paid for.
- What must be fast is asked past the router (`direct`), and its answer leaves as a whole (`whole.py`).

Source: spec §11; https://asgi.readthedocs.io/en/latest/specs/www.html.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avow.errors import AvowError
from avow.web import cors, journal
from avow.web.addresses import Networks
from avow.web.connections import Gate
from avow.web.errors import answer, describe, is_ours
from avow.web.journal import GONE, Journal
from avow.web.request import ClientGone
from avow.web.responses import Answer, Header, completed, send_answer
from avow.web.whole import Direct, sent

log = logging.getLogger("avow.web")


class Boundary:
    """An ASGI application around `app`. `random_bytes(n)` gives n bytes that nobody can foresee (`os.urandom`).

    Peers within `trusted` may say by which id a request is known. `told` hears of every request. `direct` finds who
    answers a request as a whole, None where `app` does.
    """

    def __init__(
        self,
        app: ASGIApp,
        random_bytes: Callable[[int], bytes],
        *,
        trusted: Networks = (),
        told: Journal | None = None,
        direct: Callable[[Scope], Direct | None] = lambda _: None,
    ) -> None:
        self._app = app
        self._direct = direct
        self._random_bytes = random_bytes
        self._trusted = trusted
        self._told = told

    def attend(self, gate: Gate) -> None:
        """Hand on who counts the connections (`journal.Observed`)."""
        if self._told is not None:
            self._told.attend(gate)

    def report(self) -> bytes:
        """How this process fares, as the journal tells it; nothing without one."""
        return self._told.report() if self._told is not None else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._live(scope, receive, send)
            return
        request_id = scope["avow.request_id"] = journal.identify(scope, self._trusted, self._random_bytes)
        journal.begin(scope)
        direct = self._direct(scope)
        if direct is not None:
            await self._exchange(direct, scope, receive, send, request_id)
            return
        if self._told is None:
            await self._answer(scope, receive, send, request_id)
            return
        began, status, size = time.perf_counter(), GONE, 0

        async def count(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        self._told.begun()
        try:
            await self._answer(scope, receive, count, request_id)
        finally:
            self._told.served(scope, status, size, time.perf_counter() - began)

    async def _exchange(self, direct: Direct, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        """Have a request answered as a whole. The journal hears of it."""
        began, status, size = time.perf_counter(), GONE, 0
        if self._told is not None:
            self._told.begun()
        try:
            found = await self._found(direct, scope, receive, request_id)
            if found is not None:
                page_headers = cors.response_headers(scope)
                if not sent(scope, found, page_headers, request_id):
                    await send_answer(_completing(send, page_headers, request_id), found)
                status, size = found.status, len(found.body)
        finally:
            if self._told is not None:
                self._told.served(scope, status, size, time.perf_counter() - began)

    async def _found(self, direct: Direct, scope: Scope, receive: Receive, request_id: str) -> Answer | None:
        """The answer, of an error too; None where nobody waits for it any more."""
        try:
            return await direct(scope, receive)
        except ClientGone:
            return None
        except Exception as error:  # noqa: BLE001 - this is the boundary
            return _told(error, scope, request_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        scope.setdefault("app", self._app)  # Starlette's router raises its 404 and 405 only if this is there
        complete, started = _completing(send, cors.response_headers(scope), request_id), False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await complete(message)

        preflight = cors.preflight(scope)
        if preflight is not None:
            await send_answer(complete, preflight)
            return
        try:
            await self._app(scope, receive, watched)
        except ClientGone:
            return
        except Exception as error:  # noqa: BLE001 - this is the boundary
            told = _told(error, scope, request_id)
            if started:
                raise InterruptedAnswer(request_id) from None
            await send_answer(complete, told)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Start-up and shutdown. A failure is said once, and never as a traceback that quotes values."""
        stage, failed = "startup", False

        async def plain(message: Message) -> None:
            nonlocal stage, failed
            if message["type"] == "lifespan.startup.complete":
                stage = "shutdown"
            elif message["type"].endswith(".failed"):
                failed = True
                message = {"type": message["type"]}
            await send(message)

        try:
            await self._app(scope, receive, plain)
        except Exception as error:  # noqa: BLE001 - this is the boundary
            text = error.message if isinstance(error, AvowError) else describe(error)
            log.error("%s failed: %s", stage, text)
            if not failed:
                await send({"type": f"lifespan.{stage}.failed"})


class InterruptedAnswer(Exception):
    """An answer broke off after its head was sent: the server can only close the connection. Holds the request id."""


def _told(error: Exception, scope: Scope, request_id: str) -> Answer:
    """The answer to an error; what nobody foresaw is logged."""
    if not is_ours(error):
        log.error("request %s (%s): %s", request_id, scope["method"], describe(error))
    return answer(error, request_id)


def _completing(send: Send, page_headers: tuple[Header, ...], request_id: str) -> Send:
    """`send`, with all its headers on what begins an answer."""

    async def complete(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = completed(message.get("headers", ()), page_headers)
            message["headers"] = [*headers, (b"x-request-id", request_id.encode("ascii"))]
        await send(message)

    return complete
