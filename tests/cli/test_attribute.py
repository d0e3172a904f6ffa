"""`avow attribute` turns the lock, and says in words whether it is safe to."""

from __future__ import annotations

from tests.cli.conftest import Avow


def test_locking_monitoring_and_opening_as_scripts_ask(avow: Avow) -> None:
    for command, enforcement in (("lock", "locked"), ("monitor", "monitor"), ("open", "open")):
        told = avow.told("attribute", command, "email", "--workspace", avow.workspace_id)
        assert (told["name"], told["enforcement"]) == ("email", enforcement)
        assert avow.told("attribute", "show", "email")["enforcement"] == enforcement


def test_a_lock_is_of_one_workspace(avow: Avow) -> None:
    avow.told("attribute", "lock", "email")
    other = avow.told("attribute", "show", "email", "--workspace", avow.test_workspace_id)
    assert other["enforcement"] == "open"


def test_the_messengers_name_is_understood(avow: Avow) -> None:
    assert avow.told("attribute", "lock", "created_at")["name"] == "signed_up_at"


def test_readiness_is_told_in_words(avow: Avow) -> None:
    assert "Never seen signed" in avow.say("attribute", "show", "email").out
    assert set(avow.told("attribute", "show", "email")["windows"]) == {"24h", "7d", "30d"}
    listed = {one["name"]: one["readiness"]["state"] for one in avow.told("attribute", "list")}
    assert listed["email"] == "never_signed"


def test_an_unknown_attribute_is_told_what_comes_near(avow: Avow) -> None:
    code, error, message = avow.refused("attribute", "lock", "emial")
    assert (code, error) == (1, "field_not_found")
    assert "Did you mean email" in message


def test_an_attribute_is_made_filterable_and_listed_so(avow: Avow) -> None:
    told = avow.told("attribute", "filterable", "email")
    assert (told["name"], told["filterable"], told["filter"]["state"]) == ("email", True, "ready")
    assert {one["name"] for one in avow.told("attribute", "list") if one["filterable"]} == {"email"}
    assert "filterable" in avow.say("attribute", "list").out
    assert avow.told("attribute", "filterable", "phone", "--background")["filter"]["state"] == "building"
    assert "building" in avow.say("attribute", "show", "phone").out
    assert avow.told("attribute", "filterable", "email", "--off") == {
        "name": "email",
        "filterable": False,
        "filter": None,
    }
    assert avow.refused("attribute", "filterable", "avatar")[1] == "parameter_invalid"
