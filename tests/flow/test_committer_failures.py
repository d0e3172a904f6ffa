"""What nobody foresaw is told to its caller as not confirmed, and to the operator in the log, without a value."""

from __future__ import annotations

import asyncio
import logging

import pytest

from avow.errors import AvowError, Unavailable
from avow.flow.committer import ATTEMPTS, ATTEMPTS_ALONE
from avow.flow.contract import KeyKind, WriteConflict
from tests.support.shop import Shop


@pytest.mark.parametrize(
    ("fault", "told"),
    [(RuntimeError("plan = 'hunter2'"), Unavailable), (AvowError("The database refused a statement."), AvowError)],
    ids=["ours", "the driver's"],
)
async def test_an_unforeseen_failure_is_logged_without_its_text(
    fault: Exception, told: type[AvowError], caplog: pytest.LogCaptureFixture
) -> None:
    async with Shop().open() as shop:
        shop.disk.faults.append(fault)
        with caplog.at_level(logging.ERROR, "avow.flow"), pytest.raises(told):
            await shop.hand_in(await shop.submission(token=shop.token(plan="pro")))
    [record] = caplog.records
    assert f"failed with {type(fault).__name__} in commit" in record.getMessage()
    assert "hunter2" not in caplog.text


async def test_a_database_that_is_away_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    async with Shop().open() as shop:
        shop.disk.faults.append(Unavailable("The database cannot be reached."))
        submissions = [await shop.submission(token=shop.token(plan=plan)) for plan in ("a", "b")]
        outcomes = await asyncio.gather(*map(shop.hand_in, submissions), return_exceptions=True)
    assert [type(one) for one in outcomes] == [Unavailable, Unavailable]
    assert caplog.records == []


async def test_whom_somebody_overtakes_each_time_keeps_nobody_else_from_being_written() -> None:
    async with Shop().open() as shop:
        shop.disk.faults += [WriteConflict("She was changed.") for _ in range(ATTEMPTS)] + [None]
        shop.disk.faults += [WriteConflict("She was changed.") for _ in range(ATTEMPTS_ALONE)]
        submissions = [await shop.submission(token=shop.token(who, plan="pro")) for who in ("alice", "bob")]
        receipt, refused = await asyncio.gather(*map(shop.hand_in, submissions), return_exceptions=True)
        assert isinstance(refused, Unavailable)
        assert getattr(receipt, "contact_id", None) == shop.user("alice").id
        assert shop.who(KeyKind.EXTERNAL_ID, "bob") is None
