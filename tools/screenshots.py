"""Takes pictures of every screen, on a desk and on a phone, in light and in dark, into the folder `screenshots/`.

Run from the project's folder: python -m tools.screenshots [NAME ...]. It makes the demo's company up in a temporary
directory and serves it; names choose screens by a part of their address. What it makes, git ignores.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page, ViewportSize

from avow.admin.screens import OWN, SCREENS
from tests.support.browser import DESKTOP, PHONE, chromium

FOLDER: Final = Path("screenshots")
PROGRAM: Final = [sys.executable, "-c", "from avow.cli.main import run; run()"]
VIEWS: Final[tuple[tuple[str, ViewportSize, Any], ...]] = (
    ("desktop-light", DESKTOP, "light"),
    ("desktop-dark", DESKTOP, "dark"),
    ("phone-light", PHONE, "light"),
    ("phone-dark", PHONE, "dark"),
)


async def take(wanted: list[str]) -> None:
    """Take them all, or those of the screens that are wanted."""
    FOLDER.mkdir(exist_ok=True)
    with _demo() as told:
        async with chromium() as browser:
            for name, viewport, scheme in VIEWS:
                page = await _signed_in(browser, told, viewport, scheme)
                for address in _addresses(told):
                    title = _title(address)
                    if wanted and not any(one in title for one in wanted):
                        continue
                    answer = await page.goto(told["url"] + address)
                    if answer is not None and answer.status == 200:
                        await page.wait_for_timeout(200)
                        await page.screenshot(path=FOLDER / f"{title}-{name}.png", full_page=True)
                await page.context.close()
    print(f"Pictures are in {FOLDER}/.")


def _addresses(told: dict[str, Any]) -> list[str]:
    """Every screen; Alice stands for people, the attribute `seats` for attributes."""
    root = f"/app/{told['workspace_id']}"
    screens = [root + path for path, acts in SCREENS.items() if "GET" in acts]
    own = [path for path, acts in OWN.items() if "GET" in acts]
    filled = [re.sub(r"\{(contact|id)[^}]*\}", told["contact_id"], path) for path in (*screens, *own)]
    return [path.replace("{attribute}", "1") for path in filled if "{" not in path.replace("{attribute}", "")]


def _title(address: str) -> str:
    parts = [part for part in address.split("/")[2:] if part]
    named = "-".join(parts[1:] if len(parts[0]) == 8 else parts) or "overview"
    return re.sub(r"[^a-z0-9-]", "-", named)


async def _signed_in(browser: Browser, told: dict[str, Any], viewport: ViewportSize, scheme: Any) -> Page:
    context = await browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{told['url']}/app/sign-in")
    if not (FOLDER / f"sign-in-{scheme}.png").exists():
        await page.screenshot(path=FOLDER / f"sign-in-{scheme}.png")
    await page.get_by_label("E-mail").fill(told["owner_email"])
    await page.get_by_label("Password").fill(told["owner_password"])
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/app")
    return page


@contextmanager
def _demo() -> Iterator[dict[str, Any]]:
    """The demo's company, served on a free port."""
    with tempfile.TemporaryDirectory(prefix="avow-screens-") as name:
        data = Path(name) / "demo"
        process = subprocess.Popen(
            [*PROGRAM, "demo", "--data", str(data), "--port", "0", "--json"], stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield {**told, **json.loads((data / "demo.json").read_text())}
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    asyncio.run(take(sys.argv[1:]))
