"""What every HTTP wing needs of an answer: its shape, the headers that all answers carry, and how it is sent.

- An answer is a value (`Answer`); sending it is the last thing that happens.
- Answers speak of people: no cache keeps them (`no-store`), no browser guesses their type (`nosniff`). An answer that
  says otherwise about caching (a script file) keeps its own word.

Source: spec §11; RFC 9111 §5.2.2.5 (no-store); https://fetch.spec.whatwg.org/#x-content-type-options-header.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from starlette.types import Send

Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json; charset=utf-8")
NOSNIFF: Header = (b"x-content-type-options", b"nosniff")
NO_STORE: Header = (b"cache-control", b"no-store")


class Answer(msgspec.Struct, frozen=True):
    """A whole answer: status, body, and headers besides `content-length` and those of `boundary.py`."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()


async def send_json(send: Send, status: int, body: bytes, headers: Iterable[Header] = ()) -> None:
    """Send `body`, which is JSON already. The standing headers are added by `web/boundary.py`, not here."""
    await _send(send, status, [JSON, (b"content-length", b"%d" % len(body)), *headers], body)


async def send_answer(send: Send, answer: Answer) -> None:
    """Send `answer` as it is. A 204 carries neither a body nor a length (RFC 9110 §8.6)."""
    headers = list(answer.headers)
    if answer.status != 204:
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await _send(send, answer.status, headers, answer.body)


async def _send(send: Send, status: int, headers: list[Header], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
