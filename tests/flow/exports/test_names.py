"""A company may call an attribute what a contact is told by, too: an export and its import do not mix them up."""

from __future__ import annotations

import json

import pytest

from avow.flow import exports
from avow.flow.exports.names import FIELDS, READ_OVER
from avow.flow.imports import Form
from avow.trust.weighing.names import is_plain
from tests.flow.exports.test_people import export
from tests.support.office import Office
from tests.support.sheets import counts, csv, imported

AMBIGUOUS = sorted(name for name in FIELDS | READ_OVER if is_plain(name) and name != "created_at")


def test_there_are_such_names() -> None:
    assert {"archived", "blocked", "email_verified", "os"} <= set(AMBIGUOUS)


@pytest.mark.parametrize("form", Form)
async def test_attributes_called_like_fields_come_back_from_an_export(office: Office, form: Form) -> None:
    for name in AMBIGUOUS:
        await office.declare(name)
    await office.alice(email="alice@x.example", custom_attributes=dict.fromkeys(AMBIGUOUS, "before"))
    content = await export(office, form=exports.Form(form), plain=True)
    assert content.count(b"before") == len(AMBIGUOUS)
    told = await imported(office, content.replace(b"before", b"after"), form=form)
    assert (counts(told), told["lines"]) == ((0, 1, 0, 0), [])
    alice = await office.known("alice")
    assert {name: alice.holding(name).value for name in AMBIGUOUS} == dict.fromkeys(AMBIGUOUS, "after")
    assert alice.archived_at is alice.blocked_at is None


async def test_an_attribute_called_email_verified_says_nothing_of_the_address(office: Office) -> None:
    await office.declare("email_verified")
    said = {"external_id": "alice", "email": "alice@x.example", "custom_attributes": {"email_verified": "false"}}
    assert counts(await imported(office, json.dumps(said).encode(), form=Form.JSON_LINES)) == (1, 0, 0, 0)
    source = (await office.holding("alice", "email")).source
    assert source is not None
    assert source.verified
    told = await imported(office, csv("external_id,email_verified", "alice,true"))
    assert told["lines"] == [(2, ("parameter_invalid",))], "a column of that name goes with an address"


async def test_a_dry_run_reads_over_the_new_attribute_and_not_the_field_of_its_name(office: Office) -> None:
    header = "external_id,email,email_verified,custom_attributes.email_verified"
    content = csv(header, "alice,alice@x.example,perhaps,x")
    told = await imported(office, content, create_attributes=True, dry_run=True)
    assert told["created_attributes"] == {"email_verified": "string"}
    assert told["lines"] == [(2, ("parameter_invalid",))]


async def test_what_stands_among_custom_attributes_names_nobody(office: Office) -> None:
    said = {"external_id": "bob", "custom_attributes": {"id": "0" * 24, "role": "lead"}}
    told = await imported(office, json.dumps(said).encode(), form=Form.JSON_LINES)
    assert (told["state"], [one["field"] for one in told["errors"]]) == ("refused", ["id", "role"])
