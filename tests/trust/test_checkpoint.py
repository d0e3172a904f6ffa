"""A digest kept elsewhere shows a rewritten history, and nothing that merely came later."""

from __future__ import annotations

import pytest

from avow.errors import BadInput
from avow.trust.audit.checkpoint import Checkpoint, Digest, difference, parse
from avow.trust.change import GENESIS, Change, ChangeKind, Draft, seal
from avow.trust.contact import ContactId, WorkspaceId

ACME = WorkspaceId("acme0000")
ALICE, BOB = ContactId("a" * 24), ContactId("b" * 24)
NOON = 1_800_000_000


def chain(contact_id: ContactId, *moments: float, origin: str | None = None) -> list[Change]:
    """Records written at these moments."""
    records: list[Change] = []
    for seq, at in enumerate(moments, 1):
        previous = records[-1].hash if records else GENESIS
        draft = Draft(ChangeKind.UPDATED, origin=origin)
        place = {"workspace_id": ACME, "contact_id": contact_id, "seq": seq, "at": at}
        records.append(seal(draft, **place, previous=previous, salt=b"\0" * 16))  # type: ignore[arg-type]
    return records


def summed(*chains: list[Change], until: int | None = NOON) -> Checkpoint:
    digest = Digest(ACME, until)
    for records in chains:
        digest.add(records[0].facts.contact_id, records)
    return digest.checkpoint()


KEPT = summed(chain(ALICE, NOON - 9, NOON - 5), chain(BOB, NOON - 7))


def test_what_comes_later_changes_nothing() -> None:
    later = summed(
        chain(ALICE, NOON - 9, NOON - 5, NOON + 1), chain(BOB, NOON - 7), chain(ContactId("c" * 24), NOON + 2)
    )
    assert later == KEPT
    assert difference(KEPT, later) is None


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (summed(chain(ALICE, NOON - 9), chain(BOB, NOON - 7)), "history was removed"),
        (summed(chain(ALICE, NOON - 9, NOON - 5)), "history was removed"),
        (summed(chain(ALICE, NOON - 9, NOON - 5, NOON - 4), chain(BOB, NOON - 7)), "slipped in"),
        (summed(chain(ALICE, NOON - 9, NOON - 5), chain(BOB, NOON - 7, origin="mallory")), "history was rewritten"),
        (summed(chain(ALICE, NOON - 9, NOON - 5), chain(ContactId("c" * 24), NOON - 7)), "history was rewritten"),
    ],
    ids=["a record dropped", "a chain dropped", "a record slipped in", "a record rewritten", "a chain moved"],
)
def test_a_rewritten_history_is_told_with_what_became_of_it(now: Checkpoint, words: str) -> None:
    assert words in str(difference(KEPT, now))


def test_two_workspaces_never_have_the_same_digest() -> None:
    assert Digest(ACME, None).checkpoint().digest != Digest(WorkspaceId("acme0001"), None).checkpoint().digest


def test_a_checkpoint_is_one_line_that_can_be_read_back() -> None:
    other = Digest(WorkspaceId("acme0001"), NOON).checkpoint()
    assert parse(f"{KEPT}\n\n  {other}\n") == [KEPT, other]
    assert "\n" not in str(KEPT)
    assert str(summed(chain(ALICE, NOON), until=None)).startswith("avow-checkpoint-1 acme0000  1 1 ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "There is no checkpoint"),
        ("avow-checkpoint-1", "Line 1 is no checkpoint"),
        (f"{KEPT}\n{str(KEPT)[:-1]}", "Line 2 is no checkpoint"),
        (str(KEPT).upper(), "Line 1"),
        (str(KEPT).replace("acme0000", "acme/000"), "Line 1"),
        (f"{KEPT} {KEPT}", "Line 1"),
    ],
)
def test_what_is_no_checkpoint_is_refused_with_its_line(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse(text)
