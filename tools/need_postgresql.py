"""Makes sure that PostgreSQL's server programs are on this machine: the tests and the bench start servers of their own.

Run from the project's folder: python -m tools.need_postgresql. Installs Debian's package when they are missing; where
that cannot be done, says what to do. What it installs is not part of running Avow.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.support.postgres import PostgresMissing, find_programs

BY_HAND = "Install PostgreSQL's server (14 or newer) so that `postgres` and `initdb` are on PATH, and run this again."


def ensure() -> None:
    """Return when the programs are there; leave with a message when they cannot be had."""
    if _are_here():
        return
    _install()
    if not _are_here():
        sys.exit(f"Debian's package is installed, and its server programs are not where they belong. {BY_HAND}")


def _are_here() -> bool:
    try:
        find_programs()
    except PostgresMissing:
        return False
    return True


def _install() -> None:
    if not shutil.which("apt-get"):
        sys.exit(f"The tests need PostgreSQL, and this machine has no apt-get to install it with. {BY_HAND}")
    if os.geteuid() == 0:
        as_root = ["env"]
    elif shutil.which("sudo"):
        as_root = ["sudo", "env"]
    else:
        sys.exit(f"The tests need PostgreSQL, and installing it takes root or sudo. {BY_HAND}")
    print("PostgreSQL is missing: installing Debian's package.", flush=True)
    quietly = [*as_root, "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    install = [*quietly, "install", "--yes", "--no-install-recommends", "postgresql"]
    for command in ([*quietly, "update"], install):
        if subprocess.run(command, check=False).returncode != 0:
            sys.exit(f"`{' '.join(command)}` failed (its own words are above). {BY_HAND}")


if __name__ == "__main__":
    ensure()
