"""`avow access-token` makes credentials for REST, shows their text once, and ends them for good."""

from __future__ import annotations

from avow.trust.access import Scope
from tests.cli.conftest import Avow


def test_a_token_is_shown_once(avow: Avow) -> None:
    told = avow.told("access-token", "create", "--name", "crm", "--mode", "relaying", "--scope", "contacts:read")
    assert told["access_token"].startswith(f"avow_at_{avow.workspace_id}_")
    assert (told["name"], told["mode"], told["scopes"]) == ("crm", "relaying", ["contacts:read"])
    listed = avow.say("access-token", "list", "--json")
    assert [one["name"] for one in listed.told] == ["First access token", "crm"]
    assert told["access_token"] not in listed.out


def test_a_token_may_do_everything_and_vouches_unless_said_otherwise(avow: Avow) -> None:
    told = avow.told("access-token", "create")
    assert (told["mode"], told["scopes"]) == ("vouching", list(Scope))


def test_a_revoked_token_stays_on_the_list(avow: Avow) -> None:
    made = avow.told("access-token", "create", "--name", "old")
    assert avow.told("access-token", "revoke", made["id"])["revoked_at"] is not None
    assert "revoked" in avow.say("access-token", "list").out
    assert avow.refused("access-token", "revoke", "nobody's")[:2] == (1, "not_found")
