"""What is in force? `Settings`: every setting's value, checked.

- A wrong value is a `UsageError` that names the setting, what was found (unless it is a secret) and what was expected.
- What each field means says `SETTINGS` (`table.py`); where it may be said, `sources.py`.

Source: spec §10 (CLI), §11; house.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import msgspec

from avow.errors import UsageError
from avow.settings.kinds import Networks, Secret
from avow.settings.sources import Found, look_up, parsed
from avow.settings.table import SETTINGS


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
    log_format: str
    slow_milliseconds: int
    metrics_host: str
    metrics_port: int | None
    traces_endpoint: str
    traces_share: float

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], config: str | None = None, **overrides: object) -> Settings:
        """The settings of `environ` and of the file `config`, except where `overrides` (None: not given) says else."""
        return cls.with_origins(environ, config, **overrides)[0]

    @classmethod
    def with_origins(
        cls, environ: Mapping[str, str], config: str | None = None, **overrides: object
    ) -> tuple[Settings, dict[str, Found]]:
        """The same, and for each setting by name as it was said, and where."""
        unknown = overrides.keys() - {one.name for one in SETTINGS}
        if unknown:
            raise TypeError(f"no such setting: {', '.join(sorted(unknown))}")
        found = look_up(environ, config, overrides)
        values = {one.name: parsed(one, found[one.name]) for one in SETTINGS}
        if not values["database_url"]:
            values["database_url"] = f"sqlite:///{quote(str(values['data'] / 'avow.db'))}"
        settings = cls(**values)
        if settings.is_sqlite and settings.workers > 1:
            raise UsageError(
                f"AVOW_WORKERS (--workers) is {settings.workers}, but SQLite has one writer; "
                "use 1, or a PostgreSQL by AVOW_DATABASE_URL (--database).",
                field="workers",
            )
        return settings, found

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
