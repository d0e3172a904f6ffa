"""Tags by REST: made, named anew, put on and taken off, each with who did it."""

from __future__ import annotations

from typing import Any

import pytest

from avow.trust.access import Mode, Scope
from tests.support.office import Office


async def make(office: Office, name: str = "VIP", **fields: Any) -> str:
    answer = await office.rest("POST", "/tags", {"name": name, **fields})
    assert answer.status == 200, answer.body
    return str(answer.body["id"])


async def worn(office: Office, contact: str) -> list[str]:
    body = (await office.rest("GET", f"/contacts/{contact}/tags")).body
    return [tag["name"] for tag in body["data"]]


async def topics(office: Office) -> list[str]:
    return [row.topic for row in await office.engine.store.outbox(office.workspace_id, limit=99)]


async def test_a_tag_is_made_once_however_its_name_is_written(office: Office) -> None:
    first = await make(office, " VIP ")
    assert await make(office, "vip") == first
    body = (await office.rest("GET", "/tags")).body
    assert body == {"type": "list", "data": [{"type": "tag", "id": first, "name": "VIP"}]}
    assert (await office.rest("GET", f"/tags/{first}")).body == body["data"][0]


async def test_a_tag_gets_another_name_by_its_id(office: Office) -> None:
    vip, beta = await make(office), await make(office, "Beta")
    body = (await office.rest("POST", "/tags", {"id": int(vip), "name": "Very important"})).body
    assert (body["id"], body["name"]) == (vip, "Very important")
    answer = await office.rest("POST", "/tags", {"id": beta, "name": "very IMPORTANT"})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "name")])
    assert [one["name"] for one in (await office.rest("GET", "/tags")).body["data"]] == ["Beta", "Very important"]


async def test_a_tag_on_a_contact_tells_who_put_it_there(office: Office) -> None:
    alice, vip = await office.alice(), await make(office)
    answer = await office.rest("POST", f"/contacts/{alice}/tags", {"id": int(vip)})
    token = (await office.rest("GET", "/me")).body["access_token"]["id"]
    assert answer.body == {
        "type": "tag",
        "id": vip,
        "name": "VIP",
        "applied_at": int(office.clock()),
        "applied_by": {"type": "access_token", "id": token},
        "provenance": {"channel": "api", "actor": f"access_token:{token}", "verified": True},
    }
    assert (await office.rest("GET", f"/contacts/{alice}/tags")).body == {"type": "list", "data": [answer.body]}
    assert "contact.user.tag.created" in await topics(office)


async def test_a_contact_shows_its_first_ten_tags(office: Office) -> None:
    alice = await office.alice()
    assert (await office.rest("GET", f"/contacts/{alice}")).body["tags"]["total_count"] == 0
    tags = [await make(office, f"tag {number}") for number in range(12)]
    for tag in tags:
        await office.rest("POST", f"/contacts/{alice}/tags", {"id": tag})
        office.clock.pass_(1)
    shown = (await office.rest("GET", f"/contacts/{alice}")).body["tags"]
    assert [one["id"] for one in shown["data"]] == tags[:10]
    assert shown["data"][0] == {"type": "tag", "id": tags[0], "url": f"/tags/{tags[0]}"}
    assert (shown["url"], shown["total_count"], shown["has_more"]) == (f"/contacts/{alice}/tags", 12, True)
    assert (await office.rest("GET", "/contacts")).body["data"][0]["tags"] == shown
    assert (await office.rest("PUT", f"/contacts/{alice}", {"name": "Alice"})).body["tags"] == shown


async def test_putting_it_on_again_changes_nothing_and_taking_it_off_is_told(office: Office) -> None:
    alice, vip = await office.alice(), await make(office)
    first = await office.rest("POST", f"/contacts/{alice}/tags", {"id": vip})
    office.clock.pass_(60)
    again = await office.rest("POST", f"/contacts/{alice}/tags", {"id": vip})
    assert (again.body, (await topics(office)).count("contact.user.tag.created")) == (first.body, 1)
    gone = await office.rest("DELETE", f"/contacts/{alice}/tags/{vip}")
    assert (gone.body["id"], gone.body["applied_at"], await worn(office, alice)) == (vip, None, [])
    assert (await office.rest("DELETE", f"/contacts/{alice}/tags/{vip}")).status == 200
    assert (await topics(office)).count("contact.user.tag.deleted") == 1
    changes = (await office.rest("GET", f"/contacts/{alice}/changes")).body["data"]
    assert [one["kind"] for one in changes] == ["untagged", "tagged", "created"]
    assert changes[1]["values"]["tag_name"] == {"before": None, "after": "VIP"}


async def test_who_only_relays_vouches_for_no_tag(office: Office) -> None:
    alice, vip = await office.alice(), await make(office)
    relay = await office.token(Mode.RELAYING)
    tagged = await office.rest("POST", f"/contacts/{alice}/tags", {"id": vip}, token=relay)
    assert tagged.body["provenance"]["verified"] is False
    vouched = await office.rest("POST", f"/contacts/{alice}/tags", {"id": vip})
    assert vouched.body["provenance"]["verified"] is True
    again = await office.rest("POST", f"/contacts/{alice}/tags", {"id": vip}, token=relay)
    assert again.body == vouched.body


async def test_many_are_tagged_and_untagged_at_once(office: Office) -> None:
    alice = await office.alice()
    lead = (await office.rest("POST", "/contacts", {"role": "lead"})).body["id"]
    users = [{"id": alice}, {"user_id": "alice"}, {"id": lead}]
    body = (await office.rest("POST", "/tags", {"name": "Beta", "users": users})).body
    assert [(one["id"], one["tagged"]) for one in body["users"]] == [(alice, True), (lead, True)]
    assert (await worn(office, alice), await worn(office, lead)) == (["Beta"], ["Beta"])
    assert "contact.lead.tag.created" in await topics(office)
    off = [{"id": lead, "untag": True}]
    body = (await office.rest("POST", "/tags", {"name": "beta", "users": off})).body
    assert (body["users"][0]["tagged"], await worn(office, lead), await worn(office, alice)) == (False, [], ["Beta"])


async def test_one_who_is_not_there_refuses_them_all_and_no_tag_is_made(office: Office) -> None:
    alice = await office.alice()
    answer = await office.rest("POST", "/tags", {"name": "Beta", "users": [{"id": alice}, {"id": "f" * 24}]})
    assert (answer.status, answer.errors) == (404, [("not_found", None)])
    assert (await office.rest("GET", "/tags")).body["data"] == []
    assert await worn(office, alice) == []


async def test_a_deleted_tag_is_off_everybody(office: Office) -> None:
    alice, vip, beta = await office.alice(), await make(office), await make(office, "Beta")
    for tag in (vip, beta):
        await office.rest("POST", f"/contacts/{alice}/tags", {"id": tag})
    assert (await office.rest("DELETE", f"/tags/{vip}")).body["deleted"] is True
    assert await worn(office, alice) == ["Beta"]
    assert (await office.rest("GET", f"/contacts/{alice}")).body["tags"]["total_count"] == 1
    for method, path in (("GET", f"/tags/{vip}"), ("DELETE", f"/tags/{vip}")):
        assert (await office.rest(method, path)).status == 404
    assert (await office.rest("POST", f"/contacts/{alice}/tags", {"id": vip})).status == 404
    assert await make(office) != vip
    assert await worn(office, alice) == ["Beta"]


async def test_a_retry_has_one_effect_and_tells_the_same(office: Office) -> None:
    alice = await office.alice()
    body = {"name": "Beta", "users": [{"id": alice}]}
    first, second = [await office.rest("POST", "/tags", body, idempotency_key="k1") for _ in range(2)]
    assert first.body == second.body
    made = [await office.rest("POST", "/tags", {"name": "One"}, idempotency_key="k2") for _ in range(2)]
    assert made[0].body == made[1].body
    assert (await topics(office)).count("contact.user.tag.created") == 1


async def test_a_tag_of_somebody_else_is_nobodys(office: Office) -> None:
    """Another workspace's ids say nothing here."""
    vip = await make(office)
    nobody = "0" * 24
    for path in (f"/contacts/{nobody}/tags", f"/contacts/{nobody}/tags/{vip}"):
        method, body = ("DELETE", None) if path.endswith(vip) else ("POST", {"id": vip})
        assert (await office.rest(method, path, body)).status == 404
    assert (await office.rest("GET", f"/contacts/{nobody}/tags")).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"test": "invalid"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "\u202egnp"}, "name"),
        ({"name": "x" * 256}, "name"),
        ({"name": "a", "id": True}, "id"),
        ({"name": "a", "id": {}}, "id"),
        ({"name": "a", "users": {}}, "users"),
        ({"name": "a", "users": []}, "users"),
        ({"name": "a", "users": [7]}, "users"),
        ({"name": "a", "users": [{}]}, "users"),
        ({"name": "a", "users": [{"id": 7}]}, "id"),
        ({"name": "a", "users": [{"user_id": " "}]}, "users"),
        ({"name": "a", "users": [{"id": "x"}] * 101}, "users"),
        ({"name": "a", "id": "1", "users": [{"id": "x"}]}, "users"),
        ({"name": "a", "companies": [{"id": "1"}]}, "companies"),
    ],
)
async def test_what_is_no_tag_is_refused_and_nothing_is_made(office: Office, body: dict[str, Any], field: str) -> None:
    answer = await office.rest("POST", "/tags", body)
    assert (answer.status, answer.errors[0][1]) == (400, field)
    assert (await office.rest("GET", "/tags")).body["data"] == []


@pytest.mark.parametrize("tag_id", ["", "x", "-1", "1.5", "9" * 400, "1 OR 1=1", "\u0661"])
async def test_what_cannot_be_a_tags_id_is_not_found(office: Office, tag_id: str) -> None:
    alice = await office.alice()
    answer = await office.rest("POST", f"/contacts/{alice}/tags", {"id": tag_id})
    assert answer.status == 404
    assert await worn(office, alice) == []


async def test_some_on_and_some_off_at_once_is_refused(office: Office) -> None:
    alice = await office.alice()
    users = [{"id": alice}, {"user_id": "alice", "untag": True}]
    answer = await office.rest("POST", "/tags", {"name": "a", "users": users})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "users")])


async def test_who_may_only_read_puts_no_tag_on_anybody(office: Office) -> None:
    alice, vip = await office.alice(), await make(office)
    reader = await office.token(Mode.VOUCHING, Scope.READ_CONTACTS)
    for method, path, body in (
        ("POST", "/tags", {"name": "Beta"}),
        ("POST", f"/contacts/{alice}/tags", {"id": vip}),
        ("DELETE", f"/tags/{vip}", None),
    ):
        assert (await office.rest(method, path, body, token=reader)).status == 403
    assert (await office.rest("GET", f"/tags/{vip}", token=reader)).status == 200
