"""Everything at once, in any order, for a long time: the shop does what a small model of the spec says, step by step.

Where they part, the seed and the fewest steps that still part them are printed. AVOW_SEED=n walks that walk alone.
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
SHARES = 8
ONLY = os.environ.get("AVOW_SEED")
SEEDS = [[int(ONLY)]] if ONLY else [range(share, WALKS, SHARES) for share in range(SHARES)]


def where_they_part(steps: Sequence[Step]) -> Exception | None:
    """What went wrong on the way, if anything did."""
    try:
        asyncio.run(walk(steps))
    except Exception as error:  # noqa: BLE001 - a crash parts them, too
        return error
    return None


async def walk(steps: Sequence[Step]) -> None:
    one = Walk()
    await one.shop.rulebook.confirm()
    for step in steps:
        await one.take(step)
    one.end()


@pytest.mark.long
@pytest.mark.parametrize("seeds", SEEDS, ids=str)
def test_the_shop_and_the_model_walk_the_same_way(seeds: Sequence[int]) -> None:
    for seed in seeds:
        steps = drawn(seed, STEPS)
        if where_they_part(steps) is None:
            continue
        needed = fewer(steps, lambda fewer_steps: where_they_part(fewer_steps) is not None)
        listed = "\n".join(map(repr, needed))
        pytest.fail(
            f"seed {seed}: {where_they_part(needed)!r}\nafter these {len(needed)} steps:\n{listed}", pytrace=False
        )


def test_a_walk_is_the_same_walk_again() -> None:
    assert drawn(7, STEPS) == drawn(7, STEPS)
    assert drawn(7, STEPS) != drawn(8, STEPS)


def test_of_the_steps_that_break_something_only_the_needed_ones_are_told() -> None:
    steps = drawn(7, 40)
    culprits = [steps[3], steps[31]]
    assert fewer(steps, lambda some: all(culprit in some for culprit in culprits)) == culprits
