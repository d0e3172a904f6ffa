"""What every HTTP wing needs of its connections: how many there may be, for how long, and how much each may send.

- `Bounds` are the numbers; the defaults are those of the documentation. `Gate` counts who is there, in one process.
- Whoever comes when all places are taken is turned away politely (503); so many of those at once that politeness would
  cost more than it is worth are cut off.

Source: spec §11. The keep-alive time is longer than the usual 60 s of proxies, so that the proxy is the one who closes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from avow.web.addresses import Networks, is_within, limit_key
from avow.web.request import MAX_BODY


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection may do. Times are seconds, sizes bytes."""

    head_seconds: float = 10.0
    """From the first byte of a request (or the opening of the connection) to the end of its head."""
    body_seconds: float = 10.0
    """From the end of the head to the end of the body."""
    idle_seconds: float = 65.0
    """From the end of an answer to the first byte of the next request."""
    write_seconds: float = 30.0
    """How long an answer may wait for a client that does not read."""
    linger_seconds: float = 1.0
    """How long a refused client may go on sending before the connection is cut, so that it can read why."""
    farewell_seconds: float = 0.25
    """How long an idle connection stays when the server stops, for the request that is on its way already."""
    leave_seconds: float = 8.0
    """How long the server waits for requests in hand when it stops."""
    head_bytes: int = 16 * 1024
    head_fields: int = 100
    body_bytes: int = MAX_BODY
    """Trailers included."""
    framed_bytes: int = 512 * 1024
    """A body on the wire, with chunk sizes and their extensions: in chunks of one byte it takes six times its size."""
    pipelined: int = 16
    """How many requests may be waiting behind one that is being answered."""
    connections: int = 4096
    connections_per_address: int = 512
    exempt: Networks = ()
    """Addresses without a cap of their own: trusted proxies, which stand for many, and the operator's machines."""


class Gate:
    """Who is connected to this process. `random_bytes(n)` makes request ids for refusals that no application sees."""

    MAX_TURNED_AWAY = 256

    def __init__(self, bounds: Bounds, random_bytes: Callable[[int], bytes]) -> None:
        self.bounds = bounds
        self.random_bytes = random_bytes
        self._present = 0
        self._turned_away = 0
        self.turned_away_ever = 0
        self.refused: dict[str, int] = {}
        self._by_address: dict[str, int] = {}
        self._own: Sequence[tuple[bytes, bytes]] = ()
        self._own_lines = b""

    @property
    def present(self) -> int:
        """How many connections have a place."""
        return self._present

    def admit(self, raw_address: str) -> str | None:
        """Take a place for a connection from `raw_address`. The result goes to `leave`; None: there is no place."""
        bounds = self.bounds
        if self._present >= bounds.connections:
            return None
        key = "" if is_within(raw_address, bounds.exempt) else limit_key(raw_address)
        if key:
            count = self._by_address.get(key, 0)
            if count >= bounds.connections_per_address:
                return None
            self._by_address[key] = count + 1
        self._present += 1
        return key

    def leave(self, key: str) -> None:
        """Give back the place that `admit` gave."""
        self._present -= 1
        count = self._by_address.get(key, 0)
        if count > 1:
            self._by_address[key] = count - 1
        else:
            self._by_address.pop(key, None)

    def turn_away(self) -> bool:
        """Note somebody without a place; False if there are too many of them to be told why."""
        self._turned_away += 1
        self.turned_away_ever += 1
        return self._turned_away <= self.MAX_TURNED_AWAY

    def own_lines(self, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
        """The lines that uvicorn adds to every answer: they change once a second, with its list of them."""
        if headers is not self._own:
            self._own, self._own_lines = headers, b"".join(b"%b: %b\r\n" % header for header in headers)
        return self._own_lines

    def refuse(self, code: str) -> None:
        """Note a request that no application will see, by the code of its refusal."""
        self.refused[code] = self.refused.get(code, 0) + 1

    def turned_away_left(self) -> None:
        """Note that one of them has gone."""
        self._turned_away -= 1
