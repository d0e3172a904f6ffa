"""What happens to a request of somebody who is not signed in (yet): our own page must have asked; then its handler.

A handler takes an `Entry` and returns an `Answer`; what is wrong with a form is shown on it again, by the handler.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.types import Receive, Scope, Send

from avow.admin.frame import browser, rendering
from avow.admin.frame.exchange import Threshold
from avow.admin.frame.visit import NOTHING, Browser, House
from avow.errors import AvowError
from avow.flow.team import sessions
from avow.flow.team.roles import Present
from avow.web.forms import Form, parse_form
from avow.web.pages.same_origin import require_same_origin
from avow.web.request import Media, read_body, require_media
from avow.web.responses import Answer, Header, send_answer


@dataclass(frozen=True, slots=True)
class Entry:
    """One request of somebody whom nobody knows yet, but for what her browser brings along."""

    house: House
    known: Browser
    scope: Scope
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Form = NOTHING
    fault: AvowError | None = field(default=None)

    @property
    def posted(self) -> bool:
        """Whether a form was sent."""
        return bool(self.scope["method"] == "POST")

    async def here(self) -> Present | None:
        """Who this is, if a session came along: complete, or waiting for its second factor."""
        text = browser.session_text(self.scope, self.known)
        engine = self.house.engine
        return await sessions.present(engine.store, text, engine.now()) if text else None

    def shown(self, template: str, title: str, it: Any, status: int = 200) -> Answer:
        """A page."""
        return rendering.bare(template, title, self.known, it, status)

    def wrong(self, template: str, title: str, it: Any, fault: AvowError) -> Answer:
        """The same page again, with what was wrong."""
        status, headers = rendering.status_of(fault), rendering.retry_after(fault)
        return rendering.bare(template, title, self.known, it, status, headers)


def go(address: str, *headers: Header) -> Answer:
    """303 to another page."""
    return Answer(303, b"", ((b"location", address.encode("ascii")), *headers))


Handler = Callable[[Entry], Awaitable[Answer]]


class Entrance:
    """One address that is open to everybody, as an ASGI application."""

    def __init__(self, threshold: Threshold, handler: Handler) -> None:
        self._threshold = threshold
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = browser.of(scope, self._threshold.trusted_proxies)
        await send_answer(send, await self._handler(await self._entry(scope, receive, known)))

    async def _entry(self, scope: Scope, receive: Receive, known: Browser) -> Entry:
        require_same_origin(scope)
        query = parse_form(scope["query_string"]).single
        entry = Entry(self._threshold.house, known, scope, scope["path_params"], query)
        if not entry.posted:
            return entry
        require_media(scope, Media.FORM)
        return replace(entry, form=parse_form(await read_body(scope, receive)))
