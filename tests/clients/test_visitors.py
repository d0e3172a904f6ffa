"""Visitors by Intercom's own clients: found by the id that their page knows, written, made part of a user or a lead."""

from __future__ import annotations

from typing import Any

import httpx
import intercom
import pytest
from intercom import NotFoundError
from intercom.core.api_error import ApiError
from intercom.visitors import UserWithId, UserWithUserId, VisitorWithId, VisitorWithUserId

from tests.clients.cast import Acme, codes


def visitor(acme: Acme) -> dict[str, str]:
    """Somebody who comes to Acme's page and says a name."""
    ping = {"app_id": acme.made.workspace_id, "user_data": {"name": "Somebody"}}
    told = httpx.post(f"{acme.server.url}/messenger/web/ping", json=ping).json()
    return {"id": told["user"]["id"], "user_id": told["user"]["anonymous_id"]}


def test_a_visitor_is_found_and_written(acme: Acme) -> None:
    who = visitor(acme)
    found: Any = acme.client.visitors.find(user_id=who["user_id"])
    assert (found.type, found.id, found.user_id, found.anonymous) == ("visitor", who["id"], who["user_id"], True)
    assert (found.name, found.email, found.app_id) == ("Somebody", "", acme.made.workspace_id)
    assert found.companies.companies == []
    by_user_id = intercom.UpdateVisitorRequestWithUserId(user_id=who["user_id"], name="Gareth")
    by_id = intercom.UpdateVisitorRequestWithId(id=who["id"], name="Christian")
    told = [acme.client.visitors.update(request=one) for one in (by_user_id, by_id)]
    assert [one and one.name for one in told] == ["Gareth", "Christian"]


def test_a_visitor_becomes_part_of_a_user(acme: Acme) -> None:
    who, alice = visitor(acme), acme.user(name="Alice")
    told = acme.client.visitors.merge_to_contact(
        type="user", user=UserWithUserId(user_id=alice.external_id), visitor=VisitorWithUserId(user_id=who["user_id"])
    )
    assert (told.id, told.role, told.name) == (alice.id, "user", "Alice")
    for ask in (
        lambda: acme.client.visitors.find(user_id=who["user_id"]),
        lambda: acme.client.contacts.find(who["id"]),
    ):
        with pytest.raises(ApiError) as gone:
            ask()
        assert (gone.value.status_code, codes(gone.value)) == (410, ["contact_merged"])
        assert alice.id in (gone.value.headers or {})["link"]


def test_a_visitor_becomes_part_of_a_lead(acme: Acme) -> None:
    who, lead = visitor(acme), acme.lead(name="Lead")
    told = acme.client.visitors.merge_to_contact(
        type="lead", user=UserWithId(id=lead.id), visitor=VisitorWithId(id=who["id"])
    )
    assert (told.id, told.role) == (lead.id, "lead")


def test_who_is_no_visitor_is_not_found(acme: Acme) -> None:
    for ask in (
        lambda: acme.client.visitors.find(user_id="nobody"),
        lambda: acme.client.visitors.update(request=intercom.UpdateVisitorRequestWithUserId(user_id="nobody")),
    ):
        with pytest.raises(NotFoundError) as missing:
            ask()
        assert codes(missing.value) == ["not_found"]


def test_node_finds_writes_and_converts(acme: Acme) -> None:
    first, second = visitor(acme), visitor(acme)
    told = acme.node("visitors", first=first, second=second)
    assert (told["found"]["id"], told["found"]["anonymous"]) == (first["id"], True)
    assert told["written"]["name"] == "Gareth"
    assert (told["converted"]["id"], told["converted"]["role"]) == (told["alice"], "user")
    assert (told["lead"]["id"], told["lead"]["role"], told["lead"]["name"]) == (second["id"], "lead", "Somebody")
    assert (told["gone"]["status"], told["gone"]["codes"]) == (410, ["contact_merged"])
    assert (told["missing"]["kind"], told["missing"]["status"]) == ("NotFoundError", 404)
