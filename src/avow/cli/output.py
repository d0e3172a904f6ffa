"""How does an answer look? One JSON value for machines, words and tables for people, one clear sentence for an error.

- With `--json` standard output holds exactly one JSON object or array, standard error one for an error.
- What is no Unicode text (a path may be of any bytes) is a question mark in JSON, and told by its code to people.
- What people are shown has no control characters: much of it was written by browsers that nobody vouches for.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from avow.errors import AvowError, BadInputs

REFUSED = 1
MISUSED = 2
WIDE = 200
_LAST = 253_402_128_000


def ready_streams() -> None:
    """Let nothing fail for a letter that the terminal has not, or for a stream that was closed before we began."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode))  # noqa: SIM115 - as long as the process
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def tell(answer: object, as_json: bool, show: Callable[[Console], None]) -> None:
    """Print an answer: as JSON, or as `show` prints it for people."""
    if as_json:
        sys.stdout.write(_json(answer, sys.stdout) + "\n")
        sys.stdout.flush()  # a server goes on after its answer
    else:
        show(console())


def announce(answer: object, as_json: bool, show: Callable[[Console], None]) -> None:
    """`tell` for a server, which serves whether or not anybody reads what it says."""
    try:
        tell(answer, as_json, show)
    except (BrokenPipeError, SystemExit) as end:
        if isinstance(end, SystemExit) and not isinstance(end.__context__, BrokenPipeError):
            raise
        fall_silent()


def fall_silent() -> None:
    """Let nothing that is still said reach the reader who has gone, or trip over that."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


def console() -> Console:
    """Standard output for people; wide where it is not a terminal, so that nothing is cut off there."""
    return Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else WIDE)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A plain table. The first column is never wrapped."""
    drawn = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for position, column in enumerate(columns):
        drawn.add_column(column, no_wrap=position == 0)
    for row in rows:
        drawn.add_row(*(plain(cell) for cell in row))
    return drawn


def plain(cell: object) -> Text:
    """What may stand in a terminal: text without control characters; a dash for nothing."""
    if isinstance(cell, Text):
        return cell
    text = "–" if cell is None or cell == "" else str(cell)
    return Text("".join(letter if letter.isprintable() else f"\\u{ord(letter):04x}" for letter in text))


def moment(at: float | None) -> str | None:
    """A time for people: the day and the minute, UTC; the last day that calendars know for all that come after it."""
    return None if at is None else datetime.fromtimestamp(min(at, _LAST), UTC).strftime("%Y-%m-%d %H:%M")


def refuse(error: AvowError, code: int, as_json: bool) -> int:
    """Print an error, and the exit code it means."""
    errors = error.errors if isinstance(error, BadInputs) else [error]
    if as_json:
        told = [{"code": str(one.code), "message": one.message, "field": one.field} for one in errors]
        answer = {"type": "error.list", "errors": told, "exit_code": code}
        sys.stderr.write(_json(answer, sys.stderr) + "\n")
    else:
        for one in errors:
            sys.stderr.write(f"avow: {plain(one.message)}\n")
    return code


def _json(answer: object, stream: TextIO) -> str:
    try:
        text = msgspec.json.encode(answer).decode()
    except UnicodeEncodeError:
        text = msgspec.json.encode(_as_text(msgspec.to_builtins(answer))).decode()
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(json.loads(text))  # in ASCII, which every encoding has
    return text


def _as_text(answer: Any) -> Any:
    """The same of Unicode text alone."""
    if isinstance(answer, str):
        return answer.encode("utf-8", "replace").decode("utf-8")
    if isinstance(answer, dict):
        return {_as_text(name): _as_text(one) for name, one in answer.items()}
    return [_as_text(one) for one in answer] if isinstance(answer, list | tuple) else answer
