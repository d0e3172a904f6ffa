"""Companies by Intercom's own clients: there are none, and both clients survive hearing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from intercom import BadRequestError, NotFoundError
from intercom.core.api_error import ApiError

from tests.clients.cast import Acme, codes

Ask = Callable[[Any, str], Any]


@pytest.mark.parametrize(
    "ask",
    [
        lambda companies, _: companies.list(per_page=10),
        lambda companies, _: companies.scroll(),
        lambda companies, _: companies.scroll(scroll_param="25b649f7-4d33-4ef6-88f5-60e5b8244309"),
    ],
)
def test_lists_are_empty_and_end(acme: Acme, ask: Ask) -> None:
    assert list(ask(acme.client.companies, "")) == []


def test_nobody_has_a_company(acme: Acme) -> None:
    alice = acme.user()
    assert list(acme.client.contacts.list_attached_companies(alice.id)) == []
    assert alice.companies.total_count == 0
    assert acme.client.companies.retrieve().data == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda companies, _: companies.retrieve(company_id="acme"),
        lambda companies, _: companies.find("acme"),
        lambda companies, _: companies.list_attached_contacts("acme"),
        lambda companies, _: companies.list_attached_segments("acme"),
    ],
)
def test_one_company_is_not_found(acme: Acme, ask: Ask) -> None:
    with pytest.raises(NotFoundError) as missing:
        ask(acme.client.companies, "")
    assert codes(missing.value) == ["company_not_found"]


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda companies, _: companies.create_or_update(request={"company_id": "acme"}), BadRequestError),
        (lambda companies, _: companies.update("acme", request={"name": "Acme"}), ApiError),
        (lambda companies, _: companies.delete("acme"), ApiError),
        (lambda companies, alice: companies.attach_contact(alice, company_id="acme"), BadRequestError),
        (lambda companies, alice: companies.detach_contact(alice, "acme"), ApiError),
    ],
)
def test_every_write_is_refused_by_name(acme: Acme, ask: Ask, kind: type[ApiError]) -> None:
    with pytest.raises(kind) as refused:
        ask(acme.client.companies, acme.user().id)
    assert (refused.value.status_code, codes(refused.value)) == (400, ["not_supported"])


def test_node_survives_that_there_are_none(acme: Acme) -> None:
    told = acme.node("companies")
    assert told["lists"] == {"list": [], "scroll": [], "scroll_from": [], "of_alice": [], "retrieve": []}
    assert {name: (one["status"], one["codes"]) for name, one in told["missing"].items()} == dict.fromkeys(
        ("retrieve", "find", "contacts", "segments"), (404, ["company_not_found"])
    )
    assert {one["kind"] for one in told["missing"].values()} == {"NotFoundError"}
    assert {name: (one["status"], one["codes"]) for name, one in told["refused"].items()} == dict.fromkeys(
        ("create", "update", "delete", "attach", "detach"), (400, ["not_supported"])
    )
