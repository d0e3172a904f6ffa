"""What every HTTP wing needs said for it on the wire: the refusals of requests that no application gets to see.

Source: spec §11; RFC 9110 §15.5.9 (408), §15.5.14 (413); RFC 6585 §5 (431).
"""

from __future__ import annotations

import msgspec

from avow.web.responses import Header


class Refusal(msgspec.Struct, frozen=True):
    """An answer that the server gives by itself."""

    status: int
    code: str
    message: str
    headers: tuple[Header, ...] = ()


class Refused(Exception):
    """Stops the parser in the middle of its work."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


MALFORMED = Refusal(400, "bad_request", "This is not a request of HTTP/1.1. Compare it with RFC 9112.")
BAD_TARGET = Refusal(
    400, "bad_request", "The address has escapes that are not UTF-8 text, or U+0000. Encode its parts as UTF-8."
)
HEAD_SLOW = Refusal(408, "request_timeout", "The head of the request did not arrive in time. Send it at once.")
BODY_SLOW = Refusal(408, "request_timeout", "The body of the request did not arrive in time. Send it at once.")
BODY_TOO_LARGE = Refusal(413, "request_too_large", "The body is longer than this server takes. Send less at once.")
HEAD_TOO_LARGE = Refusal(
    431, "request_headers_too_large", "The head of the request is too long or has too many fields. Send fewer."
)
CROWDED = Refusal(
    503,
    "service_unavailable",
    "Too many connections at the moment. Close idle ones, or try again.",
    ((b"retry-after", b"1"),),
)

# Never said, because there are answers before it: the connection ends after those, and the client asks again.
LEAVING = CROWDED
TOO_MANY_WAITING = CROWDED
