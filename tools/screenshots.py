"""Takes pictures of every screen and of the shop, on a desk and on a phone, in light and in dark.

Run from the project's folder: python -m tools.screenshots [NAME ...] [--out DIR] [--data DIR]

- The demo's company is made up in a temporary directory and served, or served from where `--data` says it is already.
- Each address of `admin/screens.py` is visited; one with places in it, or that asks about something, by the first link
  that leads there. Names choose pictures by a part of what they are called.
- Nothing is changed there: questions are looked at, and not answered. What it makes, git ignores.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
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
SHOP: Final = ("/", "/plans", "/cheat")
OPEN: Final = ("/app/sign-in",)
ASKING: Final = {"/settings/data/people/lock": "?name%5B%5D=seats&name%5B%5D=phone"}
"""What a screen that asks about something is asked about: attributes of the demo's."""
_LINK: Final = re.compile(r'(?:href|hx-get)="(/app/[^"#]+)"')


def main() -> None:
    """Take them all, or those that are named."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="only pictures with this in their name")
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder for the pictures")
    parser.add_argument("--data", type=Path, help="a demo that is there already; a new one is made otherwise")
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="avow-screens-") as folder,
        _demo(chosen.data or Path(folder) / "demo") as told,
    ):
        count = asyncio.run(take(told, chosen.out, chosen.names))
    sys.stdout.write(f"{count} pictures are in {chosen.out}/\n")


async def take(told: dict[str, Any], out: Path, names: Sequence[str]) -> int:
    """Every screen in each view; how many pictures there are."""
    count = 0
    async with chromium() as browser:
        for view, viewport, scheme in VIEWS:
            page = await _signed_in(browser, told, viewport, scheme)
            for address in await _addresses(page, told):
                title = _title(address, told)
                if names and not any(one in title for one in names):
                    continue
                await page.goto(address)
                await page.wait_for_timeout(150)
                await page.screenshot(path=out / f"{title}-{view}.png", full_page=True)
                count += 1
            await page.context.close()
    return count


async def _addresses(page: Page, told: dict[str, Any]) -> list[str]:
    """Where to go: every screen that shows itself, then one of each other, by the first link that leads to it."""
    root = f"{told['url']}/app/{told['workspace_id']}"
    found: list[str] = []
    wanted: dict[str, re.Pattern[str]] = {}
    for path in (path for path, acts in SCREENS.items() if "GET" in acts):
        address = root + path + ASKING.get(path, "")
        if "{" not in path and await _is_shown(page, address):
            found.append(address)
        else:
            wanted[path] = re.compile(re.escape(root) + re.sub(r"\{\w+\}", "[^/?]+", path) + r"(\?.+)?\Z")
    plain = {root + path for path in SCREENS}
    for address in found:  # which grows meanwhile
        await page.goto(address)
        links = [told["url"] + html.unescape(link) for link in _LINK.findall(await page.content())]
        for path, form in list(wanted.items()):
            leading = [link for link in links if form.match(link) and ("{" not in path or link not in plain)]
            if leading and await _is_shown(page, leading[0]):
                found.append(leading[0])
                del wanted[path]
    own = [told["url"] + path for path, acts in OWN.items() if "GET" in acts]
    return [*found, *own, *(told["url"] + path for path in OPEN), *(told["shop"] + path for path in SHOP)]


async def _is_shown(page: Page, address: str) -> bool:
    answer = await page.request.get(address, headers={"accept": "text/html"})
    return answer.status == 200 and answer.headers.get("content-type", "").startswith("text/html")


def _title(address: str, told: dict[str, Any]) -> str:
    """What a picture is called: the address without what differs from run to run."""
    if address.startswith(told["shop"]):
        return "shop-" + (address.removeprefix(told["shop"]).strip("/") or "home")
    path = address.removeprefix(told["url"]).partition("?")[0]
    parts = path.replace(f"/app/{told['workspace_id']}", "").removeprefix("/app").split("/")
    return "-".join(part if re.fullmatch(r"[a-z-]+", part) else "one" for part in parts if part) or "overview"


async def _signed_in(browser: Browser, told: dict[str, Any], viewport: ViewportSize, scheme: Any) -> Page:
    context = await browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(f"{told['url']}/app/sign-in")
    await page.get_by_label("E-mail").fill(told["owner_email"])
    await page.get_by_label("Password").fill(told["owner_password"])
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url(lambda url: "/sign-in" not in url)
    return page


@contextmanager
def _demo(data: Path) -> Iterator[dict[str, Any]]:
    """The demo's company, served on a free port; what it tells of itself, and what it keeps."""
    command = [*PROGRAM, "demo", "--data", str(data), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                sys.exit("The demo did not start; what it said stands above.")
            yield {**json.loads(line), **json.loads((data / "demo.json").read_text())}
        finally:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main()
