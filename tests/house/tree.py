"""Which files are the project's? Every text file of the checkout, less what `make` and the tools leave behind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEFT_BEHIND = {"__pycache__", "build", "dist", "node_modules"}
OURS_THOUGH_HIDDEN = {".ci", ".editorconfig", ".gitignore"}


@cache
def texts() -> dict[str, str]:
    """Every text file by its path in the project, with `/` between the parts."""
    found = {}
    for path in _walk(ROOT):
        try:
            found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # an image or the like
            continue
    return found


@cache
def modules(*places: str) -> dict[str, ast.Module]:
    """The syntax trees of the Python files below `places` ("src/avow/trust", "tests", …)."""
    return {
        name: ast.parse(text)
        for name, text in texts().items()
        if name.endswith(".py") and any(name.startswith(f"{place}/") for place in places)
    }


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in LEFT_BEHIND or (path.name.startswith(".") and path.name not in OURS_THOUGH_HIDDEN):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path
