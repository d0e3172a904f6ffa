"""What the operator chose: every setting, from the command line or the environment, checked before anything starts.

- A flag wins over the environment, the environment over the default.
- A wrong value is a `UsageError` that names the setting, what was found (unless it is a secret) and what was expected.
- `SETTINGS` is the one table of them; the documentation is written from it.

Source: spec §10 (CLI), §11; house.md.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import msgspec

from avow.errors import UsageError

Networks = tuple[IPv4Network | IPv6Network, ...]


class Secret(msgspec.Struct, frozen=True):
    """Bytes that no error, log or repr shows."""

    value: bytes

    def __repr__(self) -> str:
        return "Secret(...)"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it. Built by `from_environment`; what each field means says `SETTINGS`."""

    data: Path
    database_url: str
    host: str
    port: int
    workers: int
    master_key: Secret | None
    trusted_proxies: Networks
    exempt_addresses: Networks
    rest_per_minute: int
    contact_per_minute: int
    address_per_minute: int
    unproven_per_minute: int
    connections: int
    connections_per_address: int
    log_level: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **overrides: object) -> Settings:
        """The settings of `environ`, except where `overrides` (by field; None: not given) says otherwise."""
        unknown = overrides.keys() - {one.name for one in SETTINGS}
        if unknown:
            raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
        values = {one.name: one.read(environ, overrides.get(one.name)) for one in SETTINGS}
        if not values["database_url"]:
            values["database_url"] = f"sqlite:///{quote(str(values['data'] / 'avow.db'))}"
        settings = cls(**values)
        if settings.is_sqlite and settings.workers > 1:
            raise UsageError(
                f"AVOW_WORKERS (--workers) is {settings.workers}, but SQLite has one writer; "
                "use 1, or a PostgreSQL by AVOW_DATABASE_URL (--database).",
                field="workers",
            )
        return settings

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file."""
        return self.database_url.startswith("sqlite:")

    @property
    def sqlite_path(self) -> Path | None:
        """The database's file, if it is one."""
        return Path(unquote(self.database_url.removeprefix("sqlite:///"))) if self.is_sqlite else None

    @property
    def database_name(self) -> str:
        """The database as it may be shown: without user, password and options."""
        if self.is_sqlite:
            return self.database_url
        parts = urlsplit(self.database_url)
        return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"

    def __repr__(self) -> str:
        return (
            f"Settings(data={str(self.data)!r}, database={self.database_name!r}, host={self.host!r}, port={self.port})"
        )


class Setting(msgspec.Struct, frozen=True):
    """One line of the table. `parse` takes the raw text and raises `ValueError`, whose text says what was expected."""

    name: str
    default: str
    parse: Callable[[str], Any]
    description: str
    secret: bool = False

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return f"AVOW_{self.name.upper()}"

    @property
    def flag(self) -> str | None:
        """Its name on the command line, which every user of the machine can see: the key has none."""
        special = {"database_url": "--database", "master_key": None}
        return special.get(self.name, f"--{self.name.replace('_', '-')}")

    def read(self, environ: Mapping[str, str], override: object) -> Any:
        """The value to use: of the flag, the environment or the default."""
        given, raw = self.variable, environ.get(self.variable, "")
        if override is not None:
            given, raw = self.flag or self.variable, str(override)
        elif not raw:
            raw = self.default
        try:
            return self.parse(raw)
        except ValueError as error:
            found = "" if self.secret else f" is {raw[:80]!r}, which"
            raise UsageError(f"{given}{found} is not as expected: {error}.", field=self.name) from None


def parse_master_key(raw: str) -> Secret:
    """The 32 bytes of a master key written as 64 hex digits or as base64, of `AVOW_MASTER_KEY` or of the key's file."""
    text = raw.strip()
    try:
        if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
            key = bytes.fromhex(text)
        else:
            key = base64.b64decode(text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) != 32:
        raise ValueError("it must be 32 bytes as 64 hex digits or as base64 (make one with: openssl rand -hex 32)")
    if len(set(key)) < 8:
        raise ValueError("it must be random (make one with: openssl rand -hex 32)")
    return Secret(key)


def _master_key(raw: str) -> Secret | None:
    return parse_master_key(raw) if raw.strip() else None


def _whole(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", raw) or not least <= int(raw) <= most:
            raise ValueError(f"it must be a whole number from {least} to {most}")
        return int(raw)

    return parse


def _directory(raw: str) -> Path:
    if "\0" in raw:
        raise ValueError("it must be the path of a directory")
    path = Path(raw).expanduser()
    if path.exists() and not path.is_dir():
        raise ValueError("it must be a directory, or nothing yet")
    return path


def _database(raw: str) -> str:
    if not raw:
        return ""
    if raw.startswith("sqlite:"):
        path = raw.removeprefix("sqlite:///")
        if path == raw or not path or path == ":memory:" or "?" in path or "\0" in path:
            raise ValueError("it must be sqlite:///relative/path or sqlite:////absolute/path; memory is not durable")
        return raw
    url = "postgresql" + raw.removeprefix("postgres") if raw.startswith("postgres://") else raw
    parts = urlsplit(url)
    try:
        valid = parts.scheme == "postgresql" and len(parts.path) > 1 and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or any(character.isspace() for character in raw):
        raise ValueError("it must be postgresql://user:password@host:port/name or sqlite:///path")
    return url


def _host(raw: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:%-]{1,255}", raw):
        raise ValueError("it must be an address or a name of this machine, such as 127.0.0.1, 0.0.0.0 or ::")
    return raw


def _networks(raw: str) -> Networks:
    try:
        return tuple(ip_network(part) for part in re.split(r"[,\s]+", raw.strip()) if part)
    except ValueError:
        raise ValueError(
            "it must be addresses or networks with commas between, such as 10.0.0.0/8, 2001:db8::7"
        ) from None


def _level(raw: str) -> str:
    if raw.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("it must be debug, info, warning or error")
    return raw.lower()


def _networks_or_none(raw: str) -> Networks:
    return () if raw.strip().lower() == "none" else _networks(raw)


_RATE = _whole(6, 100_000_000)
_COUNT = _whole(1, 1_000_000)

SETTINGS: tuple[Setting, ...] = (
    Setting("data", "avow-data", _directory, "Directory of the master key and, with SQLite, of the database."),
    Setting(
        "database_url",
        "",
        _database,
        "sqlite:///path or postgresql://user:password@host/name; if empty, the file avow.db in the data directory.",
        secret=True,
    ),
    Setting("host", "127.0.0.1", _host, "Address to serve on; 0.0.0.0 or :: for all of this machine's."),
    Setting("port", "8000", _whole(0, 65535), "Port to serve on; 0 takes a free one and prints it."),
    Setting("workers", "1", _whole(1, 256), "Server processes; more than one needs PostgreSQL."),
    Setting(
        "master_key",
        "",
        _master_key,
        "32 bytes as hex or base64, the same on every node; if empty, the file master.key in the data directory.",
        secret=True,
    ),
    Setting("trusted_proxies", "", _networks, "Addresses and networks of proxies whose X-Forwarded-For is believed."),
    Setting(
        "exempt_addresses",
        "127.0.0.0/8, ::1",
        _networks_or_none,
        "Addresses and networks without limits per address, such as the operator's own machines; none for none.",
    ),
    Setting("rest_per_minute", "10000", _RATE, "REST requests of one workspace a minute, in windows of 10 seconds."),
    Setting("contact_per_minute", "600", _RATE, "Messenger requests about one proven contact a minute, likewise."),
    Setting(
        "address_per_minute", "6000", _RATE, "Messenger requests from one address (IPv6: one /64) a minute, likewise."
    ),
    Setting("unproven_per_minute", "600", _RATE, "Of these, how many may be unproven or refused."),
    Setting("connections", "4096", _COUNT, "Open connections of one server process; more are told 503."),
    Setting(
        "connections_per_address",
        "512",
        _COUNT,
        "Of these, how many may come from one address (IPv6: one /64) that is neither a trusted proxy nor exempt.",
    ),
    Setting("log_level", "info", _level, "debug, info, warning or error."),
)
