"""What every HTTP wing needs of its answers on the wire: head and body leave together.

uvicorn writes them one after the other and uvloop sends each write at once: two system calls and two packets for a
client to wake up for. Only a head that announces a length is held back, because then a body follows; a stream's head is
not.

What is relied on of uvicorn 0.54: a request's cycle uses of its transport `write`, `close` and `is_closing` only.
"""

from __future__ import annotations

import asyncio

# Beyond this, putting the two together costs more than sending them apart.
MAX_JOINED = 64 * 1024


class Packet:
    """Stands before the transport of one connection, whose answers come one after the other."""

    __slots__ = ("_at_head", "_held", "_transport")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._at_head = True
        self._held = b""

    def write(self, data: bytes) -> None:
        """Send, or hold back the head of an answer whose body is to follow. To a connection that has ended: nothing."""
        if self._transport.is_closing():
            self._held = b""
            return
        if self._held:
            held, self._held = self._held, b""
            if len(data) > MAX_JOINED:
                self._transport.write(held)
            else:
                data = held + data
        elif self._at_head:
            self._at_head = False
            if b"\r\ncontent-length: " in data:
                self._held = data
                return
        self._transport.write(data)

    def end(self) -> None:
        """The answer is complete: send what is held back (there was no body), and expect the next head."""
        if self._held:
            held, self._held = self._held, b""
            self._transport.write(held)
        self._at_head = True

    def close(self) -> None:
        """Send what is held back and close."""
        if not self._transport.is_closing():
            self.end()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()
