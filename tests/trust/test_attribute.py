"""What an attribute is: the standard ones every workspace has, and what a lock means."""

from __future__ import annotations

import pytest

from avow.trust.attribute import STANDARD, AttributeType, Enforcement
from avow.trust.weighing.names import ALIASES, RESERVED, is_plain
from tests.support.world import locked, monitored, opened


@pytest.mark.parametrize("name", ["name", "email", "phone", "signed_up_at", "avatar", "language_override", "referrer"])
def test_every_workspace_has_the_standard_attributes_open_and_unstored(name: str) -> None:
    attribute = STANDARD[name]
    assert attribute.standard
    assert not attribute.provisional
    assert not attribute.archived
    assert attribute.enforcement is Enforcement.OPEN
    assert attribute.version == 0


def test_standard_attributes_have_the_types_that_intercom_documents() -> None:
    kinds = {name: attribute.type for name, attribute in STANDARD.items() if attribute.type is not AttributeType.STRING}
    assert kinds == {
        "signed_up_at": AttributeType.DATE,
        "avatar": AttributeType.AVATAR,
        "unsubscribed_from_emails": AttributeType.BOOLEAN,
        "owner_id": AttributeType.INTEGER,
    }


def test_standard_attributes_have_ids_and_plain_names_of_their_own() -> None:
    assert len({attribute.id for attribute in STANDARD.values()}) == len(STANDARD)
    assert all(attribute.id < 1_000 for attribute in STANDARD.values())
    assert all(is_plain(name) for name in STANDARD.keys() - RESERVED)


def test_what_a_browser_cannot_name_is_not_among_what_it_can_write() -> None:
    assert STANDARD.keys() & RESERVED == {"owner_id", "browser_language"}
    assert set(ALIASES.values()) <= STANDARD.keys()


def test_only_a_locked_attribute_is_locked() -> None:
    assert locked("plan").locked
    assert not monitored("plan").locked
    assert not opened("plan").locked
