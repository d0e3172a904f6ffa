"""`/secure_mode_secrets`, as Intercom's Preview API has them: metadata, a secret told once, deleted at once."""

from __future__ import annotations

import pytest

from avow.trust.contact import Channel
from tests.support.company import acme
from tests.support.office import Office

NEW = {"name": "Backend", "supports_web": True, "supports_ios": False, "supports_android": True}


async def test_a_secret_is_made_and_its_metadata_listed(office: Office) -> None:
    made = await office.rest("POST", "/secure_mode_secrets", NEW)
    assert made.status == 201
    assert set(made.body) == {
        "type", "id", "name", "supports_web", "supports_ios", "supports_android", "created_at", "purpose", "secret",
    }  # fmt: skip
    assert made.body["type"] == "identity_verification_secret"
    listed = (await office.rest("GET", "/secure_mode_secrets")).body["data"]
    [one] = [one for one in listed if one["id"] == made.body["id"]]
    assert one == {name: value for name, value in made.body.items() if name != "secret"}
    assert (one["supports_web"], one["supports_ios"], one["supports_android"]) == (True, False, True)


async def test_a_token_without_kid_is_believed_by_it(office: Office) -> None:
    made = (await office.rest("POST", "/secure_mode_secrets", NEW)).body
    office.kid, office.secret = made["id"], made["secret"]
    await office.signed("alice", plan="pro")
    source = (await office.holding("alice", "plan")).source
    assert source is not None
    assert (source.channel, source.by) == (Channel.SIGNED, made["id"])


async def test_a_deleted_one_is_gone_and_its_tokens_are_refused(office: Office) -> None:
    made = (await office.rest("POST", "/secure_mode_secrets", NEW)).body
    gone = await office.client.request(
        "DELETE", f"/secure_mode_secrets/{made['id']}", headers={"authorization": f"Bearer {office.access_token}"}
    )
    assert (gone.status_code, gone.content) == (204, b"")
    listed = (await office.rest("GET", "/secure_mode_secrets")).body["data"]
    assert made["id"] not in [one["id"] for one in listed]
    again = await office.rest("DELETE", f"/secure_mode_secrets/{made['id']}")
    assert (again.status, again.errors) == (404, [("identity_verification_secret_not_found", None)])
    [key] = [one for one in (await office.rest("GET", "/keys")).body["data"] if one["kid"] == made["id"]]
    assert key["state"] == "revoked"


async def test_a_public_key_is_no_secret(office: Office) -> None:
    body = {"kid": "ed", "algorithm": "Ed25519", "public_key": acme()["acme-ed"].public_pem.decode()}
    await office.rest("POST", "/keys", body)
    listed = (await office.rest("GET", "/secure_mode_secrets")).body["data"]
    assert "ed" not in [one["id"] for one in listed]
    assert (await office.rest("DELETE", "/secure_mode_secrets/ed")).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"supports_web": True}, "name"),
        ({"name": 7, "supports_web": True}, "name"),
        ({"name": " ", "supports_web": True}, "name"),
        ({"name": "x" * 101, "supports_web": True}, "name"),
        ({"name": "x"}, "supports_web"),
        ({"name": "x", "supports_web": False}, "supports_web"),
        ({"name": "x", "supports_ios": "yes"}, "supports_ios"),
        ({"name": "x", "supports_ios": None, "supports_web": True}, "supports_ios"),
    ],
)
async def test_one_that_cannot_be_is_a_422(office: Office, body: dict[str, object], field: str) -> None:
    answer = await office.rest("POST", "/secure_mode_secrets", body)
    assert (answer.status, answer.errors) == (422, [("parameter_invalid", field)])
    assert len((await office.rest("GET", "/secure_mode_secrets")).body["data"]) == 1
