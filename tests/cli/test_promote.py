"""`avow workspace promote` tells first, and then does what it told."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Avow


def turn(avow: Avow, act: str, name: str, *, test: bool) -> None:
    """Lock or open an attribute of one of the workspaces."""
    avow.told("attribute", act, name, "--workspace", avow.test_workspace_id if test else avow.workspace_id)


def enforcement(avow: Avow, name: str) -> str:
    """How it stands in production."""
    return str({one["name"]: one["enforcement"] for one in avow.told("attribute", "list")}[name])


@pytest.fixture
def looser(avow: Avow) -> Avow:
    """Production locks two attributes that test leaves open, and leaves one open that test locks."""
    for name in ("email", "phone"):
        turn(avow, "lock", name, test=False)
    turn(avow, "lock", "name", test=True)
    return avow


def test_without_a_yes_it_only_tells(looser: Avow) -> None:
    told = looser.told("workspace", "promote")
    assert {(one["name"], one["before"], one["after"], one["loosens"]) for one in told["steps"]} == {
        ("name", "open", "locked", False),
        ("email", "locked", "open", True),
        ("phone", "locked", "open", True),
    }
    assert told["promoted"] is None
    said = looser.say("workspace", "promote", "--dry-run").out
    assert "yes: confirm with --loosen" in said
    assert enforcement(looser, "name") == "open"


def test_locks_stay_locks_unless_each_is_confirmed(looser: Avow) -> None:
    told = looser.told("workspace", "promote", "--yes", "--loosen", "phone")
    assert (sorted(told["promoted"]), told["kept_locked"]) == (["name", "phone"], ["email"])
    assert [enforcement(looser, name) for name in ("name", "email", "phone")] == ["locked", "locked", "open"]


def test_it_says_what_was_done_and_what_was_left(looser: Avow) -> None:
    said = looser.say("workspace", "promote", "--yes").out
    assert "as in test now: name." in said
    assert "Not loosened, because it was not confirmed: email, phone." in said


def test_what_is_not_loosened_cannot_be_confirmed(looser: Avow) -> None:
    _, code, _ = looser.refused("workspace", "promote", "--yes", "--loosen", "name")
    assert code == "parameter_invalid"
    assert enforcement(looser, "name") == "open"


def test_it_tells_what_else_of_a_definition_would_change(avow: Avow) -> None:
    for test in (True, False):
        turn(avow, "lock", "phone", test=test)
    told = "UPDATE attribute SET description = ? WHERE workspace_id = ? AND name = 'phone'"
    avow.falsify(told, "with [country] code", avow.test_workspace_id)
    (step,) = avow.told("workspace", "promote")["steps"]
    assert (step["before"], step["after"]) == ("locked", "locked")
    assert step["differs"] == {"description": {"before": "", "after": "with [country] code"}}
    assert "phone: description – → with [country] code" in avow.say("workspace", "promote", "--dry-run").out


def test_it_says_where_there_is_nothing_to_do(avow: Avow) -> None:
    assert "every definition and every lock" in avow.say("workspace", "promote").out


def test_telling_and_doing_at_once_cannot_be_meant(avow: Avow) -> None:
    assert avow.say("workspace", "promote", "--yes", "--dry-run").code == 2


def test_production_is_no_test_workspace(avow: Avow) -> None:
    _, code, message = avow.refused("workspace", "promote", "--from", avow.workspace_id)
    assert (code, "is the production workspace" in message) == ("parameter_invalid", True)
