"""Makes sure that PostgreSQL's server programs are on this machine: the tests and the bench start servers of their own.

Run from the project's folder: python -m tools.need_postgresql. Installs Debian's package when they are missing; where
that cannot be done, says what to do. What it installs is not part of running Avow.
"""

from __future__ import annotations

import sys

from tests.support.postgres import PostgresMissing, find_programs
from tools import debian

BY_HAND = "Install PostgreSQL's server (14 or newer) so that `postgres` and `initdb` are on PATH, and run this again."


def ensure() -> None:
    """Return when the programs are there; leave with a message when they cannot be had."""
    if _are_here():
        return
    debian.install("postgresql", "PostgreSQL", BY_HAND)
    if not _are_here():
        sys.exit(f"Debian's package is installed, and its server programs are not where they belong. {BY_HAND}")


def _are_here() -> bool:
    try:
        find_programs()
    except PostgresMissing:
        return False
    return True


if __name__ == "__main__":
    ensure()
