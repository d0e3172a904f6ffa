"""How does this process fare? Counted since it started, for whoever watches over it; nothing here is stored.

- Counting is adding to a cell that is there already; whoever asks does the arithmetic.
- Nothing tells of anybody: words of fixed sets, sizes and times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Final

from avow.trust.change import Outcome, Verdict
from avow.trust.contact import Channel
from avow.trust.reasons import Reason

SIZES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0)
SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Histogram:
    """How many values lie at or below each of `bounds`; the last cell counts those above them all."""

    __slots__ = ("bounds", "cells", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.cells = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one value."""
        self.cells[bisect_left(self.bounds, value)] += 1
        self.total += value


Kind = tuple[Channel, Outcome, Reason | None]
Counts = tuple[tuple[Kind, int], ...]
"""How many verdicts there are of each kind."""


def counted(verdicts: Iterable[Verdict]) -> Counts:
    """The verdicts of one work by kind. Most often they are all of one, which is seen at once."""
    kinds: list[Kind] = [(one.channel, one.verdict, one.reason) for one in verdicts]
    if kinds and kinds.count(kinds[0]) == len(kinds):
        return ((kinds[0], len(kinds)),)
    return tuple(Counter(kinds).items())


class Pulse:
    """The counters of the flows. They only grow."""

    def __init__(self) -> None:
        self.verdicts: dict[Kind, int] = {}
        self.tokens_refused: dict[str, int] = {}
        self.requests_refused: dict[str, int] = {}
        self.batch_sizes = Histogram(SIZES)
        self.batch_seconds = Histogram(SECONDS)
        self.batches_failed: dict[str, int] = {}
        self.conflicts = 0

    def weighed(self, counts: Counts) -> None:
        """One committed work's verdicts."""
        for kind, count in counts:
            self.verdicts[kind] = self.verdicts.get(kind, 0) + count

    def committed(self, size: int, seconds: float) -> None:
        """A batch of so many works, from its first statement until it was durable."""
        self.batch_sizes.add(size)
        self.batch_seconds.add(seconds)

    def failed(self, code: str) -> None:
        """A batch that was not committed, by the code of its error."""
        self.batches_failed[code] = self.batches_failed.get(code, 0) + 1

    def token_refused(self, reason: str) -> None:
        """A Messenger request whose token failed a check."""
        self.tokens_refused[reason] = self.tokens_refused.get(reason, 0) + 1

    def request_refused(self, code: str) -> None:
        """A Messenger request that was refused for another reason."""
        self.requests_refused[code] = self.requests_refused.get(code, 0) + 1
