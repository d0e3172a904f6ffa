"""Makes sure that Chromium is on this machine, and what drives it can run: the tests of pages open real ones.

Run from the project's folder: python -m tools.need_chromium. Installs Debian's package when it is missing; where that
cannot be done, says what to do. What it installs is not part of running Avow.
"""

from __future__ import annotations

import subprocess
import sys

from tests.support.browser import ChromiumMissing, find_chromium
from tools import debian

BY_HAND = "Install Chromium so that `chromium` is on PATH, and run this again."
DRIVER_BY_HAND = "Install what `python -m playwright --version` misses, and run this again."


def ensure() -> None:
    """Return when Chromium is there and can be driven; leave with a message when that cannot be had."""
    if not _is_here():
        debian.install("chromium", "Chromium", BY_HAND)
        if not _is_here():
            sys.exit(f"Debian's package is installed, and `chromium` is not on PATH. {BY_HAND}")
    if _driver() is not None:
        debian.install("libatomic1", "the library libatomic", DRIVER_BY_HAND)
        if (found := _driver()) is not None:
            sys.exit(f"Playwright's driver does not run: {found}. {DRIVER_BY_HAND}")


def _driver() -> str | None:
    """What is wrong with Playwright's driver, a Node of its own; None where it runs."""
    done = subprocess.run(
        [sys.executable, "-m", "playwright", "--version"], capture_output=True, text=True, check=False
    )
    return done.stderr.strip()[-300:] if done.returncode else None


def _is_here() -> bool:
    try:
        find_chromium()
    except ChromiumMissing:
        return False
    return True


if __name__ == "__main__":
    ensure()
