"""What can be seen of this machine? Modes, clocks, room, and which processes have the database's file open (Linux)."""

from __future__ import annotations

import contextlib
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from avow.errors import AvowError
from avow.flow.upkeep.doctor import Surroundings
from avow.settings import Settings

_SERVING = {b"serve", b"demo"}


def look(settings: Settings) -> tuple[Surroundings, bytes | None]:
    """What is to be seen, and the master key where it can be read."""
    from avow import app

    key, key_fault = None, None
    try:
        key = app.master_key(settings)
    except AvowError as error:
        key_fault = error.message
    path = settings.sqlite_path
    files = _files(path) if path is not None else []
    free, size = _room(path.parent if path is not None else settings.data)
    surroundings = Surroundings(
        now=time.time(),
        data=str(settings.data),
        is_sqlite=settings.is_sqlite,
        workers=settings.workers,
        names_proxies=bool(settings.trusted_proxies),
        data_mode=_mode(settings.data),
        database_mode=_modes(files),
        newest_file_at=max((file.stat().st_mtime for file in files), default=None),
        file_system=_file_system(path) if path is not None else None,
        free_bytes=free,
        size_bytes=size,
        servers=len(found) if path is not None and (found := servers(path)) is not None else None,
        key_fault=key_fault,
    )
    return surroundings, key


def _files(path: Path) -> list[Path]:
    return [file for end in ("", "-wal", "-shm") if (file := path.with_name(path.name + end)).exists()]


def _mode(path: Path) -> int | None:
    return stat.S_IMODE(path.stat().st_mode) if path.exists() else None


def _modes(files: list[Path]) -> int | None:
    """What anybody may do to any of them."""
    together = None
    for file in files:
        together = (together or 0) | stat.S_IMODE(file.stat().st_mode)
    return together


def _room(folder: Path) -> tuple[int | None, int | None]:
    if not folder.exists():
        return None, None
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total


def _file_system(path: Path) -> str | None:
    """The kind of file system that a file is on: of the mounts that lead to it, the innermost."""
    with contextlib.suppress(OSError):
        real = path.resolve()
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        leading = [(fields[1], fields[2]) for fields in mounts if len(fields) > 2 and real.is_relative_to(fields[1])]
        if leading:
            return max(enumerate(leading), key=lambda one: (len(one[1][0]), one[0]))[1][1]
    return None


def servers(path: Path) -> list[int] | None:
    """The processes that may be looked at and serve this file, by their ids; None where nobody can tell."""
    if not Path("/proc/self/fd").is_dir():
        return None
    real, processes = str(path.resolve()), Path("/proc").glob("[0-9]*")
    return sorted(int(one.name) for one in processes if _SERVING & _words(one) and real in _open(one))


def _words(process: Path) -> set[bytes]:
    with contextlib.suppress(OSError):
        return set((process / "cmdline").read_bytes().split(b"\0"))
    return set()


def _open(process: Path) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                yield str(link.readlink())
