"""Merging, archiving and blocking by Intercom's own clients."""

from __future__ import annotations

from typing import Any

import pytest
from intercom.core.api_error import ApiError

from tests.clients.cast import Acme, codes

WITH_HISTORY: Any = {"additional_query_parameters": {"include_merge_history": True}}


def test_a_lead_becomes_part_of_the_user_and_leads_to_her(acme: Acme) -> None:
    email = f"{acme.name('alice')}@customer.example"
    alice, lead = acme.user(email=email), acme.lead(phone="+35312345")
    acme.client.contacts.update(lead.id, email=email)
    merged = acme.client.contacts.merge_lead_in_user(lead_id=lead.id, contact_id=alice.id)
    assert (merged.id, merged.role, merged.external_id) == (alice.id, "user", alice.external_id)
    assert (merged.email, merged.phone) == (email, "+35312345")
    with pytest.raises(ApiError) as gone:
        acme.client.contacts.find(lead.id)
    assert (gone.value.status_code, codes(gone.value)) == (410, ["contact_merged"])
    assert (gone.value.headers or {})["link"] == f'</contacts/{alice.id}>; rel="canonical"'
    told = acme.client.contacts.find(alice.id, request_options=WITH_HISTORY)
    assert [(one["source_contact_id"], one["source_contact_role"]) for one in told.merge_history] == [(lead.id, "lead")]


def test_two_who_do_not_look_like_one_person_are_not_merged(acme: Acme) -> None:
    alice, lead = acme.user(name="Alice"), acme.lead(name="Bob")
    for source, target in ((lead.id, alice.id), (alice.id, lead.id)):
        with pytest.raises(ApiError) as refused:
            acme.client.contacts.merge_lead_in_user(lead_id=source, contact_id=target)
        assert (refused.value.status_code, codes(refused.value)) == (400, ["invalid_merge"])
    assert acme.client.contacts.find(lead.id).role == "lead"


def test_who_is_archived_is_in_no_list_until_she_is_brought_back(acme: Acme) -> None:
    alice = acme.user()
    gone = acme.client.contacts.archive(alice.id)
    assert (gone.type, gone.id, gone.external_id, gone.archived) == ("contact", alice.id, alice.external_id, True)
    assert alice.id not in [one.id for one in acme.client.contacts.list(per_page=150)]
    assert acme.client.contacts.find(alice.id).archived is True
    back = acme.client.contacts.unarchive(alice.id)
    assert (back.id, back.archived) == (alice.id, False)
    assert alice.id in [one.id for one in acme.client.contacts.list(per_page=150)]


def test_who_is_blocked_is_in_no_list(acme: Acme) -> None:
    mallory = acme.user("mallory")
    blocked = acme.client.contacts.block_contact(mallory.id)
    assert (blocked.type, blocked.id, blocked.external_id) == ("contact", mallory.id, mallory.external_id)
    assert blocked.blocked is True
    assert mallory.id not in [one.id for one in acme.client.contacts.list(per_page=150)]


@pytest.fixture(scope="module")
def told(acme: Acme) -> Any:
    """What Node's client saw."""
    return acme.node("life")


def test_node_merges_and_is_led_on(told: Any) -> None:
    assert told["merged"]["id"] == told["alice"]
    assert told["merged"]["phone"] == "+35312345"
    gone = told["gone"]
    assert (gone["kind"], gone["status"], gone["codes"]) == ("IntercomError", 410, ["contact_merged"])
    assert gone["link"] == f'</contacts/{told["alice"]}>; rel="canonical"'
    assert [one["source_contact_id"] for one in told["history"]] == [told["lead"]]


def test_node_sets_people_aside(told: Any) -> None:
    assert (told["archived"]["archived"], told["unarchived"]["archived"]) == (True, False)
    assert told["blocked"]["blocked"] is True
    assert {told[turn]["id"] for turn in ("archived", "unarchived", "blocked")} == {told["alice"]}
