"""What came a moment ago and changed nothing is not weighed again: unless anything at all has moved since."""

from __future__ import annotations

import asyncio

import pytest

from avow.errors import TokenRefused, Unavailable
from avow.flow.updates.last_time import LastTime
from avow.flow.updates.submissions import Receipt, Submission
from avow.flow.updates.update import MessengerUpdate
from avow.trust.reasons import Reason
from tests.support.shop import Shop
from tests.support.world import locked, opened


async def again(shop: Shop, submission: Submission, last_time: LastTime) -> Receipt:
    receipt: Receipt = await shop.committer.submit(MessengerUpdate(submission, None, last_time))
    return receipt


async def test_a_repeat_is_answered_as_it_was_and_still_counted() -> None:
    shop = Shop(locked("plan", ever_signed=True))
    async with shop.open():
        submission, last_time = await shop.submission(token=shop.token(at=-5, plan="pro")), LastTime()
        first = [(await again(shop, submission, last_time)).verdicts[0].verdict for _ in range(4)]
        assert first == ["applied", "unchanged", "unchanged", "unchanged"]
        assert len(shop.disk.written) == 1
    (tally,) = shop.disk.tallies
    assert [(row.kind, row.count) for row in tally.traffic] == [("signed", 4)]
    assert [use.count for use in tally.key_uses] == [4]


async def test_what_somebody_else_wrote_since_is_weighed() -> None:
    async with Shop(opened("plan", ever_signed=True)).open() as shop:
        submission, last_time = await shop.submission(token=shop.token(at=-5, plan="pro")), LastTime()
        for _ in range(3):
            await again(shop, submission, last_time)
        await shop.ping(user_id="alice", values={"plan": "free"})
        assert (await again(shop, submission, last_time)).verdicts[0].verdict == "applied"
        await shop.ping(token=shop.token(plan="new"))
        assert (await again(shop, submission, last_time)).verdicts[0].reason is Reason.STALE


async def test_tokens_that_were_ended_since_are_refused() -> None:
    async with Shop(locked("plan", ever_signed=True)).open() as shop:
        submission, last_time = await shop.submission(token=shop.token(at=-5, plan="pro")), LastTime()
        for _ in range(3):
            await again(shop, submission, last_time)
        shop.end_tokens("alice")
        with pytest.raises(TokenRefused):
            await again(shop, submission, last_time)


async def test_an_outcome_beside_a_change_that_was_never_committed_is_not_remembered() -> None:
    """Two identical requests arrive together, and the disk fails. What then takes the version they saw is another's."""
    async with Shop(opened("plan", ever_signed=True)).open() as shop:
        await shop.ping(token=shop.token(at=-50, plan="old"))
        submission, last_time = await shop.submission(token=shop.token(at=-5, plan="pro")), LastTime()
        shop.disk.faults = [Unavailable("the database does not answer")]
        both = (again(shop, submission, last_time), again(shop, submission, last_time))
        results = await asyncio.gather(*both, return_exceptions=True)
        assert [type(result) for result in results] == [Unavailable, Unavailable]
        await shop.ping(user_id="alice", values={"plan": "free"})
        assert (await again(shop, submission, last_time)).verdicts[0].verdict == "applied"
        assert shop.holding("plan").value == "pro"


async def test_nor_is_one_under_rules_that_were_never_committed() -> None:
    """That `plan` arrives signed was noted by the request before, on a disk that failed."""
    async with Shop(opened("plan")).open() as shop:
        await shop.ping(token=shop.token(at=-5, plan="pro"))
        shop.change_attributes(opened("plan"))
        submission, last_time = await shop.submission(token=shop.token(at=-5, plan="pro")), LastTime()
        shop.disk.faults = [Unavailable("the database does not answer")]
        first = shop.hand_in(await shop.submission(token=shop.token("bob", plan="free")))
        await asyncio.gather(first, again(shop, submission, last_time), return_exceptions=True)
        assert not shop.attributes()["plan"].ever_signed
        await again(shop, submission, last_time)
        assert shop.attributes()["plan"].ever_signed


async def test_a_browser_that_shows_a_session_is_looked_at_each_time() -> None:
    async with Shop(opened("city"), locked("plan", ever_signed=True)).open() as shop:
        last_time = LastTime()
        submission = await shop.submission(token=shop.token(at=-5, plan="pro"), session="spare")
        for _ in range(3):
            await again(shop, submission, last_time)
        await shop.ping(session="spare", values={"city": "Oslo"})
        await again(shop, submission, last_time)
        assert shop.holding("city").value == "Oslo"
