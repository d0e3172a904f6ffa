"""Which files do pages load? One stylesheet, one script, htmx: each under a name that holds its digest, kept for ever.

Styles and scripts are written in small files and joined when the process starts; there is no build step.
htmx is vendored as it was published: `static/vendor/README.md` has its version, digest and licence.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Final

import msgspec
from starlette.types import Receive, Scope, Send

from avow.errors import NotFound
from avow.web.pages.headers import FOREVER
from avow.web.request import header
from avow.web.responses import NO_STORE, NOSNIFF, Answer, send_answer

STATIC: Final = Path(__file__).parent.parent / "static"
PREFIX: Final = "/app/static/"
STYLES: Final = (
    "tokens", "base", "layout", "controls", "tables", "surfaces", "trust", "charts", "screens", "security",
    "people", "person", "activity",
)  # fmt: skip
SCRIPTS: Final = ("page", "dialogs", "live")
HTMX: Final = "htmx-2.0.11.min.js"
HTMX_CONFIG: Final = json.dumps(
    {
        "allowEval": False,
        "allowScriptTags": False,
        "includeIndicatorStyles": False,
        "selfRequestsOnly": True,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "scrollIntoViewOnBoost": False,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "401", "swap": False},
            {"code": "[2345]..", "swap": True},
        ],
    }
)
"""No evaluation, no inline styles, no copies of pages in the browser; pages that tell of a fault are shown."""


class File(msgspec.Struct, frozen=True):
    """One file as it is sent, plain and compressed."""

    address: str
    kind: bytes
    body: bytes
    small: bytes


def _joined(folder: str, names: tuple[str, ...], ending: str) -> bytes:
    parts = [(STATIC / folder / f"{name}.{ending}").read_text(encoding="utf-8") for name in names]
    return "\n".join(parts).encode()


def _file(name: str, kind: str, body: bytes) -> File:
    digest = hashlib.sha256(body).hexdigest()[:16]
    return File(f"{PREFIX}{digest}/{name}", kind.encode(), body, gzip.compress(body, 9, mtime=0))


_FILES: Final = {
    "app.css": _file("app.css", "text/css; charset=utf-8", _joined("css", STYLES, "css")),
    "app.js": _file("app.js", "text/javascript; charset=utf-8", _joined("js", SCRIPTS, "js")),
    "htmx.js": _file("htmx.js", "text/javascript; charset=utf-8", (STATIC / "vendor" / HTMX).read_bytes()),
    "icon.svg": _file("icon.svg", "image/svg+xml", (STATIC / "icon.svg").read_bytes()),
}


def address(name: str) -> str:
    """Where a file is found."""
    return _FILES[name].address


class Static:
    """`/app/static/{digest}/{name}`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _FILES.get(scope["path_params"]["name"])
        if found is None:
            raise NotFound("There is no such file.")
        # A page of another version asks for another digest: it gets what there is, and does not keep it.
        cache = FOREVER if scope["path"] == found.address else NO_STORE
        small = b"gzip" in (header(scope, b"accept-encoding") or b"")
        packed = ((b"content-encoding", b"gzip"),) if small else ()
        headers = ((b"content-type", found.kind), cache, NOSNIFF, (b"vary", b"accept-encoding"), *packed)
        await send_answer(send, Answer(200, found.small if small else found.body, headers))
