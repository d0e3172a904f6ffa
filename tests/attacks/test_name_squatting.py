"""Mallory creates or spells names so that hers passes for the company's."""

from __future__ import annotations

import pytest

from tests.support.place import Place

SPELLINGS = ["pl.an", "pl$an", "pl'an", 'pl"an', "pl[an", "pl(an"]
LOOKALIKES = ["pl_An", "PL_AN", "ｐｌ＿ａｎ", "pl_aɴ".replace("ɴ", "ⁿ")]


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_every_spelling_of_a_locked_name_is_locked(place: Place, spelling: str) -> None:
    await place.signed("alice", pl_an="free")
    answer = await place.ping({"user_id": "alice", spelling: "enterprise"})
    assert answer.verdict("pl_an") == ("ignored", "unverified")
    assert await place.value("alice", "pl_an") == "free"


@pytest.mark.parametrize("lookalike", LOOKALIKES)
async def test_a_lookalike_of_a_name_is_refused(place: Place, lookalike: str) -> None:
    await place.policy(may_create="anyone")
    await place.signed("alice", pl_an="free")
    answer = await place.ping({"user_id": "mallory", lookalike: "enterprise"})
    (line,) = answer.body["receipt"]["attributes"]
    assert (line["verdict"], line["reason"]) in (("ignored", "invalid_name"), ("ignored", "unverified"))
    assert lookalike not in (await place.known("mallory")).holdings


async def test_the_alias_of_a_standard_attribute_is_that_attribute(place: Place) -> None:
    await place.signed("alice", created_at=1_600_000_000)
    await place.lock("signed_up_at")
    for name in ("created_at", "signed_up_at", "created.at"):
        answer = await place.ping({"user_id": "alice", name: 1_700_000_000})
        assert answer.verdict("signed_up_at") == ("ignored", "unverified")
    assert await place.value("alice", "signed_up_at") == 1_600_000_000


async def test_a_squatted_name_is_adopted_with_the_companys_type(place: Place) -> None:
    await place.policy(may_create="anyone")
    await place.ping({"user_id": "mallory", "seats": "lots"})
    assert (await place.signed("alice", seats=5)).verdict("seats") == ("applied", None)
    assert await place.value("alice", "seats") == 5
    listed = await place.rest("GET", "/data_attributes?model=contact")
    seats = next(one for one in listed.body["data"] if one["name"] == "seats")
    assert (seats["data_type"], seats["enforcement"]) == ("integer", "monitor")
    contact = await place.known("mallory")
    shown = await place.rest("GET", f"/contacts/{contact.id}/provenance")
    assert shown.body["attributes"]["seats"]["value"] is None
    assert shown.body["attributes"]["seats"]["held"]["value"] == "lots"


async def test_by_default_a_stranger_creates_nothing(place: Place) -> None:
    answer = await place.ping({"user_id": "mallory", "is_admin": True})
    assert answer.verdict("is_admin") == ("ignored", "unknown_attribute")


@pytest.mark.parametrize(
    "name", ["iss", "exp", "custom_attributes", "role", "id", "owner_id", "last_request_at", "widget"]
)
async def test_reserved_names_are_nobodys_attribute(place: Place, name: str) -> None:
    answer = await place.ping({"user_id": "mallory", name: "x"})
    assert answer.verdict(name) == ("ignored", "reserved_name")


@pytest.mark.parametrize("name", ["company", "companies"])
async def test_company_data_is_answered_as_not_supported(place: Place, name: str) -> None:
    answer = await place.ping({"user_id": "mallory", name: {"id": "1", "plan": "enterprise"}})
    assert answer.verdict(name) == ("ignored", "not_supported")


async def test_a_squatted_lookalike_does_not_block_the_companys_name(place: Place) -> None:
    await place.policy(may_create="anyone")
    assert (await place.ping({"user_id": "mallory", "Plan": "enterprise"})).verdict("Plan") == ("applied", None)
    assert (await place.signed("alice", plan="free")).verdict("plan") == ("applied", None)
    assert (await place.ping({"user_id": "mallory", "PLAN": "enterprise"})).body["receipt"]["attributes"][0][
        "reason"
    ] == "invalid_name"
    # And once the company's name is taken, nobody lends the squatted one her word.
    assert (await place.signed("alice", Plan="pro")).verdict("Plan") == ("ignored", "invalid_name")
