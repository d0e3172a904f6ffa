"""What does a browser bring along? A session, a toast, its zone and colours, and whether a script of ours asks.

- Zone and colours are cookies that our script sets: the page comes out right at once, and does not move afterwards.
- What it calls itself is shortened to a few words before anything is done with it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from starlette.types import Scope

from avow.admin.frame.toasts import SHOWN_FOR
from avow.admin.frame.visit import Browser
from avow.flow.team.sessions import LONGEST, Place
from avow.web.addresses import Networks, limit_key, peer_address, told_address
from avow.web.pages.cookies import cookie, is_guarded, is_secure, set_cookie
from avow.web.request import header
from avow.web.responses import Header

SESSION: Final = "avow_session"
TOAST: Final = "avow_toast"
ZONE: Final = "avow_zone"
THEME: Final = "avow_theme"
COLUMNS: Final = "avow_columns"
THEMES: Final = ("system", "light", "dark")
_ZONE: Final = re.compile(r"[A-Za-z0-9_+\-/]{1,64}\Z")
_YEAR: Final = 31_536_000
_UTC: Final = ZoneInfo("UTC")
_ENGINES: Final = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def of(scope: Scope, trusted_proxies: Networks) -> Browser:
    """What is known of the browser that made this request."""
    secure = is_secure(scope, trusted_proxies)
    raw_zone = unquote(cookie(scope, ZONE, secure=False) or "")
    theme = cookie(scope, THEME, secure=False) or ""
    raw_agent = (header(scope, b"user-agent") or b"").decode("latin-1")
    zone = zone_of(raw_zone)
    host = (header(scope, b"host") or b"localhost").decode("latin-1")
    return Browser(
        secure=secure,
        place=Place(limit_key(peer_address(scope, trusted_proxies)), _agent(raw_agent)),
        told=limit_key(told_address(scope, trusted_proxies)),
        zone=zone or _UTC,
        zone_told=zone is not None,
        theme=theme if theme in THEMES else "system",
        by_script=header(scope, b"hx-request") == b"true",
        base=f"{'https' if secure else 'http'}://{host}",
        columns=cookie(scope, COLUMNS, secure=secure) or "",
        renews_part=header(scope, b"hx-target") not in (None, b"main"),
        guarded_toast=is_guarded(scope, TOAST),
    )


def session_text(scope: Scope, known: Browser) -> str | None:
    """The session's cookie."""
    return cookie(scope, SESSION, secure=known.secure)


def set_session(text: str, known: Browser) -> Header:
    """Give the browser its session."""
    return set_cookie(SESSION, text, secure=known.secure, max_age=LONGEST)


def no_session(known: Browser) -> Header:
    """Take the session off the browser."""
    return set_cookie(SESSION, "", secure=known.secure, max_age=0)


def toast_text(scope: Scope, known: Browser) -> str | None:
    """The toast's cookie."""
    return cookie(scope, TOAST, secure=known.secure)


def set_toast(text: str, known: Browser) -> Header:
    """Give the browser a toast for its next page."""
    return set_cookie(TOAST, text, secure=known.secure, max_age=SHOWN_FOR)


def no_toast(known: Browser) -> Header:
    """The toast was shown. It is taken off under the name that it came by, or it would be shown again."""
    return set_cookie(TOAST, "", secure=known.secure or known.guarded_toast, max_age=0)


def set_columns(text: str, known: Browser) -> Header:
    """Let the browser remember which attributes she wants to see of people."""
    return set_cookie(COLUMNS, text, secure=known.secure, max_age=_YEAR)


@lru_cache(maxsize=512)
def zone_of(raw_name: str) -> ZoneInfo | None:
    """The zone of that name, if there is one."""
    if not _ZONE.match(raw_name) or ".." in raw_name:
        return None
    try:
        return ZoneInfo(raw_name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _agent(raw_agent: str) -> str:
    """A browser in a few words, such as Firefox on Linux: enough to know one's own sessions by."""
    engine = next((name for mark, name in _ENGINES if mark in raw_agent), "A browser")
    system = next((f" on {name}" for mark, name in _SYSTEMS if mark in raw_agent), "")
    return engine + system
