"""What is a word of a fixed set? The base of every enumeration here: text that equals, and hashes as, what it says.

Python's own enumerations hash in Python, and words are looked up in tables many times in every update.
"""

from __future__ import annotations

from enum import StrEnum


class Word(StrEnum):
    """One word of a fixed set."""

    __hash__ = str.__hash__
