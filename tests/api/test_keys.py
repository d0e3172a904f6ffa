"""`/keys`: made, registered, listed, retired, revoked; a secret is told once, and only to who may vouch."""

from __future__ import annotations

import pytest

from avow.trust.access import Mode, Scope
from tests.support.company import acme
from tests.support.office import Office

SECRET = "Nq7-vY2mKz_84hTpLw0cXbRj6sDfGa3e"


async def test_a_secret_is_made_and_told_once(office: Office) -> None:
    made = await office.rest("POST", "/keys", {"kid": "acme-2026", "name": "Backend", "platforms": ["web", "ios"]})
    assert made.status == 201
    assert made.body["secret"].startswith("avow_sk_")
    listed = await office.rest("GET", "/keys")
    assert made.body["secret"] not in str(listed.body)
    [key] = [one for one in listed.body["data"] if one["kid"] == "acme-2026"]
    assert (key["name"], key["algorithm"], key["platforms"], key["state"]) == (
        "Backend",
        "HS256",
        ["ios", "web"],
        "live",
    )
    assert (key["uses_7d"], key["last_used_at"], key["distrusted_since"]) == (0, None, None)


async def test_a_made_key_signs_at_once(office: Office) -> None:
    made = (await office.rest("POST", "/keys", {})).body
    office.kid, office.secret = made["kid"], made["secret"]
    await office.signed("alice", plan="pro")
    assert (await office.holding("alice", "plan")).value == "pro"


async def test_a_public_key_is_registered_as_pem_and_found_again(office: Office) -> None:
    body = {"kid": "ed", "algorithm": "EdDSA", "public_key": acme()["acme-ed"].public_pem.decode()}
    answer = await office.rest("POST", "/keys", body)
    assert (answer.status, answer.body["algorithm"]) == (201, "Ed25519")
    assert "secret" not in answer.body
    again = await office.rest("POST", "/keys", {**body, "kid": "ed2"})
    assert (again.status, again.errors) == (409, [("conflict", "secret")])


async def test_a_user_hash_key_is_registered(office: Office) -> None:
    body = {"kid": "legacy", "secret": SECRET, "purpose": "user_hash", "hashes": "email"}
    answer = await office.rest("POST", "/keys", body)
    assert (answer.status, answer.body["purpose"], answer.body["hashes"]) == (201, "user_hash", "email")
    assert SECRET not in str(answer.body)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kid": "a b"}, "kid"),
        ({"kid": 7}, "kid"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"platforms": []}, "platforms"),
        ({"platforms": ["tv"]}, "platforms"),
        ({"platforms": [["web"]]}, "platforms"),
        ({"algorithm": "none"}, "algorithm"),
        ({"algorithm": "RS256"}, "public_key"),
        ({"purpose": "user_hash"}, "purpose"),
        ({"secret": "short"}, "secret"),
        ({"secret": SECRET, "algorithm": "RS256"}, "secret"),
        ({"secret": SECRET, "public_key": "x"}, "public_key"),
        ({"secret": None}, "secret"),
        ({"public_key": "x"}, "algorithm"),
        ({"public_key": "x", "algorithm": "HS256"}, "public_key"),
        ({"public_key": 7, "algorithm": "RS256"}, "public_key"),
        ({"public_key": {"kty": "oct", "k": "c2VjcmV0"}, "algorithm": "RS256"}, "public_key"),
        ({"secret": SECRET, "purpose": "both"}, "purpose"),
        ({"secret": SECRET, "hashes": "email"}, "hashes"),
        ({"secret": SECRET, "hashes": "user_id", "purpose": "token"}, "hashes"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_and_changes_nothing(
    office: Office, body: dict[str, object], field: str
) -> None:
    versions = await office.engine.store.versions()
    answer = await office.rest("POST", "/keys", body)
    assert (answer.status, answer.errors[0][1]) == (400, field), answer.body
    assert SECRET not in str(answer.body)
    assert await office.engine.store.versions() == versions


async def test_a_key_is_retired_in_a_while_then_at_once_then_revoked_for_good(office: Office) -> None:
    later = int(office.clock()) + 3600
    retiring = await office.rest("POST", f"/keys/{office.kid}/retire", {"retires_at": later})
    assert (retiring.body["state"], retiring.body["retires_at"]) == ("retiring", later)
    assert (await office.rest("POST", f"/keys/{office.kid}/retire")).body["state"] == "retired"
    assert (await office.rest("POST", f"/keys/{office.kid}/revoke")).body["state"] == "revoked"
    assert (await office.rest("POST", f"/keys/{office.kid}/retire")).status == 400


async def test_a_key_that_has_retired_is_not_brought_back_by_a_time(office: Office) -> None:
    retire, now = f"/keys/{office.kid}/retire", int(office.clock())
    assert (await office.rest("POST", retire, {"retires_at": now + 60})).body["state"] == "retiring"
    office.clock.pass_(61)
    for state in ("retiring", "retired"):
        before = await office.everything()
        answer = await office.rest("POST", retire, {"retires_at": now + 30 * 86_400})
        assert (answer.status, answer.errors) == (400, [("parameter_invalid", "retires_at")])
        assert "retired, and stays so" in answer.body["errors"][0]["message"]
        assert await office.everything() == before
        assert (await office.rest("GET", "/keys")).body["data"][0]["state"] == state
        assert (await office.rest("POST", retire)).body["state"] == "retired"


@pytest.mark.parametrize(
    "at", [0, 99_999_999_999, 99_999_999_999 + 1 - 1_800_000_000, 1_795_542_583_450, pytest.param(10**300, id="vast")]
)
async def test_a_time_that_is_over_or_none_is_no_time_to_retire(office: Office, at: int) -> None:
    retires_at = int(office.clock()) + at
    answer = await office.rest("POST", f"/keys/{office.kid}/retire", {"retires_at": retires_at})
    assert (answer.status, answer.errors) == (400, [("parameter_invalid", "retires_at")])
    assert (await office.rest("GET", "/keys")).body["data"][0]["state"] == "live"


@pytest.mark.parametrize("act", ["retire", "revoke"])
async def test_there_is_nothing_to_do_to_a_key_that_is_not_there(office: Office, act: str) -> None:
    assert (await office.rest("POST", f"/keys/nobody's/{act}")).status == 404


async def test_a_kid_may_look_like_an_address(office: Office) -> None:
    assert (await office.rest("POST", "/keys", {"kid": "a/b/revoke"})).status == 201
    assert (await office.rest("POST", "/keys/a%2Fb%2Frevoke/revoke")).body["kid"] == "a/b/revoke"


async def test_who_only_relays_makes_and_ends_no_key(office: Office) -> None:
    """Whoever holds a signing key vouches for everything."""
    relay, before = await office.token(Mode.RELAYING), await office.engine.store.versions()
    for path in ("/keys", "/secure_mode_secrets", f"/keys/{office.kid}/retire", f"/keys/{office.kid}/revoke"):
        answer = await office.rest("POST", path, {"name": "x", "supports_web": True}, token=relay)
        assert (answer.status, "make or end keys" in answer.body["errors"][0]["message"]) == (403, True)
    body = {"since": 0, "dry_run": False}
    assert (await office.rest("POST", f"/keys/{office.kid}/distrust", body, token=relay)).status == 403
    assert (await office.rest("DELETE", f"/secure_mode_secrets/{office.kid}", token=relay)).status == 403
    assert await office.engine.store.versions() == before


async def test_reading_keys_is_not_changing_them(office: Office) -> None:
    reader = await office.token(Mode.VOUCHING, Scope.READ_KEYS)
    assert (await office.rest("GET", "/keys", token=reader)).status == 200
    assert (await office.rest("POST", "/keys", {}, token=reader)).status == 403
    writer = await office.token(Mode.VOUCHING, Scope.WRITE_KEYS)
    assert (await office.rest("GET", "/keys", token=writer)).status == 403


async def test_who_did_what_is_written_down_without_the_secret(office: Office) -> None:
    made = (await office.rest("POST", "/keys", {"kid": "new"})).body
    office.clock.pass_(1)
    await office.rest("POST", "/keys/new/revoke")
    log = await office.engine.store.operator_changes(office.workspace_id, limit=9)
    log = [one for one in log if one.subject == "new"]
    assert [(one.action, one.subject) for one in log] == [("key.revoked", "new"), ("key.add", "new")]
    assert all(one.actor.startswith("access_token:") for one in log)
    assert made["secret"] not in repr(log)
