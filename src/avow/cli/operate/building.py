"""Where is a place made that must appear whole? Beside where it shall stand, and put there in one step.

- What goes wrong on the way leaves nothing behind, under no name.
- A SQLite database that lies in the data directory, however deep and however its path is written, comes with it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import msgspec

from avow.errors import UsageError
from avow.settings import Settings


@contextlib.contextmanager
def put_in_place(settings: Settings) -> Iterator[Settings]:
    """A SQLite place: the same settings for somewhere else, which is put where they say when all went well.

    Raises `OSError`, and `UsageError` where directory and database would be one.
    """
    path = settings.sqlite_path
    assert path is not None
    data, file = settings.data.resolve(), path.resolve()
    if file == data or file in data.parents:
        raise UsageError(f"{path} cannot be the database and hold {settings.data} too.", field="database")
    with contextlib.ExitStack() as both:
        building = both.enter_context(beside(settings.data))
        inside = file.is_relative_to(data)
        made = building / file.relative_to(data) if inside else both.enter_context(beside(path)) / path.name
        made.parent.mkdir(parents=True, exist_ok=True)
        yield msgspec.structs.replace(settings, data=building, database_url=f"sqlite:///{quote(str(made))}")
        if inside:
            building.rename(settings.data)
        else:
            _link(made, path, building, settings.data)
        sync(settings.data.absolute().parent)


def _link(made: Path, path: Path, building: Path, data: Path) -> None:
    """Give the database its name, and the directory its own; both or neither."""
    os.link(made, path)
    try:
        sync(path.absolute().parent)
        building.rename(data)
    except BaseException:
        path.unlink()
        raise


@contextlib.contextmanager
def beside(place: Path) -> Iterator[Path]:
    """A temporary directory (0700) next to a place, gone in the end unless it was moved. Raises `OSError`."""
    parent = place.absolute().parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=parent))
    except OSError as error:
        # The temporary name means nothing to who asked for this place.
        raise OSError(error.errno, error.strerror, str(place)) from None
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def sync(directory: Path) -> None:
    """Let the new name survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
