"""What every HTTP wing needs of a rate limit: how often a caller may still ask in this window.

- A number per minute is spread over windows of ten seconds, as Intercom does: 10,000 a minute are 1,667 a window.
- Windows are aligned to the clock and the same for all keys, so a new window forgets all counts in one step.
- Memory is bounded. A full table forgets the older half of the keys that still have something left; those that are used
  up go last, so nobody wins an allowance back by inventing keys.
- Time comes in as an argument (Unix seconds). A clock that is put back a little stays in the window it was in; one that
  is put back further begins a new one: an hour's error of the clock must not become an hour-long window.

Source: spec §11; https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting.
"""

from __future__ import annotations

import math
from itertools import islice

import msgspec

from avow.errors import RateLimited
from avow.web.responses import Header

WINDOW = 10


class Allowance(msgspec.Struct, frozen=True, gc=False):
    """What is left of a window: `limit` in all, `remaining` after this request, whole again at `reset_at`."""

    limit: int
    remaining: int
    reset_at: int
    allowed: bool


class Limiter:
    """Counts requests per key. Not shared between processes: with N workers a caller may get up to N times as much."""

    def __init__(self, per_minute: int, *, max_keys: int = 65_536) -> None:
        self.limit = max(1, math.ceil(per_minute * WINDOW / 60))
        self._max_keys = max_keys
        self._counts: dict[str, int] = {}  # keys that have something left
        self._used_up: dict[str, None] = {}
        self._reset_at = 0
        self._earliest = 0
        """Before this the clock was put back further than by a window."""

    def take(self, key: str, now: float) -> Allowance:
        """Count one request of `key` and say whether it is allowed. A refused one is not counted."""
        if not self._earliest <= now < self._reset_at:
            self._open_window(now)
        count = self._counts.get(key)
        if count is None:
            if key in self._used_up:
                return Allowance(self.limit, 0, self._reset_at, False)
            if len(self) >= self._max_keys:
                self._make_room()
            count = 0
        count += 1
        if count < self.limit:
            self._counts[key] = count
        else:
            self._counts.pop(key, None)
            self._used_up[key] = None
        return Allowance(self.limit, self.limit - count, self._reset_at, True)

    def look(self, key: str, now: float) -> Allowance:
        """What `take` would say, without counting: for budgets charged only once a request has shown its nature."""
        if not self._earliest <= now < self._reset_at:
            self._open_window(now)
        allowed = key not in self._used_up
        remaining = self.limit - self._counts.get(key, 0) if allowed else 0
        return Allowance(self.limit, remaining, self._reset_at, allowed)

    def __len__(self) -> int:
        return len(self._counts) + len(self._used_up)

    def _open_window(self, now: float) -> None:
        self._counts = {}
        self._used_up = {}
        self._reset_at = (int(now) // WINDOW + 1) * WINDOW
        self._earliest = self._reset_at - 2 * WINDOW

    def _make_room(self) -> None:
        # New tables, not deletions: a dict emptied from its front is searched from there again and again.
        if len(self._counts) > len(self._used_up) // 4:
            self._counts = dict(islice(self._counts.items(), len(self._counts) // 2 + 1, None))
        else:
            self._used_up = dict(islice(self._used_up.items(), len(self._used_up) // 2 + 1, None))


def require(allowance: Allowance, now: float, whose: str) -> None:
    """Raise `RateLimited` unless allowed. `whose` completes "the limit of ..." and names no person."""
    if not allowance.allowed:
        wait = max(1, math.ceil(allowance.reset_at - now))
        used_up = f"The limit of {whose} is {allowance.limit} requests in {WINDOW} seconds and is used up"
        message = f"{used_up}; try again in {wait} s."
        raise RateLimited(message, retry_after=wait, limit=allowance.limit, reset_at=allowance.reset_at)


def headers(allowance: Allowance) -> tuple[Header, ...]:
    """Intercom's three headers; they describe the window, not the minute."""
    return (
        (b"x-ratelimit-limit", b"%d" % allowance.limit),
        (b"x-ratelimit-remaining", b"%d" % allowance.remaining),
        (b"x-ratelimit-reset", b"%d" % allowance.reset_at),
    )
