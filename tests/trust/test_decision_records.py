"""What was ignored is held, recorded once an hour and counted otherwise: noise stays small, nothing is lost."""

from __future__ import annotations

import msgspec
import pytest

from avow.trust.attribute import AttributeType
from avow.trust.change import Outcome
from avow.trust.contact import Channel, Contact, Held
from avow.trust.decision import Decision
from avow.trust.reasons import Reason
from avow.trust.rules import Rules
from avow.trust.traffic import TrafficClass
from avow.trust.weighing.repeats import Again, count_again
from avow.trust.weighing.voice import Page, Saying
from tests.support.world import (
    NOW,
    acme_rules,
    alice,
    applied,
    backend,
    bot,
    follow,
    held,
    ignored,
    locked,
    monitored,
    observed,
    opened,
    relay,
    signed,
    told,
    unsigned,
    vouched,
    weigh,
)

HOUR = 3_600
START = NOW - NOW % HOUR
LOCKED = acme_rules(locked("plan"))
PAGE = Page("https://app.acme.example", "/v1", "web 1")


def after(contact: Contact, *sayings: Saying, rules: Rules = LOCKED, now: float = START) -> tuple[Contact, Decision]:
    decision = weigh(contact, *sayings, rules=rules, now=now, page=PAGE)
    return (follow(contact, decision) if decision.stored or decision.refused else contact), decision


def test_an_ignored_value_is_held_and_recorded_with_what_was_asked_for() -> None:
    contact, decision = after(alice(plan=vouched("pro")), unsigned({"plan": "free"}))
    assert contact.holding("plan").held == Held(
        "free", 2, Channel.MESSENGER, True, START, START, 1, "https://app.acme.example", "/v1"
    )
    assert contact.holding("plan").value == "pro"
    assert decision.refused == [ignored("plan", Reason.UNVERIFIED)]
    assert decision.refused_values == {"plan": ("pro", "free")}
    assert (decision.applied, decision.values) == ([], {})
    assert decision.ignored == {"plan:unverified": (START // HOUR, 0)}


def test_a_repeat_within_the_hour_is_counted_and_not_recorded_again() -> None:
    contact, _ = after(alice(plan=vouched("pro")), unsigned({"plan": "free"}))
    for seconds in (0, 1, HOUR - 1):
        same, decision = after(contact, unsigned({"plan": "free"}), now=START + seconds)
        assert told(decision) == [("plan", Outcome.IGNORED, Reason.UNVERIFIED)]
        assert decision.again == [Again("plan", Reason.UNVERIFIED, 2)]
        assert (decision.refused, decision.stored, same) == ([], False, contact)


def test_the_next_hour_records_it_again_with_how_often_it_came_meanwhile() -> None:
    contact, decision = after(alice(plan=vouched("pro")), unsigned({"plan": "free"}))
    contact = count_again(contact, {Again("plan", Reason.UNVERIFIED, 2): 3}, START + 5)
    contact, decision = after(contact, unsigned({"plan": "free"}), now=START + HOUR)
    assert [verdict.again for verdict in decision.refused] == [3]
    kept = contact.holding("plan").held
    assert kept is not None
    assert (kept.count, kept.first_at, kept.last_at, kept.version) == (5, START, START + HOUR, 2)


def test_another_value_within_the_hour_is_held_at_once_and_not_recorded() -> None:
    contact, _ = after(alice(plan=vouched("pro")), unsigned({"plan": "free"}))
    contact, decision = after(contact, unsigned({"plan": "trial"}), now=START + 1)
    kept = contact.holding("plan").held
    assert kept is not None
    assert (kept.value, kept.version, kept.count) == ("trial", 3, 1)
    assert (decision.refused, decision.again) == ([], [])


def test_a_repeat_of_what_is_known_raises_no_count_of_what_is_held() -> None:
    """A browser that goes on sending the right plan must not keep last month's wrong one alive."""
    contact, _ = after(alice(plan=vouched("pro")), unsigned({"plan": "free"}))
    _, decision = after(contact, unsigned({"plan": "pro"}), now=START + 1)
    assert decision.again == [Again("plan", Reason.UNVERIFIED, None)]
    counted = count_again(contact, {decision.again[0]: 9}, START + 5)
    assert counted.holding("plan").held == contact.holding("plan").held
    assert counted.ignored == {"plan:unverified": (START // HOUR, 9)}


def test_an_unproven_repeat_keeps_no_evidence_alive() -> None:
    contact, _ = after(alice(plan=vouched("pro")), unsigned({"plan": "free"}))
    _, decision = after(contact, unsigned({"plan": "free"}, proven=False), now=START + 1)
    assert decision.again == [Again("plan", Reason.UNVERIFIED, None)]


def test_counts_that_come_late_do_not_land_on_another_held_value() -> None:
    contact, _ = after(alice(plan=vouched("pro")), unsigned({"plan": "free"}))
    contact, _ = after(contact, unsigned({"plan": "trial"}), now=START + 1)
    counted = count_again(contact, {Again("plan", Reason.UNVERIFIED, 2): 5}, START + 2)
    kept = counted.holding("plan").held
    assert kept is not None
    assert (kept.value, kept.count) == ("trial", 1)


def test_counting_where_nothing_is_kept_any_more_counts_the_refusals_only() -> None:
    counted = count_again(alice(), {Again("plan", Reason.UNVERIFIED, 2): 5, Again("?", Reason.INVALID_NAME): 1}, START)
    assert counted.holdings == {}
    assert counted.ignored == {"plan:unverified": (START // HOUR, 5), "?:invalid_name": (START // HOUR, 1)}
    empty = count_again(alice(plan=vouched("pro")), {Again("plan", Reason.UNVERIFIED, 2): 5}, START)
    assert empty.holdings == {"plan": vouched("pro")}


def test_refusals_are_recorded_for_each_attribute_and_each_reason() -> None:
    rules = acme_rules(locked("plan"), locked("city"))
    contact, decision = after(alice(), unsigned({"plan": "x", "city": "y"}), rules=rules)
    assert len(decision.refused) == 2
    _, decision = after(contact, unsigned({"plan": "x" * 256}), rules=rules)
    assert decision.refused == [ignored("plan", Reason.TOO_LONG)]


def test_noise_under_a_thousand_names_makes_one_record_an_hour_for_each_reason() -> None:
    contact, decision = after(alice(), unsigned({f"noise {n}": "x" for n in range(50)} | {"iss": 1, "exp": 2}))
    assert len(decision.verdicts) == 52
    assert [verdict.reason for verdict in decision.refused] == [Reason.UNKNOWN_ATTRIBUTE, Reason.RESERVED_NAME]
    assert len(decision.again) == 50
    assert set(contact.ignored) == {"?:unknown_attribute", "?:reserved_name"}
    assert contact.holdings == {}


def test_a_name_that_is_no_attributes_is_shortened_before_it_is_told() -> None:
    decision = weigh(alice(), unsigned({"x" * 10_000: 1}), rules=acme_rules())
    assert decision.verdicts[0].name == "x" * 64


def test_hours_that_are_over_are_forgotten() -> None:
    contact, _ = after(alice(), unsigned({"plan": "x"}))
    _, decision = after(contact, unsigned({"iss": "x"}), now=START + HOUR)
    assert set(decision.ignored) == {"?:reserved_name"}


@pytest.mark.parametrize("saying", [signed({"plan": "x"}, 5), bot({"plan": "x"}), unsigned({"plan": []})])
def test_only_what_the_lock_refused_is_held(saying: Saying) -> None:
    contact, decision = after(alice(plan=vouched("pro")), saying, rules=acme_rules(opened("plan")))
    assert decision.verdicts[0].verdict is Outcome.IGNORED
    assert contact.holding("plan").held is None
    assert decision.refused == decision.verdicts


@pytest.mark.parametrize("saying", [relay({"plan": "free"}), observed({"plan": "free"}), bot({"plan": "free"})])
def test_a_relay_and_a_bot_are_held_like_a_browser(saying: Saying) -> None:
    contact, _ = after(alice(plan=vouched("pro")), saying)
    kept = contact.holding("plan").held
    assert kept is not None
    assert (kept.value, kept.channel) == ("free", saying.voice.channel)


def test_applied_and_refused_values_are_told_apart() -> None:
    rules = acme_rules(locked("plan"), monitored("city"), opened("seats"))
    _, decision = after(alice(), unsigned({"plan": "x", "city": "Oslo"}), signed({"seats": "5"}), rules=rules)
    assert decision.applied == [
        applied("seats", Channel.SIGNED),
        applied("city", reason=Reason.WOULD_IGNORE),
    ]
    assert decision.values == {"seats": (None, "5"), "city": (None, "Oslo")}
    assert decision.refused_values == {"plan": (None, "x")}


def test_a_repeat_that_only_raises_its_age_is_stored_without_a_record() -> None:
    contact, decision = after(alice(plan=vouched("pro")), signed({"plan": "pro"}, START), now=START)
    assert decision.stored
    assert (decision.applied, decision.refused) == ([], [])
    assert contact.holding("plan").source == msgspec.structs.replace(vouched("pro").source, signed_at=START)


@pytest.mark.parametrize(
    ("saying", "kinds"),
    [
        (signed({"plan": "pro"}), [TrafficClass.SIGNED]),
        (signed({"plan": "old"}, 5), [TrafficClass.SIGNED]),
        (unsigned({"plan": "pro"}), [TrafficClass.REPEATS]),
        (unsigned({"plan": "free"}), [TrafficClass.CONTRADICTS]),
        (unsigned({"plan": "free"}, proven=False), [TrafficClass.UNPROVEN_CONTRADICTS]),
        (unsigned({"city": "Oslo"}), [TrafficClass.FILLS]),
        (unsigned({"plan": []}), []),
        (unsigned({"gone": "x"}), []),
        (unsigned({"nobody knows it": "x"}), []),
        (backend({"plan": "x"}), []),
        (relay({"plan": "x"}), [TrafficClass.CONTRADICTS]),
        (bot({"city": "x"}), [TrafficClass.FILLS]),
        (observed({"city": "x"}), []),
    ],
)
def test_what_is_signed_and_what_a_lock_would_ignore_is_counted(saying: Saying, kinds: list[TrafficClass]) -> None:
    rules = acme_rules(locked("plan"), opened("city"), opened("gone", archived=True))
    decision = weigh(alice(plan=vouched("pro")), saying, rules=rules)
    name = next(iter(saying.raw_values))
    assert decision.arrivals == {kind: [name] for kind in kinds}


def test_what_the_token_supersedes_is_not_counted_as_unsigned_traffic() -> None:
    decision = weigh(alice(), signed({"plan": "pro"}), unsigned({"plan": "pro"}), rules=LOCKED)
    assert decision.arrivals == {TrafficClass.SIGNED: ["plan"]}


def test_evidence_of_a_proven_caller_outlives_noise_for_as_long_as_the_owner_keeps_it() -> None:
    contact = alice(plan=vouched("pro", held=held("free", 1)))
    noise = unsigned({"plan": "noise"}, proven=False)
    assert weigh(contact, noise, rules=LOCKED).holdings["plan"].held == held("free", 1)
    month = 30 * 86_400
    later = weigh(contact, noise, rules=LOCKED, now=NOW + month).holdings["plan"].held
    assert later is not None
    assert later.value == "noise"
    assert contact.holding("plan") == vouched("pro", held=held("free", 1))


def test_what_arrives_is_told_by_class_in_the_order_it_came() -> None:
    sayings = signed({"plan": "pro", "seats": 3}), unsigned({"city": "Bonn", "plan": "free"})
    rules = acme_rules(locked("plan"), opened("seats", type=AttributeType.INTEGER), opened("city"))
    decision = weigh(alice(), *sayings, rules=rules)
    assert decision.arrivals == {TrafficClass.SIGNED: ["plan", "seats"], TrafficClass.FILLS: ["city"]}
    assert weigh(alice(), signed({}), rules=rules).arrivals == {}


def test_what_is_held_is_recorded_once_for_each_key_that_proved_who_says_it() -> None:
    """Whoever distrusts one of them later finds it by that record."""
    contact, recorded = alice(plan=vouched("pro")), []
    for kid, plan in (("one", "a"), ("two", "b"), ("one", "c"), ("one", "c"), ("two", "d")):
        voice = msgspec.structs.replace(unsigned({}).voice, proven_by=kid)
        contact, decision = after(contact, Saying(voice, {"plan": plan}))
        recorded.append(len(decision.refused))
        held_now = contact.holding("plan").held
        assert held_now is not None
        assert (held_now.value, held_now.proven_by) == (plan, kid)
    assert recorded == [1, 1, 0, 0, 0]
    counted = count_again(contact, {Again("plan", Reason.UNVERIFIED, None, "one"): 2}, START)
    assert counted.ignored["plan:unverified:one"] == (START // HOUR, 2)


def test_what_was_counted_in_an_hour_waits_for_the_next_record_of_the_same_attribute() -> None:
    """A page that sends both again in the next hour must not lose one's count to the other's record."""
    rules = acme_rules(locked("plan"), locked("team"))
    both = unsigned({"plan": "free", "team": "b"})
    contact, decision = after(alice(plan=vouched("pro"), team=vouched("a")), both, rules=rules)
    held_at = {name: contact.holding(name).held.version for name in ("plan", "team")}  # type: ignore[union-attr]
    repeats = {Again(name, Reason.UNVERIFIED, version): 49 for name, version in held_at.items()}
    contact, decision = after(
        count_again(contact, repeats, START + 5), unsigned({"plan": "free"}), rules=rules, now=START + HOUR
    )
    assert [(one.name, one.again) for one in decision.refused] == [("plan", 49)]
    contact, decision = after(contact, both, rules=rules, now=START + 2 * HOUR)
    assert [(one.name, one.again) for one in decision.refused] == [("plan", 0), ("team", 49)]
    assert contact.ignored == {f"{name}:unverified": (START // HOUR + 2, 0) for name in ("plan", "team")}
