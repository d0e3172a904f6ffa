"""Two teammates have the same form open: whoever saves later writes over nothing that she has not seen."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

import pytest

from tests.support.front_desk import FrontDesk, Shown


@dataclass(frozen=True)
class Form:
    """A form on a page, one of its fields, and what two teammates make of that."""

    page: str
    action: str
    field: str
    first: str
    second: str


async def tier(desk: FrontDesk) -> str:
    """The page of an attribute with options."""
    number = await desk.office.declare("tier", "options", options=[{"value": "gold"}, {"value": "silver"}])
    return f"/settings/data/people/{number}"


ORIGINS = Form(
    "/settings/security/messenger", "/origins", "origins", "https://a.acme.example", "https://b.acme.example"
)
OPTIONS = Form("", "/describe", "options", "gold\r\nsilver\r\nbronze", "gold\r\niron")
DESCRIPTION = Form("", "/describe", "description", "How dear", "What they pay")
NAME = Form("/settings/workspaces", "/describe", "name", "Acme One", "Acme Two")
ZONE = Form("/settings/workspaces", "/describe", "timezone", "Asia/Tokyo", "America/New_York")
FORMS = pytest.mark.parametrize("form", [ORIGINS, OPTIONS, DESCRIPTION, NAME, ZONE], ids=lambda it: it.field)


def fields_of(shown: Shown, action: str, marked: str) -> dict[str, str]:
    """What the first form with that action sends, of those that hold a text."""
    forms = re.findall(rf'<form[^>]*action="[^"]*{action}".*?</form>', shown.text, re.DOTALL)
    form = next(one for one in forms if marked in one)
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        known = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        sent[known["name"]] = html.unescape(known["value"])
    for name, text in re.findall(r'<textarea id="[^"]*" name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent[name] = html.unescape(text)
    for name, options in re.findall(r'<select id="[^"]*" name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        (sent[name],) = re.findall(r'value="([^"]*)" selected', options)
    return sent


async def opened(desk: FrontDesk, form: Form) -> tuple[str, dict[str, str]]:
    """The form's page, and what the form would send as it is."""
    page = form.page or await tier(desk)
    return page, sent_by(await desk.get(page), form, desk)


def sent_by(shown: Shown, form: Form, desk: FrontDesk) -> dict[str, str]:
    return fields_of(shown, form.action, desk.office.workspace_id if form in (NAME, ZONE) else "<form")


@FORMS
async def test_the_later_of_two_is_told_what_stands_there_and_may_then_write_over_it(
    desk: FrontDesk, form: Form
) -> None:
    page, fields = await opened(desk, form)
    assert (await desk.post(page + form.action, **{**fields, form.field: form.first})).status == 303
    before = await desk.office.everything()
    late = await desk.post(page + form.action, **{**fields, form.field: form.second})
    assert late.status == 409
    assert f"What stands there now: {', '.join(form.first.splitlines())} ." in late.words
    assert await desk.office.everything() == before
    again = sent_by(late, form, desk)
    assert again[form.field].splitlines() == form.second.splitlines()
    assert (await desk.post(page + form.action, **again)).status == 303
    assert sent_by(await desk.get(page), form, desk)[form.field].splitlines() == form.second.splitlines()


@pytest.mark.parametrize(("form", "other"), [(OPTIONS, DESCRIPTION), (NAME, ZONE)], ids=["attribute", "workspace"])
async def test_what_somebody_else_has_edited_stays_where_another_field_is_edited(
    desk: FrontDesk, form: Form, other: Form
) -> None:
    page, fields = await opened(desk, form)
    await desk.post(page + form.action, **{**fields, form.field: form.first})
    assert (await desk.post(page + form.action, **{**fields, other.field: other.second})).status == 303
    stands = sent_by(await desk.get(page), form, desk)
    assert stands[form.field].splitlines() == form.first.splitlines()
    assert stands[other.field] == other.second


@FORMS
async def test_who_wants_the_same_is_not_held_up(desk: FrontDesk, form: Form) -> None:
    page, fields = await opened(desk, form)
    for _ in range(2):
        assert (await desk.post(page + form.action, **{**fields, form.field: form.first})).status == 303


@FORMS
async def test_a_form_that_does_not_say_what_it_showed_is_refused(desk: FrontDesk, form: Form) -> None:
    page, fields = await opened(desk, form)
    before = await desk.office.everything()
    del fields[f"seen_{form.field}"]
    assert (await desk.post(page + form.action, **{**fields, form.field: form.first})).status == 400
    assert await desk.office.everything() == before


async def test_a_fault_in_one_field_brings_back_no_old_text_of_another(desk: FrontDesk) -> None:
    page, fields = await opened(desk, OPTIONS)
    await desk.post(f"{page}/describe", **{**fields, "options": OPTIONS.first})
    late = await desk.post(f"{page}/describe", **{**fields, "description": "x" * 1001})
    assert late.status == 400
    again = {**sent_by(late, OPTIONS, desk), "description": "short"}
    assert (await desk.post(f"{page}/describe", **again)).status == 303
    assert sent_by(await desk.get(page), OPTIONS, desk)["options"].split() == OPTIONS.first.split()
