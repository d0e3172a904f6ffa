"""What one change record tells of who vouched: a slot, somebody who was merged, or nothing that counts."""

from __future__ import annotations

import msgspec
import pytest

from avow.trust.audit.vouching import is_trusted, merged_from, slot_of
from avow.trust.change import GENESIS, Change, ChangeKind, Draft, Outcome, Verdict, seal
from avow.trust.contact import Channel, ContactId, Slot, Source, WorkspaceId
from avow.trust.keys import Algorithm, Keyring, KeyState, Purpose, SigningKey
from avow.trust.policy import Platform
from avow.trust.weighing.distrust import Doubt

AT = 1_000.5
DOUBT = Doubt("leaked", 900.0)
GUEST = ContactId("9" * 24)


def key(kid: str, distrusted_since: float | None = None) -> SigningKey:
    return SigningKey(
        kid=kid,
        name=kid,
        algorithm=Algorithm.HS256,
        purpose=Purpose.TOKEN,
        platforms=frozenset(Platform),
        state=KeyState.LIVE,
        created_at=1.0,
        material=kid.encode() * 8,
        distrusted_since=distrusted_since,
    )


KEYRING = Keyring([key("honest"), key("leaked"), key("earlier", 500.0), key("later", 5_000.0)])


def record(
    channel: Channel,
    outcome: Outcome = Outcome.APPLIED,
    kind: ChangeKind = ChangeKind.UPDATED,
    *,
    kid: str | None = None,
    unvouched: bool = False,
    values: dict[str, tuple[str | None, str | None]] | None = None,
) -> Change:
    verdict = Verdict("plan", outcome, channel, None, 0, unvouched)
    told = {"plan": ("free", "pro")} if values is None else values
    draft = Draft(kind, channel, "olive", kid, other=GUEST, verdicts=(verdict,), values=dict(told))
    place = {"workspace_id": WorkspaceId("acme0001"), "contact_id": ContactId("1" * 24), "seq": 7, "at": AT}
    return seal(draft, **place, previous=GENESIS, salt=bytes(16))  # type: ignore[arg-type]


@pytest.mark.parametrize("kid", ["honest", "later"])
def test_a_signed_value_is_its_keys(kid: str) -> None:
    expected = Slot("pro", Source(Channel.SIGNED, True, kid, 1_000, AT, 7))
    assert slot_of(record(Channel.SIGNED, kid=kid), "plan", KEYRING, DOUBT) == expected


@pytest.mark.parametrize("kid", ["leaked", "earlier", "nobody's", None])
def test_a_key_that_is_doubted_or_unknown_vouches_for_nothing(kid: str | None) -> None:
    assert slot_of(record(Channel.SIGNED, kid=kid), "plan", KEYRING, DOUBT) is None


def test_what_the_doubted_key_said_before_counts() -> None:
    slot = slot_of(record(Channel.SIGNED, kid="leaked"), "plan", KEYRING, Doubt("leaked", AT + 1))
    assert slot is not None
    assert slot.source.by == "leaked"


@pytest.mark.parametrize("channel", [Channel.API, Channel.IMPORT, Channel.TEAMMATE, Channel.WORKFLOW])
def test_what_others_vouched_for_is_theirs_unless_the_record_says_nobody_did(channel: Channel) -> None:
    slot = slot_of(record(channel, kid="leaked"), "plan", KEYRING, DOUBT)
    assert slot is not None
    assert (slot.source.by, slot.source.channel, slot.source.verified) == ("olive", channel, True)
    assert slot_of(record(channel, unvouched=True), "plan", KEYRING, DOUBT) is None


def test_a_record_that_names_no_channel_moved_what_others_said_and_vouches_for_nothing() -> None:
    moved = record(Channel.API)
    facts = msgspec.structs.replace(moved.facts, channel=None)
    assert slot_of(msgspec.structs.replace(moved, facts=facts), "plan", KEYRING, DOUBT) is None


@pytest.mark.parametrize("channel", [Channel.MESSENGER, Channel.OBSERVED, Channel.BOT])
def test_what_a_browser_said_was_vouched_for_by_nobody(channel: Channel) -> None:
    assert slot_of(record(channel), "plan", KEYRING, DOUBT) is None


@pytest.mark.parametrize("outcome", [Outcome.UNCHANGED, Outcome.IGNORED])
def test_only_what_was_applied_wrote_a_slot(outcome: Outcome) -> None:
    assert slot_of(record(Channel.API, outcome), "plan", KEYRING, DOUBT) is None


@pytest.mark.parametrize("kind", [ChangeKind.MERGED, ChangeKind.DISTRUSTED])
def test_what_only_retells_is_passed_over(kind: ChangeKind) -> None:
    assert slot_of(record(Channel.SIGNED, kind=kind, kid="honest"), "plan", KEYRING, DOUBT) is None


def test_another_attributes_record_and_erased_values_tell_nothing() -> None:
    told = record(Channel.API)
    assert slot_of(told, "seats", KEYRING, DOUBT) is None
    assert slot_of(record(Channel.API, values={}), "plan", KEYRING, DOUBT) is None
    assert slot_of(msgspec.structs.replace(told, raw_values=None), "plan", KEYRING, DOUBT) is None


def test_a_cleared_value_was_vouched_for_too() -> None:
    slot = slot_of(record(Channel.API, values={"plan": ("pro", None)}), "plan", KEYRING, DOUBT)
    assert slot is not None
    assert slot.value is None


def test_a_merge_says_whose_slot_came() -> None:
    assert merged_from(record(Channel.API, kind=ChangeKind.MERGED), "plan") == GUEST
    assert merged_from(record(Channel.MESSENGER, kind=ChangeKind.MERGED), "plan") is None
    assert merged_from(record(Channel.API), "plan") is None
    assert merged_from(record(Channel.API, kind=ChangeKind.MERGED), "seats") is None


def test_no_slot_and_a_teammates_cannot_be_distrusted() -> None:
    assert is_trusted(None, KEYRING)
    assert is_trusted(Slot("pro", Source(Channel.TEAMMATE, True, "leaked", 1, 1.0, 1)), KEYRING)
    assert not is_trusted(Slot("pro", Source(Channel.SIGNED, True, "earlier", 600, 600.0, 1)), KEYRING)
    assert is_trusted(Slot("pro", Source(Channel.SIGNED, True, "earlier", 400, 400.0, 1)), KEYRING)
