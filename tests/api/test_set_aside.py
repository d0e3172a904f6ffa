"""What becomes of contacts that are archived, blocked or forgotten: where they are seen, and who may still write."""

from __future__ import annotations

from typing import Any

import pytest

from avow.errors import Forbidden, TokenRefused
from avow.flow.audit import audit
from avow.trust.access import Mode, Scope
from avow.trust.reasons import Reason
from tests.support.office import Office

VISITOR = "5e" * 32


async def listed(office: Office, query: str = "") -> list[str]:
    body = (await office.rest("GET", f"/contacts{query}")).body
    assert body["total_count"] == len(body["data"])
    return [one["id"] for one in body["data"]]


async def turn(office: Office, contact_id: str, how: str) -> Any:
    answer = await office.rest("POST", f"/contacts/{contact_id}/{how}")
    assert answer.status == 200, answer.body
    return answer.body


async def topics(office: Office) -> list[str]:
    return [row.topic for row in await office.engine.store.outbox(office.workspace_id, limit=50)]


async def kinds(office: Office, contact_id: str) -> list[str]:
    return [one["kind"] for one in (await office.rest("GET", f"/contacts/{contact_id}/changes")).body["data"][::-1]]


async def test_an_archived_contact_leaves_the_lists_and_keeps_everything(office: Office) -> None:
    alice = await office.alice(name="Alice")
    bob = (await office.rest("POST", "/contacts", {"role": "lead"})).body["id"]
    assert await turn(office, alice, "archive") == {
        "type": "contact", "id": alice, "external_id": "alice", "archived": True
    }  # fmt: skip
    assert await listed(office) == [bob]
    assert await listed(office, "?archived=true") == [alice]
    body = (await office.rest("GET", f"/contacts/{alice}")).body
    assert (body["name"], body["archived"], body["blocked"]) == ("Alice", True, False)
    missing = await office.rest("GET", "/contacts/find_by_external_id/alice")
    assert (missing.status, missing.errors) == (404, [("not_found", None)])
    assert missing.body["errors"][0]["message"].endswith(f"id={alice}")
    assert (await turn(office, alice, "unarchive"))["archived"] is False
    assert set(await listed(office)) == {alice, bob}
    assert (await office.rest("GET", "/contacts/find_by_external_id/alice")).body["name"] == "Alice"


async def test_a_duplicate_of_an_archived_contact_says_so_and_ends_with_her_id(office: Office) -> None:
    alice = await office.alice(email="alice@example.com")
    await turn(office, alice, "archive")
    for body in ({"external_id": "alice"}, {"email": "ALICE@example.com"}):
        answer = await office.rest("POST", "/contacts", body)
        assert (answer.status, answer.errors) == (409, [("conflict", None)])
        message = answer.body["errors"][0]["message"]
        assert message == f"An archived contact matching those details already exists with id={alice}"


async def test_being_archived_is_told_once_and_each_turn_has_its_record(office: Office) -> None:
    alice = await office.alice()
    for how in ("archive", "archive", "unarchive", "unarchive", "block", "block", "unblock", "unblock"):
        await turn(office, alice, how)
    assert await kinds(office, alice) == ["created", "archived", "unarchived", "blocked", "unblocked"]
    assert await topics(office) == ["contact.user.created", "contact.archived", "contact.unarchive"]
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()


async def test_whoever_comes_back_proven_is_in_the_lists_again(office: Office) -> None:
    alice = await office.alice()
    await turn(office, alice, "archive")
    await office.forged("alice", name="Mallory")
    assert await listed(office) == [], "a claim without proof brings nobody back"
    await office.signed("alice")
    assert await listed(office) == [alice]
    assert (await topics(office))[-1] == "contact.unarchive"


async def test_the_company_may_go_on_writing_of_somebody_archived(office: Office) -> None:
    alice = await office.alice()
    await turn(office, alice, "archive")
    body = (await office.rest("PUT", f"/contacts/{alice}", {"name": "Alice"})).body
    assert (body["name"], body["archived"]) == ("Alice", True)


async def test_nothing_comes_from_a_blocked_person_any_more(office: Office) -> None:
    alice = await office.alice(name="Alice")
    assert await turn(office, alice, "block") == {
        "type": "contact", "id": alice, "external_id": "alice", "blocked": True
    }  # fmt: skip
    assert (await listed(office), await listed(office, "?blocked=true")) == ([], [alice])
    before = await office.known("alice")
    with pytest.raises(TokenRefused) as superseded:
        await office.signed("alice", name="Mallory")
    assert superseded.value.code == Reason.IDENTITY_SUPERSEDED
    office.clock.pass_(2)
    with pytest.raises(Forbidden) as blocked:
        await office.signed("alice", name="Mallory")
    assert blocked.value.code == Reason.CONTACT_BLOCKED
    assert await office.known("alice") == before
    assert (await office.rest("GET", "/contacts/find_by_external_id/alice")).body["blocked"] is True
    assert (await turn(office, alice, "unblock"))["blocked"] is False
    await office.signed("alice", name="Alice B.")
    assert (await listed(office), (await office.known("alice")).holding("name").value) == ([alice], "Alice B.")


async def test_letting_somebody_in_again_revives_no_old_token(office: Office) -> None:
    alice, stolen_at = await office.alice(), office.clock()
    office.clock.pass_(100)
    await turn(office, alice, "block")
    await turn(office, alice, "unblock")
    with pytest.raises(TokenRefused):
        await office.signed("alice", at=stolen_at, name="Mallory")


async def test_a_blocked_lead_is_refused_by_her_session(office: Office) -> None:
    visitor = await office.visitor(VISITOR, name="Mallory")
    lead = (
        await office.rest("POST", "/visitors/convert", {"type": "lead", "visitor": {"id": visitor.contact_id}})
    ).body
    await turn(office, lead["id"], "block")
    with pytest.raises(Forbidden):
        await office.visitor(VISITOR, name="Alice")


@pytest.mark.parametrize("how", ["archive", "unarchive", "block", "unblock", "forget"])
async def test_whom_there_is_not_nobody_sets_aside(office: Office, how: str) -> None:
    for contact_id in ("nobody", "0" * 24):
        assert (await office.rest("POST", f"/contacts/{contact_id}/{how}")).status == 404
    alice = await office.alice()
    reader = await office.token(Mode.VOUCHING, Scope.READ_CONTACTS)
    assert (await office.rest("POST", f"/contacts/{alice}/{how}", token=reader)).status == 403
    assert (await office.known("alice")).version == 1


async def test_a_retry_has_the_answer_of_its_first_try(office: Office) -> None:
    alice = await office.alice()
    first = await office.rest("POST", f"/contacts/{alice}/archive", idempotency_key="k1")
    await turn(office, alice, "unarchive")
    assert (await office.rest("POST", f"/contacts/{alice}/archive", idempotency_key="k1")).body == first.body
    assert (await listed(office)) == [alice], "a retry has no second effect"


async def test_forgetting_erases_for_good(office: Office) -> None:
    alice = await office.alice(name="Alice")
    await turn(office, alice, "archive")
    body = await turn(office, alice, "forget")
    assert body == {"type": "contact", "id": alice, "external_id": "alice", "deleted": True, "forgotten": True}
    assert (await office.rest("GET", f"/contacts/{alice}")).status == 404
    assert await listed(office, "?archived=true") == []
    assert (await audit(office.engine.store, office.workspace_id)).findings == ()


async def test_two_lists_at_once_are_no_list(office: Office) -> None:
    answer = await office.rest("GET", "/contacts?archived=true&blocked=true")
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "blocked")])
