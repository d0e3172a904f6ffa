"""Who is being measured? Server processes, each pinned to one core, with what they use of it and of the memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import psutil

PATIENCE = 60.0


class ServerFailed(Exception):
    """A server did not start, or ended too early."""


class Server:
    """One server (`serving.py` says which there are), from the opening of its `with` block to the end of it."""

    def __init__(self, kind: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.serving", kind],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            self.port = self._told_port(kind)
            self._watched = psutil.Process(self._process.pid)
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def cpu(self) -> float:
        """Seconds of CPU that it has used, in all its threads."""
        times = self._watched.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Bytes of memory that it has at this moment (RSS)."""
        return int(self._watched.memory_info().rss)

    def stop(self) -> None:
        """Ask it to stop, and wait; end it if it does not."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.communicate()

    def _told_port(self, kind: str) -> int:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            return int(json.loads(line)["port"])
        raise ServerFailed(f"the {kind} server ended before it answered; what it said is above")
