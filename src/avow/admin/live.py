"""Tells pages that something they show has changed: an event stream of topics, never of what has changed.

- The page says what it has seen (`seen`), a stream that was broken what it has told (`Last-Event-ID`).
- Whoever listens is looked at again every few seconds: a session that ended, ends its streams.
- The stream is one of `web/pages/streams.py`: bounded in number and time, and gone when the server stops.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from starlette.types import Receive, Scope, Send

from avow.admin.frame import browser
from avow.admin.frame.exchange import Threshold, present, workspaces_of
from avow.admin.frame.visit import Browser
from avow.errors import NotAuthenticated, NotFound
from avow.flow.screens.live import News, seen_in, topics_of
from avow.trust.contact import WorkspaceId
from avow.web.forms import parse_form
from avow.web.journal import LASTING
from avow.web.pages.streams import Event, Streams
from avow.web.request import header

LOOKED_AT_EVERY: Final = 5.0


class Live:
    """`/app/{workspace}/live?on=rules+traffic&seen=rules%3D7`."""

    def __init__(self, threshold: Threshold, streams: Streams) -> None:
        self._threshold = threshold
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = browser.of(scope, self._threshold.trusted_proxies)
        house = self._threshold.house
        here = await present(scope, house, known)
        if here is None:
            raise NotAuthenticated("Sign in first.")
        if scope["path_params"]["workspace"] not in {one.id for one in await workspaces_of(house, here)}:
            raise NotFound("There is no such workspace, or it is not yours to see.")
        workspace_id = WorkspaceId(scope["path_params"]["workspace"])
        asked = parse_form(scope["query_string"]).single
        topics = topics_of(asked.get("on", ""))
        raw_told = header(scope, b"last-event-id") or b""
        seen = seen_in(asked.get("seen", "")) | seen_in(raw_told.decode("ascii", "replace"))
        for topic in topics:  # what is no topic is said before the stream begins
            await house.watch.version(workspace_id, topic)
        scope[LASTING] = True
        events = self._events(scope, known, house.watch.changes(workspace_id, topics, seen))
        await self._streams.serve(receive, send, here.session.digest, events)

    async def _events(self, scope: Scope, known: Browser, changes: AsyncIterator[News | None]) -> AsyncIterator[Event]:
        engine = self._threshold.house.engine
        looked_at = engine.now()
        async for news in changes:
            if news is None:
                if engine.now() - looked_at >= LOOKED_AT_EVERY:
                    if await present(scope, self._threshold.house, known) is None:
                        return
                    looked_at = engine.now()
                continue
            yield Event("renew", news.topic, news.seen)
