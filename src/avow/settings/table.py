"""Which settings are there? `SETTINGS` is the one table of them; flags, file, `avow settings` and documentation follow.

A new one is a line here and a field of `Settings` (`chosen.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from avow.settings import kinds


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


_RATE = kinds.whole(6, 100_000_000)
_COUNT = kinds.whole(1, 1_000_000)

SETTINGS: tuple[Setting, ...] = (
    Setting("data", "avow-data", kinds.directory, "Directory of the master key and, with SQLite, of the database."),
    Setting(
        "database_url",
        "",
        kinds.database,
        "sqlite:///path or postgresql://user:password@host/name; if empty, the file avow.db in the data directory.",
        secret=True,
    ),
    Setting("host", "127.0.0.1", kinds.host, "Address to serve on; 0.0.0.0 or :: for all of this machine's."),
    Setting("port", "8000", kinds.whole(0, 65535), "Port to serve on; 0 takes a free one and prints it."),
    Setting("workers", "1", kinds.whole(1, 256), "Server processes; more than one needs PostgreSQL."),
    Setting(
        "master_key",
        "",
        kinds.master_key,
        "32 bytes as hex or base64, the same on every node; if empty, the file master.key in the data directory.",
        secret=True,
    ),
    Setting(
        "trusted_proxies", "", kinds.networks, "Addresses and networks of proxies whose X-Forwarded-For is believed."
    ),
    Setting(
        "exempt_addresses",
        "127.0.0.0/8, ::1",
        kinds.networks_or_none,
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
    Setting("log_level", "info", kinds.one_of("debug", "info", "warning", "error"), "debug, info, warning or error."),
    Setting("log_format", "json", kinds.one_of("json", "text"), "json, one object a line; or text, for people."),
    Setting(
        "slow_milliseconds",
        "1000",
        kinds.whole(1, 3_600_000),
        "A request that takes so long or longer is logged, whatever the level.",
    ),
    Setting("metrics_host", "127.0.0.1", kinds.host, "Address to serve metrics on; who can reach it can read them."),
    Setting(
        "metrics_port",
        "",
        kinds.whole_or_nothing(0, 65535),
        "Port to serve metrics on, 0 for a free one; if empty, they are not served.",
    ),
    Setting(
        "traces_endpoint",
        "",
        kinds.collector,
        "Where a collector takes traces by OTLP, such as http://127.0.0.1:4318/v1/traces; if empty, there are none.",
    ),
    Setting("traces_share", "0.01", kinds.share, "Which part of the requests is traced, from 0 to 1."),
)
