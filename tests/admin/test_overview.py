"""The overview: its checklist is what is there, and its numbers are what was counted."""

from __future__ import annotations

import html
import re

from tests.admin.test_signing_keys import make
from tests.support.front_desk import FrontDesk, Shown


def pasted(shown: Shown, part: str) -> str:
    """What a block of code on a screen has to be copied."""
    found = re.search(rf'<pre id="{part}"[^>]*>(.*?)</pre>', shown.text, re.DOTALL)
    return found[1] if found else ""


async def test_a_new_workspace_has_its_key_and_is_shown_how_to_sign(desk: FrontDesk) -> None:
    shown = await desk.get()
    assert "1 of 4" in shown.words
    assert "done" in shown.row("step-key")
    assert f'app_id: "{desk.office.workspace_id}"' in shown.words
    assert f'kid="{desk.office.kid}"' in shown.words


async def test_the_page_that_is_shown_is_the_one_that_security_shows_and_loads_the_script(desk: FrontDesk) -> None:
    overview, security = await desk.get(), await desk.get("/settings/security/samples?in=python")
    for part in ("sample", "snippet"):
        assert pasted(overview, part) == pasted(security, part) != ""
    page = html.unescape(pasted(overview, "snippet"))
    assert f'/widget/{desk.office.workspace_id}" async></script>' in page
    assert "api_base" not in page


async def test_a_backend_is_led_to_a_key_that_lives_rather_than_to_a_newer_one_that_retires(desk: FrontDesk) -> None:
    desk.office.clock.pass_(5)
    await make(desk, "newer")
    assert 'kid="newer"' in html.unescape(pasted(await desk.get(), "sample"))
    await desk.post("/settings/security/key/retire", kid="newer", wait="3600")
    overview, security = await desk.get(), await desk.get("/settings/security/samples?in=python")
    assert f'kid="{desk.office.kid}"' in html.unescape(pasted(overview, "sample"))
    assert pasted(overview, "sample") == pasted(security, "sample")


async def test_the_test_workspace_begins_at_the_beginning(desk: FrontDesk) -> None:
    shown = await desk.get(f"/app/{desk.test_workspace_id}")
    assert "0 of 4" in shown.words
    assert desk.office.kid not in shown.words


async def test_a_signed_update_completes_the_list_where_it_is_locked_from_the_start(desk: FrontDesk) -> None:
    await desk.office.signed("alice", plan="pro")
    assert "Get to the first lock" not in (await desk.get()).words


async def test_what_is_signed_and_open_keeps_the_last_step_open(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice")
    await desk.settle()
    shown = await desk.get()
    assert "3 of 4" in shown.words
    assert "1 attribute arrives signed and still accepts unsigned writes." in shown.words


async def test_the_numbers_are_what_was_counted(desk: FrontDesk) -> None:
    await desk.office.signed("alice", name="Alice", email="alice@customer.example")
    await desk.office.browser("alice", name="Mallory", email="alice@customer.example")
    await desk.settle()
    words = (await desk.get()).words
    assert "Signed share, 7 days 50 % 2 of 4 writes" in words
    assert "Unsigned writes, 7 days 2" in words
    assert "Contradictions, 7 days 1" in words
    assert "Refused tokens, 7 days 0 every token was believed" in words


async def test_who_changed_what_is_listed(desk: FrontDesk) -> None:
    await desk.post("/settings/data/people/turn", name="phone", enforcement="monitor")
    words = (await desk.get()).words
    assert "phone Who may write it olive@acme.example just now" in words
