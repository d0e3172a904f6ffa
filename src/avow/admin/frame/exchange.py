"""What happens to every request of a screen, from the socket to the page: who, where, may she, did our page ask, do it.

1. A request that changes something must come from a page of ours (`web/pages/same_origin.py`).
2. The cookie leads to a session and its teammate; without one the way leads to the sign-in, and back afterwards.
3. The workspace of the address must be hers: another one is as if there were none (404).
4. Her role must allow the act, before any of the body is read; the flows ask again (`Visit.acting`).
5. A fault of a form (400, 404, 409, 429) is shown on the page that the form stands on; any other on a page of its own,
   by `door.py`.

Source: spec §11; house.md ("a page as a file").
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from avow.admin.frame import browser, rendering, toasts
from avow.admin.frame.visit import Act, Browser, Download, House, Page, Reply, SeeOther, Visit
from avow.errors import AvowError, BadInput, Conflict, NotFound, RateLimited
from avow.flow.contract import Workspace
from avow.flow.team import sessions
from avow.flow.team.roles import Present
from avow.trust.policy import WorkspaceKind
from avow.web.addresses import Networks
from avow.web.errors import describe, is_ours
from avow.web.forms import Form, parse_form
from avow.web.pages.headers import FILE
from avow.web.pages.same_origin import require_same_origin
from avow.web.request import Media, read_body, request_id, require_media
from avow.web.responses import Answer, Stream, send_answer, send_stream

log = logging.getLogger("avow.admin")

SIGN_IN: Final = "/app/sign-in"
_AT_THE_FORM: Final = (BadInput, Conflict, NotFound, RateLimited)


@dataclass(frozen=True, slots=True)
class Threshold:
    """What the screens of a process share besides: whose word about addresses is believed."""

    house: House
    trusted_proxies: Networks


class Screen:
    """One address below a workspace, as an ASGI application."""

    def __init__(self, threshold: Threshold, acts: Mapping[str, Act]) -> None:
        self._threshold = threshold
        self._acts = acts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = browser.of(scope, self._threshold.trusted_proxies)
        answer = await self._answer(scope, receive, known)
        if isinstance(answer, Stream):
            await send_stream(receive, send, answer, head_only=scope["method"] == "HEAD")
        else:
            await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive, known: Browser) -> Answer | Stream:
        require_same_origin(scope)
        here = await present(scope, self._threshold.house, known)
        if here is None:
            return to_sign_in(scope, known)
        visit = await _visit(scope, self._threshold.house, known, here)
        act = self._acts["GET" if scope["method"] == "HEAD" else scope["method"]]
        here.acting(act.may)
        return answered(*await _replied(scope, receive, visit, act))


async def present(scope: Scope, house: House, known: Browser) -> Present | None:
    """Who asks, if she is signed in all the way."""
    raw_text = browser.session_text(scope, known)
    here = await sessions.present(house.engine.store, raw_text, house.engine.now()) if raw_text else None
    return here if here is not None and here.session.complete else None


async def _visit(scope: Scope, house: House, known: Browser, here: Present) -> Visit:
    hers = await workspaces_of(house, here)
    raw_id = scope["path_params"].get("workspace")
    found = [one for one in hers if one.id == raw_id] if raw_id is not None else hers[:1]
    if not found:
        raise NotFound("There is no such workspace, or it is not yours to see.")
    raw_toast = None if known.renews_part else browser.toast_text(scope, known)
    toast = toasts.opened(raw_toast, house.engine.master_key) if raw_toast else None
    return Visit(
        house=house,
        browser=known if known.zone_told else replace(known, zone=browser.zone_of(found[0].timezone) or known.zone),
        here=here,
        workspace=found[0],
        workspaces=hers,
        path=scope["path_params"],
        query=parse_form(scope["query_string"]),
        address=scope["path"],
        head_only=scope["method"] == "HEAD",
        seen="" if known.by_script else await house.watch.seen(found[0].id),
        toast=toast,
    )


async def workspaces_of(house: House, here: Present) -> tuple[Workspace, ...]:
    """Her production workspace, and its test one."""
    known = await house.engine.store.workspaces()
    hers = [one for one in known if here.home in (one.id, one.production_id)]
    return tuple(sorted(hers, key=lambda one: one.kind is WorkspaceKind.TEST))


async def _replied(scope: Scope, receive: Receive, visit: Visit, act: Act) -> tuple[Reply, Visit]:
    """The reply, and the visit as it then is: with the form, and with what was wrong with it."""
    if scope["method"] in ("GET", "HEAD"):
        return await act.handler(visit), visit
    require_media(scope, Media.FORM)
    visit = _filled_in(visit, parse_form(await read_body(scope, receive)))
    try:
        return await act.handler(visit), visit
    except _AT_THE_FORM as fault:
        if act.shown_by is None:
            raise
        again = replace(visit, fault=fault)
        page = await act.shown_by(again)
        if isinstance(page, Page):
            headers = (*page.headers, *rendering.retry_after(fault))
            page = replace(page, status=rendering.status_of(fault), headers=headers)
        return page, again


def _filled_in(visit: Visit, form: Form) -> Visit:
    """The visit with a form. Where that has moments, it names the zone that they were shown in: they are read in it."""
    zone = browser.zone_of(form.get("zone") or "")
    return replace(visit, form=form, browser=replace(visit.browser, zone=zone or visit.browser.zone))


def answered(reply: Reply, visit: Visit) -> Answer | Stream:
    """The answer that a reply becomes; a toast that was shown is taken off the browser."""
    if isinstance(reply, Download):
        named = f'attachment; filename="{reply.name}"'.encode("ascii")
        headers = ((b"content-type", reply.kind.encode("ascii")), (b"content-disposition", named))
        return Stream(reply.pieces, (*headers, *FILE))
    if isinstance(reply, SeeOther):
        return see_other(reply, visit.browser, visit.engine.master_key)
    spent = (browser.no_toast(visit.browser),) if visit.toast is not None else ()
    return rendering.page(reply, visit, (*reply.headers, *spent))


def see_other(reply: SeeOther, known: Browser, master_key: bytes) -> Answer:
    """303: what was asked is done; a reload does not do it again."""
    toast = (browser.set_toast(toasts.sealed(reply.toast, master_key), known),) if reply.toast is not None else ()
    address = reply.address.encode("ascii")
    if known.renews_part:  # a script would follow a 303 by itself, and the page it asks for would stay where it is
        return Answer(204, b"", ((b"hx-redirect", address), *reply.headers, *toast))
    location = (b"location", address)
    return Answer(303, b"", (location, *reply.headers, *toast))


def to_sign_in(scope: Scope, known: Browser) -> Answer:
    """The way to the sign-in, and back here afterwards where this is a page that was asked for by its address."""
    back = scope["path"] if scope["method"] == "GET" and not known.by_script else ""
    query = f"?next={quote(back, safe='/')}" if back.startswith("/app/") else ""
    address = (SIGN_IN + query).encode("ascii")
    if known.by_script:  # a script's request follows a 303 by itself: the page must be told to go
        return Answer(401, b"", ((b"hx-redirect", address),))
    return Answer(303, b"", ((b"location", address),))


def fault_page(error: Exception, scope: Scope, known: Browser) -> Answer:
    """What is shown of an error that no form can show."""
    if not is_ours(error):
        log.error("request %s (%s): %s", request_id(scope), scope["method"], describe(error))
    if isinstance(error, HTTPException):
        error = NotFound("There is nothing at this address.")
    shown = error if isinstance(error, AvowError) and is_ours(error) else None
    return rendering.fault(shown, known, request_id(scope))
