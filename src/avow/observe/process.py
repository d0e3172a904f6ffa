"""What does this process take of the machine? Memory, processor time, open files, as the system tells.

Where the system does not tell (no `/proc`), nothing is read. Source: proc(5).
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from avow.observe.readings import Number

STARTED: Final = time.time()
_PROC: Final = Path("/proc/self")


def readings() -> Iterator[Number]:
    """What Prometheus's own clients tell of a process, under the same names."""
    times = os.times()
    yield Number("process_cpu_seconds", (), times.user + times.system)
    yield Number("process_start_time_seconds", (), STARTED)
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY:
        yield Number("process_max_fds", (), soft)
    try:
        pages = int((_PROC / "statm").read_text().split()[1])
        files = sum(1 for _ in os.scandir(_PROC / "fd"))
    except OSError:
        return
    yield Number("process_resident_memory_bytes", (), pages * resource.getpagesize())
    yield Number("process_open_fds", (), files)
