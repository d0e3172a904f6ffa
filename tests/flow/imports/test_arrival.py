"""Rows of an import are weighed like requests: who they are about, who vouches, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from avow.flow.imports import Form
from avow.trust.access import Mode
from avow.trust.attribute import Enforcement
from avow.trust.contact import Channel
from tests.support.office import Office
from tests.support.sheets import counts, csv, imported


async def lines(office: Office, *people: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Import people, a line of JSON each."""
    content = b"".join(json.dumps(one).encode() + b"\n" for one in people)
    return await imported(office, content, form=Form.JSON_LINES, **options)


async def test_a_new_person_is_vouched_for_by_whoever_imports_her(office: Office) -> None:
    told = await imported(office, csv("external_id,email,name", "alice,alice@x.example,Alice"))
    assert counts(told) == (1, 0, 0, 0)
    holding = await office.holding("alice", "name")
    assert holding.source is not None
    assert (holding.value, holding.source.channel, holding.source.verified, holding.source.by) == (
        "Alice", Channel.IMPORT, True, "cli:olive",
    )  # fmt: skip


async def test_who_is_known_is_updated_and_who_stays_the_same_is_not_changed(office: Office) -> None:
    await office.declare("plan")
    content = csv("external_id,plan", "alice,pro", "bob,free")
    assert counts(await imported(office, content)) == (2, 0, 0, 0)
    before = (await office.known("alice")).version
    office.clock.pass_(60)
    changed = csv("external_id,plan", "alice,pro", "bob,pro")
    assert counts(await imported(office, changed)) == (0, 1, 1, 0)
    history = (await office.rest("GET", f"/contacts/{(await office.known('alice')).id}/changes")).body["data"]
    assert [one["kind"] for one in history] == ["created"]
    assert (await office.known("alice")).version <= before + 1


async def test_a_blank_cell_says_nothing_and_null_in_json_clears(office: Office) -> None:
    await office.alice(name="Alice", phone="1")
    await imported(office, csv("external_id,name,phone", "alice,,"))
    assert (await office.holding("alice", "name")).value == "Alice"
    await lines(office, {"external_id": "alice", "name": None, "custom_attributes": {}})
    assert (await office.holding("alice", "name")).value is None
    assert (await office.holding("alice", "phone")).value == "1"


async def test_a_relaying_import_changes_no_locked_value_and_says_so(office: Office) -> None:
    await office.declare("plan")
    await office.alice(custom_attributes={"plan": "free"})
    told = await imported(office, csv("external_id,plan,name", "alice,pro,Alice"), mode=Mode.RELAYING)
    assert told["ignored_values"] == {"unverified": 1}
    plan, name = await office.holding("alice", "plan"), await office.holding("alice", "name")
    assert (plan.value, plan.held.value if plan.held else None) == ("free", "pro")
    assert name.source is not None
    assert (name.value, name.source.verified) == ("Alice", False)


async def test_somebody_is_known_by_an_address_that_the_company_has_given(office: Office) -> None:
    await office.rest("POST", "/contacts", {"email": "Alice@x.example", "role": "user"})
    told = await imported(office, csv("external_id,email", "alice,alice@X.example"))
    assert counts(told) == (0, 1, 0, 0)
    assert (await office.known("alice")).external_id == "alice"


async def test_an_address_that_only_a_browser_claims_leads_to_nobody(office: Office) -> None:
    """Mallory's page says that she is Alice; Alice's own row must not land on Mallory."""
    await office.browser("mallory", email="alice@x.example")
    assert counts(await imported(office, csv("email,name", "alice@x.example,Alice"))) == (1, 0, 0, 0)
    assert (await office.holding("mallory", "name")).value is None


async def test_what_a_relay_wrote_back_leads_no_vouching_row_to_mallory(office: Office) -> None:
    """Her page says that she is Alice, a sync reads it and writes it back later: nobody has vouched for it by that."""
    await office.declare("plan")
    await office.signed("mallory")
    await office.browser("mallory", email="alice@x.example")
    await office.browser("mallory", email="other@x.example")
    mallory, relay = await office.known("mallory"), await office.token(Mode.RELAYING)
    await office.rest("PUT", f"/contacts/{mallory.id}", {"email": "alice@x.example"}, token=relay)
    row = {"email": "alice@x.example", "custom_attributes": {"plan": "gold"}}
    assert (await lines(office, row))["lines"] == [(1, ("conflict",))]
    assert (await office.holding("mallory", "plan")).value is None
    assert (await office.holding("mallory", "email")).verified_slot is None


async def test_a_relayed_lead_is_nobody_to_who_vouches_and_herself_to_who_relays(office: Office) -> None:
    row = {"email": "lea@x.example", "role": "lead"}
    for mode, expected in ((Mode.RELAYING, (1, 0, 0, 0)), (Mode.RELAYING, (0, 0, 1, 0)), (Mode.VOUCHING, (1, 0, 0, 0))):
        assert counts(await lines(office, row, mode=mode)) == expected


async def test_a_lead_whose_address_her_row_calls_unverified_is_found_by_it_again(office: Office) -> None:
    row = {"email": "lea@x.example", "email_verified": False, "role": "lead", "name": "Lea"}
    for expected in ((1, 0, 0, 0), (0, 0, 1, 0)):
        assert counts(await lines(office, row)) == expected


async def test_a_relay_that_comes_again_finds_whom_it_brought(office: Office) -> None:
    await office.rest(
        "POST", "/contacts", {"external_id": "bob", "email": "bob@x.example"}, token=await office.token(Mode.RELAYING)
    )
    told = await lines(office, {"email": "bob@x.example", "name": "Bob"}, mode=Mode.RELAYING)
    assert counts(told) == (0, 1, 0, 0)
    assert (await office.holding("bob", "name")).value == "Bob"


async def test_an_address_that_several_share_is_a_conflict(office: Office) -> None:
    for user in ("alice", "bob"):
        await office.rest("POST", "/contacts", {"external_id": user, "email": "both@x.example"})
    told = await imported(office, csv("email,name", "both@x.example,Who"))
    assert told["lines"] == [(2, ("conflict",))]
    assert counts(await imported(office, csv("external_id,email", "bob,both@x.example")))[3] == 0


async def test_a_lead_is_found_again_by_her_address_and_stays_one(office: Office) -> None:
    for expected in ((1, 0, 0, 0), (0, 1, 0, 0)):
        name = "Lea" if expected[0] else "Leah"
        told = await imported(office, csv("email,role,name", f"lea@x.example,lead,{name}"))
        assert counts(told) == expected


async def test_an_id_of_ours_names_somebody_and_an_unknown_one_alone_names_nobody(office: Office) -> None:
    alice = await office.alice()
    nobody = "0" * 24
    told = await lines(
        office, {"id": alice, "name": "A"}, {"id": nobody, "name": "B"}, {"id": nobody, "external_id": "carol"}
    )
    assert counts(told) == (1, 1, 0, 1)
    assert told["lines"] == [(2, ("not_found",))]
    assert (await office.holding("alice", "name")).value == "A"


async def test_one_person_in_many_rows_is_one_person(office: Office) -> None:
    rows = [f"alice,a@x.example,Name {number}" for number in range(5)]
    told = await imported(office, csv("external_id,email,name", *rows, ",a@x.example,Last"))
    assert counts(told) == (1, 5, 0, 0)
    assert (await office.holding("alice", "name")).value == "Last"


BAD_ROWS = {
    "nobody": (",,x,", "parameter_not_found"),
    "no address": ("u1,nonsense,,", "parameter_invalid"),
    "a role that is none": ("u1,,,owner", "parameter_invalid"),
    "a lead with an external_id": ("u1,,,lead", "parameter_invalid"),
    "too long an external_id": ("u" * 256 + ",,,", "parameter_invalid"),
    "a blank external_id": ("\u2003,,x,", "parameter_invalid"),
    "too few cells": ("u1,,", "bad_request"),
    "too many cells": ("u1,,,,", "bad_request"),
    "a text where seats are counted": ("u1,,many,", "type_mismatch"),
}


@pytest.mark.parametrize(("row", "code"), BAD_ROWS.values(), ids=BAD_ROWS.keys())
async def test_a_bad_row_is_told_by_its_line_and_refuses_no_other(office: Office, row: str, code: str) -> None:
    await office.declare("seats", "integer")
    told = await imported(office, csv("external_id,email,seats,role", "good1,,1,", row, "good2,,2,"))
    assert (told["state"], told["rows"]) == ("completed", 3)
    assert counts(told) == (2, 0, 0, 1)
    assert told["lines"] == [(3, (code,))]
    assert (await office.holding("good2", "seats")).value == 2


async def test_everything_that_is_wrong_with_a_row_is_told(office: Office) -> None:
    await office.declare("seats", "integer")
    told = await imported(office, csv("external_id,name,seats", f"u1,{'x' * 256},many"))
    assert [(line, sorted(codes)) for line, codes in told["lines"]] == [(2, ["too_long", "type_mismatch"])]


async def test_no_value_is_repeated_in_what_is_told_of_a_row(office: Office) -> None:
    await office.declare("seats", "integer")
    told = await imported(office, csv("external_id,seats,email", "u1,s3cret,s3cret"))
    assert told["rejected"] == 1
    assert "s3cret" not in repr(told)


async def test_strict_stops_before_the_bad_row_and_keeps_what_came_before(office: Office) -> None:
    await office.declare("seats", "integer")
    content = csv("external_id,seats", "u1,1", "u2,many", "u3,3")
    told = await imported(office, content, strict=True)
    assert (told["state"], told["rejected"]) == ("failed", 1)
    assert [(one["line"], one["code"]) for one in told["errors"]] == [(3, "type_mismatch")]
    assert (await office.holding("u1", "seats")).value == 1
    with pytest.raises(AssertionError):
        await office.known("u3")


async def test_a_row_locked_out_by_erasure_comes_back_as_somebody_new(office: Office) -> None:
    alice = await office.alice()
    await office.rest("DELETE", f"/contacts/{alice}")
    assert counts(await imported(office, csv("external_id", "alice"))) == (1, 0, 0, 0)
    assert (await office.known("alice")).id != alice


async def test_an_attribute_locked_meanwhile_takes_what_is_vouched_for(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.browser("alice", plan="free")
    await office.enforce("plan", Enforcement.LOCKED)
    await imported(office, csv("external_id,plan", "alice,pro"))
    holding = await office.holding("alice", "plan")
    assert (holding.value, holding.source.verified if holding.source else None) == ("pro", True)


async def test_a_cell_guarded_against_spreadsheets_means_what_it_guards(office: Office) -> None:
    await imported(office, csv("external_id,phone,name", "u1,'+49 30,'tis"))
    assert (await office.holding("u1", "phone")).value == "+49 30"
    assert (await office.holding("u1", "name")).value == "'tis"
