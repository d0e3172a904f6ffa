"""How does Avow look with people in it? A made-up company, filled once with half a year of histories, then served.

- The first time everything is made in a temporary directory and put in its place whole; after that it is only served.
- It is always a SQLite database of its own: what AVOW_DATA, AVOW_DATABASE_URL, AVOW_MASTER_KEY and AVOW_CONFIG name is
  left alone.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shlex
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from secrets import token_urlsafe
from typing import Annotated, Any

import typer
from rich.console import Console

from avow.cli.init import create
from avow.cli.operate.building import beside
from avow.cli.operate.surroundings import servers
from avow.cli.options import Json, flag
from avow.cli.output import announce
from avow.cli.serve import beside_others, url_of, warn
from avow.demo import rehearsal
from avow.demo.company import NAME, OWNER, SECRETS_FILE, STARTS, Secrets, alice, fill, keep, kept
from avow.demo.past import Clock
from avow.demo.samples import Sample, places, samples
from avow.demo.shop import ShopProcess, shop_port
from avow.errors import UsageError
from avow.settings import Settings
from avow.trust.contact import ContactId, WorkspaceId

EPILOG = """
[bold]Examples[/bold]

avow demo                          made in .demo, served on http://127.0.0.1:8000

avow demo --data /tmp/acme --port 8001

Run it again: the data are kept, and fresh commands are printed. To begin anew, remove the directory.
"""
_OWN = ("AVOW_CONFIG", "AVOW_DATA", "AVOW_DATABASE_URL", "AVOW_MASTER_KEY", "AVOW_WORKERS")
_FOR_PEOPLE = {
    "AVOW_LOG_FORMAT": "text",
    "AVOW_LOG_LEVEL": "warning",
    # Whoever floods the demo sits at the same machine; she is to meet the limits all the same.
    "AVOW_EXEMPT_ADDRESSES": "none",
}
_DATA = ".demo"
_HOST = "127.0.0.1"
_LATEST = 300
_TRIES = 200
_LAST_PORT = 65_535


def demo(
    data: Annotated[str, typer.Option(metavar="DIR", help="Directory of the demo.")] = _DATA,
    host: Annotated[str | None, flag("host")] = None,
    port: Annotated[str | None, flag("port")] = None,
    as_json: Json = False,
) -> None:
    """A made-up company with some hundred people and their histories, served, with commands to paste."""
    from avow import app

    environ = _FOR_PEOPLE | {name: value for name, value in os.environ.items() if name not in _OWN}
    settings = Settings.from_environment(environ, data=data, host=host, port=port)
    shop_at = shop_port(settings.port)
    _require_free(settings)
    app.start_logging("warning")
    crowd = beside_others(settings)
    secrets = kept(settings.data) if os.path.lexists(settings.data) else _make(settings)
    about = asyncio.run(_alice(settings, secrets))

    def ready(at: int, _metrics_at: int | None) -> None:
        url = url_of(settings.host, at)
        shop = ShopProcess(secrets, url, settings.host, shop_at)
        ending.callback(shop.stop)
        tried = samples(secrets, about, url, now=time.time())
        answer = _told(settings, secrets, about, url, tried) | {"shop": url_of(settings.host, shop.port)}
        warn(crowd, answer)
        announce(answer, as_json, lambda console: _show(console, settings, secrets, answer, tried))

    with ExitStack() as ending:
        app.serve(settings, ready)


def _make(settings: Settings) -> Secrets:
    """Found the company half a year ago, and let everything happen since."""
    begun = time.time()
    sys.stderr.write("Making a company up, with half a year of some hundred people. It takes some seconds, once.\n")
    with beside(settings.data) as building:
        made = Settings.from_environment({}, data=building / "data")
        new = create(made, company=NAME, email=OWNER, owner="Olive", timezone="UTC", now=lambda: begun - STARTS)
        founding = new.founding
        secrets = Secrets(
            founding.production.id,
            founding.kid,
            founding.secret,
            founding.access_token,
            new.email,
            new.password,
            token_urlsafe(32),
        )
        asyncio.run(_fill(made, secrets, founding.test.id, int(begun) - _LATEST))
        keep(made.data, secrets)
        made.data.rename(settings.data)
    return secrets


async def _fill(settings: Settings, secrets: Secrets, test_workspace: WorkspaceId, end: int) -> None:
    from avow import app

    clock = Clock(end - STARTS)
    async with app.open_engine(settings, now=clock) as engine:
        await fill(engine, clock, secrets, end=end)
    clock = Clock(end - rehearsal.STARTS)
    async with app.open_engine(settings, now=clock) as engine:
        await rehearsal.rehearse(engine, clock, test_workspace, end=end)
        await engine.store.sweep(end)  # what a server would have thrown away in this half a year


async def _alice(settings: Settings, secrets: Secrets) -> ContactId:
    """Whom the samples are about. A demo that an older program made is brought up to date on the way."""
    from avow import app

    async with app.open_engine(settings) as engine:
        return await alice(engine, secrets)


def _require_free(settings: Settings) -> None:
    """Raise `UsageError` where somebody serves on this port, or on the shop's: better said before a company is made up
    than after.
    """
    host, port = settings.host, settings.port
    taken = next((one for one in (port, shop_port(port)) if not _is_free(host, one)), None)
    if taken is None:
        return
    whose = "" if taken == port else ", which would be the shop's,"
    free = next((one for one in range(port + 1, min(port + _TRIES, _LAST_PORT)) if _is_pair_free(host, one)), None)
    raise UsageError(
        f"Port {taken} on {host}{whose} is in use. Stop what uses it, or choose another: {_beside(settings, free)}.",
        field="port",
    )


def _beside(settings: Settings, free: int | None) -> str:
    """How to serve on another port. Data that somebody serves already stay that one's: two servers of one file stall
    each other.
    """
    data, path, port = settings.data, settings.sqlite_path, "PORT" if free is None else str(free)
    if path is not None and path.exists() and servers(path) != []:
        data = data.with_name(f"{data.name}-{port}")
    usual = {"data": _DATA, "host": _HOST}
    chosen = {"data": str(data), "host": settings.host, "port": port}
    words = {name: shlex.quote(value) for name, value in chosen.items() if value != usual.get(name)}
    flags = " ".join(f"--{name} {value}" for name, value in words.items())
    return f"avow demo {flags} (make demo {' '.join(f'{name.upper()}={value}' for name, value in words.items())})"


def _is_pair_free(host: str, port: int) -> bool:
    return _is_free(host, port) and _is_free(host, shop_port(port))


def _is_free(host: str, port: int) -> bool:
    """Whether nobody serves there; what else may be wrong with an address, the server says."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        return error.errno != errno.EADDRINUSE
    return True


def _told(settings: Settings, secrets: Secrets, about: ContactId, url: str, tried: list[Sample]) -> dict[str, Any]:
    return {
        "url": url,
        "data": str(settings.data),
        "workspace_id": secrets.workspace_id,
        "contact_id": about,
        "kid": secrets.kid,
        "access_token": secrets.access_token,
        "commands": [{"title": one.title, "expect": one.expect, "command": one.command} for one in tried],
    }


def _show(console: Console, settings: Settings, secrets: Secrets, told: dict[str, Any], tried: list[Sample]) -> None:
    def say(text: str = "") -> None:
        console.print(text, soft_wrap=True)

    url = told["url"]
    say(f"{NAME} is made up. Its shop, to cheat in:  {told['shop']}")
    say(f"What its team sees:                   {url}  (sign in as {secrets.owner_email}, {secrets.owner_password})")
    say(f"Workspace {secrets.workspace_id}; Ctrl-C ends both.")
    for line in told.get("warnings", ()):
        say(f"Warning: {line}")
    say("\nFour commands about Alice, a customer. Paste them into another terminal, all at once or one by one:\n")
    for number, one in enumerate(tried, 1):
        say(f"# {number}. {one.title}\n#    → {one.expect}\n{one.command}\n")
    say("Where else to look:\n")
    for title, command in places(secrets, url, _program(), str(settings.data)):
        say(f"# {title}\n{command}\n")
    say(
        f"The secrets that sign these samples, and {secrets.owner_email}'s password, are in "
        f"{settings.data / SECRETS_FILE} (0600): this is a demo. Of a real workspace nothing of the kind is kept."
    )


def _program() -> str:
    """How this program was called, so that what is printed can be pasted."""
    called = sys.argv[0]
    return shlex.quote(os.path.relpath(called)) if Path(called).name == "avow" and os.sep in called else "avow"
