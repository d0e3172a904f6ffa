"""A person is edited, merged, taken out and erased by hand: what is stored afterwards, and what was left alone."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest

from avow.flow.team.roles import TeamRole
from avow.trust.change import ChangeKind
from avow.trust.contact import Channel
from tests.support.front_desk import FrontDesk, Shown

OLIVE = "teammate:olive@acme.example"


async def alice(desk: FrontDesk) -> str:
    """Alice, with values of every type; the address of her page."""
    office = desk.office
    for name, kind in (("plan", "string"), ("seats", "integer"), ("score", "float"), ("beta", "boolean")):
        await office.declare(name, kind)
    await office.declare("trial_ends", "date")
    await office.signed(
        "alice", name="Alice", email="alice@customer.example", plan="pro", seats=25, score=1.5, beta=True,
        trial_ends=1_800_000_060,
    )  # fmt: skip
    return f"/people/{(await office.known('alice')).id}"


def form_of(shown: Shown) -> dict[str, Any]:
    """What the edit form would send, untouched."""
    form = re.search(r'<form id="edit-form".*?</form>', shown.text, re.DOTALL)
    assert form, "no form"
    sent: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        known = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        sent[known["name"]] = html.unescape(known.get("value", ""))
    for name, body in re.findall(r'<select id="[^"]*" name="([^"]*)".*?>(.*?)</select>', form[0], re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        sent[name] = html.unescape(chosen[1]) if chosen else ""
    for name, body in re.findall(r'<textarea id="[^"]*" name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form[0], re.DOTALL):
        sent[name] = html.unescape(body).replace("\n", "\r\n")
    return sent


async def field(desk: FrontDesk, name: str) -> str:
    await desk.office.engine.rulebook.confirm()
    return f"a{(await desk.office.engine.rulebook.current(desk.office.workspace_id)).attributes[name].id}"


async def sent(desk: FrontDesk, address: str, **edited: str) -> Shown:
    """The form, sent with these fields edited (names of attributes)."""
    form = form_of(await desk.get(f"{address}/edit"))
    for name, text in edited.items():
        key = name if name == "user_id" else await field(desk, name)
        assert key in form, key
        form[key] = text
    return await desk.post(f"{address}/edit", **form)


async def test_a_form_that_was_not_touched_writes_nothing(desk: FrontDesk) -> None:
    address = await alice(desk)
    before = await desk.office.everything()
    shown = await desk.follow(await sent(desk, address))
    assert "Nothing was edited" in shown.words
    assert await desk.office.everything() == before


async def test_seconds_that_a_browser_leaves_out_are_no_edit(desk: FrontDesk) -> None:
    address = await alice(desk)
    before = await desk.office.everything()
    form = form_of(await desk.get(f"{address}/edit"))
    key = await field(desk, "trial_ends")
    assert form[key].endswith(":00")
    shown = await desk.post(f"{address}/edit", **{**form, key: form[key].removesuffix(":00")})
    assert "Nothing was edited" in (await desk.follow(shown)).words
    assert await desk.office.everything() == before


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("plan", "enterprise", "enterprise"),
        ("plan", "", None),
        ("seats", "30", 30),
        ("score", "2.25", 2.25),
        ("beta", "false", False),
        ("beta", "", None),
        ("trial_ends", "2027-01-20T10:00:30", 1_800_435_630),
        ("name", "\u202e ecilA", "\u202e ecilA"),
    ],
)
async def test_only_what_was_edited_is_written_as_the_teammates_word(
    desk: FrontDesk, name: str, text: str, value: Any
) -> None:
    address = await alice(desk)
    before = (await desk.office.known("alice")).holdings
    shown = await desk.follow(await sent(desk, address, **{name: text}))
    assert f"{name} is written, verified by you." in shown.words
    after = (await desk.office.known("alice")).holdings
    assert after[name].value == value
    source = after[name].source
    assert source is not None
    assert (source.channel, source.by, source.verified) == (Channel.TEAMMATE, OLIVE, True)
    assert {one: kept for one, kept in after.items() if one != name} == {
        one: kept for one, kept in before.items() if one != name
    }


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("seats", "many", "does not fit"),
        ("score", "many", "does not fit"),
        ("trial_ends", "tomorrow", "does not fit"),
        ("email", "nobody", "This is no e-mail address"),
        ("plan", "a" * 10_000, "longer than the attribute takes"),
    ],
)
async def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_written(
    desk: FrontDesk, name: str, text: str, told: str
) -> None:
    address = await alice(desk)
    before = await desk.office.everything()
    shown = await sent(desk, address, **{"beta": "false", name: text})
    assert shown.status == 400
    assert told in shown.words
    assert f'id="f-{await field(desk, name)}-told"' in shown.text
    assert await desk.office.everything() == before


async def test_what_somebody_else_changed_meanwhile_is_not_written_over(desk: FrontDesk) -> None:
    address = await alice(desk)
    form = form_of(await desk.get(f"{address}/edit"))
    await desk.office.signed("alice", plan="enterprise")
    form[await field(desk, "plan")] = "free"
    shown = await desk.post(f"{address}/edit", **form)
    assert shown.status == 409
    assert "plan was changed while you were editing" in shown.words
    assert "What stands there now: enterprise . Saving again writes yours over it." in shown.words
    assert (await desk.office.holding("alice", "plan")).value == "enterprise"

    again = form_of(shown)
    assert again[await field(desk, "plan")] == "free"
    await desk.follow(await desk.post(f"{address}/edit", **again))
    assert (await desk.office.holding("alice", "plan")).value == "free"


async def test_what_changed_and_was_not_edited_is_left_alone(desk: FrontDesk) -> None:
    address = await alice(desk)
    form = form_of(await desk.get(f"{address}/edit"))
    await desk.office.signed("alice", plan="enterprise")
    form[await field(desk, "seats")] = "30"
    await desk.follow(await desk.post(f"{address}/edit", **form))
    assert (await desk.office.holding("alice", "plan")).value == "enterprise"
    assert (await desk.office.holding("alice", "seats")).value == 30


async def test_a_form_that_comes_back_never_writes_an_old_value_over_a_newer_one(desk: FrontDesk) -> None:
    address = await alice(desk)
    form = form_of(await desk.get(f"{address}/edit"))
    await desk.office.signed("alice", plan="enterprise")
    form[await field(desk, "seats")] = "many"
    shown = await desk.post(f"{address}/edit", **form)
    assert shown.status == 400
    assert "What stands there now" not in shown.words
    again = form_of(shown) | {await field(desk, "seats"): "30"}
    await desk.follow(await desk.post(f"{address}/edit", **again))
    assert (await desk.office.holding("alice", "plan")).value == "enterprise"
    assert (await desk.office.holding("alice", "seats")).value == 30


async def test_one_attribute_is_edited_alone(desk: FrontDesk) -> None:
    address = await alice(desk)
    number = (await field(desk, "plan"))[1:]
    form = form_of(await desk.get(f"{address}/edit?attribute={number}"))
    assert form == {"zone": "Europe/Berlin", "attribute": number, f"s{number}": '"pro"', f"a{number}": "pro"}
    await desk.follow(await desk.post(f"{address}/edit", **{**form, f"a{number}": "free"}))
    assert (await desk.office.holding("alice", "plan")).value == "free"


async def test_lines_of_a_text_survive_the_form(desk: FrontDesk) -> None:
    address = await alice(desk)
    await desk.office.rest("PUT", address.replace("/people", "/contacts"), {"custom_attributes": {"plan": "a\nb"}})
    before = await desk.office.everything()
    await desk.follow(await sent(desk, address))
    assert await desk.office.everything() == before
    await desk.follow(await sent(desk, address, plan="c\r\nd"))
    assert (await desk.office.holding("alice", "plan")).value == "c\nd"


async def test_a_user_id_is_replaced_and_cannot_be_taken_away(desk: FrontDesk) -> None:
    address = await alice(desk)
    shown = await sent(desk, address, user_id="")
    assert shown.status == 400
    assert "can be replaced but not removed" in shown.words
    await desk.follow(await sent(desk, address, user_id="alice-2"))
    assert (await desk.office.known("alice-2")).id == address.rpartition("/")[2]


async def test_an_address_of_somebody_else_is_a_conflict(desk: FrontDesk) -> None:
    address = await alice(desk)
    answer = await desk.office.rest("POST", "/contacts", {"role": "user", "email": "bob@customer.example"})
    assert answer.status == 200
    shown = await sent(desk, address, email="bob@customer.example")
    assert shown.status == 409
    assert (await desk.office.holding("alice", "email")).value == "alice@customer.example"


async def test_a_lead_is_merged_after_a_look_at_both(desk: FrontDesk) -> None:
    address = await alice(desk)
    body = {"role": "lead", "email": "al@home.example", "phone": "+49 30 1"}
    lead = (await desk.office.rest("POST", "/contacts", body)).body["id"]
    shown = await desk.get(f"/people/{lead}/merge?with=alice%40customer.example")
    assert "Merge the lead into the user" in shown.words
    assert "al@home.example" in shown.words
    user = address.rpartition("/")[2]
    done = await desk.post(f"/people/{lead}/merge", other=user)
    assert done.location == desk.root + address
    contact = await desk.office.engine.store.contact(desk.office.workspace_id, lead)
    assert contact is not None
    assert contact.merged_into == user
    assert (await desk.office.holding("alice", "phone")).value == "+49 30 1"
    assert "Became part of this" in (await desk.follow(done)).words


@pytest.mark.parametrize("who", ["nobody@customer.example", "bob", "alice", "", "\N{RIGHT-TO-LEFT OVERRIDE}x"])
async def test_who_cannot_be_merged_is_refused(desk: FrontDesk, who: str) -> None:
    address = await alice(desk)
    await desk.office.signed("bob", name="Bob")
    shown = await desk.get(f"{address}/merge?with={html.escape(who)}")
    assert shown.status == 200
    assert "Merge the lead into the user" not in shown.words
    before = await desk.office.everything()
    bob = (await desk.office.known("bob")).id
    for other in (bob, address.rpartition("/")[2], "x"):
        assert (await desk.post(f"{address}/merge", other=other)).status in (400, 404)
    assert await desk.office.everything() == before


async def test_everything_can_be_taken_out_and_that_is_written_down(desk: FrontDesk) -> None:
    address = await alice(desk)
    desk.office.clock.pass_(1)
    assert (await desk.head(f"{address}/export")).status == 200
    newest = await desk.office.engine.store.operator_changes(desk.office.workspace_id, limit=1)
    assert newest[0].action != "contact.export", "the head of an answer takes nobody out"
    shown = await desk.get(f"{address}/export")
    assert shown.status == 200
    assert shown.headers["content-disposition"].startswith("attachment; filename=")
    assert shown.headers["cache-control"] == "no-store"
    told = json.loads(shown.text)
    assert told["attributes"]["plan"]["value"] == "pro"
    (logged, *_) = await desk.office.engine.store.operator_changes(desk.office.workspace_id, limit=1)
    assert (logged.action, logged.actor, logged.subject) == ("contact.export", OLIVE, address.rpartition("/")[2])


async def test_nobody_is_erased_by_a_slip(desk: FrontDesk) -> None:
    address = await alice(desk)
    asked = await desk.get(f"{address}/erase")
    assert "Download everything" in asked.words
    assert "7 values" in asked.words
    before = await desk.office.everything()
    for word in ("", "yes", "delete"):
        shown = await desk.post(f"{address}/erase", word=word)
        assert shown.status == 400
        assert "Type erase" in shown.words
    assert await desk.office.everything() == before

    shown = await desk.follow(await desk.post(f"{address}/erase", word="Erase"))
    assert "Erased." in shown.words
    assert (await desk.get(address)).status == 404
    workspace_id, store = desk.office.workspace_id, desk.office.engine.store
    contact_id: Any = address.rpartition("/")[2]
    assert await store.contact(workspace_id, contact_id) is None
    (last, *_) = await store.changes(workspace_id, contact_id, before=None, limit=1)
    assert (last.facts.kind, last.facts.actor) == (ChangeKind.ERASED, OLIVE)


async def test_a_teammate_edits_and_neither_takes_out_nor_erases(desk: FrontDesk) -> None:
    address = await alice(desk)
    teammate = await desk.as_role(TeamRole.TEAMMATE)
    await teammate.follow(await sent(teammate, address, plan="free"))
    assert (await desk.office.holding("alice", "plan")).value == "free"
    for path in ("export", "erase"):
        assert (await teammate.get(f"{address}/{path}")).status == 403
    assert (await teammate.post(f"{address}/erase", word="erase")).status == 403
    assert (await desk.office.known("alice")).merged_into is None
