"""Everything at once, in any order, for a long time: the shop does what a small model of the spec says, step by step.

When they part, the seed and the fewest steps that still part them are printed; `AVOW_SEED=n` walks that walk again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence

import pytest

from tests.support.scale import full_or_tenth
from tests.support.steps import Step, drawn, fewer
from tests.support.walk import Walk

STEPS = 250
WALKS = full_or_tenth(100_000) // STEPS
WORKERS = 8


async def walked(steps: Sequence[Step]) -> Exception | None:
    """What went wrong on the way, if anything did."""
    walk = Walk()
    await walk.shop.rulebook.confirm()
    try:
        for step in steps:
            await walk.take(step)
        walk.end()
    except Exception as error:  # noqa: BLE001 - a crash parts them, too
        return error
    return None


def breaks(steps: Sequence[Step]) -> bool:
    return asyncio.run(walked(steps)) is not None


def seeds(share: int) -> range:
    if "AVOW_SEED" in os.environ:
        first = int(os.environ["AVOW_SEED"])
        return range(first, first + (share == 0))
    return range(share, WALKS, WORKERS)


@pytest.mark.long
@pytest.mark.parametrize("share", range(WORKERS))
def test_the_shop_and_the_model_walk_the_same_way(share: int) -> None:
    for seed in seeds(share):
        steps = drawn(seed, STEPS)
        error = asyncio.run(walked(steps))
        if error is None:
            continue
        needed = fewer(steps, breaks)
        last = asyncio.run(walked(needed))
        listed = "\n".join(map(repr, needed))
        pytest.fail(f"seed {seed}: {last or error}\nafter these {len(needed)} steps:\n{listed}", pytrace=False)
