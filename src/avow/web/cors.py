"""What every HTTP wing needs of other origins: which answers a page may read (the Messenger's, no others).

- Only `/messenger/*` has these headers. REST has none: an access token has no business in a browser.
- The exact origin is echoed with credentials allowed because Intercom's clients ask with credentials. That grants
  nothing: no endpoint reads or sets a cookie, the identity travels in the body (spec §10).
- A page's origin is what a browser says about itself, and no boundary of security.

Source: https://fetch.spec.whatwg.org/#http-cors-protocol; encode/starlette starlette/middleware/cors.py; spec §10.
"""

from __future__ import annotations

import re
from functools import lru_cache

from starlette.types import Scope

from avow.web.request import fields_of
from avow.web.responses import Answer, Header

PREFIX = "/messenger/"
# Long enough for any host name (253) with scheme and port; `null` is what sandboxed frames and files send.
ORIGIN = re.compile(rb"null|[A-Za-z][A-Za-z0-9+.-]{0,31}://[A-Za-z0-9._~:\[\]-]{1,300}")
LONGEST_ORIGIN = 335

VARY: Header = (b"vary", b"origin")
CREDENTIALS: Header = (b"access-control-allow-credentials", b"true")
EXPOSED: Header = (
    b"access-control-expose-headers",
    b"x-request-id, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
)
PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"7200"),
)


def response_headers(scope: Scope) -> tuple[Header, ...]:
    """What an answer to this request carries so that the page may read it; nothing outside the Messenger."""
    if not scope["path"].startswith(PREFIX):
        return ()
    raw_origin = fields_of(scope).get(b"origin")
    return (VARY,) if raw_origin is None or len(raw_origin) > LONGEST_ORIGIN else _for_page_of(raw_origin)


@lru_cache(maxsize=1024)
def _for_page_of(raw_origin: bytes) -> tuple[Header, ...]:
    if ORIGIN.fullmatch(raw_origin) is None:
        return (VARY,)
    return ((b"access-control-allow-origin", raw_origin), CREDENTIALS, EXPOSED, VARY)


def preflight(scope: Scope) -> Answer | None:
    """The answer to a browser's question before it asks; None when `scope` is no such question.

    The list is the same whatever was asked: the browser compares it with what the page wants. `response_headers` still
    has to be added to it.
    """
    if scope["method"] != "OPTIONS" or not scope["path"].startswith(PREFIX):
        return None
    names = {name for name, _ in scope["headers"]}
    if b"origin" not in names or b"access-control-request-method" not in names:
        return None
    return Answer(204, headers=PREFLIGHT)
