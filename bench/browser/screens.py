"""How long does the server take for a screen, with 100,000 people? Every address of the screens, one at a time.

- A thousand people are pinged in, signed and unsigned, and copied until there are enough (`bench/crowd.py`).
- Measured is what a browser waits for the page itself, over loopback, on one connection: the median of `TIMES`.
- Screens with places in their address, and those that ask about something, are found by the links that lead to them.
- Then come the views that nobody would choose to measure (`bench/browser/unfavourable.py`).
"""

from __future__ import annotations

import html
import http.client
import json
import re
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import avow
from avow.admin.frame.visit import Act
from avow.admin.screens import OWN, SCREENS
from bench.browser.unfavourable import VIEWS, crowd_attributes
from bench.crowd import fill
from bench.databases import SQLite
from bench.traffic import external_id
from tests.support.program import Made, Server, init

PEOPLE: Final = 100_000
FIRST: Final = 1_000
TIMES: Final = 20
CONTACT: Final = "/people/{contact}"
ASKING: Final = {"/settings/data/people/lock": "?name%5B%5D=phone"}
_LINK: Final = re.compile(r'(?:href|hx-get)="(/app/[^"#]+)"')


class ScreenFailed(Exception):
    """A screen was not shown."""


@dataclass(frozen=True, slots=True)
class ScreenCost:
    """Milliseconds until the whole page has come: the median of each screen, by its address or by what it shows."""

    medians: dict[str, float]

    @property
    def slowest(self) -> tuple[str, float]:
        """The slowest screen, the contact's page aside, which has a bound of its own."""
        others = {path: cost for path, cost in self.medians.items() if path != CONTACT}
        path = max(others, key=others.__getitem__)
        return path, others[path]

    @property
    def contact(self) -> float | None:
        """A contact's page, if there is one."""
        return self.medians.get(CONTACT)


def measure(folder: Path, people: int = PEOPLE) -> ScreenCost:
    """Fill a place, serve it, and ask for every screen."""
    made = init(folder / "screens")
    with Server(made) as server:
        server.wait_until_ready()
        _ping(made, server.url)
    fill(SQLite(), f"sqlite:///{made.data / 'avow.db'}", people)
    crowd_attributes(made.data / "avow.db", made.workspace_id)
    with Server(made) as server:
        server.wait_until_ready()
        visitor = _Visitor(made, server.url)
        addresses = visitor.addresses() | visitor.views()
        return ScreenCost({path: visitor.median(address) for path, address in addresses.items()})


def _ping(made: Made, url: str) -> None:
    """A thousand people: all signed, some of them with something unsigned beside it."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
    for person in range(FIRST):
        plan = ("free", "pro", "enterprise")[person % 3]
        facts: dict[str, Any] = {
            "name": f"Person {person}",
            "email": f"person-{person}@acme.example",
            "plan": plan,
            "seats": person % 90,
        }
        token = avow.sign(external_id(person), dict(facts), key=made.secret, kid=made.kid)
        beside: dict[str, str] = {"phone": f"+49{person:08d}"} if person % 4 == 0 else {}
        pages = [{"intercom_user_jwt": token, **beside}]
        if person % 10 == 0:
            bare = avow.sign(external_id(person), {}, key=made.secret, kid=made.kid)
            pages.append({"intercom_user_jwt": bare, "plan": "enterprise"})
        for user_data in pages:
            fields = {"app_id": made.workspace_id, "user_data": json.dumps(user_data)}
            connection.request("POST", "/messenger/web/ping", urlencode(fields), _FORM)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise ScreenFailed(f"a ping was answered {answer.status}")
    connection.close()


_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


class _Visitor:
    """The owner's browser: one connection, one session."""

    def __init__(self, made: Made, url: str) -> None:
        self._root = f"/app/{made.workspace_id}"
        self._host = url.removeprefix("http://")
        self._connection = http.client.HTTPConnection(self._host, timeout=60)
        owner = made.told["owner"]
        headers = {**_FORM, "sec-fetch-site": "same-origin", "origin": url}
        fields = urlencode({"email": owner["email"], "password": owner["password"]})
        self._connection.request("POST", "/app/sign-in", fields, headers)
        answer = self._connection.getresponse()
        answer.read()
        self._cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
        if answer.status != 303 or not self._cookie:
            raise ScreenFailed(f"signing in was answered {answer.status}")

    def addresses(self) -> dict[str, str]:
        """Every screen's address, by its path in the table; those that no link leads to are left out."""
        found = {path: path for path in _shown(OWN)}
        wanted: dict[str, re.Pattern[str]] = {}
        for path in _shown(SCREENS):
            address = self._root + path + ASKING.get(path, "")
            if "{" not in path and self._ask(address)[0] == 200:
                found[path] = address
            else:
                wanted[path] = re.compile(re.escape(self._root) + re.sub(r"\{\w+\}", r"[^/?]+", path) + r"(\?.+)?\Z")
        plain = {self._root + path for path in SCREENS}
        looked_at: set[str] = set()
        while wanted and (address := next((one for one in found.values() if one not in looked_at), "")):
            looked_at.add(address)
            links = [html.unescape(link) for link in _LINK.findall(self._page(address))]
            for path, form in list(wanted.items()):
                leading = [link for link in links if form.match(link) and ("{" not in path or link not in plain)]
                if leading and self._ask(leading[0])[0] == 200:
                    found[path] = leading[0]
                    del wanted[path]
        return found

    def views(self) -> dict[str, str]:
        """The unfavourable ones, by what they show."""
        return {words: self._root + path for words, path in VIEWS.items()}

    def median(self, address: str) -> float:
        """Milliseconds, after one visit to warm up."""
        self._page(address)
        times = []
        for _ in range(TIMES):
            began = time.perf_counter()
            self._page(address)
            times.append(1000 * (time.perf_counter() - began))
        return statistics.median(times)

    def _page(self, address: str) -> str:
        status, text = self._ask(address)
        if status != 200:
            raise ScreenFailed(f"{address} was answered {status}")
        return text

    def _ask(self, address: str) -> tuple[int, str]:
        self._connection.request("GET", address, headers={"cookie": self._cookie, "accept": "text/html"})
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()


def _shown(table: Mapping[str, Mapping[str, Act]]) -> list[str]:
    return [path for path, acts in table.items() if "GET" in acts]
