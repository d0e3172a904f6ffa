"""How does a whole answer leave? In one write: the lines of its head were joined before, all but three.

- An application that knows its answer as a whole says so (`Direct`), and the server offers to take it (`WIRE`). Where
  either is missing, or the server declines, the answer goes as ASGI's two messages: the same bytes, in more steps.
- No line can end early: header names and values are looked at once, when they are joined.

Source: RFC 9112 §2.1, §5; https://asgi.readthedocs.io/en/latest/extensions.html.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Final

from starlette.types import Receive, Scope
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE

from avow.web.responses import Answer, Header, completed

Direct = Callable[[Scope, Receive], Awaitable[Answer]]
"""Answers a request. What it raises is answered by `boundary.py`."""

WIRE: Final = "avow.wire"
"""In a request's scope, where the server offers it: `wire(lines, rest)` sends an answer whose head begins with `lines`,
to which the server adds its own, and goes on with `rest`. False: nothing was sent, send it as usual.
"""

_SEEN: Final = 1024
_WITHOUT_LENGTH: Final = frozenset({204, 304})
"""RFC 9110 §8.6."""


def sent(scope: Scope, answer: Answer, page_headers: tuple[Header, ...], request_id: str) -> bool:
    """Send `answer` as a whole; whether that was possible."""
    wire = scope.get(WIRE)
    if wire is None or answer.status in _WITHOUT_LENGTH or scope["method"] == "HEAD":
        return False
    done: bool = wire(*packed(answer, page_headers, request_id))
    return done


def packed(answer: Answer, page_headers: tuple[Header, ...], request_id: str) -> tuple[bytes, bytes]:
    """An answer on the wire: the lines that its head begins with, and what follows the server's own."""
    content = answer.body
    rest = b"x-request-id: %b\r\ncontent-length: %d\r\n\r\n%b" % (request_id.encode("ascii"), len(content), content)
    return _lines(answer.status, answer.headers, page_headers), rest


@lru_cache(maxsize=_SEEN)
def _lines(status: int, headers: tuple[Header, ...], page_headers: tuple[Header, ...]) -> bytes:
    """The head's first lines, all but the server's own, the request's id and the length."""
    complete = completed(list(headers), page_headers)
    if any(HEADER_RE.search(name) or HEADER_VALUE_RE.search(value) for name, value in complete):
        raise ValueError("a header holds what a line of a head must not hold")
    return b"".join([STATUS_LINE[status], *(b"%b: %b\r\n" % header for header in complete)])
