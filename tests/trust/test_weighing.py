"""What one voice may do to one value: the lock, age, blanks and repeats (D6-D9), and what is kept afterwards."""

from __future__ import annotations

import msgspec
import pytest

from avow.trust.attribute import Attribute
from avow.trust.change import Outcome
from avow.trust.contact import NOTHING, Channel, Holding, Role, Scalar, Source
from avow.trust.policy import UndatedTokens
from avow.trust.reasons import Reason
from avow.trust.weighing.checks import Weighed, adopts, weigh
from avow.trust.weighing.voice import Saying, Voice
from tests.support.world import (
    BACKEND,
    EARLIER,
    KID,
    LONG_AGO,
    NOW,
    backend,
    bot,
    claimed,
    held,
    locked,
    monitored,
    observed,
    olive,
    opened,
    relay,
    signed,
    slot_of,
    unsigned,
    vouched,
    workflow,
)

OPEN, MONITOR, LOCKED = opened("plan"), monitored("plan"), locked("plan")
UNVERIFIED = [
    unsigned({}),
    unsigned({}, proven=False),
    observed({}),
    bot({}),
    bot({}, asked=False),
    relay({}),
    relay({}, channel=Channel.IMPORT),
    workflow({}, verified=False),
]
VERIFIED = [signed({}), backend({}), olive({}), workflow({}, verified=True)]
NEVER_STALE = [backend, olive]


def weighed(
    holding: Holding,
    value: Scalar,
    saying: Saying,
    attribute: Attribute = OPEN,
    *,
    role: Role = Role.USER,
    undated: UndatedTokens = UndatedTokens.ACCEPT,
    now: float = NOW,
) -> Weighed:
    return weigh(holding, attribute, value, saying.voice, role, undated, now, 7)


def written(saying: Saying, at: int = NOW) -> Source:
    voice = saying.voice
    return Source(voice.channel, voice.verified, voice.by, at, NOW, 7)


@pytest.mark.parametrize("saying", UNVERIFIED)
@pytest.mark.parametrize("role", list(Role))
def test_a_lock_lets_no_unverified_write_through(saying: Saying, role: Role) -> None:
    if saying.voice.asked and role is not Role.USER:
        return  # the one exemption, tested below
    for holding in (NOTHING, claimed("free"), vouched("pro"), claimed("free", slot=slot_of("pro"))):
        for value in ("trial", None, "pro", "free"):
            outcome = weighed(holding, value, saying, LOCKED, role=role)
            assert outcome == Weighed(Outcome.IGNORED, holding, Reason.UNVERIFIED)
            assert outcome.holding is holding


@pytest.mark.parametrize("saying", VERIFIED)
def test_a_lock_lets_every_verified_write_through(saying: Saying) -> None:
    assert weighed(claimed("free"), "pro", saying, LOCKED) == Weighed(Outcome.APPLIED, Holding("pro", written(saying)))


@pytest.mark.parametrize("saying", [one for one in UNVERIFIED if one.voice.channel is not Channel.BOT])
@pytest.mark.parametrize(("attribute", "reason"), [(OPEN, None), (MONITOR, Reason.WOULD_IGNORE)])
def test_without_a_lock_an_unverified_write_is_applied_beside_the_slot(
    saying: Saying, attribute: Attribute, reason: Reason | None
) -> None:
    assert weighed(NOTHING, "trial", saying, attribute) == Weighed(
        Outcome.APPLIED, Holding("trial", written(saying)), reason
    )
    before = vouched("pro")
    assert weighed(before, "trial", saying, attribute) == Weighed(
        Outcome.APPLIED, Holding("trial", written(saying), before.verified_slot), reason
    )
    kept = claimed("free", slot=slot_of("pro"))
    assert weighed(kept, None, saying, attribute).holding == Holding(None, written(saying), slot_of("pro"))


@pytest.mark.parametrize("saying", [unsigned({}), relay({}), observed({})])
def test_an_unverified_repeat_of_the_slot_brings_the_slot_back_and_vouches_for_nothing(saying: Saying) -> None:
    kept = claimed("free", slot=slot_of("pro", LONG_AGO), held=held("x"))
    outcome = weighed(kept, "pro", saying)
    assert outcome == Weighed(Outcome.APPLIED, Holding("pro", slot_of("pro", LONG_AGO).source, None, held("x")))


@pytest.mark.parametrize(("attribute", "reason"), [(OPEN, None), (MONITOR, Reason.WOULD_IGNORE)])
@pytest.mark.parametrize("holding", [claimed("pro"), vouched("pro"), claimed("pro", slot=slot_of("free"))])
def test_an_unverified_repeat_keeps_the_provenance_it_finds(
    holding: Holding, attribute: Attribute, reason: Reason | None
) -> None:
    for saying in (unsigned({}), relay({}), observed({})):
        outcome = weighed(holding, "pro", saying, attribute)
        assert outcome == Weighed(Outcome.UNCHANGED, holding, reason)
        assert outcome.holding is holding


def test_clearing_what_was_never_there_changes_nothing() -> None:
    assert weighed(NOTHING, None, unsigned({})) == Weighed(Outcome.UNCHANGED, NOTHING)


@pytest.mark.parametrize("role", [Role.LEAD, Role.VISITOR])
@pytest.mark.parametrize("attribute", [LOCKED, MONITOR])
def test_a_bot_may_fill_in_what_it_asked_a_lead(role: Role, attribute: Attribute) -> None:
    outcome = weighed(NOTHING, "pro", bot({}), attribute, role=role)
    assert outcome == Weighed(Outcome.APPLIED, Holding("pro", written(bot({}))), Reason.BOT_EXEMPT)


@pytest.mark.parametrize(
    ("saying", "role"), [(bot({}), Role.USER), (bot({}, asked=False), Role.LEAD), (bot({}, asked=False), Role.VISITOR)]
)
def test_a_bot_is_not_exempt_on_a_user_or_without_its_own_question(saying: Saying, role: Role) -> None:
    assert weighed(NOTHING, "pro", saying, LOCKED, role=role).reason is Reason.UNVERIFIED
    assert weighed(NOTHING, "pro", saying, MONITOR, role=role).reason is Reason.WOULD_IGNORE


@pytest.mark.parametrize("holding", [claimed("free"), vouched("pro"), claimed("free", slot=slot_of("pro"))])
@pytest.mark.parametrize(("attribute", "role"), [(OPEN, Role.USER), (OPEN, Role.LEAD), (LOCKED, Role.LEAD)])
def test_a_bot_fills_blanks_only(holding: Holding, attribute: Attribute, role: Role) -> None:
    for value in ("trial", "pro", None):
        outcome = weighed(holding, value, bot({}), attribute, role=role)
        assert outcome == Weighed(Outcome.IGNORED, holding, Reason.ALREADY_KNOWN)


@pytest.mark.parametrize(
    ("at", "outcome"), [(EARLIER - 1, Outcome.IGNORED), (EARLIER, Outcome.APPLIED), (EARLIER + 1, Outcome.APPLIED)]
)
@pytest.mark.parametrize(
    "holding",
    [
        vouched("pro"),
        vouched(None),
        claimed("x", slot=slot_of("pro", EARLIER)),
        claimed(None, slot=slot_of("y", EARLIER)),
    ],
)
def test_an_older_token_cannot_bring_back_the_old_plan(holding: Holding, at: int, outcome: Outcome) -> None:
    """Roll-back: after an overwrite, after a verified clear, and behind an unverified value or clear."""
    result = weighed(holding, "free", signed({}, at))
    assert result.outcome is outcome
    assert result.reason is (Reason.STALE if outcome is Outcome.IGNORED else None)
    assert result.holding == (holding if outcome is Outcome.IGNORED else Holding("free", written(signed({}), at)))


@pytest.mark.parametrize("at", [LONG_AGO, EARLIER, NOW])
def test_an_old_token_is_young_enough_where_nothing_was_vouched_for(at: int) -> None:
    assert weighed(claimed("free", NOW), "pro", signed({}, at)).outcome is Outcome.APPLIED
    assert weighed(NOTHING, None, signed({}, at)).holding == Holding(None, written(signed({}), at))


@pytest.mark.parametrize("channel", [Channel.API, Channel.TEAMMATE, Channel.IMPORT, Channel.WORKFLOW])
@pytest.mark.parametrize(
    ("at", "outcome"), [(EARLIER - 1, Outcome.IGNORED), (EARLIER, Outcome.IGNORED), (EARLIER + 1, Outcome.APPLIED)]
)
def test_rest_and_teammates_win_the_second_against_tokens(channel: Channel, at: int, outcome: Outcome) -> None:
    assert weighed(vouched("pro", channel=channel), "free", signed({}, at)).outcome is outcome


@pytest.mark.parametrize("says", NEVER_STALE)
@pytest.mark.parametrize(("slot_at", "becomes"), [(EARLIER, NOW), (NOW, NOW), (NOW + 500, NOW + 500)])
def test_rest_and_teammates_are_never_stale_and_raise_the_slot(says: object, slot_at: int, becomes: int) -> None:
    saying = says({})  # type: ignore[operator]
    outcome = weighed(vouched("pro", slot_at), "free", saying)
    assert outcome == Weighed(Outcome.APPLIED, Holding("free", written(saying, becomes)))


def test_a_slot_in_the_future_counts_as_now() -> None:
    """A clock that was put right must not lock everybody's tokens out until the wrong time has come."""
    ahead = vouched("pro", NOW + 9_000)
    assert weighed(ahead, "free", signed({}, NOW)).outcome is Outcome.APPLIED
    assert weighed(ahead, "free", signed({}, NOW - 1)).reason is Reason.STALE
    by_rest = vouched("pro", NOW + 9_000, channel=Channel.API)
    assert weighed(by_rest, "free", signed({}, NOW)).outcome is Outcome.APPLIED
    assert weighed(by_rest, "free", signed({}, NOW - 1)).reason is Reason.STALE
    assert weighed(by_rest, "free", signed({}, NOW + 9_000), now=NOW + 9_000).reason is Reason.STALE


@pytest.mark.parametrize("saying", [signed({}, EARLIER), signed({}, EARLIER - 1)])
def test_the_same_value_in_a_token_that_is_no_newer_changes_nothing(saying: Saying) -> None:
    before = vouched("pro")
    outcome = weighed(before, "pro", saying)
    assert outcome.holding is before
    assert outcome.outcome is (Outcome.UNCHANGED if saying.voice.signed_at == EARLIER else Outcome.IGNORED)


@pytest.mark.parametrize(
    ("before", "saying"), [(vouched("pro"), signed({})), (vouched("pro", channel=Channel.API), backend({}))]
)
def test_the_same_value_in_a_newer_token_raises_its_age_and_nothing_else(before: Holding, saying: Saying) -> None:
    assert before.source is not None
    outcome = weighed(before, "pro", saying)
    raised = msgspec.structs.replace(before.source, signed_at=NOW)
    assert outcome == Weighed(Outcome.UNCHANGED, Holding("pro", raised, None, before.held))
    assert weighed(outcome.holding, "free", signed({}, NOW - 1)).reason is Reason.STALE


@pytest.mark.parametrize("saying", [signed({}, kid="acme-new"), backend({}), olive({})])
def test_the_same_value_from_somebody_else_is_a_change_of_trust(saying: Saying) -> None:
    assert weighed(vouched("pro"), "pro", saying) == Weighed(Outcome.APPLIED, Holding("pro", written(saying)))


@pytest.mark.parametrize("holding", [claimed("pro"), claimed("pro", slot=slot_of("free"))])
def test_vouching_for_an_unverified_value_is_a_change_of_trust(holding: Holding) -> None:
    assert weighed(holding, "pro", signed({})) == Weighed(Outcome.APPLIED, Holding("pro", written(signed({}))))


@pytest.mark.parametrize("undated", [UndatedTokens.ACCEPT, UndatedTokens.REFUSE])
def test_an_undated_token_that_got_this_far_counts_from_its_receipt(undated: UndatedTokens) -> None:
    assert weighed(vouched("pro"), "free", signed({}, dated=False), undated=undated).outcome is Outcome.APPLIED


@pytest.mark.parametrize(
    "holding", [claimed("free"), vouched("pro"), vouched(None), claimed(None, slot=slot_of("pro"))]
)
def test_under_fill_only_an_undated_token_fills_what_is_blank_and_nothing_else(holding: Holding) -> None:
    fill = UndatedTokens.FILL_ONLY
    for value in ("pro", "free", None):
        outcome = weighed(holding, value, signed({}, dated=False), undated=fill)
        assert outcome == Weighed(Outcome.IGNORED, holding, Reason.UNDATED)
    assert weighed(NOTHING, "pro", signed({}, dated=False), undated=fill).outcome is Outcome.APPLIED
    assert weighed(claimed(None), "pro", signed({}, dated=False), undated=fill).outcome is Outcome.APPLIED
    assert weighed(holding, "new", signed({}), undated=fill).outcome is Outcome.APPLIED


def test_what_is_held_stays_held_whatever_is_written() -> None:
    for saying in (signed({}), backend({}), unsigned({})):
        before = claimed("free", slot=slot_of("pro"), held=held("x"))
        assert weighed(before, "new", saying).holding.held == held("x")
    assert weighed(vouched("pro", held=held("x")), "pro", signed({})).holding.held == held("x")


@pytest.mark.parametrize(
    ("channel", "verified", "answer"),
    [
        (Channel.SIGNED, True, True),
        (Channel.API, True, True),
        (Channel.IMPORT, True, True),
        (Channel.TEAMMATE, True, True),
        (Channel.API, False, False),
        (Channel.IMPORT, False, False),
        (Channel.WORKFLOW, True, False),
        (Channel.MESSENGER, False, False),
        (Channel.OBSERVED, False, False),
        (Channel.BOT, False, False),
    ],
)
def test_only_who_vouches_adopts_an_attribute(channel: Channel, verified: bool, answer: bool) -> None:
    """A sync that writes back what it has read would else make Mallory's noise Acme's attributes."""
    assert adopts(Voice(channel, verified, BACKEND if verified else KID, NOW)) is answer
