"""Contacts by Intercom's own clients: created, read, changed and erased, with every field in the type they expect."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import intercom
import pytest
from intercom.core.api_error import ApiError

from tests.clients.cast import Acme, codes


def test_a_user_comes_back_as_she_was_told(acme: Acme) -> None:
    seats, began = acme.attribute("seats", "integer"), int(time.time())
    email = f"{acme.name('Alice')}@Customer.example"
    made = acme.user(
        email=email,
        name="Alice",
        phone="+353871234567",
        avatar="https://acme.example/alice.png",
        signed_up_at=1_700_000_000,
        last_seen_at=1_700_000_100,
        owner_id=7,
        unsubscribed_from_emails=True,
        custom_attributes={seats.name: 12},
    )
    found = acme.client.contacts.find(made.id)
    again = acme.client.contacts.show_contact_by_external_id(made.external_id)
    assert vars(found) == vars(again)
    assert (found.type, found.role, found.workspace_id) == ("contact", "user", acme.made.workspace_id)
    assert len(found.id) == 24
    assert int(found.id, 16) > 0
    assert (found.email, found.email_domain) == (email, "Customer.example")
    assert (found.name, found.phone, found.owner_id) == ("Alice", "+353871234567", 7)
    assert (found.signed_up_at, found.last_seen_at) == (1_700_000_000, 1_700_000_100)
    assert found.unsubscribed_from_emails is True
    assert found.avatar == {"type": "avatar", "image_url": "https://acme.example/alice.png"}
    assert found.custom_attributes == {seats.name: 12}
    assert began - 2 <= found.created_at <= time.time() + 2
    for attached in (found.tags, found.notes, found.companies):
        assert (attached.data, attached.total_count, attached.has_more) == ([], 0, False)
    assert found.tags.url == f"/contacts/{found.id}/tags"
    assert found.location.country is None


def test_what_is_changed_changes_and_the_rest_stays(acme: Acme) -> None:
    plan, size = acme.attribute("plan"), acme.attribute("size")
    alice = acme.user(name="Alice", phone="+35312345", custom_attributes={plan.name: "free", size.name: "L"})
    changed = acme.client.contacts.update(alice.id, name="Alice B.", custom_attributes={plan.name: "pro"})
    assert (changed.id, changed.name, changed.phone) == (alice.id, "Alice B.", "+35312345")
    assert changed.custom_attributes == {plan.name: "pro", size.name: "L"}
    cleared = acme.client.contacts.update(alice.id, phone=None, name="", custom_attributes={plan.name: None})
    assert (cleared.phone, cleared.name) == (None, None)
    assert cleared.custom_attributes == {plan.name: None, size.name: "L"}


def test_a_user_known_by_her_address_or_role_alone(acme: Acme) -> None:
    email = f"{acme.name('carol')}@customer.example"
    made = acme.client.contacts.create(request=intercom.CreateContactRequestWithEmail(email=email))
    assert (made.role, made.email, made.external_id) == ("user", email, None)
    lead = acme.lead(name="Lead")
    assert (lead.role, lead.name, lead.email) == ("lead", "Lead", None)
    asked = acme.client.contacts.update(lead.id, role="user", external_id=acme.name("lead"))
    assert (asked.id, asked.role) == (lead.id, "user")


@pytest.mark.parametrize("external_id", ["acme/alice", "älice ü", "a+b@c.example", "100%", "a?b#c", "..", "a%2Fb"])
def test_a_user_is_found_by_whatever_id_her_company_gave_her(acme: Acme, external_id: str) -> None:
    made = acme.user(external_id)
    assert made.external_id.startswith(external_id)
    found = acme.client.contacts.show_contact_by_external_id(quote(made.external_id, safe=""))
    assert (found.id, found.external_id) == (made.id, made.external_id)


def test_who_is_erased_is_gone(acme: Acme) -> None:
    alice = acme.user()
    gone = acme.client.contacts.delete(alice.id)
    assert (gone.type, gone.id, gone.external_id, gone.deleted) == ("contact", alice.id, alice.external_id, True)
    for ask in (acme.client.contacts.find, acme.client.contacts.delete):
        with pytest.raises(ApiError) as refused:
            ask(alice.id)
        assert (refused.value.status_code, codes(refused.value)) == (404, ["not_found"])
    with pytest.raises(ApiError) as refused:
        acme.client.contacts.show_contact_by_external_id(alice.external_id)
    assert refused.value.status_code == 404


def test_a_write_tells_what_became_of_every_value_to_who_asks(acme: Acme) -> None:
    alice = acme.user(name="Alice")
    asking: Any = {"additional_headers": {"Avow-Receipt": "1"}}
    told = acme.client.contacts.update(alice.id, name="Alice", phone="+35312345", request_options=asking)
    verdicts = {line["name"]: line["verdict"] for line in told.receipt["attributes"]}
    assert verdicts == {"name": "unchanged", "phone": "applied"}


def test_a_retry_under_one_key_makes_one_contact(acme: Acme) -> None:
    under: Any = {"additional_headers": {"Idempotency-Key": acme.name("key")}}
    request = intercom.CreateContactRequestWithRole(role="lead", name=acme.name("once"))
    first = acme.client.contacts.create(request=request, request_options=under)
    assert acme.client.contacts.create(request=request, request_options=under).id == first.id
    assert acme.client.contacts.create(request=request).id != first.id


@pytest.fixture(scope="module")
def told(acme: Acme) -> Any:
    """What Node's client saw."""
    return acme.node("contacts", seats=acme.attribute("seats", "integer").name)


def test_node_reads_what_it_wrote(told: Any) -> None:
    made, seats = told["made"], told["seats"]
    assert told["found"] == told["by_external_id"] == made
    assert (made["role"], made["name"], made["email_domain"]) == ("user", "Alice", "customer.example")
    assert (made["owner_id"], made["signed_up_at"], made["unsubscribed_from_emails"]) == (7, 1_700_000_000, True)
    assert made["external_id"].startswith("acme/älice ?#% ..")
    assert made["custom_attributes"] == {seats: 12}
    assert (told["changed"]["name"], told["changed"]["custom_attributes"]) == ("Alice B.", {seats: 13})
    assert told["cleared"]["name"] is None
    assert told["cleared"]["custom_attributes"] == {seats: None}


def test_node_erases_and_retries_with_one_effect(told: Any) -> None:
    assert told["deleted"]["deleted"] is True
    assert (told["gone"]["kind"], told["gone"]["status"], told["gone"]["codes"]) == (
        "IntercomError",
        404,
        ["not_found"],
    )
    assert told["once"][0] == told["once"][1]
    assert told["receipt"] == [{"name": "name", "verdict": "applied", "reason": None, "channel": "api"}]
