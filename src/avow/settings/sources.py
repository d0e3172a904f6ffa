"""Where was it said? A flag wins over the environment, the environment over the file, the file over the default.

- The file is TOML: one line a setting, by its name (`port = 8000`). `--config` or `AVOW_CONFIG` says where it is.
- A name that there is not is refused with the nearest that there is, in the file and in the environment: a setting that
  nobody reads would be a lock that nobody closed.
- A setting that holds a secret is never the nearest: another secret must not be put in its place.
- A file with a secret in it may not be read by every user of the machine.
"""

from __future__ import annotations

import difflib
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec

from avow.errors import UsageError
from avow.settings.table import SETTINGS, Setting

CONFIG: Final = "AVOW_CONFIG"
MOST_BYTES: Final = 64 * 1024

# Variables that begin like ours and are read elsewhere: that of `avow sign` and of backends, and those of the tests.
# Kubernetes sets the last kind for a service called avow.
_BESIDE: Final = re.compile(r"AVOW_(CONFIG|SIGNING_SECRET|PROOF|SEED|TEST_\w+|SERVICE_\w+|PORT_\d+_\w+)\Z", re.ASCII)
_SECRET: Final = {name for setting in SETTINGS if setting.secret for name in (setting.name, setting.variable)}
_RENAMED: Final = {"AVOW_SIGNING_KEY": "AVOW_SIGNING_SECRET", "AVOW_SECRET": "AVOW_SIGNING_SECRET"}


class Place(StrEnum):
    """Where a value comes from, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


class Found(msgspec.Struct, frozen=True):
    """A setting as it was said: the raw text, where, and under which name. Its repr shows no value."""

    raw: str
    place: Place
    given: str

    def __repr__(self) -> str:
        return f"Found({self.given} by {self.place})"


def look_up(environ: Mapping[str, str], config: str | None, flags: Mapping[str, object]) -> dict[str, Found]:
    """Every setting as it was said, by name. `flags` are by name too; None: not given. Raises `UsageError`."""
    _refuse_unknown_variables(environ)
    path = config if config is not None else environ.get(CONFIG, "")
    in_file = _read(path, "--config" if config is not None else CONFIG) if path else {}
    found = {}
    for setting in SETTINGS:
        flag, variable = flags.get(setting.name), environ.get(setting.variable, "")
        if flag is not None:
            found[setting.name] = Found(str(flag), Place.FLAG, setting.flag or setting.variable)
        elif variable:
            found[setting.name] = Found(variable, Place.ENVIRONMENT, setting.variable)
        elif setting.name in in_file:
            found[setting.name] = Found(in_file[setting.name], Place.FILE, f"{setting.name} in {path}")
        else:
            found[setting.name] = Found(setting.default, Place.DEFAULT, setting.variable)
    return found


def parsed(setting: Setting, found: Found) -> Any:
    """The value. Raises `UsageError`, which names the setting, what was found (no secret) and what was expected."""
    try:
        found.raw.encode()
    except UnicodeEncodeError:
        raise UsageError(f"{found.given} is not UTF-8 text.", field=setting.name) from None
    try:
        return setting.parse(found.raw)
    except ValueError as error:
        shown = "" if setting.secret else f" is {found.raw[:80]!r}, which"
        raise UsageError(f"{found.given}{shown} is not as expected: {error}.", field=setting.name) from None


def _refuse_unknown_variables(environ: Mapping[str, str]) -> None:
    known = {setting.variable for setting in SETTINGS}
    for name in environ:
        if name.startswith("AVOW_") and name not in known and not _BESIDE.match(name):
            now = f": it is {_RENAMED[name]} now" if name in _RENAMED else _nearest(name, known)
            raise UsageError(
                f"{name} is set, but there is no such setting{now}. Unset it, or see them all with: avow settings",
                field=name,
            )


def _read(raw_path: str, given: str) -> dict[str, str]:
    """The settings of a file, as raw texts."""
    path = Path(raw_path)
    try:
        path = path.expanduser()
    except RuntimeError:
        raise UsageError(f"{given}: {path} begins with the home of a user that there is not.", field="config") from None
    try:
        with path.open("rb") as file:
            raw, mode = file.read(MOST_BYTES + 1), path.stat().st_mode
    except OSError as error:
        raise UsageError(f"{given}: {path} cannot be read ({error.strerror}).", field="config") from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{given}: {path} is larger than {MOST_BYTES} bytes; is it the right file?", field="config")
    try:
        tables = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        at = re.search(r"\(at [a-z0-9 ,]+\)", str(error))  # the rest of its text may quote a value
        raise UsageError(
            f"{path} is not TOML{f' {at[0]}' if at else ''}; expected lines such as: port = 8000", field="config"
        ) from None
    texts = {name: _text(path, name, value) for name, value in _known(path, tables)}
    secrets = [setting.name for setting in SETTINGS if setting.secret and texts.get(setting.name)]
    if secrets and mode & stat.S_IRWXO:
        raise UsageError(
            f"{path} holds {' and '.join(secrets)} and may be read by every user; run: chmod o-rwx {path}",
            field="config",
        )
    return texts


def _known(path: Path, tables: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    known = {setting.name for setting in SETTINGS}
    for name, value in tables.items():
        if name not in known:
            raise UsageError(f"{path}: there is no setting {name[:40]!r}{_nearest(name, known)}.", field="config")
        yield name, value


def _text(path: Path, name: str, value: Any) -> str:
    """The text that the setting's own parser reads: what TOML says with a number or a list is said with text too."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(value)
    kind = {bool: "true or false", dict: "a table", list: "a list of other things than texts"}.get(
        type(value), "a date"
    )
    raise UsageError(f"{path}: {name} is {kind}; expected a text, a number or a list of texts.", field=name)


def _nearest(name: str, known: Iterable[str]) -> str:
    """What to say of the name that is most like it, unless that one holds a secret."""
    near = difflib.get_close_matches(name.lower(), [one.lower() for one in known], n=1, cutoff=0.6)
    right = next((one for one in known if near and one.lower() == near[0]), None)
    return f" (did you mean {right}?)" if right and right not in _SECRET else ""
