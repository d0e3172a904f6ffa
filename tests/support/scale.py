"""How much of a long suite runs? All of it in `make proof`, a seeded tenth otherwise."""

from __future__ import annotations

import os


def full_or_tenth(full: int) -> int:
    """`full` rounds where AVOW_PROOF=1, else a tenth of them, at least one."""
    return full if os.environ.get("AVOW_PROOF") == "1" else max(1, full // 10)
