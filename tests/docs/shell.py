"""How does a console block run? In one bash for each page; `avow serve` stays behind until the page ends."""

from __future__ import annotations

import os
import re
import selectors
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

PATIENCE = 60.0
PAGES_PORT = "8000"
PAGES_METRICS_PORT = "9464"
_END = "--- end of a command, exit code"


class Command(NamedTuple):
    """What is typed, and what is printed after it."""

    typed: str
    expected: str


def commands(block: str) -> list[Command]:
    """The commands of a console block. Raises `ValueError` for a line that belongs to none."""
    found: list[tuple[list[str], list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(([line[2:]], []))
        elif not found:
            raise ValueError(f"a console block begins with a command: {line!r}")
        elif (line.startswith("> ") or line == ">") and not found[-1][1]:
            found[-1][0].append(line[2:])
        else:
            found[-1][1].append(line)
    return [Command("\n".join(typed), "\n".join(expected)) for typed, expected in found]


class Shell:
    """A bash in a folder. `port` is what the pages call 8000."""

    def __init__(self, folder: Path, avow_folder: Path, variables: Mapping[str, str]) -> None:
        self.port = _free_port()
        self.metrics_port = _free_port()
        self.folder = folder
        path = f"{avow_folder}:{os.environ['PATH']}"
        self.environment = {
            "PATH": path,
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "AVOW_PORT": str(self.port),
            **variables,
        }
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            cwd=folder,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with suppress(Exception):
            self.type("trap '' TERM; kill -TERM 0; wait")  # everything that it started, and not itself
        self._bash.kill()
        self._bash.communicate()

    def here(self, text: str) -> str:
        """A page's text with the ports of this shell."""
        text = re.sub(rf"\b{PAGES_METRICS_PORT}\b", str(self.metrics_port), text)
        return re.sub(rf"\b{PAGES_PORT}\b", str(self.port), text)

    def run(self, command: Command) -> tuple[str, int]:
        """What the command prints, and its exit code."""
        typed = self.here(command.typed)
        if re.match(r"(\w+=\S+ )*avow serve\b", typed):
            return self._serve(typed)
        return self.type(typed)

    def _serve(self, typed: str) -> tuple[str, int]:
        log = self.folder / f".serve-{time.monotonic_ns()}"
        log.touch()
        self.type(f"{{ {typed}\n}} >{log} 2>{log}.errors </dev/null &")
        until = time.monotonic() + PATIENCE
        while not (log.stat().st_size and _answers(f"http://127.0.0.1:{self.port}/readyz")):
            if time.monotonic() > until or not self.type("jobs -r")[0]:
                return log.read_text() + Path(f"{log}.errors").read_text(), 1
            time.sleep(0.05)
        return log.read_text(), 0

    def type(self, typed: str) -> tuple[str, int]:
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{typed}\nprintf '\\n{_END} %d\\n' $?\n".encode())
        self._bash.stdin.flush()
        printed = b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._bash.stdout, selectors.EVENT_READ)
            while not (end := re.search(rb"\n" + _END.encode() + rb" (\d+)\n\Z", printed)):
                if not waiting.select(PATIENCE):
                    raise TimeoutError(f"{typed!r} does not end; so far: {printed.decode()[-2000:]}")
                more = os.read(self._bash.stdout.fileno(), 65536)
                if not more:
                    raise RuntimeError(f"the shell ended at {typed!r}")
                printed += more
        return printed[: end.start()].decode(), int(end[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as not_yet:
        not_yet.close()
        return False
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
