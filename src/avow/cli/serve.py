"""How is Avow started? Every setting that has a flag, checked before anything runs; tables are brought up to date."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import Any

from rich.console import Console

from avow.cli.opening import config_file, opened, require_file, require_writable, settings_of
from avow.cli.operate.surroundings import servers
from avow.cli.options import ConfigFile, Json, every_setting
from avow.cli.output import announce, table, tell
from avow.settings import SETTINGS, Found, Place, Setting, Settings

EPILOG = """
[bold]Examples[/bold]

avow serve --data avow-data                              on http://127.0.0.1:8000, with SQLite

avow serve --data avow-data --host 0.0.0.0 --port 8080   for other machines; put TLS in front

avow serve --data avow-data --database postgresql://avow:…@db/avow --workers 4

avow serve --config /etc/avow/avow.toml --metrics-port 9464   settings from a file; Prometheus may ask

It is ready when /readyz answers 200. SIGTERM ends it within ten seconds; what was taken is finished first.
"""

SETTINGS_EPILOG = """
[bold]Examples[/bold]

avow settings                                  as `avow serve` would find them here

avow settings --config /etc/avow/avow.toml --json
"""

_log = logging.getLogger("avow.serve")


@every_setting
def serve(config: ConfigFile = None, as_json: Json = False, **given: str | None) -> None:
    """Answer requests until a signal ends it."""
    from avow import app

    settings = settings_of(config, **given)
    crowd = beside_others(settings)

    async def look() -> None:
        require_file(settings)
        require_writable(settings)
        app.master_key(settings)
        await app.migrate(settings)
        async with opened(settings):
            pass

    def ready(at: int, metrics_at: int | None) -> None:
        url = url_of(settings.host, at)
        answer: dict[str, Any] = {"url": url, "port": at, "pid": os.getpid()}
        lines = [f"Avow answers on {url}; Ctrl-C ends it."]
        if metrics_at is not None:
            answer["metrics"] = f"{url_of(settings.metrics_host, metrics_at)}/metrics"
            lines.append(f"Metrics are on {answer['metrics']}.")
        lines += [f"Warning: {line}" for line in warn(crowd, answer)]
        announce(answer, as_json, lambda console: console.print("\n".join(lines)))

    asyncio.run(look())
    app.serve(settings, ready)


@every_setting
def show_settings(config: ConfigFile = None, as_json: Json = False, **given: str | None) -> None:
    """What is in force for the server, and where each of it was said. Secrets are not shown."""
    settings, found = Settings.with_origins(os.environ, config or config_file.get(), **given)
    rows = [
        {"name": setting.name, "value": _shown(setting, settings, found[setting.name]), **_origin(found[setting.name])}
        for setting in SETTINGS
    ]

    def show(console: Console) -> None:
        cells = [(row["name"], row["value"], row["from"], row["said_by"]) for row in rows]
        console.print(table(("setting", "value", "from", "said by"), cells))

    tell(rows, as_json, show)


def beside_others(settings: Settings) -> str | None:
    """What is to be said where another process serves the same SQLite file already; asked before it is opened here.

    It is said and not refused: locks stay exact, and a server that replaces another may begin before that one ends.
    """
    path = settings.sqlite_path
    others = servers(path) if path is not None else None
    if not others:
        return None
    who = f"process {others[0]} serves" if len(others) == 1 else f"processes {', '.join(map(str, others))} serve"
    return f"{who} this SQLite file too. They stall each other, and limits count for each: stop all but one."


def warn(crowd: str | None, answer: dict[str, Any]) -> list[str]:
    """Log it, and put it into what is announced; the lines of it."""
    if crowd is None:
        return []
    _log.warning("%s", crowd[:1].upper() + crowd[1:])
    answer["warnings"] = [crowd]
    return [crowd]


def _shown(setting: Setting, settings: Settings, found: Found) -> str:
    """The value as it may be seen by whoever looks over a shoulder."""
    if setting.name == "database_url":
        return settings.database_name
    if setting.secret:
        return "(hidden)" if found.raw else ""
    return found.raw


def _origin(found: Found) -> dict[str, str]:
    return {"from": found.place.value, "said_by": "" if found.place is Place.DEFAULT else found.given}


def url_of(host: str, port: int) -> str:
    """The address to type into a browser on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"
