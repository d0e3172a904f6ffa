"""One version of a workspace's rules: which names are taken, which a browser can say, and where there is room."""

from __future__ import annotations

import pytest

from avow.trust.attribute import MAX_ACTIVE, MAX_PROVISIONAL, STANDARD
from avow.trust.keys import Keyring
from avow.trust.policy import Policy
from avow.trust.rules import Rules
from tests.support.world import ACME, access_token, acme_rules, crowd, locked, opened, provisional


def test_every_workspace_has_the_standard_attributes_and_its_own() -> None:
    plan = locked("plan")
    rules = acme_rules(plan)
    assert rules.attributes == STANDARD | {"plan": plan}


def test_a_stored_row_of_a_standard_attribute_takes_its_place() -> None:
    rules = acme_rules(locked("email"))
    assert rules.attributes["email"].locked
    assert len(rules.attributes) == len(STANDARD)


def test_a_lock_holds_under_the_alias_too() -> None:
    rules = acme_rules(locked("signed_up_at"))
    assert rules.messenger_names["created_at"].locked
    assert rules.messenger_names["signed_up_at"].locked


@pytest.mark.parametrize("name", ["owner_id", "browser_language"])
def test_a_browser_cannot_name_what_the_server_keeps(name: str) -> None:
    rules = acme_rules(opened(name))
    assert name in rules.attributes
    assert name not in rules.messenger_names


@pytest.mark.parametrize(
    "name", ["PLAN", "Plan", "ｐｌａｎ", "ⓟⓛⓐⓝ", "EMAIL", "Email", "Created_At", "Signed_Up_At", "ＮＡＭＥ"]
)
def test_a_name_that_could_pass_for_another_collides(name: str) -> None:
    assert acme_rules(locked("plan")).collides(name, vouched=False)


@pytest.mark.parametrize("name", ["plan", "email", "plans", "pla n", "plán"])
def test_a_name_does_not_collide_with_itself_or_with_others(name: str) -> None:
    assert not acme_rules(locked("plan")).collides(name, vouched=False)


def test_rules_having_one_more_attribute_know_it_everywhere_and_leave_the_old_ones_alone() -> None:
    before = acme_rules()
    after = before.having(provisional("Seats"))
    assert "Seats" in after.attributes
    assert "Seats" in after.messenger_names
    assert after.collides("sEATS", vouched=False)
    assert "Seats" not in before.attributes
    assert not before.collides("sEATS", vouched=False)
    assert after.version == before.version


def test_a_changed_attribute_replaces_the_one_it_was() -> None:
    rules = acme_rules(opened("plan")).having(locked("plan"))
    assert rules.attributes["plan"].locked
    assert rules.messenger_names["plan"].locked
    assert acme_rules().having(locked("signed_up_at")).messenger_names["created_at"].locked


def test_custom_attributes_have_a_quota() -> None:
    assert acme_rules(*crowd(MAX_ACTIVE - 1)).has_room()
    assert not acme_rules(*crowd(MAX_ACTIVE)).has_room()


def test_standard_and_archived_attributes_use_up_no_room() -> None:
    assert acme_rules(*crowd(MAX_ACTIVE + 9, archived=True)).has_room()
    assert acme_rules(*crowd(MAX_ACTIVE - 1), opened("email"), opened("name")).has_room()


def test_noise_has_a_quota_of_its_own() -> None:
    noisy = acme_rules(*crowd(MAX_PROVISIONAL, provisional=True))
    assert not noisy.has_provisional_room()
    assert noisy.has_room()
    assert acme_rules(*crowd(MAX_ACTIVE)).has_provisional_room()
    assert acme_rules(*crowd(MAX_PROVISIONAL - 1, provisional=True)).has_provisional_room()


def test_access_tokens_are_found_by_their_digest() -> None:
    token = access_token(digest="1" * 64)
    assert acme_rules(tokens=[token]).access_tokens == {"1" * 64: token}


def test_the_rules_know_of_which_attributes_an_index_is_kept() -> None:
    plan = opened("plan")
    rules = Rules.of(1, ACME, Policy(), [plan], Keyring(), filters=[plan.id, STANDARD["email"].id])
    assert [one.name for one in rules.filters] == ["email", "plan"]
    assert rules.having(opened("seats")).filters == rules.filters
    assert acme_rules(plan).filters == ()
