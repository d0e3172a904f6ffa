"""How are PostgreSQL's own programs run? With what they need in their environment: no password on a command line.

Source: postgresql.org/docs, "pg_dump", "pg_restore", "libpq Environment Variables".
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from avow.errors import UsageError
from avow.flow.contract import Progress

_OPTIONS: Final = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "ssl": "PGSSLMODE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}
_LOOK_EVERY: Final = 0.2


def program(name: str) -> Path | None:
    """Where a program of PostgreSQL's is: on the path, or the newest of Debian's."""
    found = shutil.which(name)
    if found is not None:
        return Path(found)
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: -float(path.parts[-3]))
    return versions[0] if versions else None


async def run(program_path: Path, url: str, *arguments: str, file: Path, progress: Progress) -> None:
    """Run a program to its end, watching `file` grow. Raises `UsageError` with what the program said last."""
    process = await asyncio.create_subprocess_exec(
        program_path,
        *arguments,
        env=_environment(url),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    telling = asyncio.create_task(_watch(file, progress))
    try:
        _, said = await process.communicate()
    finally:
        telling.cancel()
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise UsageError(f"{program_path.name} did not succeed: {lines[-1][:300] if lines else 'it said nothing'}.")


def _environment(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    found = {
        "PGHOST": parts.hostname,
        "PGPORT": str(parts.port) if parts.port else None,
        "PGUSER": unquote(parts.username) if parts.username else None,
        "PGPASSWORD": unquote(parts.password) if parts.password else None,
        "PGDATABASE": unquote(parts.path.removeprefix("/")),
    }
    for name, values in parse_qs(parts.query).items():
        if name in _OPTIONS:
            found[_OPTIONS[name]] = values[-1]
    return {**os.environ, "LC_ALL": "C", **{name: value for name, value in found.items() if value}}


async def _watch(file: Path, progress: Progress) -> None:
    while True:
        await asyncio.sleep(_LOOK_EVERY)
        size = await asyncio.to_thread(lambda: file.stat().st_size if file.exists() else 0)
        progress(size, None)
