"""Which file is it? One that is named, or what a pipe or standard input holds, set aside to be read twice."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from avow.cli.progress import bar
from avow.errors import UsageError

_CHUNK: Final = 1 << 20
_BLOCK: Final = 64 * 1024


class OpenedFile:
    """An import's source (`flow/imports/source.py`): a file that is read from any offset."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size

    async def read(self, offset: int) -> bytes:
        """A block, of a local file: nobody waits for it."""
        return os.pread(self._file.fileno(), _BLOCK, offset)

    def fingerprint(self, asked: bytes) -> str:
        """The same for the same bytes under the same options (`asked`), and for nothing else."""
        digest, offset = hashlib.sha256(asked), 0
        with bar("Reading") as show:
            while chunk := os.pread(self._file.fileno(), _CHUNK, offset):
                digest.update(chunk)
                offset += len(chunk)
                show(offset, self.size)
        return digest.hexdigest()


@contextmanager
def _set_aside(source: BinaryIO) -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as aside:
        shutil.copyfileobj(source, aside, _CHUNK)
        aside.flush()
        yield aside


@contextmanager
def opened_file(path: Path) -> Iterator[OpenedFile]:
    """The file, or standard input for `-`. Raises `UsageError` where it cannot be read."""
    try:
        if str(path) == "-":
            with _set_aside(sys.stdin.buffer) as aside:
                yield OpenedFile(aside)
        else:
            with path.open("rb") as file:
                if file.seekable():
                    yield OpenedFile(file)
                else:  # a pipe, as of <(zcat people.csv.gz)
                    with _set_aside(file) as aside:
                        yield OpenedFile(aside)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        if error.filename is None or str(error.filename) != str(path):
            raise
        raise UsageError(f"{path} cannot be read ({error.strerror}).", field="file") from None
