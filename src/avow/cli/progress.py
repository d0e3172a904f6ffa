"""How far is it? A bar on standard error, where somebody sits at a terminal; nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int | None], None]]:
    """Call what is yielded with how much is done, and of how much (None: nobody knows). Any thread may."""
    if not sys.stderr.isatty():
        yield _unseen
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=None)

        def show(done: int, total: int | None = None) -> None:
            shown.update(task, completed=done, total=total)

        yield show


def _unseen(_: int, __: int | None = None) -> None:
    """Nobody is looking."""
