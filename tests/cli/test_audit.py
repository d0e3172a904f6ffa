"""`avow audit verify` ends with 1 when a record is not as it was written, and says whose and which."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.conftest import Avow
from tests.cli.people import live


@pytest.fixture
def alice(avow: Avow) -> str:
    """Alice with three records, written as the server writes them; her contact id."""
    return live(avow, "alice", "free", "starter", "pro")


def execute(statement: str, *values: object) -> Callable[[Avow], None]:
    return lambda avow: avow.falsify(statement, *values)


def test_records_that_nobody_touched_verify(avow: Avow, alice: str) -> None:
    told = avow.told("audit", "verify")
    assert told["verified"] is True
    assert {one["workspace_id"]: one["records"] for one in told["workspaces"]} == {
        avow.workspace_id: 3,
        avow.test_workspace_id: 0,
    }
    assert "every chain verifies" in avow.say("audit", "verify").out


@pytest.mark.parametrize(
    ("falsify", "fault", "seq"),
    [
        (
            execute("UPDATE change SET raw_facts = replace(raw_facts, 'signed', 'import') WHERE seq = 2"),
            "edited",
            2,
        ),
        (execute("DELETE FROM change WHERE seq = 2"), "edited_or_dropped", 3),
        (execute("DELETE FROM change WHERE seq = 3"), "dropped", 2),
        (
            execute("UPDATE change SET raw_values = replace(raw_values, 'starter', 'deluxe') WHERE seq = 2"),
            "values_edited",
            2,
        ),
        (execute("UPDATE contact SET holdings = replace(holdings, '\"pro\"', '\"max\"')"), "untold", 3),
    ],
    ids=["edited", "dropped", "newest dropped", "values edited", "value slipped in"],
)
def test_what_was_falsified_is_found_with_whose_it_is(
    avow: Avow, alice: str, falsify: Callable[[Avow], None], fault: str, seq: int
) -> None:
    falsify(avow)
    ended = avow.say("audit", "verify", "--json")
    assert ended.code == 1
    findings = [finding for one in ended.told["workspaces"] for finding in one["findings"]]
    assert (alice, seq, fault) in [(one["contact_id"], one["seq"], one["fault"]) for one in findings]
    assert alice in avow.say("audit", "verify").out


def test_records_that_changed_places_are_found(avow: Avow, alice: str) -> None:
    for seq, becomes in ((2, 99), (3, 2), (99, 3)):
        execute("UPDATE change SET seq = ? WHERE seq = ?", becomes, seq)(avow)
    findings = avow.say("audit", "verify", "--json").told["workspaces"][0]["findings"]
    assert {one["fault"] for one in findings} >= {"reordered"}
    assert {one["contact_id"] for one in findings} == {alice}
