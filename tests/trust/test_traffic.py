"""What an unsigned write would do to what is known decides how it is counted: readiness stands on these classes."""

from __future__ import annotations

import pytest

from avow.trust.contact import NOTHING, Holding, Scalar
from avow.trust.traffic import TrafficClass, classify_unsigned
from tests.support.world import claimed, slot_of, vouched

CASES = [
    (NOTHING, "pro", TrafficClass.FILLS),
    (NOTHING, None, TrafficClass.REPEATS),
    (claimed("free"), "free", TrafficClass.REPEATS),
    (claimed("free"), "pro", TrafficClass.CHANGES),
    (claimed("free"), None, TrafficClass.CHANGES),
    (claimed(None), "pro", TrafficClass.FILLS),
    (vouched("pro"), "pro", TrafficClass.REPEATS),
    (vouched("pro"), "free", TrafficClass.CONTRADICTS),
    (vouched("pro"), None, TrafficClass.CONTRADICTS),
    (vouched(None), "pro", TrafficClass.CONTRADICTS),
    (vouched(None), None, TrafficClass.REPEATS),
    (claimed("free", slot=slot_of("pro")), "free", TrafficClass.CONTRADICTS),
    (claimed("free", slot=slot_of("pro")), "trial", TrafficClass.CONTRADICTS),
    (claimed("free", slot=slot_of("pro")), "pro", TrafficClass.CHANGES),
    (claimed(None, slot=slot_of("pro")), "pro", TrafficClass.FILLS),
    (claimed(None, slot=slot_of("pro")), None, TrafficClass.CONTRADICTS),
]


@pytest.mark.parametrize(("holding", "value", "kind"), CASES)
def test_an_unsigned_write_is_classed_by_what_it_would_do(holding: Holding, value: Scalar, kind: TrafficClass) -> None:
    assert classify_unsigned(holding, value, proven=True) is kind


@pytest.mark.parametrize(("holding", "value", "kind"), CASES)
def test_unproven_claims_are_counted_apart(holding: Holding, value: Scalar, kind: TrafficClass) -> None:
    assert classify_unsigned(holding, value, proven=False) == f"unproven_{kind}"
