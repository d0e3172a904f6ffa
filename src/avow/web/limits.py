"""What every HTTP wing needs of a rate limit: how often a caller may still ask in this window.

- A number per minute is spread over windows of ten seconds, as Intercom does: 10,000 a minute are 1,667 a window.
- Windows are aligned to the clock and the same for all keys, so a new window forgets all counts in one step.
- Memory is bounded. A full table drops the least used of its eight oldest keys: whoever has used up an allowance cannot
  win it back by inventing keys, short of using up as many allowances as the table has keys.
- Time comes in as an argument (Unix seconds). A clock that goes back stays in the window it was in.

Source: spec §11; https://developers.intercom.com/docs/references/rest-api/errors/rate-limiting.
"""

from __future__ import annotations

import math
from itertools import islice

import msgspec

from avow.errors import RateLimited
from avow.web.responses import Header

WINDOW = 10
_OLDEST = 8


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
        self._counts: dict[str, int] = {}
        self._reset_at = 0

    def take(self, key: str, now: float) -> Allowance:
        """Count one request of `key` and say whether it is allowed. A refused one is not counted."""
        if now >= self._reset_at:
            self._open_window(now)
        count = self._counts.get(key)
        if count is None:
            if len(self._counts) >= self._max_keys:
                self._make_room()
            count = 0
        if count >= self.limit:
            return Allowance(self.limit, 0, self._reset_at, False)
        self._counts[key] = count + 1
        return Allowance(self.limit, self.limit - count - 1, self._reset_at, True)

    def look(self, key: str, now: float) -> Allowance:
        """What `take` would say, without counting: for budgets charged only once a request has shown its nature."""
        if now >= self._reset_at:
            self._open_window(now)
        count = self._counts.get(key, 0)
        return Allowance(self.limit, max(0, self.limit - count - 1), self._reset_at, count < self.limit)

    def __len__(self) -> int:
        return len(self._counts)

    def _open_window(self, now: float) -> None:
        self._counts = {}
        self._reset_at = (int(now) // WINDOW + 1) * WINDOW

    def _make_room(self) -> None:
        oldest = islice(self._counts.items(), _OLDEST)
        del self._counts[min(oldest, key=lambda item: item[1])[0]]


def require(allowance: Allowance, now: float, whose: str) -> None:
    """Raise `RateLimited` unless allowed. `whose` completes "the limit of ..." and names no person."""
    if not allowance.allowed:
        wait = max(1, math.ceil(allowance.reset_at - now))
        used_up = f"The limit of {whose} is {allowance.limit} requests in {WINDOW} seconds and is used up"
        raise RateLimited(f"{used_up}; try again in {wait} s.", retry_after=wait)


def headers(allowance: Allowance) -> tuple[Header, ...]:
    """Intercom's three headers; they describe the window, not the minute."""
    return (
        (b"x-ratelimit-limit", b"%d" % allowance.limit),
        (b"x-ratelimit-remaining", b"%d" % allowance.remaining),
        (b"x-ratelimit-reset", b"%d" % allowance.reset_at),
    )
