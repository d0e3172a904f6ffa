"""What an unsigned write would do to what is known decides how it is counted: readiness stands on these classes."""

from __future__ import annotations

import pytest

from avow.trust.attribute import Attribute, AttributeType
from avow.trust.contact import NOTHING, Channel, Holding, Role, Scalar
from avow.trust.traffic import TrafficClass, classify_elsewhere, classify_unsigned, is_of_page, label_without_page
from avow.trust.weighing.voice import Voice
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


def elsewhere(
    channel: Channel, holding: Holding, *, role: Role = Role.USER, ever_signed: bool = True, **more: bool
) -> TrafficClass | None:
    attribute = Attribute(1_000, "plan", AttributeType.STRING, ever_signed=ever_signed)
    voice = Voice(channel, **{"verified": False, "by": "somebody", "signed_at": 1, **more})
    return classify_elsewhere(holding, "pro", voice, attribute, role)


@pytest.mark.parametrize("channel", [Channel.API, Channel.IMPORT, Channel.WORKFLOW])
def test_what_a_lock_would_ignore_is_counted_by_whichever_way_it_comes(channel: Channel) -> None:
    assert elsewhere(channel, vouched("free")) is TrafficClass.CONTRADICTS
    assert elsewhere(channel, claimed("pro")) is TrafficClass.REPEATS
    assert elsewhere(channel, NOTHING, ever_signed=False) is TrafficClass.FILLS
    assert elsewhere(channel, vouched("free"), verified=True) is None


def test_what_the_server_observed_is_counted_where_a_lock_would_change_something() -> None:
    assert elsewhere(Channel.OBSERVED, claimed("free")) is TrafficClass.CHANGES
    assert elsewhere(Channel.OBSERVED, NOTHING, proven=False) is TrafficClass.UNPROVEN_FILLS
    for proven in (True, False):
        assert elsewhere(Channel.OBSERVED, claimed("pro"), proven=proven) is None
    assert elsewhere(Channel.OBSERVED, claimed("free"), ever_signed=False) is None


def test_a_bot_counts_where_it_would_fill_a_blank_that_nobody_asked_it_to() -> None:
    assert elsewhere(Channel.BOT, NOTHING, asked=True) is TrafficClass.FILLS
    assert elsewhere(Channel.BOT, NOTHING, role=Role.LEAD) is TrafficClass.FILLS
    assert elsewhere(Channel.BOT, NOTHING, role=Role.LEAD, asked=True) is None
    assert elsewhere(Channel.BOT, claimed("free")) is None


def test_whoever_writes_by_no_page_is_called_by_the_way_and_the_name() -> None:
    assert label_without_page(Channel.API, "Sync") == "access token Sync"
    assert label_without_page(Channel.BOT, "Botty") == "bot Botty"
    assert not is_of_page(label_without_page(Channel.IMPORT, "cli:olive"))
    assert is_of_page("app.acme.example/v1")
