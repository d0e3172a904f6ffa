"""What was read or written last? Kept decoded, beside the very text it is stored as: what comes again is decoded once.

- A text that differs in one byte is decoded anew, whoever wrote it, so nothing here can be out of date.
- What is decoded is shared by everybody who asks, so it must never be changed in place.
- What does not come again is forgotten within two turns: so is what another process has erased.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

MOST: Final = 1_024
LONGEST: Final = 4_096
"""Characters of a text that is kept; longer ones are few, and would fill the memory."""
TURN_EVERY: Final = 60.0
"""Seconds."""
_T = TypeVar("_T")


class Recent(Generic[_T]):
    """The texts of one process by key, decoded: at least the `most` newest, and at most twice as many."""

    def __init__(self, decode: Callable[[str], _T], most: int = MOST) -> None:
        self._decode = decode
        self._most = most
        self._newer: dict[str, tuple[str, _T]] = {}
        self._older: dict[str, tuple[str, _T]] = {}
        self._turned_at = 0.0

    def turn(self, now: float) -> None:
        """Let time pass (Unix seconds)."""
        if not 0 <= now - self._turned_at < TURN_EVERY:
            self._turned_at = now
            self._older, self._newer = self._newer, {}

    def decoded(self, key: str, text: str) -> _T:
        """What the stored text says."""
        known = self._newer.get(key)
        if known is not None and known[0] == text:
            return known[1]
        known = self._older.get(key)
        value = known[1] if known is not None and known[0] == text else self._decode(text)
        self.keep(key, text, value)
        return value

    def keep(self, key: str, text: str, value: _T) -> None:
        """Remember what `text`, which is stored or about to be, says."""
        if len(text) > LONGEST:
            return
        if len(self._newer) >= self._most and key not in self._newer:
            self._older, self._newer = self._newer, {}
        self._newer[key] = (text, value)

    def forget(self, key: str) -> None:
        """Nothing of what is erased here stays."""
        self._newer.pop(key, None)
        self._older.pop(key, None)
