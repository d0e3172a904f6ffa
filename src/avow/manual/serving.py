"""How is what never changes served? Made once in a process when somebody asks first, and known by its tag from then on.

- It is made beside the loop, so that nobody else waits for it; whoever asks meanwhile waits for the same one.
- Browsers keep it and ask with its tag whether it still is so: after an upgrade it is not.

Source: RFC 9110 §8.8.3 (ETag), §13.1.2 (If-None-Match).
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from typing import Final

import msgspec
from starlette.types import Scope

from avow.web.request import header
from avow.web.responses import Answer, Header

ASK_AGAIN: Final[Header] = (b"cache-control", b"public, no-cache")
_VARY: Final[Header] = (b"vary", b"accept-encoding")


class Piece(msgspec.Struct, frozen=True):
    """Something as it is served: plain and compressed, each with its tag."""

    status: int
    body: bytes
    small: bytes
    headers: tuple[Header, ...]
    tags: tuple[bytes, bytes]

    def to(self, scope: Scope) -> Answer:
        """The answer to one request."""
        packed = b"gzip" in (header(scope, b"accept-encoding") or b"")
        tag = self.tags[packed]
        headers = (*self.headers, _VARY, (b"etag", tag))
        known = header(scope, b"if-none-match") or b""
        if self.status == 200 and tag in [one.strip().removeprefix(b"W/") for one in known.split(b",")]:
            return Answer(304, b"", headers)
        if packed:
            return Answer(self.status, self.small, (*headers, (b"content-encoding", b"gzip")))
        return Answer(self.status, self.body, headers)


def piece(body: bytes, *headers: Header, status: int = 200) -> Piece:
    """Ready to be served. `headers` say its kind, and how it is kept if not `ASK_AGAIN`."""
    digest = hashlib.sha256(body).hexdigest()[:32]
    kept = headers if any(name == b"cache-control" for name, _ in headers) else (*headers, ASK_AGAIN)
    tags = (f'"{digest}"'.encode(), f'"{digest}-gzip"'.encode())
    return Piece(status, body, gzip.compress(body, 6, mtime=0), kept, tags)


class Pieces:
    """What was asked for so far, by name. Names are of a fixed set, so what is kept is bounded."""

    def __init__(self, make: Callable[[str], Piece]) -> None:
        self._make = make
        self._kept: dict[str, Piece] = {}
        self._making = asyncio.Lock()

    async def get(self, name: str) -> Piece:
        """The piece of that name; whatever `make` raises is raised."""
        found = self._kept.get(name)
        if found is not None:
            return found
        async with self._making:
            if name not in self._kept:
                self._kept[name] = await asyncio.to_thread(self._make, name)
            return self._kept[name]
