"""Visitors by REST: found by the public id of their browser, written, and converted without gaining trust."""

from __future__ import annotations

from typing import Any

import pytest

from avow.flow.audit import audit
from avow.flow.updates.sessions import anonymous_id
from avow.trust.access import Mode
from avow.trust.attribute import Enforcement
from tests.support.office import Answer, Office

SESSION = "5e" * 32
PUBLIC = anonymous_id(SESSION)


async def visitor(office: Office, **values: Any) -> str:
    receipt = await office.visitor(SESSION, **{"name": "Somebody", **values})
    assert receipt.contact_id is not None
    return receipt.contact_id


async def convert(office: Office, role: str, user: Any, by: Any = None, /, token: str | None = None) -> Answer:
    body = {"type": role, "user": user, "visitor": by or {"user_id": PUBLIC}}
    return await office.rest("POST", "/visitors/convert", body, token=token)


async def test_a_visitor_is_found_by_the_id_that_its_page_knows(office: Office) -> None:
    who = await visitor(office)
    body = (await office.rest("GET", f"/visitors?user_id={PUBLIC}")).body
    assert (body["type"], body["id"], body["user_id"], body["anonymous"]) == ("visitor", who, PUBLIC, True)
    assert (body["name"], body["email"], body["app_id"]) == ("Somebody", "", office.workspace_id)
    assert body["companies"] == {"type": "company.list", "companies": []}
    assert (await office.rest("GET", f"/visitors?id={who}")).body == body


async def test_what_was_read_of_a_visitor_and_sent_back_makes_no_fact(office: Office) -> None:
    who = await visitor(office)
    tag = (await office.rest("POST", "/tags", {"name": "VIP"})).body["id"]
    await office.rest("POST", f"/contacts/{who}/tags", {"id": tag})
    read = (await office.rest("GET", f"/visitors?id={who}")).body
    assert read["signed_up_at"] is None
    assert read["tags"] == {"type": "tag.list", "tags": [{"type": "tag", "id": tag, "name": "VIP"}]}
    assert (await office.rest("PUT", "/visitors", read)).status == 200
    told = (await office.rest("GET", f"/contacts/{who}/provenance")).body["attributes"]
    assert told["signed_up_at"]["value"] is None
    assert (await office.rest("GET", f"/contacts/{who}")).body["signed_up_at"] is None


async def test_whom_there_is_not_is_not_found(office: Office) -> None:
    alice = await office.alice()
    for query in ("user_id=alice", f"id={alice}", "user_id=" + SESSION, "id=x"):
        answer = await office.rest("GET", f"/visitors?{query}")
        assert (answer.status, answer.errors) == (404, [("not_found", None)])
    assert (await office.rest("GET", "/visitors")).errors == [("parameter_not_found", "user_id")]
    assert (await office.rest("PUT", "/visitors", {"user_id": "nobody", "name": "x"})).status == 404
    assert (await office.rest("PUT", "/visitors", {"name": "x"})).errors == [("parameter_not_found", "user_id")]


async def test_what_the_company_writes_of_a_visitor_is_vouched_for_and_what_it_relays_is_not(office: Office) -> None:
    await office.declare("plan")
    who = await visitor(office)
    body = {"user_id": PUBLIC, "name": "Gareth", "custom_attributes": {"plan": "pro"}}
    answer = await office.rest("PUT", "/visitors", body)
    assert (answer.body["name"], answer.body["custom_attributes"]) == ("Gareth", {"plan": "pro"})
    relayed = await office.rest(
        "PUT", "/visitors", {"id": who, "name": "Christian", "custom_attributes": {"plan": "max"}},
        token=await office.token(Mode.RELAYING),
    )  # fmt: skip
    assert relayed.receipt == [("name", "applied", None), ("plan", "ignored", "unverified")]
    told = (await office.rest("GET", f"/contacts/{who}/provenance")).body["attributes"]
    assert (told["name"]["verified"], told["name"]["slot"]["value"]) == (False, "Gareth")
    assert told["plan"]["value"] == "pro"
    assert (await office.rest("PUT", "/visitors", {"id": who, "external_id": "x"})).status == 400
    assert (await office.rest("PUT", "/visitors", {"id": who, "custom_attributes": {"nope": 1}})).status == 400


async def test_a_visitor_becomes_a_lead_and_stays_itself(office: Office) -> None:
    who = await visitor(office)
    answer = await convert(office, "lead", {"email": "foo@bar.example"})
    assert answer.status == 200, answer.body
    assert (answer.body["type"], answer.body["id"], answer.body["role"]) == ("contact", who, "lead")
    assert (answer.body["name"], answer.body["email"]) == ("Somebody", "foo@bar.example")
    receipt = await office.visitor(SESSION, name="Still her")
    assert (receipt.contact_id, receipt.role) == (who, "lead")
    kinds = [one["kind"] for one in (await office.rest("GET", f"/contacts/{who}/changes")).body["data"]]
    assert kinds == ["updated", "converted", "created"]
    told = await office.engine.store.outbox(office.workspace_id, limit=9)
    assert [row.topic for row in told] == ["contact.lead.created", "contact.lead.updated"]
    gone = await office.rest("GET", f"/visitors?user_id={PUBLIC}")
    assert gone.status == 404
    assert gone.body["errors"][0]["message"].endswith(f"id={who}")
    assert (await convert(office, "lead", {})).status == 404


async def test_a_lead_may_come_of_nothing_but_a_visitor(office: Office) -> None:
    who = await visitor(office)
    answer = await office.rest("POST", "/visitors/convert", {"type": "lead", "visitor": {"id": who}})
    assert (answer.status, answer.body["role"], answer.body["email"]) == (200, "lead", None)


async def test_a_visitor_becomes_part_of_a_user_who_is_there(office: Office) -> None:
    alice, who = await office.alice(email="alice@example.com"), await visitor(office)
    answer = await convert(office, "user", {"user_id": "alice"})
    assert (answer.status, answer.body["id"], answer.body["name"]) == (200, alice, "Somebody")
    assert (await office.rest("GET", f"/contacts/{who}")).headers["link"] == f'</contacts/{alice}>; rel="canonical"'
    assert (await office.rest("GET", f"/visitors?user_id={PUBLIC}")).status == 410
    again = await office.visitor(SESSION, name="Mallory")
    assert again.contact_id not in (alice, who), "the browser's session is burned"
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()


@pytest.mark.parametrize("user", [{"user_id": "bob"}, {"email": "bob@example.com"}, {"user_id": "bob", "email": "b@c"}])
async def test_a_visitor_becomes_a_user_who_was_not_there(office: Office, user: dict[str, str]) -> None:
    await visitor(office)
    answer = await convert(office, "user", user)
    assert answer.status == 200, answer.body
    body = answer.body
    assert (body["role"], body["external_id"], body["email"]) == ("user", user.get("user_id"), user.get("email"))
    assert body["name"] == "Somebody"


async def test_what_nobody_vouched_for_does_not_get_round_a_lock(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    who = await visitor(office, plan="enterprise")
    await office.enforce("plan", Enforcement.LOCKED)
    answer = await convert(office, "user", {"user_id": "bob"}, {"id": who})
    assert ("plan", "ignored", "unverified") in answer.receipt
    assert "plan" not in answer.body["custom_attributes"]


async def test_an_address_that_only_a_browser_has_claimed_names_nobody(office: Office) -> None:
    mallory = await office.forged("mallory", email="alice@example.com")
    await visitor(office, email="alice@example.com")
    answer = await convert(office, "user", {"email": "alice@example.com"})
    assert (answer.status, answer.body["role"]) == (200, "user")
    assert answer.body["id"] != mallory.contact_id
    answer = await convert(office, "user", {"user_id": "x"}, {"email": "alice@example.com"})
    assert answer.status == 404


async def test_an_address_that_was_only_relayed_names_nobody_to_who_vouches(office: Office) -> None:
    email, relay = "alice@example.com", await office.token(Mode.RELAYING)
    mallory = (await office.rest("POST", "/contacts", {"external_id": "mallory", "email": email}, token=relay)).body[
        "id"
    ]
    who = await visitor(office)
    assert (await convert(office, "user", {"email": email})).status == 409
    assert (await office.rest("GET", f"/contacts/{mallory}")).body["name"] is None
    await office.rest("PUT", "/visitors", {"id": who, "email": email}, token=relay)
    assert (await convert(office, "lead", {}, {"email": email})).status == 404
    answer = await convert(office, "lead", {}, {"email": email}, token=relay)
    assert (answer.status, answer.body["id"]) == (200, who)


async def test_an_address_of_two_users_is_a_conflict(office: Office) -> None:
    for name in ("alice", "bob"):
        await office.rest("POST", "/contacts", {"external_id": name, "email": "a@b.example"})
    await visitor(office)
    assert (await convert(office, "user", {"email": "a@b.example"})).errors == [("conflict", "email")]


async def test_a_relay_makes_leads_and_no_users_of_visitors(office: Office) -> None:
    relay = await office.token(Mode.RELAYING)
    who = await visitor(office)
    await office.alice()
    for user in ({"user_id": "alice"}, {"user_id": "new"}, {"email": "new@example.com"}):
        assert (await convert(office, "user", user, token=relay)).status == 403
    answer = await convert(office, "lead", {"email": "x@y.example"}, token=relay)
    assert (answer.status, answer.body["id"]) == (200, who)


async def test_a_blocked_visitor_is_converted_into_nobody(office: Office) -> None:
    who = await visitor(office)
    await office.rest("POST", f"/contacts/{who}/block")
    for role in ("user", "lead"):
        answer = await convert(office, role, {"email": "new@example.com"})
        assert (answer.status, answer.errors) == (400, [("invalid_merge", None)])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "type"),
        ({"type": "visitor", "visitor": {"id": "x"}}, "type"),
        ({"type": "user", "user": {"user_id": "a"}}, "visitor"),
        ({"type": "user", "visitor": {}, "user": {"user_id": "a"}}, "visitor.user_id"),
        ({"type": "user", "visitor": {"user_id": PUBLIC}}, "user.user_id"),
        ({"type": "user", "visitor": {"user_id": PUBLIC}, "user": {"user_id": "  "}}, "user.user_id"),
        ({"type": "user", "visitor": {"user_id": 5}, "user": {"user_id": "a"}}, "user_id"),
        ({"type": "lead", "visitor": {"user_id": PUBLIC}, "user": {"user_id": "a"}}, "external_id"),
        ({"type": "user", "visitor": {"user_id": PUBLIC}, "user": {"email": "nonsense"}}, "email"),
    ],
)
async def test_a_conversion_that_cannot_be_read_changes_nothing(office: Office, body: Any, field: str) -> None:
    await visitor(office)
    before = await office.everything()
    answer = await office.rest("POST", "/visitors/convert", body)
    assert (answer.status, answer.errors[0][1]) == (400, field)
    assert await office.everything() == before


async def test_a_user_of_another_kind_than_the_type_says_is_refused(office: Office) -> None:
    alice, who = await office.alice(), await visitor(office)
    answer = await convert(office, "lead", {"id": alice})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "type")])
    lead = (await office.rest("POST", "/contacts", {"role": "lead"})).body["id"]
    assert (await convert(office, "lead", {"id": lead})).body["id"] == lead
    assert (await office.rest("GET", f"/contacts/{who}")).status == 410
