"""Makes sure that Chromium is on this machine: the tests of pages open real ones.

Run from the project's folder: python -m tools.need_chromium. Installs Debian's package when it is missing; where that
cannot be done, says what to do. What it installs is not part of running Avow.
"""

from __future__ import annotations

import sys

from tests.support.browser import ChromiumMissing, find_chromium
from tools import debian

BY_HAND = "Install Chromium so that `chromium` is on PATH, and run this again."


def ensure() -> None:
    """Return when Chromium is there; leave with a message when it cannot be had."""
    if _is_here():
        return
    debian.install("chromium", "Chromium", BY_HAND)
    if not _is_here():
        sys.exit(f"Debian's package is installed, and `chromium` is not on PATH. {BY_HAND}")


def _is_here() -> bool:
    try:
        find_chromium()
    except ChromiumMissing:
        return False
    return True


if __name__ == "__main__":
    ensure()
