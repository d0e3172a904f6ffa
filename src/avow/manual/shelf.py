"""Which pages does the server have with it? Those of `docs/`: packed with the program, or beside it in a checkout.

- A wheel holds them as `avow/manual/pages` (`force-include` in pyproject.toml); an installation in place reads `docs/`
  itself. There is one source and no copy that could differ.
- A page is named by its path below `docs/`, such as `reference/http.md`.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from avow.errors import NotFound

_PLACES: Final = (Path(__file__).parent / "pages", Path(__file__).parents[3] / "docs")
FRONT: Final = "README.md"
HTTP: Final = "reference/http.md"
ERRORS: Final = "reference/errors.md"
REASONS: Final = "reference/reasons/"


@cache
def folder() -> Path:
    """Where the pages are. Raises `NotFound` in an installation that lacks them."""
    for place in _PLACES:
        if (place / FRONT).is_file():
            return place
    raise NotFound("The pages of the documentation were not installed with this server.")


@cache
def names() -> frozenset[str]:
    """Every page and picture."""
    found = (path for path in folder().rglob("*") if path.suffix in (".md", ".svg"))
    return frozenset(path.relative_to(folder()).as_posix() for path in found)


def text(name: str) -> str:
    """A page's source. Raises `NotFound` for a name that there is not: no path leads out of the folder."""
    if name not in names():
        raise NotFound("There is no such page.")
    return (folder() / name).read_text(encoding="utf-8")


@cache
def reasons() -> tuple[str, ...]:
    """The codes that have a page."""
    pages = (name.removeprefix(REASONS).removesuffix(".md") for name in names() if name.startswith(REASONS))
    return tuple(sorted(page for page in pages if page != "README"))


@cache
def errors() -> frozenset[str]:
    """The codes of errors that are no reasons."""
    return frozenset(re.findall(r"^\| `(\w+)` \| \d", text(ERRORS), re.MULTILINE)) - {*reasons()}
