"""What every HTTP wing needs of an answer: its shape, the headers that all answers carry, and how it is sent.

- An answer is a value (`Answer`); sending it is the last thing that happens.
- Answers speak of people: no cache keeps them (`no-store`), no browser guesses their type (`nosniff`). An answer that
  says otherwise about caching (a script file) keeps its own word.

Source: spec §11; RFC 9111 §5.2.2.5 (no-store); https://fetch.spec.whatwg.org/#x-content-type-options-header.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import msgspec
from starlette.types import Receive, Send

Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json; charset=utf-8")
NOSNIFF: Header = (b"x-content-type-options", b"nosniff")
NO_STORE: Header = (b"cache-control", b"no-store")


class Answer(msgspec.Struct, frozen=True):
    """A whole answer: status, body, and headers besides `content-length` and those of `boundary.py`."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()


def completed(headers: list[Header], page_headers: tuple[Header, ...]) -> list[Header]:
    """The headers of an answer, with what its page may read and the standing ones.

    `vary` stays one header where the page's and the answer's own meet.
    """
    names = {name for name, _ in headers}
    complete = [*headers, *page_headers]
    if page_headers and b"vary" in names:
        reasons = b", ".join(value for name, value in complete if name == b"vary")
        complete = [*(header for header in complete if header[0] != b"vary"), (b"vary", reasons)]
    if b"cache-control" not in names:
        complete.append(NO_STORE)
    if b"x-content-type-options" not in names:
        complete.append(NOSNIFF)
    return complete


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer (200) of which nobody knows the length: its pieces, each sent when the client has taken the one before.

    What goes wrong on the way ends the connection: the client is told of no end, and knows that it is not whole.
    """

    pieces: AsyncIterator[bytes]
    headers: tuple[Header, ...] = ()


async def send_stream(receive: Receive, send: Send, stream: Stream, *, head_only: bool = False) -> None:
    """Send the pieces as they come, for as long as there is somebody to take them; for a HEAD, none."""
    await send({"type": "http.response.start", "status": 200, "headers": list(stream.headers)})
    if not head_only:
        # A server takes pieces for a client that has left without a word.
        left = asyncio.create_task(_left(receive))
        try:
            async for piece in stream.pieces:
                if left.done():
                    return
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            left.cancel()
    await send({"type": "http.response.body", "body": b""})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_json(send: Send, status: int, body: bytes, headers: Iterable[Header] = ()) -> None:
    """Send `body`, which is JSON already. The standing headers are added by `web/boundary.py`, not here."""
    await _send(send, status, [JSON, (b"content-length", b"%d" % len(body)), *headers], body)


async def send_answer(send: Send, answer: Answer) -> None:
    """Send `answer` as it is. A 204 or 304 carries neither a body nor a length (RFC 9110 §8.6)."""
    headers = list(answer.headers)
    if answer.status not in (204, 304):
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await _send(send, answer.status, headers, answer.body)


async def _send(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
