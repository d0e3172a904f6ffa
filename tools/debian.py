"""Installs one of Debian's packages, as root or through sudo, or says what to do instead."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys


def install(package: str, what: str, by_hand: str) -> None:
    """Install `package`, which gives `what` that the tests need; leave with a message where that cannot be done."""
    if not shutil.which("apt-get"):
        sys.exit(f"The tests need {what}, and this machine has no apt-get to install it with. {by_hand}")
    if os.geteuid() == 0:
        as_root = ["env"]
    elif shutil.which("sudo"):
        as_root = ["sudo", "env"]
    else:
        sys.exit(f"The tests need {what}, and installing it takes root or sudo. {by_hand}")
    print(f"{what} is missing: installing Debian's package.", flush=True)
    quietly = [*as_root, "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    command = [*quietly, "install", "--yes", "--no-install-recommends", package]
    for step in ([*quietly, "update"], command):
        if subprocess.run(step, check=False).returncode != 0:
            sys.exit(f"`{' '.join(step)}` failed (its own words are above). {by_hand}")
