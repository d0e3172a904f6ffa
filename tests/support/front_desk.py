"""Acme's screens in this process: a person who is signed in, what she asks for by HTTP, and what she is shown.

    page = await desk.get("/settings/data/people")
    await desk.post("/settings/data/people/turn", name="plan", enforcement="monitor")
    guest = await desk.as_role(TeamRole.READ_ONLY)

Addresses that begin with `/app` are taken as they are, all others are below Acme's workspace. `office` is the back
office beside it: REST, tokens, pages, and what is stored.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import httpx
from argon2 import PasswordHasher
from starlette.routing import Router

from avow import api
from avow.admin import ScreensDoor
from avow.admin.frame.browser import SESSION
from avow.admin.frame.passwords import Argon2
from avow.flow.contract import Teammate, Writes
from avow.flow.team import sessions
from avow.flow.team.roles import TeamRole
from avow.flow.team.sessions import Place
from avow.trust.contact import WorkspaceId
from avow.web.boundary import Boundary
from avow.web.limits import Limiter
from tests.support.office import OLIVE, Office, open_office

ORIGIN: Final = "http://avow.test"
PASSWORD: Final = "four words well put together"
QUICK: Final = Argon2(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
_TAG: Final = re.compile(r"<[^>]+>")


@dataclass(frozen=True)
class Shown:
    """What came back: a page, or the way to another one."""

    status: int
    text: str
    headers: httpx.Headers = field(repr=False)

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return str(self.headers.get("location", ""))

    @property
    def words(self) -> str:
        """What a reader reads: no tags, blanks evened out."""
        return " ".join(html.unescape(_TAG.sub(" ", self.text.replace("<wbr>", ""))).split())

    @property
    def title(self) -> str:
        """The page's title."""
        found = re.search(r"<title>(.*?)</title>", self.text, re.DOTALL)
        return html.unescape(found[1]) if found else ""

    def row(self, element_id: str) -> str:
        """What is read in the table's row (or list's item) of that id."""
        found = re.search(rf'<(tr|li)[^>]*id="{element_id}".*?</\1>', self.text, re.DOTALL)
        assert found, f"no row {element_id}"
        return " ".join(html.unescape(_TAG.sub(" ", found[0].replace("<wbr>", ""))).split())


@dataclass(frozen=True)
class FrontDesk:
    """One browser in front of Acme's screens."""

    office: Office
    client: httpx.AsyncClient = field(repr=False)
    test_workspace_id: WorkspaceId
    teammate: Teammate | None
    cookies: dict[str, str]

    @property
    def root(self) -> str:
        """What addresses of Acme's workspace begin with."""
        return f"/app/{self.office.workspace_id}"

    async def get(self, path: str = "", /, **headers: str) -> Shown:
        """Ask for a page; redirects are not followed."""
        return await self._ask("GET", path, None, headers)

    async def head(self, path: str = "", /) -> Shown:
        """The same without the page itself."""
        return await self._ask("HEAD", path, None, {})

    async def post(self, path: str, /, *, headers: dict[str, str] | None = None, **fields: str | list[str]) -> Shown:
        """Send a form as our own page does. A list becomes `name[]`."""
        pairs = [
            (f"{name}[]" if isinstance(value, list) else name, one)
            for name, value in fields.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        own = {"sec-fetch-site": "same-origin", "origin": ORIGIN} if headers is None else headers
        return await self._ask(
            "POST", path, urlencode(pairs), {"content-type": "application/x-www-form-urlencoded", **own}
        )

    async def follow(self, shown: Shown) -> Shown:
        """The page that a redirect leads to, with the cookies that it set."""
        assert shown.status == 303, (shown.status, shown.words[:400])
        return await self.get(shown.location)

    async def settle(self) -> None:
        """Write down now what was counted, which the committer would do within a second."""
        engine = self.office.engine
        tally = engine.tally.hand_over()
        async with engine.store.transaction([self.office.workspace_id]) as transaction:
            await transaction.write(Writes(tally=tally))
            await transaction.commit()

    async def as_role(self, role: TeamRole) -> FrontDesk:
        """Another person of that role, signed in in a browser of her own."""
        store = self.office.engine.store
        teammate = Teammate(
            f"t-{role}", self.office.workspace_id, f"{role}@acme.example", role.title(), role, "none", 1.0
        )
        async with store.team_transaction(self.office.workspace_id) as transaction:
            await transaction.put_teammate(teammate)
        return await self.of(teammate)

    async def of(self, teammate: Teammate) -> FrontDesk:
        """A browser in which that person is signed in."""
        engine = self.office.engine
        (known,) = [one for one in await engine.store.teammates(teammate.workspace_id) if one.id == teammate.id]
        begun = await sessions.begin(
            engine.store,
            known,
            Place("203.0.113.7", "Firefox on Linux"),
            complete=True,
            now=engine.now(),
            entropy=engine.entropy,
        )
        return replace(self, teammate=teammate, cookies={SESSION: begun.text})

    def stranger(self) -> FrontDesk:
        """A browser in which nobody is signed in."""
        return replace(self, teammate=None, cookies={})

    async def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Shown:
        address = path if path == "/" or path.startswith("/app") else self.root + path
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = await self.client.request(
            method,
            address,
            content=body,
            headers={"accept": "text/html", **({"cookie": cookie} if cookie else {}), **named},
        )
        for raw in answer.headers.get_list("set-cookie"):
            name, _, value = raw.partition(";")[0].partition("=")
            if "Max-Age=0" in raw:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return Shown(answer.status_code, answer.text, answer.headers)


@asynccontextmanager
async def open_front_desk(database: Path) -> AsyncIterator[FrontDesk]:
    """Olive, the owner, signed in at Acme's screens; the database is migrated and empty."""
    async with open_office(database, monotonic=time.monotonic) as office:
        router = Router(api.routes(office.engine, Limiter(60_000)), redirect_slashes=False)
        door = ScreensDoor(office.engine, router, trusted_proxies=(), clock=time.monotonic, passwords=QUICK)
        transport = httpx.ASGITransport(
            app=Boundary(door, office.engine.entropy), raise_app_exceptions=False, client=("203.0.113.7", 4711)
        )
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
            (test,) = [one.id for one in await office.engine.store.workspaces() if one.production_id is not None]
            (olive,) = await office.engine.store.teammates(office.workspace_id)
            assert olive.email == OLIVE
            yield await FrontDesk(office, client, test, None, {}).of(olive)
