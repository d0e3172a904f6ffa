"""What a wing for browsers needs of cookies: read strictly, set with every lock that a browser has.

- Over TLS the name begins with `__Host-`: no other host, path or plain connection can plant such a cookie.
- Without TLS (a trial on one's own machine) the bare name is used; a connection that is known to be TLS ignores it.
- HttpOnly, SameSite=Lax, Path=/ always, unless a script of ours must read it (`readable`).

Source: RFC 6265bis §4.1.2, §4.1.3.2.
"""

from __future__ import annotations

import re
from typing import Final

from starlette.types import Scope

from avow.web.addresses import Networks, is_within
from avow.web.responses import Header

_VALUE: Final = re.compile(r"[!#-+\--:<-\[\]-~]{0,3800}\Z")
_HOST: Final = "__Host-"


def is_secure(scope: Scope, trusted_proxies: Networks) -> bool:
    """Whether the browser speaks TLS: with us, or with a proxy that we trust and that says so.

    A page's own `Origin` (checked by `same_origin.py` before) tells it too.
    """
    if scope.get("scheme") == "https":
        return True
    headers = dict(scope["headers"])
    client = scope.get("client")
    if client and is_within(client[0], trusted_proxies) and headers.get(b"x-forwarded-proto", b"").lower() == b"https":
        return True
    return bool(headers.get(b"origin", b"").startswith(b"https://"))


def cookie(scope: Scope, name: str, *, secure: bool) -> str | None:
    """The value of a cookie of ours, or None. A bare name counts only where the connection is not known to be TLS."""
    found = _parsed(scope)
    guarded = found.get(_HOST + name)
    return guarded if guarded is not None or secure else found.get(name)


def is_guarded(scope: Scope, name: str) -> bool:
    """Whether a cookie of ours came by its guarded name, which is what takes it off, whatever is known of TLS now."""
    return _HOST + name in _parsed(scope)


def set_cookie(name: str, value: str, *, secure: bool, max_age: int, readable: bool = False) -> Header:
    """The header that sets a cookie; `max_age` in seconds, 0 removes it. The value holds plain characters only."""
    assert _VALUE.match(value), "a cookie's value is made by us, of plain characters"
    parts = [f"{_HOST if secure else ''}{name}={value}", "Path=/", f"Max-Age={max_age}", "SameSite=Lax"]
    if secure:
        parts.append("Secure")
    if not readable:
        parts.append("HttpOnly")
    return (b"set-cookie", "; ".join(parts).encode("ascii"))


def _parsed(scope: Scope) -> dict[str, str]:
    """All cookies; of two of one name the first, which browsers send for the longer path."""
    found: dict[str, str] = {}
    for name, raw in scope["headers"]:
        if name == b"cookie":
            for pair in raw.decode("latin-1").split(";"):
                key, equals, value = pair.strip().partition("=")
                if equals and _VALUE.match(value):
                    found.setdefault(key, value)
    return found
