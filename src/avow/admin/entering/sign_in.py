"""The sign-in: e-mail and password, then a code where a second factor is on; and the sign-out.

- What is said about a wrong address, a wrong password and an account that is locked out is the same for everybody.
- The way leads back to where somebody wanted to go, if that is a page of ours.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from avow.admin.entering.entrance import Entry, go
from avow.admin.frame import browser
from avow.errors import AvowError, NotAuthenticated, RateLimited
from avow.flow.team import signing_in
from avow.flow.team.sessions import Begun
from avow.flow.team.signing_in import Credentials
from avow.web.pages.headers import PAGE
from avow.web.responses import Answer

HOME: Final = "/app"
SECOND: Final = "/app/second-step"
_OURS: Final = re.compile(r"/app/[A-Za-z0-9/_.%~-]{0,500}\Z")


class Shown(msgspec.Struct, frozen=True):
    """What stands on the form."""

    email: str = ""
    next: str = ""
    fault: AvowError | None = None


async def sign_in(entry: Entry) -> Answer:
    """The form, and what becomes of it."""
    way = _way(entry.query.get("next") or entry.form.get("next"))
    if not entry.posted:
        here = await entry.here()
        if here is not None and here.session.complete:
            return go(way or HOME)
        return entry.shown("sign_in.html", "Sign in", Shown(next=way))
    email = entry.form.get("email") or ""
    typed = Credentials(email, entry.form.get("password") or "")
    try:
        entry.house.take_try(entry.known)
        begun = await signing_in.sign_in(entry.house.engine, entry.house.passwords, typed, entry.known.place)
    except (NotAuthenticated, RateLimited) as fault:
        return entry.wrong("sign_in.html", "Sign in", Shown(email[:254], way, fault), fault)
    return _in(entry, begun, way)


async def second_step(entry: Entry) -> Answer:
    """The form for a code, and what becomes of it."""
    way = _way(entry.query.get("next") or entry.form.get("next"))
    here = await entry.here()
    if here is None:
        return go("/app/sign-in")
    if here.session.complete:
        return go(way or HOME)
    if not entry.posted:
        return entry.shown("second_step.html", "Second step", Shown(next=way))
    try:
        entry.house.take_try(entry.known)
        begun = await signing_in.finish(entry.house.engine, here, entry.form.get("code") or "", entry.known.place)
    except (NotAuthenticated, RateLimited) as fault:
        return entry.wrong("second_step.html", "Second step", Shown(next=way, fault=fault), fault)
    return _in(entry, begun, way)


async def sign_out(entry: Entry) -> Answer:
    """End the session; a GET only asks."""
    here = await entry.here()
    if not entry.posted:
        return go(HOME if here is not None else "/app/sign-in")
    if here is not None:
        await entry.house.engine.store.team.end_session(here.home, here.session.digest)
    clear = (b"clear-site-data", b'"cache", "storage"')
    return go("/app/sign-in", browser.no_session(entry.known), browser.no_toast(entry.known), clear, *PAGE[1:3])


def _in(entry: Entry, begun: Begun, way: str) -> Answer:
    session = browser.set_session(begun.text, entry.known)
    if begun.session.complete:
        return go(way or HOME, session)
    return go(f"{SECOND}?next={way}" if way else SECOND, session)


def _way(raw_next: str | None) -> str:
    """Where she wanted to go, if it is a page of ours; else nothing."""
    if raw_next is None or not _OURS.match(raw_next) or "//" in raw_next or ".." in raw_next:
        return ""
    return raw_next
