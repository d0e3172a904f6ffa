"""Which steps lead to today's tables? The migrations beside this module, in the order of their numbers.

Their names are enough to say where a database stands; Alembic, which takes a second to load, is needed only to walk.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from avow.flow.contract import Migrations

_FOLDER = Path(__file__).parent.parent / "migrations" / "versions"


@cache
def revisions() -> dict[str, str]:
    """Revision → what it is called, oldest first: `v0001_the_heart.py` is revision 0001."""
    names = sorted(path.stem for path in _FOLDER.glob("v[0-9]*_*.py"))
    return {name[1:].partition("_")[0]: name[1:].partition("_")[2].replace("_", " ") for name in names}


def head() -> str:
    """The revision of this program's tables."""
    return next(reversed(revisions()))


def standing(current: str | None) -> Migrations:
    """Where a database at that revision stands."""
    known = list(revisions())
    if current is not None and current not in known:
        return Migrations(current, head(), (), is_ahead=True)
    after = 0 if current is None else known.index(current) + 1
    return Migrations(current, head(), tuple(known[after:]))
