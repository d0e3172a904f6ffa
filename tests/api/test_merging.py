"""A lead becomes a user's: what moves, what is weighed again, where the old id leads, and what her history tells."""

from __future__ import annotations

from typing import Any

import pytest

from avow.flow.audit import audit
from avow.trust.access import Mode
from avow.trust.attribute import Enforcement
from tests.support.office import Answer, Office

ADDRESS = "alice@example.com"


async def lead(office: Office, token: str | None = None, **fields: Any) -> str:
    answer = await office.rest("POST", "/contacts", {"role": "lead", **fields}, token=token)
    assert answer.status == 200, answer.body
    return str(answer.body["id"])


async def merge(office: Office, source: str, target: str, **more: Any) -> Answer:
    return await office.rest("POST", "/contacts/merge", {"from": source, "into": target, **more})


async def test_the_user_gets_what_she_lacked_and_what_is_newer(office: Office) -> None:
    for name in ("plan", "city"):
        await office.declare(name)
    alice = await office.alice(email=ADDRESS, custom_attributes={"plan": "free"})
    office.clock.pass_(5)
    guest = await lead(office, email="ALICE@example.com", custom_attributes={"plan": "pro", "city": "Vienna"})
    answer = await merge(office, guest, alice)
    assert answer.status == 200, answer.body
    assert (answer.body["id"], answer.body["role"]) == (alice, "user")
    assert answer.body["custom_attributes"] == {"plan": "pro", "city": "Vienna"}
    assert ("city", "applied", None) in answer.receipt
    outbox = await office.engine.store.outbox(office.workspace_id, limit=9)
    assert [row.topic for row in outbox if row.contact_id == alice][-1] == "contact.merged"
    assert (await office.rest("GET", "/contacts")).body["total_count"] == 1
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()


async def test_what_nobody_vouched_for_is_weighed_again(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    relay = await office.token(Mode.RELAYING)
    alice = await office.alice(email=ADDRESS)
    guest = await lead(office, relay, email=ADDRESS, custom_attributes={"plan": "enterprise"})
    await office.enforce("plan", Enforcement.LOCKED)
    answer = await merge(office, guest, alice)
    assert ("plan", "ignored", "unverified") in answer.receipt
    holding = await office.holding("alice", "plan")
    assert (holding.value, holding.held and holding.held.value) == (None, "enterprise")


async def test_a_lead_that_is_merged_pushes_no_proven_claim_of_the_user_out(office: Office) -> None:
    await office.declare("plan")
    alice = await office.alice(custom_attributes={"plan": "pro"})
    await office.enforce("plan", Enforcement.OPEN)
    guest = (await office.visitor("ab" * 32, plan="of a stranger")).contact_id
    await office.rest("PUT", f"/contacts/{guest}", {"role": "lead"})
    await office.enforce("plan", Enforcement.LOCKED)
    await office.browser("alice", plan="her own")
    answer = await merge(office, str(guest), alice, skip_duplicate_validation=True)
    assert ("plan", "ignored", "unverified") in answer.receipt
    held = (await office.holding("alice", "plan")).held
    assert held is not None
    assert (held.value, held.proven) == ("her own", True)
    refused = (await office.rest("GET", f"/contacts/{alice}/changes")).body["data"]
    assert "of a stranger" in str(refused)
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()


async def test_the_old_id_leads_to_the_user(office: Office) -> None:
    alice, guest = await office.alice(email=ADDRESS), await lead(office, email=ADDRESS)
    await merge(office, guest, alice)
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
        answer = await office.rest(method, f"/contacts/{guest}", body)
        assert (answer.status, answer.errors) == (410, [("contact_merged", None)])
        assert answer.headers["link"] == f'</contacts/{alice}>; rel="canonical"'
    for how in ("archive", "block", "forget"):
        assert (await office.rest("POST", f"/contacts/{guest}/{how}")).status == 410
    assert (await merge(office, guest, alice)).status == 410


async def test_only_a_lead_and_only_into_a_user(office: Office) -> None:
    alice, bob = await office.alice(email=ADDRESS), await lead(office, email=ADDRESS)
    other = await lead(office, email=ADDRESS)
    for source, target, field in ((alice, bob, "from"), (bob, other, "into"), (alice, alice, "from")):
        answer = await merge(office, source, target, skip_duplicate_validation=True)
        assert (answer.status, answer.errors) == (400, [("invalid_merge", field)])
    assert (await merge(office, "0" * 24, alice)).status == 404
    for body in (
        {},
        {"from": alice},
        {"from": 5, "into": alice},
        {"from": alice, "into": bob, "skip": 1} | {"from": []},
    ):
        assert (await office.rest("POST", "/contacts/merge", body)).status == 400


async def test_who_does_not_look_the_same_is_merged_only_on_purpose(office: Office) -> None:
    alice, guest = await office.alice(email=ADDRESS, phone="+43 1"), await lead(office, email="bob@example.com")
    before = await office.everything()
    answer = await merge(office, guest, alice)
    assert (answer.status, answer.errors) == (400, [("invalid_merge", None)])
    assert await office.everything() == before
    assert (await merge(office, guest, alice, skip_duplicate_validation=True)).status == 200
    by_phone = await lead(office, phone="+43 1")
    assert (await merge(office, by_phone, alice)).status == 200


async def test_a_retry_merges_once(office: Office) -> None:
    alice, guest = await office.alice(email=ADDRESS), await lead(office, email=ADDRESS)
    body = {"from": guest, "into": alice}
    first, second = [await office.rest("POST", "/contacts/merge", body, idempotency_key="k") for _ in range(2)]
    assert (first.status, first.body) == (200, second.body)
    assert (await office.known("alice")).version == 2


async def test_the_history_tells_leads_page_by_page(office: Office) -> None:
    alice = await office.alice(email=ADDRESS)
    guests = []
    for _ in range(5):
        office.clock.pass_(0.3)
        guests.append(await lead(office, email=ADDRESS))
        await merge(office, guests[-1], alice)
    await office.visitor("5e" * 32, name="Somebody")
    await office.signed("alice", session="5e" * 32)
    path = f"/contacts/{alice}/merge_history"
    whole = (await office.rest("GET", path)).body
    assert [one["source_contact_id"] for one in whole["data"]] == guests[::-1]
    assert whole["data"][0] == {
        "type": "merge_history", "source_contact_id": guests[4], "source_contact_role": "lead",
        "merged_at": int(office.clock()),
    }  # fmt: skip
    assert (whole["has_more"], "next_cursor" in whole) == (False, False)
    for order, expected in (("desc", guests[::-1]), ("asc", guests)):
        seen: list[str] = []
        cursor = ""
        while True:
            body = (await office.rest("GET", f"{path}?per_page=2&order={order}&cursor={cursor}")).body
            seen += [one["source_contact_id"] for one in body["data"]]
            if not body["has_more"]:
                break
            cursor = body["next_cursor"]
        assert seen == expected


async def test_a_history_is_a_users(office: Office) -> None:
    alice, guest = await office.alice(), await lead(office)
    assert (await office.rest("GET", f"/contacts/{alice}/merge_history")).body["data"] == []
    assert (await office.rest("GET", f"/contacts/{guest}/merge_history")).status == 404
    assert (await office.rest("GET", f"/contacts/{'0' * 24}/merge_history")).status == 404


@pytest.mark.parametrize("query", ["cursor=x", "cursor=1.5-" + "g" * 24, "per_page=0", "per_page=151", "order=up"])
async def test_a_page_that_is_none_is_refused(office: Office, query: str) -> None:
    alice = await office.alice()
    answer = await office.rest("GET", f"/contacts/{alice}/merge_history?{query}")
    assert (answer.status, answer.errors[0][1]) == (400, query.partition("=")[0])


async def test_a_contact_brings_her_history_along_where_asked_to(office: Office) -> None:
    alice, guest = await office.alice(email=ADDRESS), await lead(office, email=ADDRESS)
    other = await lead(office)
    merged = await office.rest("POST", "/contacts/merge?include_merge_history=true", {"from": guest, "into": alice})
    assert [one["source_contact_id"] for one in merged.body["merge_history"]] == [guest]
    for path in (f"/contacts/{alice}", "/contacts/find_by_external_id/alice"):
        assert "merge_history" not in (await office.rest("GET", path)).body
        assert (await office.rest("GET", f"{path}?include_merge_history=true")).body["merge_history"]
    page = (await office.rest("GET", "/contacts?include_merge_history=true")).body["data"]
    assert {one["id"]: len(one.get("merge_history", "none")) for one in page} == {alice: 1, other: 4}
    updated = await office.rest("PUT", f"/contacts/{alice}?include_merge_history=true", {"name": "Alice"})
    assert updated.body["merge_history"]


async def test_erasing_a_user_erases_who_became_part_of_her(office: Office) -> None:
    alice, guest = await office.alice(email=ADDRESS), await lead(office, email=ADDRESS, name="Alice L.")
    await merge(office, guest, alice)
    await office.rest("DELETE", f"/contacts/{alice}")
    assert (await office.rest("GET", f"/contacts/{guest}")).status == 404
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()
