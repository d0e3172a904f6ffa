"""The real program, as an operator runs it: `avow init`, `avow serve`, and the ways it can end.

It is forked from a process that has loaded it already (`warm_avow.py`): a run starts it some hundred times.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support import warm_avow

AVOW = [sys.executable, "-c", "from avow.cli.main import run; run()"]
IN_TURN = """
import gc, json, os, sys
from avow.cli.main import run
if "--data" in sys.argv[2]:  # who opens a place needs these
    import avow.app, avow.store
gc.freeze()
codes = []
for arguments in json.loads(sys.argv[2]):
    if not (child := os.fork()):
        run(arguments)
    codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
with open(sys.argv[1], "w") as told:
    json.dump(codes, told)
"""
ANYWHERE = ["--host", "127.0.0.1", "--port", "0"]
PATIENCE = 30.0
QUIET = {"AVOW_CONTACT_PER_MINUTE": "10000000", "AVOW_REST_PER_MINUTE": "10000000"}


def avow(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command: list[str | Path] = [warm_avow.folder() / "avow", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=_environment())
    if check and done.returncode != 0:
        raise AssertionError(f"avow {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return done


def in_turn(*commands: Sequence[str], begin: Sequence[str] = (), **how: Any) -> tuple[list[int], str, str]:
    """Exit codes of commands, and what all of them print: for what counts only where an interpreter begins and ends.

    One that begins as `how` (of `subprocess.run`) and `begin` say loads `avow` once, and forks for each command, which
    then ends as any program does. What it has loaded is frozen: no end of many has to look through it.
    """
    with tempfile.TemporaryDirectory() as folder:
        codes = Path(folder) / "codes"
        called = [*begin, sys.executable, "-c", IN_TURN, str(codes), json.dumps(commands)]
        unless_told = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE) | how
        done = subprocess.run(called, text=True, timeout=60, check=False, **unless_told)
        assert done.returncode == 0, done.stderr
        return json.loads(codes.read_text()), done.stdout or "", done.stderr or ""


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AVOW_")} | QUIET


@dataclass(frozen=True)
class Made:
    """What `avow init --json` told, and where."""

    data: Path
    database: str | None
    told: dict[str, Any]

    @property
    def place(self) -> list[str]:
        """The flags that lead there."""
        return ["--data", str(self.data), *(["--database", self.database] if self.database else [])]

    @property
    def workspace_id(self) -> str:
        return str(self.told["workspace"]["id"])

    @property
    def access_token(self) -> str:
        return str(self.told["access_token"])

    @property
    def secret(self) -> str:
        return str(self.told["signing_key"]["secret"])

    @property
    def kid(self) -> str:
        return str(self.told["signing_key"]["kid"])


def init(data: Path, database: str | None = None) -> Made:
    """A new place."""
    flags = ["--data", str(data), *(["--database", database] if database else []), "--json"]
    return Made(data, database, json.loads(avow("init", *flags).stdout))


class Server:
    """A running `avow serve` on a free port; ended with the block, whatever happens.

    `program` is what to call where a command line has to tell that it is Avow; else a forked one is.
    """

    def __init__(self, made: Made, *more: str, program: Sequence[str | Path] = ()) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe that nobody reads would stop the server
        self._process = subprocess.Popen(
            [*(program or [warm_avow.folder() / "avow"]), "serve", *made.place, *ANYWHERE, "--json", *more],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=_environment(),
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._process.wait(PATIENCE)
            raise AssertionError(f"the server did not start: {self.log}")
        self.told: dict[str, Any] = json.loads(line)
        self.url: str = self.told["url"]

    @property
    def pid(self) -> int:
        """The server's own process."""
        return int(self.told["pid"])

    @property
    def log(self) -> str:
        """What it has written to standard error so far."""
        return self._said if self._log.closed else os.pread(self._log.fileno(), 10_000_000, 0).decode()

    def wait_until_ready(self) -> None:
        """Until /readyz answers 200."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError("the server did not get ready")

    def kill(self) -> None:
        """kill -9: nothing is finished."""
        os.kill(self.pid, signal.SIGKILL)
        self._reap()

    def stop(self) -> float:
        """SIGTERM, and how many seconds it took to leave."""
        started = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(PATIENCE)
        self._reap()
        return time.monotonic() - started

    def _reap(self) -> None:
        self._process.wait(PATIENCE)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._said = self.log
        self._log.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()
        else:
            self._reap()
