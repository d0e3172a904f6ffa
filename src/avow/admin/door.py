"""Which requests are the screens'? Everything below `/app`, and `/` where a browser asks; the rest is for `beyond`.

What is not there below `/app` is answered with a page, not with the JSON of the other wings.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.routing import Route, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avow.admin.entering import invitation, sign_in
from avow.admin.entering.entrance import Entrance, Entry, go
from avow.admin.frame import browser
from avow.admin.frame.exchange import Screen, Threshold, fault_page
from avow.admin.frame.files import Static
from avow.admin.frame.passwords import Argon2
from avow.admin.frame.tries import Tries
from avow.admin.frame.visit import House
from avow.admin.live import Live
from avow.admin.screens import OWN, SCREENS
from avow.errors import NotFound
from avow.flow.engine import Engine
from avow.flow.screens.live import Watch
from avow.flow.team.passwords import Passwords
from avow.web.addresses import Networks
from avow.web.pages.streams import Streams
from avow.web.request import ClientGone, header
from avow.web.responses import Answer, send_answer

_OPEN: dict[str, Callable[[Entry], Awaitable[Answer]]] = {
    "/app/sign-in": sign_in.sign_in,
    "/app/second-step": sign_in.second_step,
    "/app/sign-out": sign_in.sign_out,
    "/app/invitation/{text}": invitation.accept,
}
"""Addresses that are open to everybody."""


class ScreensDoor:
    """The screens of one process, in front of `beyond`. `clock` is a monotonic one, in seconds; `routes` are theirs."""

    def __init__(
        self,
        engine: Engine,
        beyond: ASGIApp,
        *,
        trusted_proxies: Networks,
        clock: Callable[[], float],
        passwords: Passwords | None = None,
    ) -> None:
        watch = Watch(engine.store, engine.rulebook, clock=clock, now=engine.now)
        house = House(engine, passwords or Argon2(), watch, frozenset(SCREENS), Tries())
        self._beyond = beyond
        self._threshold = Threshold(house, trusted_proxies)
        self.routes = _routes(self._threshold)
        self._router = Router(self.routes, redirect_slashes=False, default=_nothing)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            if path == "/app" or path.startswith("/app/"):
                await self._within(scope, receive, send)
                return
            if path == "/" and scope["method"] == "GET" and b"text/html" in (header(scope, b"accept") or b""):
                await send_answer(send, go("/app"))
                return
        await self._beyond(scope, receive, send)

    async def _within(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The screens; what goes wrong in one is shown as one, unless an answer has begun."""
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._router(scope, receive, watched)
        except ClientGone:
            raise
        except Exception as error:
            if started:
                raise
            known = browser.of(scope, self._threshold.trusted_proxies)
            await send_answer(send, fault_page(error, scope, known))


async def _nothing(*_: object) -> None:
    raise NotFound("There is nothing at this address.")


def _routes(threshold: Threshold) -> list[Route]:
    opened = [Route(path, Entrance(threshold, handler), methods=["GET", "POST"]) for path, handler in _OPEN.items()]
    own = [Route(path, Screen(threshold, acts), methods=list(acts)) for path, acts in OWN.items()]
    screens = [
        Route(f"/app/{{workspace}}{path}", Screen(threshold, acts), methods=list(acts))
        for path, acts in SCREENS.items()
    ]
    return [
        Route("/app/static/{digest}/{name}", Static(), methods=["GET"]),
        *opened,
        *own,
        Route("/app/{workspace}/live", Live(threshold, Streams()), methods=["GET"]),
        Route("/app", Screen(threshold, SCREENS[""]), methods=["GET"]),
        *screens,
    ]
