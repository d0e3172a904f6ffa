"""A real browser: Debian's Chromium, driven by Playwright, each with a fresh profile of its own.

    async with chromium() as browser:
        page = await browser.new_page(viewport=DESKTOP)

Playwright's own browsers are never used: the system's is found, and `tools/need_chromium.py` says how to get it.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Browser, ViewportSize, async_playwright

NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Chromium renders suggestions for an address bar that nobody sees: half a second of a processor for each window.
    # The others are Playwright's own, of which only the last such flag would count.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,HttpsUpgrades,PaintHolding,OptimizationHints,MediaRouter",
)
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 860}
TABLET: Final[ViewportSize] = {"width": 820, "height": 1180}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
SMALLEST: Final[ViewportSize] = {"width": 360, "height": 700}


class ChromiumMissing(Exception):
    """There is no Chromium on this machine."""


def find_chromium() -> str:
    """The program's path. Raises `ChromiumMissing`."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise ChromiumMissing(f"There is no {' or '.join(NAMES[:2])} on PATH. Run: python -m tools.need_chromium")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser for one test or for many; every page of `new_page` and every `new_context` is a person of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()
