"""How does a page look? One frame around all of them, one stylesheet, nothing that comes from anywhere else.

- Colours and letters are those of the screens; light or dark is what the reader's system has.
- The stylesheet stands under a name that holds its digest, and is kept for ever.

Source: `web/pages/headers.py` (a strict policy, to which nothing is added).
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from avow import __version__
from avow.admin.frame.files import STATIC as OF_SCREENS
from avow.manual import addresses, markdown
from avow.manual.reading.contents import contents
from avow.manual.serving import ASK_AGAIN, Piece, piece
from avow.web.pages.headers import FOREVER, PAGE
from avow.web.responses import NOSNIFF, Header

_HERE: Final = Path(__file__).parents[1]
_STYLES: Final = (
    OF_SCREENS / "css" / "tokens.css",
    OF_SCREENS / "css" / "base.css",
    _HERE / "static" / "frame.css",
    _HERE / "static" / "prose.css",
    _HERE / "static" / "operations.css",
)
_CSS: Final[Header] = (b"content-type", b"text/css; charset=utf-8")
_SVG: Final[Header] = (b"content-type", b"image/svg+xml")
HEADERS: Final = tuple(one for one in PAGE if one[0] != b"cache-control")
ICON: Final = "icon.svg"
WEEK: Final[Header] = (b"cache-control", b"public, max-age=604800")


def page(template: str, title: str, here: str, *, status: int = 200, **shown: Any) -> Piece:
    """A page in its frame. `here` is the address that the list of contents marks."""
    body = _environment().get_template(template).render(title=title, here=here, **shown)
    return piece(body.encode(), *HEADERS, ASK_AGAIN, status=status)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {
        "stylesheet": address_of_stylesheet(),
        "icon": f"{addresses.ROOT}static/{ICON}",
        "contents": contents(),
        "version": __version__,
        "api": addresses.API,
        "openapi": addresses.OPENAPI,
        "root": addresses.ROOT,
        "section": addresses.section,
    }
    environment.filters["markdown"] = markdown.rendered
    return environment


@cache
def _stylesheet() -> bytes:
    return "\n".join(path.read_text(encoding="utf-8") for path in _STYLES).encode()


@cache
def address_of_stylesheet() -> str:
    """Where the stylesheet is found."""
    return f"{addresses.ROOT}static/{hashlib.sha256(_stylesheet()).hexdigest()[:16]}.css"


def stylesheet() -> Piece:
    """The stylesheet as it is served."""
    return piece(_stylesheet(), _CSS, NOSNIFF, FOREVER)


def picture(body: bytes, *kept: Header) -> Piece:
    """A picture as it is served, `kept` as it says. It may be framed by nobody and runs nothing."""
    policy = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
    return piece(body, _SVG, NOSNIFF, policy, *kept)


def icon() -> Piece:
    """The picture beside the name."""
    return picture((OF_SCREENS / ICON).read_bytes())


def favicon() -> Piece:
    """The same, where browsers look for it by themselves: its address holds no digest, so it is kept for a week."""
    return picture((OF_SCREENS / ICON).read_bytes(), WEEK)
