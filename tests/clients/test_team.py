"""Who works here, whose token it is and who changed what, by Intercom's own clients."""

from __future__ import annotations

import time
from typing import Any

import pytest
from intercom import NotFoundError
from intercom.core.api_error import ApiError

from tests.clients.cast import Acme, codes


def test_the_token_tells_whose_it_is(acme: Acme) -> None:
    me = acme.client.admins.identify()
    assert me is not None
    assert (me.type, me.email) == ("admin", acme.made.told["owner"]["email"])
    assert (me.app.type, me.app.id_code, me.app.name) == ("app", acme.made.workspace_id, "My company")
    assert (me.app.timezone, me.app.identity_verification) == ("UTC", False)
    assert isinstance(me.app.created_at, int)


def test_an_admin_is_found_by_a_whole_number_and_owns_people(acme: Acme) -> None:
    (olive,) = acme.client.admins.list().admins
    assert (olive.type, olive.email, olive.team_ids) == ("admin", acme.made.told["owner"]["email"], [])
    found = acme.client.admins.find(int(olive.id))
    assert found is not None
    assert vars(found) == vars(olive)
    alice = acme.user(owner_id=int(olive.id))
    assert alice.owner_id == int(olive.id)
    newest: Any = {"additional_headers": {"Intercom-Version": "2.16"}}
    told = acme.client.contacts.find(alice.id, request_options=newest)
    assert told.owner_id == int(olive.id), "text there, and the client makes a number of it"
    with pytest.raises(NotFoundError) as missing:
        acme.client.admins.find(5)
    assert codes(missing.value) == ["admin_not_found"]


def test_changes_of_the_rules_are_told_of_a_span_of_time(acme: Acme) -> None:
    began = int(time.time())
    attribute = acme.attribute("plan")
    acme.client.data_attributes.update(attribute.id, request={"messenger_writable": True})
    told = acme.client.admins.list_all_activity_logs(created_at_after=str(began))
    change = next(one for one in told.activity_logs if one.metadata.subject == attribute.name)
    assert (change.activity_type, change.metadata.before, change.metadata.after) == (
        "security_settings_change",
        {"value": "locked"},
        {"value": "open"},
    )
    assert attribute.name in change.activity_description
    assert change.performed_by.type == "access_token"
    assert began <= change.created_at <= time.time() + 2
    before: Any = acme.client.admins.list_all_activity_logs(created_at_after="0", created_at_before="1000000000")
    assert before.activity_logs == []
    with pytest.raises(ApiError) as refused:
        acme.client.admins.list_all_activity_logs(created_at_after="yesterday")
    assert codes(refused.value) == ["parameter_invalid"]


def test_node_reads_the_team(acme: Acme) -> None:
    attribute = acme.name("tier").replace("-", "_")
    told = acme.node("team", attribute=attribute)
    assert told["me"]["app"]["id_code"] == acme.made.workspace_id
    assert told["found"] == told["listed"][0]
    assert told["me"]["id"] == told["found"]["id"]
    assert told["activities"][0] == ["security_settings_change", attribute]
    assert (told["missing"]["kind"], told["missing"]["status"]) == ("NotFoundError", 404)
