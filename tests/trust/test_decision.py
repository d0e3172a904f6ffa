"""What becomes of every value of one request: archived, unfit, said twice over, and told in the end (D3-D5)."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from avow.trust.attribute import MAX_ACTIVE, AttributeType
from avow.trust.change import Outcome
from avow.trust.contact import Channel, Holding
from avow.trust.policy import MayCreate, Policy, UndatedTokens
from avow.trust.reasons import Reason
from avow.trust.traffic import TrafficClass
from avow.trust.weighing.voice import Saying
from tests.support.world import (
    EARLIER,
    NOW,
    acme_rules,
    alice,
    applied,
    attribute,
    backend,
    bot,
    claimed,
    crowd,
    ignored,
    locked,
    monitored,
    observed,
    olive,
    opened,
    relay,
    signed,
    told,
    unchanged,
    unsigned,
    vouched,
    weigh,
)

ANYONE = Policy(may_create=MayCreate.ANYONE)
APPLIED, UNCHANGED, IGNORED = Outcome.APPLIED, Outcome.UNCHANGED, Outcome.IGNORED


@pytest.mark.parametrize("saying", [signed, unsigned, bot, backend, olive, observed, relay])
def test_an_archived_attribute_takes_no_write_from_any_channel(saying: Callable[..., Saying]) -> None:
    rules = acme_rules(opened("plan", archived=True))
    decision = weigh(alice(plan=vouched("pro")), saying({"plan": "free"}), rules=rules)
    assert told(decision) == [("plan", IGNORED, Reason.ARCHIVED)]
    assert decision.holdings["plan"] == vouched("pro")


@pytest.mark.parametrize(
    ("raw_value", "reason"),
    [
        ("lots", Reason.TYPE_MISMATCH),
        (1.5, Reason.TYPE_MISMATCH),
        ([], Reason.TYPE_MISMATCH),
        (2**63, Reason.TYPE_MISMATCH),
    ],
)
@pytest.mark.parametrize("saying", [signed, unsigned, backend])
def test_a_value_that_does_not_fit_is_ignored(saying: Callable[..., Saying], raw_value: object, reason: Reason) -> None:
    decision = weigh(
        alice(seats=vouched(5)), saying({"seats": raw_value}), rules=acme_rules(opened("seats", AttributeType.INTEGER))
    )
    assert told(decision) == [("seats", IGNORED, reason)]
    assert decision.holdings["seats"] == vouched(5)
    assert decision.arrivals == {}


@pytest.mark.parametrize(
    ("signed_value", "signed_verdict"),
    [
        ("pro", (APPLIED, None)),
        ([], (IGNORED, Reason.TYPE_MISMATCH)),
        ("x" * 256, (IGNORED, Reason.TOO_LONG)),
        (None, (APPLIED, None)),
    ],
)
@pytest.mark.parametrize("second", [unsigned, observed, bot])
def test_an_unsigned_copy_never_wins_whatever_became_of_the_signed_value(
    second: Callable[..., Saying], signed_value: object, signed_verdict: tuple[Outcome, Reason | None]
) -> None:
    decision = weigh(
        alice(plan=claimed("free")),
        second({"plan": "enterprise"}),
        signed({"plan": signed_value}),
        rules=acme_rules(opened("plan")),
    )
    assert told(decision) == [("plan", *signed_verdict), ("plan", IGNORED, Reason.SUPERSEDED_BY_SIGNED)]


def test_an_unsigned_copy_never_wins_where_the_token_was_stale_or_undated() -> None:
    stale = weigh(
        alice(plan=vouched("pro")), signed({"plan": "x"}, 5), unsigned({"plan": "y"}), rules=acme_rules(opened("plan"))
    )
    assert told(stale) == [("plan", IGNORED, Reason.STALE), ("plan", IGNORED, Reason.SUPERSEDED_BY_SIGNED)]
    fill = acme_rules(opened("plan"), policy=Policy(undated_tokens=UndatedTokens.FILL_ONLY))
    undated = weigh(alice(plan=claimed("pro")), signed({"plan": "x"}, dated=False), unsigned({"plan": "y"}), rules=fill)
    assert told(undated) == [("plan", IGNORED, Reason.UNDATED), ("plan", IGNORED, Reason.SUPERSEDED_BY_SIGNED)]


@pytest.mark.parametrize("signed_value", [None, [], "x" * 256])
def test_an_unsigned_copy_creates_no_attribute_that_the_token_could_not_create(signed_value: object) -> None:
    decision = weigh(
        alice(), unsigned({"plan": "x"}), signed({"pl.an": "?", "plan": signed_value}), rules=acme_rules(policy=ANYONE)
    )
    assert decision.verdicts[-1] == ignored("plan", Reason.SUPERSEDED_BY_SIGNED)
    assert "plan" not in decision.rules.attributes
    full = acme_rules(*crowd(MAX_ACTIVE), policy=ANYONE)
    limited = weigh(alice(), unsigned({"plan": "x"}), signed({"plan": "pro"}), rules=full)
    assert [verdict.reason for verdict in limited.verdicts] == [Reason.ATTRIBUTE_LIMIT, Reason.SUPERSEDED_BY_SIGNED]
    assert limited.new_rules == []


def test_what_the_token_does_not_carry_is_weighed_as_unsigned_although_a_token_came() -> None:
    decision = weigh(
        alice(),
        signed({"plan": "pro"}),
        unsigned({"role name": "admin"}),
        rules=acme_rules(opened("plan"), locked("role name")),
    )
    assert told(decision) == [("plan", APPLIED, None), ("role name", IGNORED, Reason.UNVERIFIED)]


def test_every_value_gets_a_verdict_and_the_contact_is_left_as_it_was() -> None:
    contact = alice(plan=vouched("pro"), city=claimed("Oslo"))
    before = msgspec.json.encode(contact)
    values: dict[str, object] = {
        "plan": "free",
        "city": "Rome",
        "seats": "many",
        "": 1,
        "user_id": "x",
        "new": "y",
        "old": 1,
    }
    rules = acme_rules(
        locked("plan"), opened("city"), opened("seats", AttributeType.INTEGER), opened("old", archived=True)
    )
    decision = weigh(contact, unsigned(values), rules=rules)
    assert [verdict.name for verdict in decision.verdicts] == list(values)
    assert msgspec.json.encode(contact) == before
    assert decision.stored


def test_a_request_that_says_nothing_decides_nothing() -> None:
    decision = weigh(alice(), rules=acme_rules())
    assert (decision.verdicts, decision.stored, decision.new_rules) == ([], False, [])
    assert decision.holdings is not None
    assert weigh(alice(), unsigned({}), rules=acme_rules()).verdicts == []


@pytest.mark.parametrize(
    "saying", [unsigned({"plan": "pro"}), signed({"plan": "pro"}, EARLIER), relay({"plan": "pro"})]
)
def test_a_repeat_is_told_and_nothing_of_it_is_stored(saying: Saying) -> None:
    rules = acme_rules(opened("plan", ever_signed=True))
    decision = weigh(alice(plan=vouched("pro")), saying, rules=rules)
    assert decision.verdicts == [unchanged("plan", saying.voice.channel)]
    assert not decision.stored
    assert (decision.applied, decision.refused, decision.again) == ([], [], [])


def test_an_attribute_that_arrives_signed_is_remembered_as_such() -> None:
    """Unarchiving must lock what was ever signed."""
    decision = weigh(alice(), signed({"email": "a@b.c"}), rules=acme_rules())
    assert [(new.name, new.ever_signed, new.version) for new in decision.new_rules] == [("email", True, 1)]
    again = weigh(alice(), signed({"email": "a@b.c"}), rules=decision.rules)
    assert again.new_rules == []
    assert weigh(alice(), backend({"email": "a@b.c"}), rules=acme_rules()).new_rules == []


def test_two_unsigned_voices_about_one_attribute_are_told_as_one_change() -> None:
    decision = weigh(alice(), unsigned({"referrer": "a"}), observed({"referrer": "b"}), rules=acme_rules())
    assert decision.applied == [applied("referrer"), applied("referrer", Channel.OBSERVED)]
    assert decision.values == {"referrer": (None, "b")}
    assert decision.holdings["referrer"].source is not None
    assert decision.holdings["referrer"].source.channel is Channel.OBSERVED


def test_the_record_that_tells_of_a_value_is_the_next_one() -> None:
    decision = weigh(alice(version=41), signed({"plan": "pro"}), rules=acme_rules(attribute("plan")))
    holding: Holding = decision.holdings["plan"]
    assert holding.source is not None
    assert (holding.source.change, holding.source.received_at) == (42, NOW)


def test_a_vouched_value_is_left_as_it_is_by_the_adoption_of_its_attribute() -> None:
    rules = acme_rules(attribute("plan", adopted_at=float(NOW)))
    decision = weigh(alice(plan=vouched("pro")), unsigned({"plan": "pro"}), rules=rules)
    assert told(decision) == [("plan", Outcome.UNCHANGED, None)]
    assert not decision.stored


def test_a_leftover_of_an_adopted_attribute_is_put_right_before_its_repeat_is_counted() -> None:
    """Or the first repeat of every contact would read as a change, and locking would seem unsafe."""
    rules = acme_rules(monitored("seats", AttributeType.INTEGER, adopted_at=float(NOW)))
    decision = weigh(alice(seats=claimed("5")), unsigned({"seats": 5}), rules=rules)
    assert decision.arrivals == {TrafficClass.REPEATS: ["seats"]}
