"""What a wing for browsers needs against other sites: nothing is changed unless our own page asked for it.

- `Sec-Fetch-Site`, where it comes, must say `same-origin`: no script can forge it.
- `Origin`, where it comes, must be this host. Where neither came, no browser of these years asked: refused.
- Reading changes nothing, so GET and HEAD pass; whom they may tell is decided by cookies that are SameSite=Lax.

Source: https://www.w3.org/TR/fetch-metadata/; https://owasp.org Cross-Site Request Forgery Prevention Cheat Sheet;
simonw/datasette datasette/csrf.py.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.types import Scope

from avow.errors import Forbidden
from avow.web.request import header

_READING = frozenset({"GET", "HEAD"})


def require_same_origin(scope: Scope) -> None:
    """Raise `Forbidden` (`cross_site`) for a request that changes something and that no page of this host made."""
    if scope["method"] in _READING:
        return
    site, origin = header(scope, b"sec-fetch-site"), header(scope, b"origin")
    if site is None and origin is None:
        raise _refused("It says neither Sec-Fetch-Site nor Origin; use a current browser.")
    if site is not None and site != b"same-origin":
        raise _refused("It was made by another site.")
    if origin is not None and not _is_ours(origin, header(scope, b"host")):
        raise _refused("Its Origin is not this host; a proxy in front must pass Host on unchanged.")


def _is_ours(origin: bytes, host: bytes | None) -> bool:
    try:
        parts = urlsplit(origin.decode("ascii"))
        named = urlsplit(f"//{(host or b'').decode('ascii')}")
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        return (
            usual is not None
            and parts.hostname is not None
            and parts.hostname == named.hostname
            and (parts.port or usual) == (named.port or usual)
        )
    except ValueError:
        return False


def _refused(found: str) -> Forbidden:
    return Forbidden(f"This request was not made by a page of this server. {found}", code="cross_site")
