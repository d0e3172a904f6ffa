"""Acme's screens in a real browser, on the real program: people who sign in, and the product whose pages they watch.

    async with acme(made, tmp_path) as place:            # a server over a copy of initialised data
        olive = await place.person(browser)              # signed in, as the owner
        await olive.go("/settings/data/people")
        place.signed("alice", plan="pro")                # Acme's backend signs, Alice's browser delivers

What a person sees is asserted on `olive.page`; what is stored, on `place.stored()`.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.async_api import Browser, Page, ViewportSize

import avow
from tests.support.browser import DESKTOP, PHONE
from tests.support.program import Made, Server

AXE: Final = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text(encoding="utf-8")
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS: Final = ((DESKTOP, "light"), (PHONE, "dark"), (DESKTOP, "dark"), (PHONE, "light"))
"""Every width with every scheme. The first two show each width and each scheme once."""


@dataclass(frozen=True)
class Person:
    """Somebody in front of a browser of her own. `heard` is what the console said."""

    page: Page
    place: Place
    heard: list[str]

    async def sign_in(self, email: str, password: str) -> None:
        """Through the form, as everybody."""
        await self.page.goto(f"{self.place.url}/app/sign-in")
        await self.page.get_by_label("E-mail").fill(email)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.wait_for_url(lambda url: "/sign-in" not in url)

    async def enter(self, email: str, password: str) -> None:
        """Past the form: her browser gets the same session, and her page stays blank until she goes somewhere."""
        form: dict[str, str | float | bool] = {"email": email, "password": password}
        address = f"{self.place.url}/app/sign-in"
        answer = await self.page.context.request.post(
            address, form=form, headers={"origin": self.place.url}, max_redirects=0
        )
        assert answer.status == 303, await answer.text()

    async def go(self, path: str = "") -> None:
        """To a screen of Acme's workspace, or to an address that begins with /app."""
        address = path if path.startswith("/app") else f"/app/{self.place.made.workspace_id}{path}"
        answer = await self.page.goto(self.place.url + address)
        assert answer is not None
        assert answer.status < 400, f"{address}: {answer.status}"

    async def barriers(self) -> list[str]:
        """What on this page is in the way of somebody (axe-core): the rule, and the first place of it."""
        await self.page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
        await self.page.evaluate(AXE)
        found: list[dict[str, Any]] = await self.page.evaluate(
            "async (rules) => (await axe.run(document, {runOnly: rules, resultTypes: ['violations']})).violations",
            RULES,
        )
        return [f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary']}" for one in found]

    async def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(await self.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@dataclass(frozen=True)
class Place:
    """A running Avow: Acme's, with its owner's password."""

    made: Made
    server: Server
    client: httpx.Client

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.server.url

    @property
    def owner(self) -> tuple[str, str]:
        """The owner's address and password."""
        owner = self.made.told["owner"]
        return owner["email"], owner["password"]

    async def person(
        self, browser: Browser, viewport: ViewportSize = DESKTOP, *, scheme: Any = "light", signed_in: bool = True
    ) -> Person:
        """Somebody with a fresh profile; the owner is signed in, unless told otherwise."""
        context = await browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        page = await context.new_page()
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: heard.append(str(error)))
        person = Person(page, self, heard)
        if signed_in:
            await person.enter(*self.owner)
        return person

    def signed(self, user_id: str, /, unsigned: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
        """Acme's backend vouches for values, and a browser delivers them, with `unsigned` ones beside the token."""
        token = avow.sign(user_id, values, key=self.made.secret, kid=self.made.kid)
        return self._ping({"intercom_user_jwt": token, **(unsigned or {})})

    def unsigned(self, user_id: str, /, **values: Any) -> dict[str, Any]:
        """A browser says who it is and what it likes."""
        return self._ping({"user_id": user_id, **values})

    def rest(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Acme's backend, by REST."""
        return self.client.request(
            method, path, json=body, headers={"authorization": f"Bearer {self.made.access_token}"}
        )

    def stored(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, past every door."""
        connection = sqlite3.connect(f"file:{self.made.data / 'avow.db'}?mode=ro", uri=True)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def enforcement(self, name: str) -> str | None:
        """How an attribute stands, as it is stored; None for one that was never changed."""
        rows = self.stored("SELECT enforcement FROM attribute WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def _ping(self, user_data: dict[str, Any]) -> dict[str, Any]:
        body = {"app_id": self.made.workspace_id, "user_data": user_data, "installation_type": "web 1.9.0"}
        answer = self.client.post("/messenger/web/ping", json=body, headers={"origin": "https://app.acme.example"})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@asynccontextmanager
async def acme(template: Made, folder: Path) -> AsyncIterator[Place]:
    """A server over a copy of what `template` made."""
    data = folder / "data"
    shutil.copytree(template.data, data)
    made = replace(template, data=data)
    with Server(made) as server, httpx.Client(base_url=server.url, timeout=20) as client:
        server.wait_until_ready()
        yield Place(made, server, client)
