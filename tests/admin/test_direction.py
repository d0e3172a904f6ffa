"""A text from outside cannot turn its line round: what would do so is shown by name, and kept as it is in forms."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest

from avow.admin.frame.direction import shown
from avow.trust.attribute import Enforcement
from tests.support.front_desk import FrontDesk

TURNS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
FAKE = "\u202egnp.exe"
USER = "a\u202ebc"


@pytest.mark.parametrize("turn", TURNS)
def test_every_character_that_turns_a_line_is_shown_by_name(turn: str) -> None:
    name = f"[U+{ord(turn):04X}]"
    told = shown(f'<title>{turn}a</title><p aria-label="x{turn}" title="a > {turn}">b{turn}c</p>')
    assert turn not in told
    assert f"<title>{name}a</title>" in told
    assert f'aria-label="x{name}" title="a > {name}"' in told
    assert re.search(r"b<span class=\"turns\" title=\"[^\"]+\">" + re.escape(name) + "</span>c", told)


def test_what_a_form_holds_and_a_button_copies_is_the_true_text() -> None:
    form = f'<input value="{FAKE}"><textarea a="1">{FAKE}</textarea><bdi data-text="{FAKE}"></bdi>'
    assert shown(form) == form
    assert shown(f'<option value="{FAKE}">{FAKE}</option>') == f'<option value="{FAKE}">[U+202E]gnp.exe</option>'


def test_letters_that_run_from_right_to_left_stay_as_they_are() -> None:
    page = "<p>\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \U0001f469\u200d\U0001f680 na\u00efve</p>"
    assert shown(page) == page


async def test_no_screen_of_a_person_shows_a_text_turned_round(desk: FrontDesk) -> None:
    office = desk.office
    await office.declare("company_name")
    await office.enforce("company_name", Enforcement.LOCKED)
    await office.signed(USER, name=f"Mallory {FAKE}", company_name=FAKE)
    await office.browser(USER, company_name=f"held {FAKE}")
    contact = f"/people/{(await office.known(USER)).id}"
    await desk.post(f"{contact}/notes", body=f"note {FAKE}")
    number = (await desk.office.engine.rulebook.current(office.workspace_id)).attributes["company_name"].id
    for path in (contact, "/people", "/settings/data/people", f"/settings/data/people/{number}", "/activity", ""):
        page = await desk.get(path)
        assert page.status == 200, path
        kept = re.sub(r'(value|data-text)="[^"]*"|<textarea.*?</textarea>', "", page.text)
        assert not set(TURNS) & set(html.unescape(kept)), path
    page = await desk.get(contact)
    for said in ("Mallory", "note", "held"):
        assert f"{said} [U+202E] gnp.exe" in page.words
    assert f'data-text="{USER}"' in page.text
    assert f'value="{FAKE}"' in (await desk.get(f"{contact}/edit")).text
    found = await desk.get("/people?" + urlencode({"q": "\u202e"}))
    assert 'value="\u202e"' in found.text
