"""Who asks a command to end, as `timeout` and service managers do, finds nothing half-made left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Avow

PROGRAM = """
import asyncio, sys
from avow.cli.operate import backup

async def without_end(*_, **__):
    print("copying", flush=True)
    await asyncio.sleep(60)

backup._copy = without_end
from avow.cli.main import run
run()
"""


def stopped(avow: Avow, to: Path, number: signal.Signals, in_background: bool = False) -> subprocess.Popen[str]:
    """A backup that is asked to end while it copies."""
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "backup", str(to), *avow.place, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=(lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) if in_background else None,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "copying\n"
    assert len(list(to.parent.iterdir())) == 1
    program.send_signal(number)
    return program


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("in_background", [False, True])
def test_a_backup_that_is_asked_to_end_leaves_nothing(
    avow: Avow, tmp_path: Path, number: signal.Signals, in_background: bool
) -> None:
    to = tmp_path / "backups" / "tonight"
    to.parent.mkdir()
    _, said = stopped(avow, to, number, in_background).communicate(timeout=20)
    [error] = json.loads(said)["errors"]
    assert (error["code"], list(to.parent.iterdir())) == ("aborted", [])
    assert "nothing of it is left" in error["message"]
