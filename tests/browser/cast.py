"""What a test in the browser says and looks at, in its own words."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import httpx
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.browser.site import SNIPPET, Site
from tests.support.program import Made, Server

PATIENCE = 20.0

HIDE = """() => {
  Object.defineProperty(document, 'visibilityState', { get: () => 'hidden', configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}"""


def answering(made: Made, server: Server) -> httpx.Client:
    """REST, as Acme's backend."""
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {made.access_token}"}, timeout=10)


@dataclass
class Seen:
    """What one page has said and sent."""

    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def user_data(self) -> list[dict[str, Any]]:
        """The pings' user data, in order."""
        return [one["user_data"] for one in self.sent if one["route"] == "ping"]


@dataclass
class Cast:
    """Acme's site, Avow, one browser, and Acme's backend."""

    made: Made
    server: Server
    site: Site
    context: BrowserContext
    rest: httpx.Client
    me: str = field(default_factory=lambda: f"alice-{uuid4().hex[:8]}")

    def snippet(self, settings: dict[str, Any] | None = None, *, path: str = "/") -> tuple[Page, Seen]:
        """Open a page that has the documented snippet."""
        told = {"app_id": self.made.workspace_id, **(settings or {})}
        texts = {"settings": json.dumps(told), "server": self.server.url, "app": self.made.workspace_id}
        return self.open(SNIPPET % texts, path=path)

    def plain(self, *, path: str = "/") -> tuple[Page, Seen]:
        """Open a page that loads the script and boots nothing."""
        script = f'<script src="{self.server.url}/widget/{self.made.workspace_id}"></script>'
        return self.open(f"<!doctype html><html lang=en><title>Acme</title>{script}", path=path)

    def open(self, html: str, *, path: str = "/") -> tuple[Page, Seen]:
        """Open a page of the site and watch it."""
        self.site.pages[path] = html
        page, seen = self.context.new_page(), Seen()
        page.on("console", lambda message: _heard(seen, message))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("request", lambda request: _sent(seen, request))
        page.goto(self.site.url + path)
        return page, seen

    def token(self, user_id: str | None = None, **claims: Any) -> str:
        """A token for this test's user."""
        return self.site.token(user_id or self.me, **claims)

    def contact(self, user_id: str | None = None) -> dict[str, Any]:
        """What Acme's backend finds."""
        answer = self.rest.get(f"/contacts/find_by_external_id/{user_id or self.me}")
        return dict(answer.json()) if answer.status_code == 200 else {}

    def values(self, user_id: str | None = None) -> dict[str, Any]:
        """Her custom attributes and her name."""
        contact = self.contact(user_id)
        return {"name": contact.get("name"), **contact.get("custom_attributes", {})} if contact else {}

    def provenance(self) -> dict[str, Any]:
        """Who vouched for what."""
        answer = self.rest.get(f"/contacts/{self.contact()['id']}/provenance")
        return dict(answer.json()["attributes"])

    def events(self) -> list[str]:
        """What has happened with her."""
        answer = self.rest.get("/events", params={"type": "user", "user_id": self.me})
        return [one["event_name"] for one in answer.json().get("events", [])]


def until(look: Callable[[], Any], page: Page | None = None) -> Any:
    """Wait until something is so, and say what it is."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end, "it did not happen"
        if page is None:
            time.sleep(0.05)
        else:
            page.wait_for_timeout(50)
    if page is not None:
        page.wait_for_timeout(1)  # what the page has told of its requests by now is heard, too
    return found


def call(page: Page, *arguments: Any) -> Any:
    """`Intercom(...)` in the page."""
    return page.evaluate("(all) => window.Intercom(...all)", list(arguments))


@contextmanager
def answers(
    page: Page, give: Callable[[int], tuple[int, dict[str, Any], dict[str, str]] | None]
) -> Iterator[list[int]]:
    """Answer pings in Avow's place: `give(n)` says how the n-th is answered; None lets it through."""
    counted: list[int] = []

    def handle(route: Any) -> None:
        counted.append(len(counted) + 1)
        given = give(len(counted))
        if given is None:
            route.continue_()
            return
        status, body, headers = given
        allowed = {"access-control-allow-origin": "*", "access-control-expose-headers": "retry-after", **headers}
        route.fulfill(status=status, body=json.dumps(body), headers=allowed)

    page.route("**/messenger/web/ping", handle)
    try:
        yield counted
    finally:
        page.unroute("**/messenger/web/ping")


def refusal(code: str) -> dict[str, Any]:
    """An `error.list`."""
    return {"type": "error.list", "errors": [{"code": code, "message": f"{code}, says the test."}]}


def _heard(seen: Seen, message: ConsoleMessage) -> None:
    if "favicon" not in message.location.get("url", ""):
        seen.console.append(f"{message.type}: {message.text}")


def _sent(seen: Seen, request: Request) -> None:
    if "/messenger/web/" not in request.url or request.method != "POST":
        return
    fields = {name: values[0] for name, values in parse_qs(request.post_data or "", keep_blank_values=True).items()}
    fields["user_data"] = json.loads(fields.get("user_data", "{}"))
    seen.sent.append({"route": request.url.rsplit("/", 1)[1], **fields})
