"""How does a text become a picture that a phone reads? A QR code, as one path over a white ground.

- It is dark on white in every scheme: many phones read it in no other colours.
- A text that makes a picture too fine for a screen makes none; what it says stands beside it as text.

Source: ISO/IEC 18004 (four modules of quiet around it).
"""

from __future__ import annotations

from typing import Final

import msgspec
import segno
from segno import DataOverflowError

QUIET: Final = 4
_FINEST: Final = 25
"""The largest version that is drawn: 117 modules a side, two pixels each."""


class QrCode(msgspec.Struct, frozen=True):
    """A picture of `size` modules a side, quiet zone included; `path` is SVG's, a module being one unit."""

    size: int
    path: str

    def __repr__(self) -> str:
        """Without what it says, which may be a secret."""
        return "QrCode(...)"


def qr_code(text: str) -> QrCode | None:
    """The picture of a text; None where it would be too fine to be read."""
    try:
        code = segno.make_qr(text, error="m", encoding="utf-8")
    except DataOverflowError:
        return None
    if int(code.version) > _FINEST:
        return None
    rows = enumerate(code.matrix, QUIET)
    return QrCode(len(code.matrix) + 2 * QUIET, "".join(_run(y, x, end) for y, row in rows for x, end in _runs(row)))


def _runs(row: bytearray) -> list[tuple[int, int]]:
    """Where dark stretches of a row begin and end."""
    edges = [x for x in range(len(row) + 1) if (row[x] if x < len(row) else 0) != (row[x - 1] if x else 0)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _run(y: int, x: int, end: int) -> str:
    return f"M{x + QUIET} {y}h{end - x}v1h{x - end}z"
