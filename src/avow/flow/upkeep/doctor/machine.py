"""Is the machine set up right? Clock, disk, data directory, master key, and who else has the database's file open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from avow.flow.contract.upkeep import Vitals
from avow.flow.upkeep.doctor.finding import Finding, advised, fine, wrong

CLOCKS_APART: Final = 5.0
CLOCKS_TOO_FAR: Final = 30.0
"""Half of what tokens may be off: the other half is the backends'."""
LITTLE_ROOM: Final = 1 << 30
NO_ROOM: Final = 200 << 20
LITTLE_SHARE: Final = 0.05
OVER_THE_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smbfs", "smb3", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.s3fs"}
)
_OTHERS: Final = 0o077


class Surroundings(msgspec.Struct, frozen=True):
    """What can be seen of the machine without asking the database. What cannot be seen is None.

    `now` is the system's clock, Unix seconds; `mode` bits are those of `chmod`; `servers` counts processes that serve
    the database's file; `key_fault` says why the master key cannot be read.
    """

    now: float
    data: str
    is_sqlite: bool
    workers: int
    names_proxies: bool
    data_mode: int | None = None
    database_mode: int | None = None
    newest_file_at: float | None = None
    file_system: str | None = None
    free_bytes: int | None = None
    size_bytes: int | None = None
    servers: int | None = None
    key_fault: str | None = None


def of_machine(it: Surroundings, vitals: Vitals | None) -> Iterator[Finding]:
    """Everything about the machine. `vitals` is None where the database does not answer."""
    yield _clock(it, vitals)
    if it.key_fault is not None:
        yield wrong("master_key", it.key_fault, "Bring back the master.key (or AVOW_MASTER_KEY) of these data.")
    yield from _permissions(it)
    yield from _room(it)
    if it.is_sqlite:
        yield from _file(it)


def _clock(it: Surroundings, vitals: Vitals | None) -> Finding:
    set_it = "Let NTP keep the clocks of this machine and of the database's."
    if it.newest_file_at is not None and it.newest_file_at > it.now + CLOCKS_TOO_FAR:
        ahead = it.newest_file_at - it.now
        return wrong(
            "clock", f"The database's file was written {ahead:.0f} s from now: the clock was set back.", set_it
        )
    if vitals is None:
        return fine("clock", "There is no database's clock to compare this machine's with.")
    if vitals.newest_record_at is not None and vitals.newest_record_at > it.now + CLOCKS_TOO_FAR:
        ahead = vitals.newest_record_at - it.now
        return wrong("clock", f"The newest record was written {ahead:.0f} s from now: a clock was set back.", set_it)
    apart = abs(vitals.now - it.now)
    found = f"This machine's clock and the database's are {apart:.1f} s apart."
    if apart > CLOCKS_TOO_FAR:
        return wrong("clock", found + " Tokens are judged by this machine's.", set_it)
    return advised("clock", found, set_it) if apart > CLOCKS_APART else fine("clock", found)


def _permissions(it: Surroundings) -> Iterator[Finding]:
    if it.data_mode is not None:
        if it.data_mode & _OTHERS:
            yield wrong(
                "data_directory",
                f"{it.data} may be entered by others (mode {it.data_mode & 0o777:o}).",
                f"Run: chmod 700 {it.data}",
            )
        else:
            yield fine("data_directory", f"{it.data} is for this user only.")
    if it.database_mode is not None and it.database_mode & _OTHERS:
        yield wrong(
            "data_directory",
            f"The database's file may be read by others (mode {it.database_mode & 0o777:o}).",
            "Run chmod 600 on it, and on the files beside it that end in -wal and -shm.",
        )


def _room(it: Surroundings) -> Iterator[Finding]:
    if it.free_bytes is None or not it.size_bytes:
        return
    found = f"{it.free_bytes / (1 << 30):.1f} GiB of {it.size_bytes / (1 << 30):.1f} GiB are free."
    advice = "Free some space or give the disk more: when it is full, writes answer 507."
    if it.free_bytes < NO_ROOM:
        yield wrong("disk", found, advice)
    elif it.free_bytes < LITTLE_ROOM or it.free_bytes < LITTLE_SHARE * it.size_bytes:
        yield advised("disk", found, advice)
    else:
        yield fine("disk", found)


def _file(it: Surroundings) -> Iterator[Finding]:
    if it.file_system in OVER_THE_NETWORK:
        yield wrong(
            "file_system",
            f"The database's file is on {it.file_system}, a file system over the network.",
            "Move it to a disk of this machine, or use PostgreSQL: SQLite's locks do not hold over a network.",
        )
    elif it.file_system is not None:
        yield fine("file_system", f"The database's file is on {it.file_system}.")
    if it.servers is not None and it.servers > 1:
        yield wrong(
            "one_server",
            f"{it.servers} processes serve this SQLite file.",
            "Stop all but one: they stall each other, and limits count for each. For more, use PostgreSQL.",
        )
    elif it.servers is not None:
        yield fine("one_server", f"{it.servers} process serves this file." if it.servers else "No server is running.")
