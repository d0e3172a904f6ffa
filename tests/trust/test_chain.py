"""Nobody rewrites a chain quietly: whatever was edited, dropped, moved or added is found, and where."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from avow.trust.audit.chain import Fault, Finding, row_of, verify
from avow.trust.change import GENESIS, Change, ChangeKind, opened
from tests.support.history import History
from tests.support.world import ACME, ALICE, GUEST, acme_rules, alice, guest, locked, signed, unsigned
from tests.support.world import opened as taken


def four_records() -> History:
    return (
        History()
        .say(signed({"plan": "free"}))
        .say(signed({"plan": "starter"}))
        .say(unsigned({"theme": "dark"}))
        .say(signed({"plan": "pro"}))
    )


def faults(findings: list[Finding]) -> list[tuple[int | None, Fault]]:
    return [(found.seq, found.fault) for found in findings]


def test_a_chain_that_nobody_touched_verifies() -> None:
    history = four_records()
    assert len(history.rows) == 4
    assert history.check() == []


def test_an_edited_record_is_found() -> None:
    history = four_records()
    history.change(1, raw_facts=history.rows[1].raw_facts.replace(b"signed", b"teammate"))
    assert (2, Fault.EDITED) in faults(history.check())


def test_an_edited_record_whose_hash_was_made_to_fit_is_found_at_the_next_one() -> None:
    history = four_records()
    history.forge(1, sdk="web 9")
    [found] = history.check()
    assert (found.seq, found.fault) == (3, Fault.EDITED)
    assert "it or record 2" in found.message


def test_an_edited_last_record_whose_hash_was_made_to_fit_is_not_the_contacts_newest() -> None:
    history = four_records()
    history.forge(3, sdk="web 9")
    assert faults(history.check()) == [(4, Fault.DROPPED)]


def test_an_edited_first_record_is_found() -> None:
    history = four_records()
    history.change(0, raw_facts=history.rows[0].raw_facts.replace(b"created", b"updated"))
    assert faults(history.check())[0] == (1, Fault.EDITED)


def test_facts_that_cannot_be_read_are_found() -> None:
    history = four_records()
    history.change(2, raw_facts=b"\xff{")
    assert (3, Fault.EDITED) in faults(history.check())


def test_a_dropped_record_is_found_at_the_one_that_followed_it() -> None:
    history = four_records()
    del history.rows[2]
    assert (4, Fault.EDITED_OR_DROPPED) in faults(history.check())


def test_a_dropped_first_record_is_found() -> None:
    history = four_records()
    del history.rows[0]
    assert faults(history.check())[0] == (2, Fault.EDITED_OR_DROPPED)


def test_a_dropped_last_record_is_found() -> None:
    history = four_records()
    del history.rows[3]
    assert (3, Fault.DROPPED) in faults(history.check())


def test_a_contact_whose_records_were_all_dropped_is_found() -> None:
    history = four_records()
    history.rows.clear()
    assert (None, Fault.DROPPED) in faults(history.check())


def test_two_records_that_changed_places_are_both_found() -> None:
    history = four_records()
    history.change(1, seq=3)
    history.change(2, seq=2)
    history.rows[1:3] = [history.rows[2], history.rows[1]]
    first, second, *_ = history.check()
    assert faults([first, second]) == [(2, Fault.REORDERED), (3, Fault.REORDERED)]
    assert (first.message, second.message) == (
        "it stands at 2 and was written as 3",
        "it stands at 3 and was written as 2",
    )


def test_records_that_changed_places_with_their_numbers_are_found() -> None:
    """As far as only the facts are at hand, the hashes tell after which record each was written."""
    history = four_records()
    history.rows[1:3] = [history.rows[2], history.rows[1]]
    [first, second, *_] = history.check()
    assert (first.fault, second.fault) == (Fault.REORDERED, Fault.REORDERED)
    assert "it was written after record 2 and stands after record 1" in first.message


def test_a_first_record_that_was_moved_behind_is_found() -> None:
    history = four_records()
    history.rows[0:2] = [history.rows[1], history.rows[0]]
    assert "it was written after nothing and stands after record 2" in [one.message for one in history.check()]


def test_a_record_put_in_front_of_the_first_is_found() -> None:
    history, stray = four_records(), History().say(signed({"plan": "pro"}))
    stray.change(0, seq=0, raw_facts=stray.rows[0].raw_facts.replace(b'"seq":1', b'"seq":0'))
    history.rows.insert(0, stray.rows[0])
    assert faults(history.check())[:2] == [(0, Fault.EDITED_OR_DROPPED), (1, Fault.REORDERED)]


def test_a_record_of_somebody_else_is_found() -> None:
    history, others = four_records(), History(guest()).say(signed({"plan": "pro"})).say(signed({"plan": "free"}))
    history.rows[1] = others.rows[1]
    assert (2, Fault.REORDERED) in faults(history.check())


def test_a_record_that_was_added_at_the_end_is_found() -> None:
    history = four_records()
    honest = history.contact
    history.say(signed({"plan": "enterprise"}))
    assert (5, Fault.EDITED) in faults(history.check(honest))


@pytest.mark.parametrize("column", [{"at": 1.0}, {"kid": "mallorys-key"}], ids=["time", "key"])
def test_columns_that_say_something_else_than_the_facts_are_found(column: dict[str, object]) -> None:
    history = four_records()
    history.change(1, **column)
    assert faults(history.check()) == [(2, Fault.EDITED)]


def test_edited_values_are_found() -> None:
    history = four_records()
    raw_values = history.rows[3].raw_values
    assert raw_values is not None
    history.change(3, raw_values=raw_values.replace(b"pro", b"top"))
    assert (4, Fault.VALUES_EDITED) in faults(history.check())


def test_values_that_are_gone_while_the_contact_is_there_are_found() -> None:
    history = four_records()
    history.change(1, raw_values=None)
    assert faults(history.check()) == [(2, Fault.VALUES_MISSING)]


def test_the_values_of_what_was_ignored_may_run_out() -> None:
    history = History(rules=acme_rules(locked("plan"))).say(signed({"plan": "pro"})).say(unsigned({"plan": "top"}))
    history.change(1, raw_values=None)
    assert history.check() == []


def test_a_contact_that_was_erased_leaves_a_chain_that_verifies() -> None:
    history = four_records().end(ChangeKind.ERASED).forget_values()
    assert history.check_gone() == []
    assert verify(ACME, ALICE, None, history.rows, {}).erased


def test_a_contact_that_is_gone_without_a_tombstone_is_found() -> None:
    history = four_records().forget_values()
    assert faults(history.check_gone()) == [(4, Fault.NO_TOMBSTONE)]
    assert faults(list(verify(ACME, ALICE, None, [], {}).findings)) == [(None, Fault.NO_TOMBSTONE)]


def test_a_tombstone_that_cannot_be_read_is_none() -> None:
    history = four_records().end(ChangeKind.ERASED).forget_values()
    history.change(4, raw_facts=b"{}")
    assert faults(history.check_gone()) == [(5, Fault.EDITED), (5, Fault.NO_TOMBSTONE)]


def test_values_of_an_erased_contact_that_are_still_stored_are_found() -> None:
    history = four_records()
    kept = history.rows[0].raw_values
    history.end(ChangeKind.ERASED).forget_values().change(0, raw_values=kept)
    assert faults(history.check_gone()) == [(1, Fault.VALUES_LEFT)]


def test_whoever_was_merged_and_is_gone_went_into_somebody() -> None:
    history = History(guest()).say(unsigned({"theme": "dark"})).end(ChangeKind.MERGED_AWAY, ALICE).forget_values()
    found = verify(ACME, GUEST, None, history.rows, {})
    assert (found.findings, found.erased, found.gone_into) == ((), False, ALICE)


def test_a_head_that_points_at_nothing_is_found() -> None:
    history = four_records()
    assert faults(history.check(msgspec.structs.replace(history.contact, head=GENESIS))) == [(4, Fault.DROPPED)]


def test_text_written_over_bytes_is_checked_as_bytes() -> None:
    """SQLite's `replace` makes text of the bytes that it goes through."""
    history = four_records()
    [row, *rest] = history.rows
    assert row.raw_values is not None
    as_text: Any = (row.raw_facts.decode(), row.raw_values.decode(), row.hash)
    facts = opened(row.raw_facts, None, row.hash).facts
    history.rows = [row_of(Change(facts, *as_text)), *rest]
    assert history.check() == []


def test_no_finding_shows_a_value() -> None:
    history = History(rules=acme_rules(taken("plan"))).say(signed({"plan": "topsecret"}))
    holding = msgspec.structs.replace(history.contact.holdings["plan"], value="othersecret")
    lying = alice(plan=holding)
    assert all("secret" not in found.message for found in history.check(lying))
