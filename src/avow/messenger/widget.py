"""Which script makes a page speak to us? `/widget/{workspace_id}`: one file for everybody, out of `browser/src`.

- It holds no workspace's data and asks no database: it is served while everything else is in trouble.
- Pages keep it for an hour and ask again with its tag; under `?v=<version>` it never changes.

Source: spec §10; contract/intercom-notes.md §3.3.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from importlib.resources import files
from typing import Final

from starlette.types import Receive, Scope, Send

from avow.errors import NotFound
from avow.web.forms import parse_form
from avow.web.request import header
from avow.web.responses import Answer, Header, send_answer

_WORKSPACE: Final = re.compile(r"[a-z0-9]{8}")
_VERSION: Final = re.compile(r"Avow ([0-9]+\.[0-9]+\.[0-9]+\S*),")
_AN_HOUR: Final = b"public, max-age=3600, stale-while-revalidate=86400"
_FOR_EVER: Final = b"public, max-age=31536000, immutable"


class Widget:
    """The script, as an ASGI application for `GET` and `HEAD`."""

    def __init__(self) -> None:
        self._plain = files(__package__).joinpath("static/widget.js").read_bytes()
        self._zipped = gzip.compress(self._plain, 9, mtime=0)
        named = _VERSION.search(self._plain[:200].decode())
        self.version = named.group(1) if named else ""
        digest = hashlib.sha256(self._plain).hexdigest()[:32]
        # Two encodings are two representations: each has a tag of its own (RFC 9110 §8.8.3).
        self._tags = {False: f'"{digest}"'.encode(), True: f'"{digest}-gzip"'.encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _WORKSPACE.fullmatch(scope["path_params"]["workspace_id"]):
            raise NotFound("A workspace's id is 8 lower-case letters and digits: /widget/<workspace id>.")
        zipped = _takes_gzip(header(scope, b"accept-encoding") or b"")
        tag = self._tags[zipped]
        known = header(scope, b"if-none-match") or b""
        if tag in [part.strip().removeprefix(b"W/") for part in known.split(b",")]:
            await send_answer(send, Answer(304, b"", self._headers(scope, tag)))
            return
        headers: tuple[Header, ...] = (
            (b"content-type", b"text/javascript; charset=utf-8"),
            *self._headers(scope, tag),
            *(((b"content-encoding", b"gzip"),) if zipped else ()),
        )
        await send_answer(send, Answer(200, self._zipped if zipped else self._plain, headers))

    def _headers(self, scope: Scope, tag: bytes) -> tuple[Header, ...]:
        asked = parse_form(scope["query_string"]).single.get("v")
        return (
            (b"etag", tag),
            (b"vary", b"accept-encoding"),
            (b"cache-control", _FOR_EVER if asked == self.version else _AN_HOUR),
            (b"access-control-allow-origin", b"*"),
            (b"cross-origin-resource-policy", b"cross-origin"),
        )


def _takes_gzip(raw: bytes) -> bool:
    for part in raw.lower().split(b","):
        name, _, parameters = part.partition(b";")
        if name.strip() in (b"gzip", b"*"):
            return parameters.replace(b" ", b"") not in (b"q=0", b"q=0.0", b"q=0.00", b"q=0.000")
    return False
