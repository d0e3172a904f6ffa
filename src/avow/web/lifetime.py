"""What every HTTP wing needs of a connection's life: when it is taken, how long it may take over what, and how it ends.

- Deadlines are absolute: no trickle of bytes moves them. They are numbers, looked at by `running/server.py` a few times
  a second, so that they cost a request no timer.
- A refusal is an `error.list`; then we stop writing, read on for a moment and close, so that the client gets to read it
  (a close with bytes unread would reset the connection, RFC 9112 §9.6).
- What was taken is answered: a refusal behind good requests is not spoken, the connection ends after their answers.

What is relied on of uvicorn 0.54 (`protocols/http/httptools_impl.py`): `cycle` is the newest request, those before it
wait in `pipeline` (newest first); `cycle.disconnected` silences its application; `on_response_complete` is called after
each answer; `shutdown` when the server stops; `response_started`, `response_complete` and `message_event` say that an
answer is complete, and `default_headers` is a new list whenever it changes.

Source: spec §11; RFC 9112 §9.3, §9.5, §9.6.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import Any, ClassVar

from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from avow.web import cors
from avow.web.connections import Gate
from avow.web.errors import BODY_SLOW, CROWDED, HEAD_SLOW, ErrorEntry, Refusal, body
from avow.web.packet import Packet
from avow.web.request import new_request_id
from avow.web.responses import JSON, Answer
from avow.web.whole import WIRE, packed

NEVER = float("inf")


class Stage(Enum):
    """What the connection is reading."""

    IDLE = "nothing of a request yet"
    HEAD = "a head"
    BODY = "a body"


# Looked at a dozen times a request, and Python 3.11 takes five times as long to find a member by way of its class.
IDLE, HEAD, BODY = Stage


class TimedProtocol(HttpToolsProtocol):
    """One connection, from the opening to the close. What is read in between is the business of `protocol.py`."""

    gate: ClassVar[Gate]

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.url = b""
        self.headers = []
        self.deadline = NEVER
        self.write_deadline = NEVER
        self.stage = IDLE
        self.begun = False  # whether there has been a request: without one there is no `cycle`
        self.deaf = False  # what still comes in is thrown away
        self.leaving = False
        self._place: str | None = None
        self._answered: RequestResponseCycle | None = None  # the request whose turn it is

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.packet = Packet(transport)
        self.allow(self.gate.bounds.head_seconds)
        self._place = self.gate.admit(self.client[0] if self.client else "")
        if self._place is None:
            if self.gate.turn_away():
                self.refuse(CROWDED)
            else:
                self.deaf = True
                transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self._answered is not None:  # uvicorn tells only the newest request that its client is gone
            self._answered.scope.pop(WIRE, None)  # type: ignore[typeddict-item]
            self._answered.disconnected = True
            self._answered.message_event.set()
        if self._place is None:
            self.gate.turned_away_left()
        else:
            self.gate.leave(self._place)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answered = cycle
        cycle.scope[WIRE] = self.send_whole  # type: ignore[typeddict-unknown-key]
        super()._start_asgi_task(cycle, app)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Whether to stay open: a client that says only "that was all" still gets its answer."""
        waiting = self.answering() and not self.cycle.response_started and self.stage is IDLE
        if waiting:
            self.deaf = True
        return waiting

    def send_whole(self, lines: bytes, rest: bytes) -> bool:
        """Answer the request whose turn it is, with a head of `lines`, the server's own and what `rest` begins with.

        False: it has to go uvicorn's way, because the client has left, does not read or does not stay.
        """
        cycle = self._answered
        if (
            cycle is None
            or cycle.disconnected
            or cycle.response_started
            or not cycle.keep_alive
            or self.flow.write_paused
        ):
            return False
        cycle.scope.pop(WIRE)  # type: ignore[typeddict-item]
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        self._send(lines, rest)
        cycle.message_event.set()
        cycle.on_response()
        return True

    def on_response_complete(self) -> None:
        """As uvicorn's, without its timer: the deadline of an idle connection is one among the others."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.packet.end()
        if self.flow.read_paused:
            self.flow.resume_reading()
            if self.stage is not IDLE:
                self.allow(self.gate.bounds.head_seconds)
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        elif self.deaf:
            self._hang_up()
        elif self.stage is IDLE:
            self.allow(self.gate.bounds.idle_seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.write_deadline = self.loop.time() + self.gate.bounds.write_seconds

    def resume_writing(self) -> None:
        super().resume_writing()
        self.write_deadline = NEVER

    def allow(self, seconds: float) -> None:
        """Set the deadline for what is being read."""
        self.deadline = self.loop.time() + seconds

    def answering(self) -> bool:
        """Whether the newest request still waits for its answer, or for the end of it."""
        return self.begun and not self.cycle.response_complete

    def sweep(self, now: float) -> None:
        """Act on a deadline that has passed. `now` is the loop's time."""
        if self.write_deadline <= now:
            self.transport.abort()
        if self.deadline > now:
            return
        if self.deaf or self.transport.is_closing():
            self.transport.abort()
        elif self.stage is IDLE:
            self.transport.close()
            self.allow(self.gate.bounds.linger_seconds)
        elif self.flow.read_paused:  # it is we who do not read
            self.allow(self.gate.bounds.head_seconds)
        else:
            self.refuse(HEAD_SLOW if self.stage is HEAD else BODY_SLOW)

    def shutdown(self) -> None:
        """The server stops: answer what was taken, and a request that is on its way already; then close."""
        self.leaving = True
        if self.answering():
            self.cycle.keep_alive = False
            if self.stage is IDLE:  # whoever still waits for more of a complete request is a stream: it ends itself
                self.cycle.message_event.set()
        elif self.stage is IDLE:
            self.deadline = min(self.deadline, self.loop.time() + self.gate.bounds.farewell_seconds)

    def refuse(self, refusal: Refusal) -> None:
        """Answer with `refusal` and close, or, if earlier requests still wait for their answers, close after those."""
        self.deaf = True
        self.deadline = NEVER
        if self.stage is not BODY:
            if not self.answering():
                self._write(refusal)
                self._hang_up()
        elif self.pipeline and self.pipeline[0][0] is self.cycle:
            self.pipeline.popleft()
        else:
            unanswered = not self.cycle.response_started
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if unanswered:
                self._write(refusal)
            self._hang_up()

    def _write(self, refusal: Refusal) -> None:
        if self.transport.is_closing():
            return
        self.gate.refuse(refusal.code)
        request_id = new_request_id(self.gate.random_bytes)
        content = body([ErrorEntry(refusal.code, refusal.message)], request_id)
        answer = Answer(refusal.status, content, (JSON, (b"connection", b"close"), *refusal.headers))
        page_headers = cors.response_headers({"path": self.url.decode("latin-1"), "headers": self.headers})
        self._send(*packed(answer, page_headers, request_id))

    def _send(self, lines: bytes, rest: bytes) -> None:
        own = self.gate.own_lines(self.server_state.default_headers)
        self.transport.write(b"%b%b%b" % (lines, own, rest))

    def _hang_up(self) -> None:
        """Say that nothing more will come, and listen a little longer without hearing."""
        self.allow(self.gate.bounds.linger_seconds)
        if not self.transport.is_closing():
            self.flow.resume_reading()
            self.transport.write_eof()
