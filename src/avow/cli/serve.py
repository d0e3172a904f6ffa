"""How is Avow started? Every setting that has a flag, checked before anything runs; tables are brought up to date."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

from avow.cli.opening import opened, require_file, settings_of
from avow.cli.options import Data, Database, Json, flag
from avow.cli.output import tell

EPILOG = """
[bold]Examples[/bold]

avow serve --data avow-data                              on http://127.0.0.1:8000, with SQLite

avow serve --data avow-data --host 0.0.0.0 --port 8080   for other machines; put TLS in front

avow serve --data avow-data --database postgresql://avow:…@db/avow --workers 4

It is ready when /readyz answers 200. SIGTERM ends it within ten seconds; what was taken is finished first.
"""


def serve(
    data: Data = None,
    database: Database = None,
    host: Annotated[str | None, flag("host")] = None,
    port: Annotated[str | None, flag("port")] = None,
    workers: Annotated[str | None, flag("workers")] = None,
    trusted_proxies: Annotated[str | None, flag("trusted_proxies")] = None,
    exempt_addresses: Annotated[str | None, flag("exempt_addresses")] = None,
    rest_per_minute: Annotated[str | None, flag("rest_per_minute")] = None,
    contact_per_minute: Annotated[str | None, flag("contact_per_minute")] = None,
    address_per_minute: Annotated[str | None, flag("address_per_minute")] = None,
    unproven_per_minute: Annotated[str | None, flag("unproven_per_minute")] = None,
    connections: Annotated[str | None, flag("connections")] = None,
    connections_per_address: Annotated[str | None, flag("connections_per_address")] = None,
    log_level: Annotated[str | None, flag("log_level")] = None,
    as_json: Json = False,
) -> None:
    """Answer requests until a signal ends it."""
    from avow import app

    settings = settings_of(
        data=data,
        database_url=database,
        host=host,
        port=port,
        workers=workers,
        trusted_proxies=trusted_proxies,
        exempt_addresses=exempt_addresses,
        rest_per_minute=rest_per_minute,
        contact_per_minute=contact_per_minute,
        address_per_minute=address_per_minute,
        unproven_per_minute=unproven_per_minute,
        connections=connections,
        connections_per_address=connections_per_address,
        log_level=log_level,
    )

    async def look() -> None:
        async with opened(settings):
            pass

    def ready(at: int) -> None:
        url = url_of(settings.host, at)
        answer = {"url": url, "port": at, "pid": os.getpid()}
        tell(answer, as_json, lambda console: console.print(f"Avow answers on {url}; Ctrl-C ends it."))

    asyncio.run(look())
    app.serve(settings, ready)


def migrate(data: Data = None, database: Database = None, as_json: Json = False) -> None:
    """Bring the database's tables to this version. `avow serve` does it too."""
    from avow import app

    settings = settings_of(data=data, database_url=database)
    require_file(settings)
    asyncio.run(app.migrate(settings))
    answer = {"database": settings.database_name, "migrated": True}
    tell(answer, as_json, lambda console: console.print(f"{settings.database_name} has the tables of this version."))


def url_of(host: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"
