"""docs/tutorials/the-switch.md, step by step as it is written, in two tabs of one browser."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.support.browser import DESKTOP
from tests.support.program import AVOW

PAGE = Path(__file__).parents[3] / "docs" / "tutorials" / "the-switch.md"
LINES = re.findall(r"^```\n(.+?)\n```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What `make demo` starts."""
    data = tmp_path_factory.mktemp("tutorial") / "demo"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AVOW_")}
    command = [*AVOW, "demo", "--data", str(data), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None
        line = running.stdout.readline()
        assert line, "the demo did not start"
        yield json.loads(line) | json.loads((data / "demo.json").read_text())
        running.send_signal(signal.SIGTERM)
        running.wait(20)


def phone_of_mallory(demo: dict[str, Any]) -> list[Any]:
    """Value, source, slot and held value, as they are stored."""
    connection = sqlite3.connect(f"file:{Path(demo['data']) / 'avow.db'}?mode=ro", uri=True)
    try:
        query = "SELECT holdings FROM contact WHERE external_id = 'acme-mallory'"
        return list(json.loads(connection.execute(query).fetchone()[0])["phone"])
    finally:
        connection.close()


async def test_the_switch_as_it_is_written(demo: dict[str, Any], browser: Browser) -> None:
    begin, first, second = LINES
    assert begin == "make demo"
    context = await browser.new_context(viewport=DESKTOP, reduced_motion="reduce")

    # Be Mallory
    shop = await context.new_page()
    await shop.goto(demo["shop"])
    await shop.get_by_role("button", name="Log in as Mallory").click()
    await shop.get_by_role("link", name="Try to cheat", exact=True).click()
    await expect(shop.get_by_role("row", name=re.compile("^plan"))).to_contain_text("Verified")
    await shop.evaluate(first)
    phone = shop.get_by_role("row", name=re.compile("^phone"))
    await expect(phone).to_contain_text("+1 900 555 0100")
    await expect(phone).to_contain_text("Unverified")
    assert phone_of_mallory(demo)[0] == "+1 900 555 0100"

    # Be Olive
    avow = await context.new_page()
    await avow.goto(demo["url"])
    await avow.get_by_label("E-mail").fill(demo["owner_email"])
    await avow.get_by_label("Password").fill(demo["owner_password"])
    await avow.get_by_role("button", name="Sign in").click()
    await avow.get_by_role("link", name="Data > People").click()
    recommended = avow.locator("#recommended").get_by_role("row", name=re.compile("^phone"))
    await expect(recommended).to_contain_text("still send it unsigned")
    await recommended.get_by_role("button", name="Lock").click()
    dialog = avow.get_by_role("dialog", name="Lock phone?")
    await expect(dialog).to_contain_text("It holds for the whole workspace")
    await dialog.get_by_label("Put aside, for a decision").check()
    await dialog.get_by_role("button", name="Lock").click()
    await expect(avow.get_by_text("phone is locked. Unsigned writes are ignored from now on.")).to_be_visible()
    await expect(avow.get_by_role("button", name="Undo")).to_be_visible()
    assert phone_of_mallory(demo)[0] is None

    # Be Mallory again
    await expect(phone.locator("td").first).to_have_text("—")
    await shop.evaluate(second)
    await expect(phone).to_contain_text("the browser claims “+1 900 555 0199”")
    await expect(phone.locator("td").first).to_have_text("—")

    await _see_what_was_ignored(avow, demo)
    await context.close()


async def _see_what_was_ignored(avow: Page, demo: dict[str, Any]) -> None:
    await avow.get_by_role("link", name="Activity").click()
    await expect(avow.locator("#values")).to_contain_text("Unsigned, and the attribute is locked")
    await expect(avow.locator("#reason-unverified").get_by_role("link", name="What it means")).to_be_visible()
    await avow.get_by_role("link", name="Data > People").click()
    await avow.get_by_role("link", name="phone", exact=True).click()
    held = avow.locator("#held").get_by_role("row", name=re.compile("Mallory Mole"))
    await expect(held).to_contain_text("+1 900 555 0199")
    value, _, slot, waiting = phone_of_mallory(demo)
    assert (value, slot, waiting[0]) == (None, None, "+1 900 555 0199")
    await held.get_by_role("button", name="Discard").click()
    await expect(avow.get_by_text("The value is let go. What was known stays as it is.")).to_be_visible()
    assert [one for one in phone_of_mallory(demo) if one is not None and one[:1] != ["messenger"]] == []
