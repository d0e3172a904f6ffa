"""What does a doctor say? Of each thing looked at, how it is, and what to do about it."""

from __future__ import annotations

import msgspec

from avow.trust.words import Word


class Level(Word):
    """How it is: as it should be, worth a thought, or wrong."""

    OK = "ok"
    ADVICE = "advice"
    WRONG = "wrong"


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. `check` is a stable name; `advice` says what to do, and is empty where nothing is to do."""

    check: str
    level: Level
    found: str
    advice: str = ""
    workspace_id: str | None = None


def fine(check: str, found: str, workspace_id: str | None = None) -> Finding:
    """It is as it should be."""
    return Finding(check, Level.OK, found, workspace_id=workspace_id)


def advised(check: str, found: str, advice: str, workspace_id: str | None = None) -> Finding:
    """It may be meant; somebody should know."""
    return Finding(check, Level.ADVICE, found, advice, workspace_id)


def wrong(check: str, found: str, advice: str, workspace_id: str | None = None) -> Finding:
    """It will hurt, or hurts already."""
    return Finding(check, Level.WRONG, found, advice, workspace_id)
