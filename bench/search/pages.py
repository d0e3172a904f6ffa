"""What does a page cost that a filter finds? Searches by REST for each plan, five pages each, one request at a time.

The attribute is declared filterable first, and its index built by the server itself, which is idle otherwise. First
pages count those who fit, up to the bound, as Avow always does; the others go on from their cursor.
"""

from __future__ import annotations

import http.client
import json
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.traffic import PLANS

PER_PAGE = 50
PAGES = 5
ATTRIBUTE = "plan"
PATIENCE = 3600.0


class SearchFailed(Exception):
    """A search was not answered as it must be."""


@dataclass(frozen=True, slots=True)
class Paging:
    """Medians, in milliseconds: a page, and the first one of a search. `build_seconds` is what the index took."""

    page_ms: float
    first_ms: float
    worst_ms: float
    build_seconds: float
    pages: int


class Searcher:
    """Acme's backend, with its access token, on one connection."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def measure(self, rounds: int) -> Paging:
        """Declare, wait until the index is ready, warm up with one round, then measure."""
        began = time.monotonic()
        self._index()
        built = time.monotonic() - began
        self._round()
        times = [self._round() for _ in range(rounds)]
        first, later = [one for told, _ in times for one in told], [one for _, told in times for one in told]
        every = first + later
        middle = statistics.median
        return Paging(middle(every), middle(first), max(every), built, len(every))

    def _index(self) -> None:
        (found,) = (one for one in self._ask("GET", "/data_attributes")["data"] if one["name"] == ATTRIBUTE)
        self._ask("PUT", f"/data_attributes/{found['id']}", {"filterable": True})
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            (found,) = (one for one in self._ask("GET", "/data_attributes")["data"] if one["name"] == ATTRIBUTE)
            if found["filter"]["state"] == "ready":
                return
            time.sleep(0.5)
        raise SearchFailed(f"the index was not ready after {PATIENCE:.0f} s")

    def _round(self) -> tuple[list[float], list[float]]:
        """Five pages for each plan: the milliseconds of the first ones, and of the others."""
        first: list[float] = []
        later: list[float] = []
        for plan in PLANS:
            cursor = None
            for number in range(PAGES):
                began = time.perf_counter()
                page = self._search(plan, cursor)
                (later if number else first).append(1000 * (time.perf_counter() - began))
                _check(page, plan)
                if "next" not in page["pages"]:
                    break
                cursor = page["pages"]["next"]["starting_after"]
        return first, later

    def _search(self, plan: str, cursor: str | None) -> dict[str, Any]:
        query = {"field": f"custom_attributes.{ATTRIBUTE}", "operator": "=", "value": plan}
        pagination = {"per_page": PER_PAGE, "starting_after": cursor}
        return self._ask("POST", "/contacts/search", {"query": query, "pagination": pagination})

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self._connection.request(method, path, None if body is None else json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
        if answer.status != 200:
            raise SearchFailed(f"{method} {path} was answered {answer.status}")
        return told


def _check(page: Mapping[str, Any], plan: str) -> None:
    wrong = [one for one in page["data"] if one["custom_attributes"][ATTRIBUTE] != plan]
    if wrong or "slow_fields" in page or (len(page["data"]) < PER_PAGE and "next" in page["pages"]):
        raise SearchFailed("a page did not hold those, and only those, who fit")
