"""People are told with who vouched for what, stable while others write, and safe to open in a spreadsheet."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from typing import Any

import pytest

from avow.flow import exports
from avow.flow.exports import Form, Options, guarded, people, unguarded
from avow.flow.imports import Form as FileForm
from avow.trust.access import Mode
from avow.trust.attribute import Enforcement
from avow.trust.contact import ContactId
from tests.support.office import Office, open_office
from tests.support.sheets import counts, imported


async def export(office: Office, *, after: ContactId | None = None, **options: Any) -> bytes:
    """Everybody, as the file that is written."""
    engine = office.engine
    await engine.rulebook.confirm()
    rules = await engine.rulebook.current(office.workspace_id)
    plan = exports.plan(Options(**options), rules)
    pages = exports.stream(engine.store, office.workspace_id, plan, rules, engine.now(), after=after)
    return plan.header + b"".join([page async for page, _ in pages])


async def rows(office: Office, **options: Any) -> dict[str, dict[str, str]]:
    """The rows of a CSV export by external_id."""
    text = (await export(office, **options)).decode()
    return {row["external_id"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}


async def told(office: Office, **options: Any) -> dict[str, Any]:
    """The lines of a JSON export by external_id."""
    lines = (await export(office, form=Form.JSON_LINES, **options)).splitlines()
    return {one["external_id"]: one for one in map(json.loads, lines)}


async def test_every_value_is_told_with_who_vouched_for_it(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.signed("alice", plan="pro")
    office.clock.pass_(10)
    await office.browser("alice", plan="free", phone="1")
    row = (await rows(office))["alice"]
    assert (row["plan"], row["plan (state)"], row["plan (verified)"]) == ("free", "contradicted", "false")
    assert (row["plan (channel)"], row["plan (verified value)"]) == ("messenger", "pro")
    assert (row["phone"], row["phone (state)"], row["phone (verified value)"]) == ("1", "unverified", "")
    assert (row["name"], row["name (state)"]) == ("", "")
    line = (await told(office))["alice"]
    assert line["custom_attributes"] == {"plan": "free"}
    assert line["provenance"]["plan"]["slot"]["value"] == "pro"
    assert line["provenance"]["plan"]["slot"]["key_id"] == office.kid


async def test_verified_tells_only_what_somebody_vouched_for(office: Office) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.signed("alice", plan="pro")
    office.clock.pass_(10)
    await office.browser("alice", plan="free", phone="1")
    row = (await rows(office, verified=True))["alice"]
    assert (row["plan"], row["plan (channel)"], row["plan (verified)"], row["phone"]) == ("pro", "signed", "true", "")
    line = (await told(office, verified=True, plain=True))["alice"]
    assert (line["custom_attributes"], "phone" in line, "provenance" in line) == ({"plan": "pro"}, False, False)


@pytest.mark.parametrize("form", list(Form))
async def test_verified_tells_nothing_that_nobody_vouched_for_wherever_one_looks(office: Office, form: Form) -> None:
    await office.declare("plan", messenger_writable=True)
    await office.declare("seats", messenger_writable=False)
    await office.signed("alice", plan="pro")
    relay = await office.token(Mode.RELAYING)
    path = f"/contacts/{(await office.known('alice')).id}"
    await office.rest("PUT", path, {"name": "Relayed"}, token=relay)
    office.clock.pass_(10)
    await office.browser("alice", plan="claimed", seats="held")
    whole, verified = await export(office, form=form), await export(office, form=form, verified=True)
    relayed = (await office.holding("alice", "name")).source
    assert relayed is not None
    assert relayed.by is not None
    for word in ("claimed", "Relayed", "https://app.acme.example", relayed.by):
        assert word.encode() not in verified
    assert b"pro" in verified
    assert b"claimed" in whole
    assert b"Relayed" in whole
    if form is Form.JSON_LINES:
        told = json.loads(verified)["provenance"]
        assert {name: (one["value"], one["verified"], one["key_id"]) for name, one in told.items()} == {
            "plan": ("pro", True, office.kid)
        }


async def test_who_only_relayed_a_value_is_not_told_as_vouching_for_it(office: Office) -> None:
    path = f"/contacts/{await office.alice(phone='1')}"
    await office.rest("PUT", path, {"name": "Relayed"}, token=await office.token(Mode.RELAYING))
    row = (await rows(office))["alice"]
    assert (row["name"], row["name (verified)"], row["name (vouched by)"]) == ("Relayed", "false", "")
    assert row["phone (vouched by)"].startswith("access_token:")


async def test_held_values_are_told_and_archived_attributes_left_out(office: Office) -> None:
    number = await office.declare("old")
    await office.declare("plan")
    await office.alice(custom_attributes={"old": "x", "plan": "free"})
    await office.browser("alice", plan="pro")
    await office.rest("PUT", f"/data_attributes/{number}", {"archived": True})
    line = (await told(office))["alice"]
    assert line["provenance"]["plan"]["held"]["value"] == "pro"
    assert line["custom_attributes"] == {"plan": "free"}
    assert "old" not in line["provenance"]
    assert "old" not in (await rows(office))["alice"]


async def test_archived_and_blocked_people_are_told_visitors_are_not(office: Office) -> None:
    alice = await office.alice()
    bob = (await office.rest("POST", "/contacts", {"external_id": "bob"})).body["id"]
    await office.visitor("ab" * 32, phone="1")
    await office.rest("POST", f"/contacts/{alice}/archive")
    await office.rest("POST", f"/contacts/{bob}/block")
    found = await rows(office)
    assert {name: (row["archived"], row["blocked"]) for name, row in found.items()} == {
        "alice": ("true", "false"), "bob": ("false", "true"),
    }  # fmt: skip


async def test_writes_while_it_goes_on_neither_double_nor_drop_anybody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avow.flow.exports.people.PAGE", 7)
    for number in range(30):
        office.clock.pass_(1)
        await office.rest("POST", "/contacts", {"external_id": f"u{number}"})
    engine = office.engine
    rules = await engine.rulebook.current(office.workspace_id)
    plan = exports.plan(Options(Form.JSON_LINES), rules)
    seen: list[str] = []
    async for page, last in exports.stream(engine.store, office.workspace_id, plan, rules, engine.now()):
        seen += [json.loads(line)["external_id"] for line in page.splitlines()]
        assert json.loads(page.splitlines()[-1])["id"] == last
        office.clock.pass_(1)
        await office.rest("POST", "/contacts", {"external_id": f"late{len(seen)}"})
        early = (await office.known(f"u{len(seen) % 30}")).id
        await office.rest("PUT", f"/contacts/{early}", {"name": "Changed"})
        await office.rest("POST", f"/contacts/{early}/archive")
    assert sorted(seen) == sorted(f"u{number}" for number in range(30))


async def test_it_goes_on_behind_the_last_person_that_arrived(office: Office) -> None:
    for number in range(5):
        office.clock.pass_(1)
        await office.rest("POST", "/contacts", {"external_id": f"u{number}"})
    whole = await export(office, form=Form.JSON_LINES)
    lines = whole.splitlines(keepends=True)
    after = ContactId(json.loads(lines[2])["id"])
    assert await export(office, form=Form.JSON_LINES, after=after) == b"".join(lines[3:])


@pytest.mark.parametrize("form", list(Form))
async def test_where_people_are_wide_others_are_let_in_between_them(
    office: Office, monkeypatch: pytest.MonkeyPatch, form: Form
) -> None:
    """A page holds so many cells, and few of them are written in a row; the file is the same."""
    for number in range(12):
        office.clock.pass_(1)
        await office.rest("POST", "/contacts", {"external_id": f"u{number}", "name": f"Name {number}"})
    whole = await export(office, form=form)
    width = exports.plan(Options(form), await office.engine.rulebook.current(office.workspace_id)).width
    monkeypatch.setattr(people, "CELLS", 5 * width)
    monkeypatch.setattr(people, "CELLS_IN_A_ROW", 2 * width + 1)
    turns, write = 0, people._lines
    told: list[tuple[int, int]] = []

    def watched(some: Any, *more: Any) -> bytes:
        told.append((len(some), turns))
        return write(some, *more)

    async def somebody_else() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(people, "_lines", watched)
    other = asyncio.create_task(somebody_else())
    assert await export(office, form=form) == whole
    other.cancel()
    assert [count for count, _ in told] == [2, 2, 1, 2, 2, 1, 2]
    assert len({turn for _, turn in told}) == len(told), "nobody was let in between two of them"


FORMULAS = ["=1+1", "+49 30", "-x", "@cmd", "\tx", "\rx", "'=1", "''=1", '=HYPERLINK("http://evil","x")']
HARMLESS = ["'tis", "x=1", "", "Bob, Jr", 'a "b"', "line\nbreak", "49", "''", "\u00e9"]


@pytest.mark.parametrize("text", FORMULAS + HARMLESS, ids=repr)
def test_a_guarded_cell_runs_nowhere_and_stands_for_its_text(text: str) -> None:
    assert guarded(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")
    assert unguarded(guarded(text)) == text
    assert (guarded(text) == text) is (text in HARMLESS)


async def test_a_formula_that_a_browser_has_sent_is_exported_as_text(office: Office) -> None:
    await office.browser("mallory", name='=HYPERLINK("http://evil.example";"click")')
    assert (await rows(office))["mallory"]["name"].startswith("'=")
    assert (await told(office))["mallory"]["name"].startswith("=")


VALUES = {
    "name": ["Alice", "=1+1", "'=x", "Bob, Jr", 'say "hi"', "two\nlines", "  spaced ", "\u00e9\U0001f600", "null"],
    "phone": ["+49 30"],
    "seats": [0, -5, 2**63 - 1],
    "score": [1.5, -0.25, 1e300],
    "vip": [True, False],
    "joined_at": [0, 1_700_000_000],
    "avatar": ["https://x.example/a.png"],
}


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("plain", [True, False])
async def test_what_is_exported_is_imported_elsewhere_as_it_was(
    office: Office, form: Form, plain: bool, migrated: Any, tmp_path: Any
) -> None:
    types = {"seats": "integer", "score": "float", "vip": "boolean", "joined_at": "date"}
    for name, kind in types.items():
        await office.declare(name, kind)
    number = 0
    for name, values in VALUES.items():
        for value in values:
            number += 1
            fields = {"custom_attributes": {name: value}} if name in types else {name: value}
            answer = await office.rest("POST", "/contacts", {"external_id": f"u{number}", **fields})
            assert answer.status == 200, answer.body
    await office.enforce("vip", Enforcement.OPEN)
    content = await export(office, form=form, plain=plain)
    (tmp_path / "else").mkdir()
    from tests.support.office import fresh_copy

    async with open_office(fresh_copy(migrated, tmp_path / "else")) as elsewhere:
        report = await imported(elsewhere, content, form=FileForm(form), create_attributes=True)
        assert counts(report) == (number, 0, 0, 0), report
        assert report["created_attributes"] == types
        for one in range(1, number + 1):
            before, after = await office.known(f"u{one}"), await elsewhere.known(f"u{one}")
            assert {name: held.value for name, held in before.holdings.items()} == {
                name: held.value for name, held in after.holdings.items()
            }
    again = await imported(office, content, form=FileForm(form))
    assert (again["rejected"], again["created"]) == (0, 0)
