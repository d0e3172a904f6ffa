"""Data attributes by Intercom's own clients: declared, read with their types, locked, archived."""

from __future__ import annotations

from typing import Any

import intercom
import pytest
from intercom import BadRequestError, NotFoundError, UnprocessableEntityError
from intercom.core.api_error import ApiError

from tests.clients.cast import Acme, codes

TYPES = {"string": "x", "integer": 42, "float": 1.5, "boolean": True, "date": 1_700_000_000, "datetime": 1_700_000_000}


def test_an_attribute_is_declared_and_listed(acme: Acme) -> None:
    made = acme.attribute("plan", description="What she pays for")
    assert (made.type, made.model, made.data_type, made.custom) == ("data_attribute", "contact", "string", True)
    assert (made.full_name, made.description) == (f"custom_attributes.{made.name}", "What she pays for")
    assert isinstance(made.id, int)
    assert (made.api_writable, made.messenger_writable, made.archived) == (True, False, False), "locked from 2.11 on"
    listed = {one.name: one for one in acme.client.data_attributes.list(model="contact").data}
    assert vars(listed[made.name]) == vars(made)
    assert (listed["email"].custom, listed["email"].id, listed["signed_up_at"].data_type) == (False, None, "date")
    assert acme.client.data_attributes.list(model="company").data == []
    assert acme.client.data_attributes.list(model="conversation").data == []


@pytest.mark.parametrize("data_type", TYPES)
def test_a_value_keeps_the_type_of_its_attribute(acme: Acme, data_type: str) -> None:
    attribute = acme.attribute(data_type, data_type)
    alice = acme.user(custom_attributes={attribute.name: TYPES[data_type]})
    value = acme.client.contacts.find(alice.id).custom_attributes[attribute.name]
    assert (value, type(value)) == (TYPES[data_type], type(TYPES[data_type]))
    if data_type != "string":
        with pytest.raises(ApiError) as refused:
            acme.client.contacts.update(alice.id, custom_attributes={attribute.name: "no such thing"})
        assert (refused.value.status_code, codes(refused.value)) == (400, ["type_mismatch"])


def test_a_list_takes_its_options_only_and_more_of_them_later(acme: Acme) -> None:
    request = intercom.CreateDataAttributeRequestOptions(
        name=acme.name("size").replace("-", "_"),
        model="contact",
        data_type="options",
        options=[{"value": "1-10"}, {"value": "11-50"}],
    )
    made = acme.client.data_attributes.create(request=request)
    assert (made.data_type, made.options) == ("string", ["1-10", "11-50"])
    alice = acme.user(custom_attributes={made.name: "1-10"})
    with pytest.raises(ApiError) as refused:
        acme.client.contacts.update(alice.id, custom_attributes={made.name: "51+"})
    assert codes(refused.value) == ["not_an_option"]
    more = intercom.UpdateDataAttributeRequestOptions(options=[{"value": one} for one in ("1-10", "11-50", "51+")])
    assert acme.client.data_attributes.update(made.id, request=more).options == ["1-10", "11-50", "51+"]
    changed = acme.client.contacts.update(alice.id, custom_attributes={made.name: "51+"})
    assert changed.custom_attributes == {made.name: "51+"}


def test_an_attribute_is_opened_locked_and_archived(acme: Acme) -> None:
    made = acme.attribute("plan")
    for writable, word in ((True, "open"), (False, "locked")):
        changed = acme.client.data_attributes.update(made.id, request={"messenger_writable": writable})
        assert (changed.id, changed.messenger_writable, changed.enforcement) == (made.id, writable, word)
    assert acme.client.data_attributes.update(made.id, request={"archived": True}).archived is True
    assert made.name not in [one.name for one in acme.client.data_attributes.list().data]
    assert made.name in [one.name for one in acme.client.data_attributes.list(include_archived=True).data]


def test_refusals_come_as_the_classes_that_backends_catch(acme: Acme) -> None:
    made = acme.attribute("plan")
    again = intercom.CreateDataAttributeRequestOne(name=made.name, model="contact", data_type="string")
    with pytest.raises(BadRequestError) as refused:
        acme.client.data_attributes.create(request=again)
    assert codes(refused.value) == ["parameter_invalid"]
    with pytest.raises(NotFoundError) as missing:
        acme.client.data_attributes.update(5, request={"archived": True})
    assert codes(missing.value) == ["field_not_found"]
    under: Any = {"additional_headers": {"Idempotency-Key": acme.name("key")}}
    acme.client.data_attributes.update(made.id, request={"description": "one"}, request_options=under)
    with pytest.raises(UnprocessableEntityError) as reused:
        acme.client.data_attributes.update(made.id, request={"description": "two"}, request_options=under)
    assert codes(reused.value) == ["idempotency_key_reused"]


@pytest.fixture(scope="module")
def told(acme: Acme) -> Any:
    """What Node's client saw."""
    return acme.node("attributes", attribute=acme.name("tier").replace("-", "_"))


def test_node_declares_and_changes_attributes(told: Any) -> None:
    made, changed = told["made"], told["changed"]
    assert (made["data_type"], made["options"], made["messenger_writable"]) == ("string", ["gold", "silver"], False)
    assert told["listed"] == made
    assert (changed["id"], changed["messenger_writable"], changed["description"]) == (made["id"], True, "How loyal")
    assert (told["archived"]["archived"], told["left"], told["with_archived"]) == (True, False, True)
    assert told["of_conversations"] == []


def test_node_catches_refusals_by_class(told: Any) -> None:
    seen = {name: (one["kind"], one["status"], one["codes"]) for name, one in told["refused"].items()}
    assert seen == {
        "twice": ("BadRequestError", 400, ["parameter_invalid"]),
        "nowhere": ("NotFoundError", 404, ["field_not_found"]),
        "reused": ("UnprocessableEntityError", 422, ["idempotency_key_reused"]),
        "new_version": ("IntercomError", 422, ["parameter_invalid"]),
    }
