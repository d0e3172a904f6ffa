"""Who may ask: access tokens that are known, live, of this workspace, and for what they are meant."""

from __future__ import annotations

import pytest

from avow.flow import access
from avow.trust.access import Mode, Scope, digest_of
from tests.support.office import OLIVE, Office

READ = [("GET", "/contacts", Scope.READ_CONTACTS), ("GET", "/data_attributes", Scope.READ_ATTRIBUTES)]
WRITE = [("POST", "/contacts", Scope.WRITE_CONTACTS), ("POST", "/data_attributes", Scope.WRITE_ATTRIBUTES)]


async def test_a_live_token_is_told_whose_it_is(office: Office) -> None:
    answer = await office.rest("GET", "/me")
    assert answer.status == 200
    assert (answer.body["type"], answer.body["email"]) == ("admin", OLIVE)
    assert answer.body["app"]["id_code"] == office.workspace_id
    assert answer.body["access_token"]["mode"] == "vouching"
    assert office.access_token not in str(answer.body)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic YWxpY2U6c2VjcmV0",
        "Bearer nonsense",
        "Bearer avow_at_nobody00_" + "A" * 43,
        "{token}",
        "Bearer {token} ",
        "Bearer {token}x",
        "Bearer {token},{token}",
        "Bearer \xe9" + "A" * 50,
    ],
)
async def test_what_is_no_token_of_ours_is_turned_away_alike(office: Office, header: str | None) -> None:
    headers = {} if header is None else {"authorization": header.format(token=office.access_token).encode("latin-1")}
    answer = await office.client.get("/contacts", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "unauthorized"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "x-ratelimit-limit" not in answer.headers


async def test_two_tokens_are_one_too_many(office: Office) -> None:
    own = ("authorization", f"Bearer {office.access_token}")
    assert (await office.client.get("/contacts", headers=[own, own])).status_code == 400


async def test_a_token_made_this_instant_works_at_once(office: Office) -> None:
    await office.rest("GET", "/me")
    assert (await office.rest("GET", "/me", token=await office.token())).status == 200


async def test_a_revoked_token_is_refused(office: Office) -> None:
    text = await office.token()
    assert (await office.rest("GET", "/me", token=text)).status == 200
    engine = office.engine
    rules = await engine.rulebook.current(office.workspace_id)
    token = rules.access_tokens[digest_of(text)]
    await access.revoke(engine.store, office.workspace_id, token.id, entropy=engine.entropy, actor=OLIVE)
    await engine.rulebook.confirm()
    assert (await office.rest("GET", "/me", token=text)).errors == [("unauthorized", None)]


async def test_a_token_of_another_workspace_sees_nothing_of_this_one(office: Office) -> None:
    await office.alice()
    test = next(one for one in await office.engine.store.workspaces() if one.id != office.workspace_id)
    made = await access.make(
        office.engine.store, test.id, name="Test", mode=Mode.VOUCHING, scopes=tuple(Scope),
        entropy=office.engine.entropy, actor=OLIVE,
    )  # fmt: skip
    assert (await office.rest("GET", "/contacts", token=made.text)).body["total_count"] == 0
    me = (await office.rest("GET", "/me", token=made.text)).body
    assert (me["name"], me["email"], me["app"]["kind"]) == ("Olive", OLIVE, "test")
    listed = await office.rest("GET", f"/admins/{me['id']}", token=made.text)
    assert (listed.status, listed.body["email"]) == (200, OLIVE), "her team is the production workspace's"
    missing = await office.rest("GET", "/contacts/find_by_external_id/alice", token=made.text)
    assert missing.status == 404


@pytest.mark.parametrize(("method", "path", "scope"), [*READ, *WRITE])
async def test_a_token_does_what_its_scopes_say_and_is_told_which_one_it_lacks(
    office: Office, method: str, path: str, scope: Scope
) -> None:
    others = [one for one in Scope if one is not scope]
    refused = await office.rest(method, path, None, token=await office.token(Mode.VOUCHING, *others))
    assert refused.errors == [("forbidden", None)]
    assert scope in refused.body["errors"][0]["message"]
    allowed = await office.rest(method, path, {}, token=await office.token(Mode.VOUCHING, scope))
    assert allowed.status in (200, 400)


async def test_who_is_turned_away_is_turned_away_before_the_body_is_read(office: Office) -> None:
    answer = await office.client.post("/contacts", content=b"x" * 100_000)
    assert answer.status_code == 401
