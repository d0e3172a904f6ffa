"""What a process counts of itself is right, however it comes."""

from __future__ import annotations

from collections import Counter
from itertools import product

from avow.flow.bookkeeping.pulse import Histogram, Pulse, counted
from avow.trust.change import Outcome, Verdict
from avow.trust.contact import Channel
from avow.trust.reasons import Reason
from tests.support.shop import Shop
from tests.support.world import locked

KINDS = [
    (Channel.SIGNED, Outcome.APPLIED, None),
    (Channel.SIGNED, Outcome.UNCHANGED, None),
    (Channel.MESSENGER, Outcome.IGNORED, Reason.UNVERIFIED),
]


def test_verdicts_are_counted_by_kind_in_whatever_order_they_come() -> None:
    pulse, expected = Pulse(), Counter[tuple[Channel, Outcome, Reason | None]]()
    for kinds in [*product(KINDS, repeat=4), ()]:
        pulse.weighed(counted(Verdict("plan", outcome, channel, reason) for channel, outcome, reason in kinds))
        expected.update(kinds)
    assert pulse.verdicts == expected


def test_a_value_on_a_bound_lies_below_it() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.0, 1.0, 1.5, 2.0, 2.1):
        histogram.add(value)
    assert (histogram.cells, histogram.total) == ([2, 2, 1], 6.6)


async def test_a_committed_update_is_counted_with_its_verdicts_and_its_batch() -> None:
    async with Shop(locked("plan")).open() as shop:
        await shop.ping(token=shop.token("alice", plan="pro"))
        await shop.ping(token=shop.token("alice"), values={"plan": "free"})
        pulse = shop.committer.pulse
        assert pulse.verdicts[Channel.SIGNED, Outcome.APPLIED, None] == 1
        assert pulse.verdicts[Channel.MESSENGER, Outcome.IGNORED, Reason.UNVERIFIED] == 1
        assert sum(pulse.batch_sizes.cells) == sum(pulse.batch_seconds.cells) == 2
        assert shop.committer.waiting == 0
        assert shop.rulebook.age >= 0
