"""Where does a line of a file end? At LF, CR LF or CR, however they are mixed, and after `MAX_RECORD` bytes at most.

Only what has not ended yet is kept: memory is bounded whatever the file holds.
"""

from __future__ import annotations

from typing import Final

MAX_RECORD: Final = 64 * 1024
"""Bytes of one record, its line ends included."""


class Lines:
    """Cuts blocks into lines. `end` is the byte after the newest whole line, `number` counts them from 1."""

    def __init__(self, end: int = 0, number: int = 0) -> None:
        self.end = end
        self.number = number
        self._rest = b""
        self._too_long = 0

    def feed(self, block: bytes, *, final: bool) -> list[tuple[bytes | None, int]]:
        """The lines that have ended, with their ends kept, and where each ends. None: it was too long to be kept."""
        lines = (self._rest + block).splitlines(keepends=True)
        self._rest = b""
        # The last piece may go on; so may a CR, of which the LF is still to come.
        if lines and not final and not lines[-1].endswith(b"\n"):
            self._rest = lines.pop()
        found: list[tuple[bytes | None, int]] = []
        for line in lines:
            self.end += len(line) + self._too_long
            found.append((None if self._too_long or len(line) > MAX_RECORD else line, self.end))
            self._too_long = 0
        if final and self._too_long:
            self.end += self._too_long
            self._too_long = 0
            found.append((None, self.end))
        if len(self._rest) > MAX_RECORD and not self._rest.endswith(b"\r"):
            self._too_long += len(self._rest)
            self._rest = b""
        return found
