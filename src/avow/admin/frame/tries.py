"""How often may somebody try a password or a code from one address? Asked before anything is written, read or hashed.

- Ten tries in ten seconds, of every kind together, whatever account they are for: fewer than the house can look at.
- Those who come through a proxy that nobody named are told apart by what it says, and have five times as much together:
  none of them shuts out the others, and whoever makes names up does not get on for ever.

Source: spec §11 (limits per address).
"""

from __future__ import annotations

import math
from typing import Final

from avow.errors import RateLimited
from avow.web.limits import Limiter

PER_MINUTE: Final = 60
THROUGH_A_PROXY: Final = 300


class Tries:
    """What was tried in one process."""

    def __init__(self) -> None:
        self._own = Limiter(PER_MINUTE)
        self._shared = Limiter(THROUGH_A_PROXY)

    def take(self, address: str, told: str, now: float) -> None:
        """Count one try from `address`, which may be a proxy's that `told` another one, at `now` (Unix seconds).

        Raises `RateLimited` for one too many, before it is looked at.
        """
        _take(self._own, address if told == address else f"{told} by {address}", now)
        if told != address:
            _take(self._shared, address, now)


def _take(limiter: Limiter, key: str, now: float) -> None:
    allowance = limiter.take(key, now)
    if not allowance.allowed:
        wait = max(1, math.ceil(allowance.reset_at - now))
        message = f"Too many tries came from your network at once. Try again in {wait} s."
        raise RateLimited(message, retry_after=wait, limit=allowance.limit, reset_at=allowance.reset_at)
