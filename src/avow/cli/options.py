"""Which options do commands share, and how are they read? Settings from the one table, durations, small files."""

from __future__ import annotations

import inspect
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

import typer

from avow.errors import UsageError
from avow.settings import CONFIG, SETTINGS
from avow.trust.keys import ALGORITHM_OF, Algorithm
from avow.trust.policy import Platform

MOST_IN_A_FILE: Final = 64 * 1024

_DURATION: Final = re.compile(r"([0-9]{1,9})(s|m|h|d|w)?\Z")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_METAVARS: Final = {
    "data": "DIR",
    "database_url": "URL",
    "metrics_port": "N",
    "traces_endpoint": "URL",
    "traces_share": "SHARE",
}
_SETTING: Final = {setting.name: setting for setting in SETTINGS}


def flag(name: str) -> Any:
    """The option for a setting: its flag, description, variable and default as the table of settings has them."""
    setting = _SETTING[name]
    assert setting.flag is not None, f"{name} is not for the command line"
    return typer.Option(
        setting.flag,
        help=f"{setting.description} [{setting.variable}]",
        metavar=_METAVARS.get(name, "N" if setting.default.isdigit() else name.rpartition("_")[2].upper()),
        show_default=setting.default or False,
    )


def every_setting(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command a flag for each setting that may have one; it gets them, by the setting's name, as `**given`."""
    written = inspect.signature(command, eval_str=True)
    own = [one for one in written.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    flags = [
        inspect.Parameter(
            setting.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, flag(setting.name)],
        )
        for setting in SETTINGS
        if setting.flag is not None
    ]
    whole = [*(one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own), *flags]
    command.__signature__ = written.replace(parameters=whole)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in whole} | {"return": None}
    return command


Data = Annotated[str | None, flag("data")]
Database = Annotated[str | None, flag("database_url")]
ConfigFile = Annotated[
    str | None, typer.Option("--config", metavar="FILE", help=f"File of settings, in TOML. [{CONFIG}]")
]
WorkspaceOption = Annotated[
    str | None,
    typer.Option("--workspace", metavar="ID", help="Which workspace; the production one if left out."),
]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON value, for machines.")]


def duration(raw: str, option: str) -> int:
    """So many seconds: 90, 90s, 15m, 12h, 7d, 2w."""
    match = _DURATION.match(raw)
    if match is None:
        raise UsageError(f"{option} is {raw[:40]!r}; expected a time such as 90s, 15m, 12h, 7d or 2w.", field=option)
    return int(match[1]) * _SECONDS[match[2] or "s"]


def past_moment(raw: str, option: str) -> float:
    """A moment that has been (Unix seconds): a date, a time (UTC unless it says otherwise), or so long ago."""
    if _DURATION.match(raw) and not raw.isdigit():
        return time.time() - duration(raw, option)
    try:
        at = float(raw) if raw.isdigit() else _utc(datetime.fromisoformat(raw)).timestamp()
    except (ValueError, OverflowError, OSError):
        expected = "2026-03-01, 2026-03-01T09:30, Unix seconds, or 7d for so long ago"
        raise UsageError(f"{option} is {raw[:40]!r}; expected {expected}.", field=option) from None
    if not 0 <= at <= time.time():
        raise UsageError(f"{option} is a time that has not been; expected one that has.", field=option)
    return at


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def algorithm(raw: str) -> Algorithm:
    """The key's algorithm, under any name that a token may use for it."""
    found = ALGORITHM_OF.get(raw)
    if found is None:
        names = ", ".join(Algorithm)
        raise UsageError(f"--algorithm is {raw[:40]!r}; expected one of {names}.", field="algorithm")
    return found


def platforms(given: list[Platform] | None) -> frozenset[Platform]:
    """The platforms named; all of them if none is."""
    return frozenset(given or Platform)


def contents(path: Path, option: str) -> bytes:
    """A small file, whole. `-` is standard input."""
    try:
        if str(path) == "-":
            raw = typer.get_binary_stream("stdin").read(MOST_IN_A_FILE + 1)
        else:
            with path.open("rb") as file:
                raw = file.read(MOST_IN_A_FILE + 1)
    except OSError as error:
        raise UsageError(f"{option}: {path} cannot be read ({error.strerror}).", field=option) from None
    if len(raw) > MOST_IN_A_FILE:
        raise UsageError(f"{option}: {path} is larger than {MOST_IN_A_FILE} bytes; is it the right file?", field=option)
    return raw


def require_text(raw: str, option: str, field: str) -> None:
    """Raise `UsageError` for bytes that are not UTF-8, as a shell may hand them over."""
    try:
        raw.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{option} is not UTF-8 text.", field=field) from None


@contextmanager
def new_file(path: Path | None, option: str) -> Iterator[BinaryIO | None]:
    """A file that was not there, for this user only, made before anything is done, and gone again where that
    comes to nothing.

    An empty one counts as not there: a command that was killed leaves it. Raises `UsageError` where it cannot be made.
    """
    if path is None:
        yield None
        return
    try:
        file = os.fdopen(_made(path), "wb")
    except FileExistsError:
        raise UsageError(f"{path} is there already. Name a file that is not.", field=option) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}).", field=option) from None
    try:
        with file:
            yield file
    except BaseException:
        if path.exists() and not path.stat().st_size:
            path.unlink()
        raise


def _made(path: Path) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size:
            raise
        path.chmod(0o600)
        return os.open(path, os.O_WRONLY | os.O_NOFOLLOW)


def text(path: Path, option: str) -> str:
    """A small file of UTF-8 text."""
    try:
        return contents(path, option).decode()
    except UnicodeDecodeError:
        raise UsageError(f"{option}: {path} is not UTF-8 text; is it the right file?", field=option) from None
