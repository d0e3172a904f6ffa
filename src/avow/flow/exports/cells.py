"""What may stand in a cell of a CSV file? Nothing that a spreadsheet would run: a formula gets an apostrophe in front.

Text that begins with `=`, `+`, `-`, `@`, a tab or a CR, and text that begins with an apostrophe before one of those,
gets one more; `unguarded` takes it away again. What is a number stays one.

Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import re
from typing import Final

from avow.trust.contact import Scalar

_RUNS: Final = re.compile(r"'*[=+\-@\t\r]")
_GUARDED: Final = re.compile(r"'+[=+\-@\t\r]")


def guarded(text: str) -> str:
    """A text as a spreadsheet may be given it."""
    return "'" + text if _RUNS.match(text) else text


def unguarded(cell: str) -> str:
    """The text that a cell stands for."""
    return cell[1:] if cell[:1] == "'" and _GUARDED.match(cell) else cell


def cell(value: Scalar) -> str:
    """A value as a cell. Nothing, and what is not known, is blank."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return guarded(value) if isinstance(value, str) else str(value)
