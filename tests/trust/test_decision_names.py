"""Which attribute a request means, and whether it may come into being by being written (D1, D2)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from avow.trust.attribute import MAX_ACTIVE, MAX_PROVISIONAL, AttributeType, Enforcement
from avow.trust.change import Outcome
from avow.trust.decision import resolved
from avow.trust.policy import MayCreate, Policy
from avow.trust.reasons import Reason
from avow.trust.weighing.voice import Saying
from tests.support.world import (
    acme_rules,
    alice,
    backend,
    bot,
    claimed,
    crowd,
    ignored,
    locked,
    observed,
    olive,
    opened,
    provisional,
    relay,
    signed,
    told,
    unsigned,
    weigh,
    workflow,
)

ANYONE = Policy(may_create=MayCreate.ANYONE)
APPLIED, UNCHANGED, IGNORED = Outcome.APPLIED, Outcome.UNCHANGED, Outcome.IGNORED


@pytest.mark.parametrize(
    ("raw_name", "reason"),
    [
        ("user_hash", Reason.RESERVED_NAME),
        ("app_id", Reason.RESERVED_NAME),
        ("iss", Reason.RESERVED_NAME),
        ("last_seen_at", Reason.RESERVED_NAME),
        ("USER_ID", Reason.RESERVED_NAME),
        ("owner_id", Reason.RESERVED_NAME),
        ("company", Reason.NOT_SUPPORTED),
        ("companies", Reason.NOT_SUPPORTED),
        ("", Reason.INVALID_NAME),
        ("...", Reason.INVALID_NAME),
        (" plan", Reason.INVALID_NAME),
        ("pl\u200ban", Reason.INVALID_NAME),
        ("x" * 191, Reason.INVALID_NAME),
    ],
)
@pytest.mark.parametrize("saying", [signed, unsigned, bot, backend, observed])
def test_a_name_that_can_be_no_attributes_is_ignored(
    saying: Callable[..., Saying], raw_name: str, reason: Reason
) -> None:
    if raw_name == "owner_id" and saying in (backend, observed):
        return  # REST may set the owner
    decision = weigh(alice(), saying({raw_name: "x"}), rules=acme_rules(policy=ANYONE))
    assert decision.verdicts == [ignored(raw_name[:64], reason, saying({}).voice.channel)]
    assert not decision.stored
    assert decision.new_rules == []


@pytest.mark.parametrize("raw_name", ["created_at", "signed_up_at"])
def test_an_alias_is_the_attribute_itself_locks_included(raw_name: str) -> None:
    rules = acme_rules(locked("signed_up_at"))
    assert told(weigh(alice(), unsigned({raw_name: 5}), rules=rules)) == [("signed_up_at", IGNORED, Reason.UNVERIFIED)]
    assert weigh(alice(), signed({raw_name: 5}), rules=rules).holdings["signed_up_at"].value == 5


@pytest.mark.parametrize("raw_name", ["pl.an", "pl$an", "pl/an", "pl:an", "pl_an"])
def test_a_lock_is_not_spelled_around(raw_name: str) -> None:
    rules = acme_rules(locked("pl_an"), policy=ANYONE)
    decision = weigh(alice(), unsigned({raw_name: "free"}), rules=rules)
    assert told(decision) == [("pl_an", IGNORED, Reason.UNVERIFIED)]
    assert decision.new_rules == []


@pytest.mark.parametrize("raw_name", ["Plan", "ｐｌａｎ", "PLAN"])
@pytest.mark.parametrize("saying", [signed, unsigned])
def test_a_name_that_could_pass_for_a_locked_one_creates_nothing(saying: Callable[..., Saying], raw_name: str) -> None:
    decision = weigh(alice(), saying({raw_name: "free"}), rules=acme_rules(locked("plan"), policy=ANYONE))
    assert told(decision) == [(raw_name, IGNORED, Reason.INVALID_NAME)]


@pytest.mark.parametrize("raw_name", ["created_at", "pl.an", "a b?", "utm_source "])
def test_rest_and_the_server_call_an_attribute_by_its_own_name(raw_name: str) -> None:
    for saying in (backend({raw_name: "5"}), relay({raw_name: "5"}), olive({raw_name: "5"}), observed({raw_name: "5"})):
        assert told(weigh(alice(), saying, rules=acme_rules(opened("pl_an")))) == [
            (raw_name, IGNORED, Reason.INVALID_NAME)
        ]


@pytest.mark.parametrize(
    "raw_values",
    [{"created_at": 1, "signed_up_at": 2}, {"signed_up_at": 1, "created_at": 2}, {"signed.up.at": 1, "created_at": 2}],
)
@pytest.mark.parametrize("saying", [signed, unsigned])
def test_of_two_spellings_in_one_request_the_first_is_taken_and_the_second_told(
    saying: Callable[..., Saying], raw_values: dict[str, object]
) -> None:
    decision = weigh(alice(), saying(raw_values), rules=acme_rules())
    assert [verdict.reason for verdict in decision.verdicts] == [None, Reason.DUPLICATE_NAME]
    assert decision.verdicts[1].name == list(raw_values)[1]
    assert decision.holdings["signed_up_at"].value == 1


def test_what_a_token_names_first_is_created_locked_and_written() -> None:
    decision = weigh(alice(), signed({"plan": "pro"}), rules=acme_rules())
    assert decision.holdings["plan"].value == "pro"
    assert [(new.name, new.enforcement, new.id) for new in decision.new_rules] == [("plan", Enforcement.LOCKED, 2_000)]
    assert told(weigh(alice(), unsigned({"plan": "free"}), rules=decision.rules)) == [
        ("plan", IGNORED, Reason.UNVERIFIED)
    ]


def test_an_attribute_that_a_token_creates_is_locked_within_the_same_request() -> None:
    decision = weigh(alice(), unsigned({"pl.an": "free"}), signed({"pl_an": "pro"}), rules=acme_rules(policy=ANYONE))
    assert decision.holdings["pl_an"].value == "pro"
    assert [verdict.reason for verdict in decision.verdicts] == [None, Reason.SUPERSEDED_BY_SIGNED]


@pytest.mark.parametrize("saying", [backend, relay, olive, bot, observed])
def test_only_the_messenger_creates_attributes_by_writing_them(saying: Callable[..., Saying]) -> None:
    decision = weigh(alice(), saying({"plan": "pro"}), rules=acme_rules(policy=ANYONE))
    assert told(decision) == [("plan", IGNORED, Reason.UNKNOWN_ATTRIBUTE)]


def test_noise_stops_at_its_own_quota_and_signed_attributes_still_come_in() -> None:
    noise = {f"noise {n}": "x" for n in range(MAX_PROVISIONAL + 5)}
    decision = weigh(alice(), unsigned(noise), signed({"plan": "pro"}), rules=acme_rules(policy=ANYONE))
    reasons = [verdict.reason for verdict in decision.verdicts]
    assert reasons.count(Reason.ATTRIBUTE_LIMIT) == 5
    assert decision.rules.attributes["plan"].locked
    assert len(decision.new_rules) == MAX_PROVISIONAL + 1


@pytest.mark.parametrize("saying", [signed, backend, olive])
def test_the_first_vouched_write_adopts_a_provisional_attribute(saying: Callable[..., Saying]) -> None:
    rules = acme_rules(provisional("seats"), policy=ANYONE)
    decision = weigh(alice(seats=claimed("lots")), saying({"seats": 5}), rules=rules)
    assert decision.rules.attributes["seats"].type is AttributeType.INTEGER
    assert decision.rules.attributes["seats"].enforcement is Enforcement.MONITOR
    assert decision.holdings["seats"].value == 5
    held = decision.holdings["seats"].held
    assert held is not None
    assert held.value == "lots"


@pytest.mark.parametrize("saying", [relay, unsigned, bot, observed, lambda values: workflow(values, verified=False)])
def test_who_vouches_for_nothing_adopts_nothing(saying: Callable[..., Saying]) -> None:
    """Mallory names fifty attributes, a sync reads them and writes them back: they stay what they are."""
    decision = weigh(alice(), saying({"seats": "5"}), rules=acme_rules(provisional("seats")))
    assert decision.new_rules == []
    assert decision.rules.attributes["seats"].provisional


@pytest.mark.parametrize(
    ("others", "raw_value", "reason"), [(MAX_ACTIVE, 5, "attribute_limit"), (0, [], "type_mismatch")]
)
def test_what_cannot_be_adopted_is_ignored(others: int, raw_value: object, reason: str) -> None:
    rules = acme_rules(provisional("seats"), *crowd(others))
    decision = weigh(alice(), signed({"seats": raw_value}), rules=rules)
    assert told(decision) == [("seats", IGNORED, Reason(reason))]
    assert decision.new_rules == []


@pytest.mark.parametrize(
    ("raw_name", "name"), [("created_at", "signed_up_at"), ("a.b", "a_b"), ("created.at", "signed_up_at")]
)
def test_a_spelling_resolves_to_one_name(raw_name: str, name: str) -> None:
    assert resolved(raw_name) == name
