"""What is documented is what is answered: a mistake in either is seen by every test that asks."""

from __future__ import annotations

import pytest

from avow.api.operations import OPERATIONS, address_of
from avow.api.resources import RESOURCES
from tests.support.described import hold, operation_at
from tests.support.office import Office


def test_every_address_has_its_description_and_no_description_is_without_an_address() -> None:
    served = {f"{method} {address_of(path)}" for path, acts in RESOURCES.items() for method in acts}
    assert set(OPERATIONS) == served


def test_an_address_is_found_by_its_template_as_the_router_finds_it() -> None:
    for name, operation in OPERATIONS.items():
        method, _, path = name.partition(" ")
        assert operation_at(method, path.replace("{", "").replace("}", "")).summary == operation.summary  # type: ignore[union-attr]


async def test_a_field_that_is_not_described_is_a_mistake(office: Office) -> None:
    told = (await office.rest("GET", f"/contacts/{await office.alice()}")).body
    hold("GET", "/contacts/1", 200, told)
    with pytest.raises(AssertionError, match="shoe_size"):
        hold("GET", "/contacts/1", 200, {**told, "shoe_size": 38})
    with pytest.raises(AssertionError, match="external_id"):
        hold("GET", "/contacts/1", 200, {**told, "external_id": 38})


async def test_a_code_or_status_that_is_not_described_is_a_mistake(office: Office) -> None:
    refused = (await office.rest("GET", f"/contacts/{'0' * 24}")).body
    hold("GET", "/contacts/1", 404, refused)
    for status, code in ((404, "tag_not_found"), (409, "conflict"), (418, "not_found")):
        told = {**refused, "errors": [{"code": code, "message": "…"}]}
        with pytest.raises(AssertionError, match=code):
            hold("GET", "/contacts/1", status, told)
    with pytest.raises(AssertionError, match="200 is described"):
        hold("GET", "/contacts/1", 201, {})


async def test_a_body_that_is_taken_is_a_body_that_is_described(office: Office) -> None:
    created = await office.rest("POST", "/contacts", {"external_id": "alice"})
    with pytest.raises(AssertionError, match="email_verified"):
        hold("POST", "/contacts", 200, created.body, {"external_id": "alice", "email_verified": "yes"})
