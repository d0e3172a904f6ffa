"""A file that cannot be meant is refused before anything is written, with everything that is wrong with it."""

from __future__ import annotations

import json

import pytest

from avow.flow.imports import Form
from avow.trust.attribute import MAX_ACTIVE
from tests.support.office import Office
from tests.support.sheets import counts, csv, imported

CUSTOM = ("plan", "seats", "joined_at", "vip", "score", "code")


async def refused(office: Office, content: bytes, **options: object) -> list[tuple[str, str | None]]:
    """(code, field) of everything that is wrong with a file of which nothing is written."""
    before = await office.everything()
    told = await imported(office, content, **options)
    assert told["state"] == "refused", told
    assert (told["rows"], told["lines"]) == (0, [])
    assert await office.everything() == before
    return [(one["code"], one["field"]) for one in told["errors"]]


async def test_unknown_columns_are_all_told_at_once(office: Office) -> None:
    found = await refused(office, csv("external_id,plan,seats", "u1,pro,3"))
    assert found == [("unknown_attribute", "plan"), ("unknown_attribute", "seats")]


async def test_unknown_names_in_any_line_of_json_are_told_before_anything_is_written(office: Office) -> None:
    lines = b'{"external_id":"u1"}\n' * 50 + b'{"external_id":"u2","custom_attributes":{"plan":"pro"}}\n'
    assert await refused(office, lines, form=Form.JSON_LINES) == [("unknown_attribute", "plan")]


async def test_a_name_in_json_is_told_with_the_line_where_it_came_first(office: Office) -> None:
    await office.declare("plan")
    lines = b'{"external_id":"u1"}\n\n{"external_id":"u2","nope":1}\n{"external_id":"u3","nope":2,"a.b":1}\n'
    told = await imported(office, lines, form=Form.JSON_LINES, create_attributes=False)
    assert [(one["line"], one["field"]) for one in told["errors"]] == [(3, "nope"), (4, "a.b")]


async def test_an_archived_attribute_refuses_the_file(office: Office) -> None:
    number = await office.declare("plan")
    await office.rest("PUT", f"/data_attributes/{number}", {"archived": True})
    assert await refused(office, csv("external_id,plan", "u1,pro")) == [("archived", "plan")]


HEADERS = {
    "nobody is named": ("name", ("parameter_not_found", "external_id")),
    "two columns with one name": ("external_id,name,name", ("duplicate_field", "name")),
    "two columns with one meaning": ("external_id,user_id", ("duplicate_field", "user_id")),
    "a column without a name": ("external_id,", ("parameter_invalid", "")),
    "a reserved name": ("external_id,user_hash", ("reserved_name", "user_hash")),
    "a name that is none": ("external_id,pl.an", ("invalid_name", "pl.an")),
    "company data": ("external_id,company", ("not_supported", "company")),
}


@pytest.mark.parametrize(("header", "fault"), HEADERS.values(), ids=HEADERS.keys())
async def test_a_header_that_cannot_be_meant_refuses_the_file(
    office: Office, header: str, fault: tuple[str, str]
) -> None:
    found = await refused(office, csv(header, "u1,x,y"), create_attributes=True)
    assert fault in found


FILES = {
    "empty": b"",
    "only blanks": b"\r\n \r\n",
    "only a byte order mark": b"\xef\xbb\xbf",
    "UTF-16": "external_id\r\nu1\r\n".encode("utf-16"),
    "a header that is not UTF-8": b"external_id,caf\xe9\r\nu1,x\r\n",
    "a header whose quotes do not close": b'external_id,"name\r\nu1,x\r\n',
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES.keys())
async def test_a_file_that_is_none_is_refused(office: Office, content: bytes) -> None:
    assert [code for code, _ in await refused(office, content)] == ["bad_request"]


async def test_a_meaning_for_a_column_that_is_not_there_is_a_mistake(office: Office) -> None:
    found = await refused(office, csv("external_id", "u1"), columns={"Plan": "plan"})
    assert found == [("parameter_not_found", "Plan")]


async def test_a_meaning_for_a_name_that_no_line_of_json_has_is_a_mistake(office: Office) -> None:
    lines = b'{"external_id":"u1","Plan":"pro"}\n{"external_id":"u2","custom_attributes":{"Seats":3}}\n'
    columns = {"Plan": "name", "Seats": "", "Sets": "seats", "custom_attributes": ""}
    found = await refused(office, lines, form=Form.JSON_LINES, columns=columns)
    assert found == [("parameter_not_found", "Sets"), ("parameter_not_found", "custom_attributes")]
    del columns["Sets"], columns["custom_attributes"]
    assert counts(await imported(office, lines, form=Form.JSON_LINES, columns=columns)) == (2, 0, 0, 0)


AT_THE_HEADER = {
    "unknown": ("external_id;plan", {}),
    "nobody is named": ("plan;name", {"plan": ""}),
    "a meaning for no column": ("external_id;name", {"Plan": "plan"}),
}


@pytest.mark.parametrize(("header", "columns"), AT_THE_HEADER.values(), ids=AT_THE_HEADER.keys())
async def test_a_fault_of_the_header_is_told_with_its_line(
    office: Office, header: str, columns: dict[str, str]
) -> None:
    told = await imported(office, csv("", " ", header, "u1;pro"), columns=columns)
    assert [one["line"] for one in told["errors"]] == [3]


async def test_a_header_behind_more_blanks_than_are_read_is_refused(office: Office) -> None:
    late = csv("external_id;name", "u1;Alice")
    assert await refused(office, b"\n" * 66_000 + late) == [("bad_request", None)]
    assert counts(await imported(office, b"\n" * 65_530 + late)) == (1, 0, 0, 0)


async def test_a_byte_order_mark_is_no_part_of_the_first_column(office: Office) -> None:
    assert counts(await imported(office, b"\xef\xbb\xbf" + csv("external_id,name", "u1,Alice"))) == (1, 0, 0, 0)


async def test_columns_are_given_other_meanings_or_none(office: Office) -> None:
    await office.declare("plan")
    content = csv("Account;Tarif;Notes;created_at", "u1;pro;secret;17")
    told = await imported(office, content, columns={"Account": "user_id", "Tarif": "plan", "Notes": ""})
    assert counts(told) == (1, 0, 0, 0)
    assert told["ignored_columns"] == ["Notes", "created_at"]
    assert (await office.holding("u1", "plan")).value == "pro"


async def test_attributes_are_declared_locked_with_the_type_that_every_value_has(office: Office) -> None:
    content = csv(
        "external_id,plan,seats,joined_at,vip,score,code",
        "u1,pro,3,1700000000,true,1.5,007",
        "u2,,-4,31/12/2025,false,2,8",
        "u3,7,,,,,",
    )
    told = await imported(office, content, create_attributes=True)
    assert told["created_attributes"] == {
        "plan": "string", "seats": "integer", "joined_at": "date", "vip": "boolean", "score": "float", "code": "string",
    }  # fmt: skip
    listed = (await office.rest("GET", "/data_attributes?model=contact")).body["data"]
    made = {one["name"]: one["messenger_writable"] for one in listed if one["name"] in CUSTOM}
    assert made == dict.fromkeys(CUSTOM, False)
    assert (await office.holding("u2", "joined_at")).value == 1_767_139_200


@pytest.mark.parametrize("dry_run", [False, True])
async def test_where_not_all_of_a_files_attributes_can_be_declared_none_is(office: Office, dry_run: bool) -> None:
    how: dict[str, object] = {"create_attributes": True, "dry_run": dry_run}
    assert await refused(office, csv("external_id,Tarif,tarif,plan,Plan", "u1,a,b,c,d"), **how) == [
        ("parameter_invalid", "tarif"), ("parameter_invalid", "Plan"),
    ]  # fmt: skip
    many = ",".join(f"column {number}" for number in range(MAX_ACTIVE + 9))
    last = f"column {MAX_ACTIVE}"
    assert await refused(office, csv(f"external_id,{many}"), **how) == [("custom_data_limit_reached", last)]


async def test_a_type_fits_every_value_whatever_their_order(office: Office) -> None:
    mixed = ["true", "5"], ["5", "true"], ["1.5", "1"], ["x", "1"]
    for number, values in enumerate(mixed):
        lines = [json.dumps({"external_id": f"u{at}", f"a{number}": one}) for at, one in enumerate(values)]
        told = await imported(office, "\n".join(lines).encode(), form=Form.JSON_LINES, create_attributes=True)
        assert told["created_attributes"] == {f"a{number}": "float" if number == 2 else "string"}
        assert told["rejected"] == 0


async def test_strict_refuses_lines_that_cannot_be_read_before_anything_is_written(office: Office) -> None:
    content = csv("external_id,name", "u1,Alice", "u2", ",Nobody", "u3,Carol")
    found = await refused(office, content, strict=True)
    assert found == [("bad_request", None), ("parameter_not_found", None)]


async def test_a_dry_run_declares_nothing_and_changes_nobody(office: Office) -> None:
    before = await office.everything()
    told = await imported(office, csv("external_id,plan", "u1,pro", "u2,free"), create_attributes=True, dry_run=True)
    assert counts(told) == (2, 0, 0, 0)
    assert told["created_attributes"] == {"plan": "string"}
    assert await office.everything() == before
