"""What every HTTP wing needs of the wire: uvicorn's HTTP/1.1, in which nothing is unbounded and nothing ambiguous.

- Head, number of fields, body and pipelined requests are bounded before an application sees anything; httptools itself
  bounds nothing. Trailers are read over: they count as body, and nobody is shown them (RFC 9110 §6.5.1).
- Escapes in an address are UTF-8 without U+0000, so no wing meets other text there.
- We never leave HTTP/1.1: an Upgrade is ignored, its request read and answered as usual (RFC 9110 §7.8). httptools
  would take its body for the next request.

What is relied on of uvicorn 0.54 (`protocols/http/httptools_impl.py`): the parser's callbacks `on_*`, and that a
request with its head complete is either given to the application or put into `pipeline`.

Source: spec §11; RFC 9112 §3, §5, §6.3, §11.2.
"""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote_to_bytes

import httptools
from uvicorn.config import Config
from uvicorn.server import ServerState

from avow.web.connections import Gate
from avow.web.errors import BAD_TARGET, BODY_TOO_LARGE, HEAD_TOO_LARGE, LEAVING, MALFORMED, TOO_MANY_WAITING, Refused
from avow.web.lifetime import BODY, HEAD, IDLE, NEVER, TimedProtocol

# More than this is handed to the parser in pieces, so that the bounds are looked at in between.
PIECE = 16 * 1024


class GuardedProtocol(TimedProtocol):
    """One connection. `guarded_by` binds the class to the gate of its process."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._chunk = 0
        self._head_first = 0  # bytes of the chunk in which the head began: an upper bound of the head's share
        self._head_rest = 0  # bytes of the chunks after it: all of them head, until the head is complete
        self._body_size = 0
        self._body_raw = 0  # with what frames it: chunk sizes, their extensions, trailers
        self._upgrade_asked = False
        self._rejoining = False

    def data_received(self, data: bytes) -> None:
        if len(data) <= PIECE and not self.deaf:
            self._feed(data)
            return
        for start in range(0, len(data), PIECE):
            if self.deaf or self.transport.is_closing():
                return
            self._feed(data[start : start + PIECE])

    def _feed(self, data: bytes) -> None:
        self._chunk = len(data)
        if self.stage is HEAD:
            self._head_rest += self._chunk
        elif self.stage is BODY:
            self._body_raw += self._chunk
        rest = data
        try:
            while rest:
                try:
                    self.parser.feed_data(rest)
                    break
                except httptools.HttpParserUpgrade as asked:
                    rest = rest[asked.args[0] :]
                    self._stay_in_http()
        except httptools.HttpParserError as error:
            cause = error.__context__
            self.refuse(cause.refusal if isinstance(cause, Refused) else MALFORMED)
            return
        if self.stage is HEAD and self._head_rest > self.gate.bounds.head_bytes:
            self.refuse(HEAD_TOO_LARGE)
        elif self.stage is BODY and self._body_raw > self.gate.bounds.framed_bytes:
            self.refuse(BODY_TOO_LARGE)

    def _stay_in_http(self) -> None:
        """Go on after a head that asked for an upgrade, with a parser that has not heard of it."""
        url, headers = self.url, self.headers
        framing = [(name, value) for name, value in headers if name in (b"content-length", b"transfer-encoding")]
        lines = [name + b": " + value + b"\r\n" for name, value in framing]
        self.parser = httptools.HttpRequestParser(self)
        self._upgrade_asked, self._rejoining = False, True
        self.parser.feed_data(b"".join([b"POST / HTTP/1.1\r\n", *lines, b"\r\n"]))
        self._rejoining = False
        self.url, self.headers = url, headers

    # The parser's callbacks. What they raise stops the parser at once and arrives in `_feed`.

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._rejoining:
            return
        if self.leaving and self.answering():
            raise Refused(LEAVING)
        self.stage = HEAD
        self._head_first = self._chunk
        self._head_rest = 0
        if self.begun:  # the first head of a connection has had its deadline since the connection was made
            self.allow(self.gate.bounds.head_seconds)

    def on_header(self, name: bytes, value: bytes) -> None:
        """As uvicorn's, but a trailer is no header: it came after whoever stands before us had looked."""
        if self.stage is BODY:
            self._body_size += len(name) + len(value)
            if self._body_size > self.gate.bounds.body_bytes:
                raise Refused(BODY_TOO_LARGE)
            return
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self._rejoining:
            return
        self._check_head()
        self._upgrade_asked = self.parser.should_upgrade()
        self._body_size = self._body_raw = 0
        super().on_headers_complete()
        self.cycle.transport = self.packet  # type: ignore[assignment]
        self.begun = True
        self.stage = BODY
        self.allow(self.gate.bounds.body_seconds)
        if self.leaving:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        if self._body_size > self.gate.bounds.body_bytes:
            raise Refused(BODY_TOO_LARGE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._upgrade_asked:
            return
        super().on_message_complete()
        self.stage = IDLE
        if self.cycle.response_complete:
            self.allow(self.gate.bounds.idle_seconds)
        else:
            self.deadline = NEVER

    def _check_head(self) -> None:
        bounds = self.gate.bounds
        if len(self.headers) > bounds.head_fields:
            raise Refused(HEAD_TOO_LARGE)
        if self._head_first + self._head_rest > bounds.head_bytes:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > bounds.head_bytes:
                raise Refused(HEAD_TOO_LARGE)
        if b"%" in self.url and not _is_text(self.url):
            raise Refused(BAD_TARGET)
        fields = dict(self.headers)
        if int(fields.get(b"content-length", 0)) > bounds.body_bytes:  # there is one at most: the parser sees to it
            raise Refused(BODY_TOO_LARGE)
        if b"expect" in fields:
            asked = [value.lower() for name, value in self.headers if name == b"expect"]
            self.expect_100_continue = b"100-continue" in asked
        if len(self.pipeline) >= bounds.pipelined:
            raise Refused(TOO_MANY_WAITING)


def guarded_by(gate: Gate) -> type[GuardedProtocol]:
    """The protocol class for `uvicorn.Config(http=...)` whose connections all pass through `gate`."""
    return type("GuardedProtocol", (GuardedProtocol,), {"gate": gate})


def _is_text(raw_target: bytes) -> bool:
    """Whether the escapes of a request target spell UTF-8 without U+0000, which no path or query of ours contains."""
    try:
        return "\0" not in unquote_to_bytes(raw_target).decode("utf-8")
    except UnicodeDecodeError:
        return False
