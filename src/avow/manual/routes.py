"""Where is it found what the server says of itself? `/openapi.json`, its icon, and everything below `/docs/`.

It says nothing about anybody, so it does not ask who wants to know; a program of another origin may read the document.
"""

from __future__ import annotations

import msgspec
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from avow.manual import addresses
from avow.manual.serving import Piece, Pieces, piece
from avow.web.responses import JSON, NOSNIFF, Answer, send_answer


def routes() -> list[Route]:
    """The addresses, for one process. Nothing is made until somebody asks."""
    documentation = Documentation()
    return [
        Route(addresses.OPENAPI, OpenApi(), methods=["GET"]),
        Route(addresses.FAVICON, Favicon(), methods=["GET"]),
        Route(addresses.ROOT.rstrip("/"), Front(), methods=["GET"]),
        Route(f"{addresses.ROOT}{{rest:path}}", documentation, methods=["GET"]),
    ]


class OpenApi:
    """`GET /openapi.json`."""

    def __init__(self) -> None:
        self._pieces = Pieces(_document)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(send, (await self._pieces.get(addresses.OPENAPI)).to(scope))


class Favicon:
    """`GET /favicon.ico`: what a browser asks for beside an answer that names no icon. It is SVG, and says so."""

    def __init__(self) -> None:
        self._pieces = Pieces(_icon)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(send, (await self._pieces.get(addresses.FAVICON)).to(scope))


class Front:
    """`GET /docs`: to the first page, below which all others are."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send_answer(send, Answer(307, b"", ((b"location", addresses.ROOT.encode()),)))


class Documentation:
    """`GET /docs/…`."""

    def __init__(self) -> None:
        self._pieces = Pieces(_page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from avow.manual.reading.pages import key_of

        rest = scope["path_params"]["rest"]
        moved = addresses.moved_to(rest)
        if moved is not None:
            await send_answer(send, Answer(307, b"", ((b"location", moved.encode()),)))
            return
        await send_answer(send, (await self._pieces.get(key_of(rest))).to(scope))


def _document(_: str) -> Piece:
    from avow.manual.openapi import document

    anywhere = (b"access-control-allow-origin", b"*"), (b"cross-origin-resource-policy", b"cross-origin")
    return piece(msgspec.json.encode(document()), JSON, NOSNIFF, *anywhere)


def _icon(_: str) -> Piece:
    from avow.manual.reading.rendering import favicon

    return favicon()


def _page(key: str) -> Piece:
    from avow.manual.reading.pages import made

    return made(key)
