"""Who asked for what, how did it end, and how long did it take? One count and at most one line for every request.

- A request is known by its route's template and its method; path, query, headers and body are not looked at.
- A stream is counted and told as any other; it is never slow, and how long it lasted is in no spread.
- A line is written at `info`, of the Messenger and of probes at `debug`. One that is slow is a warning, one that
  ends with 5xx an error: these two are written whatever the level.

Source: spec §11 ("no secret, token or attribute value in logs").
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from typing import Final

from starlette.types import Scope

from avow.flow.bookkeeping.pulse import SECONDS, Histogram
from avow.observe.logs import REQUESTS, write
from avow.observe.readings import Number, Spread
from avow.web.connections import Gate
from avow.web.journal import LASTING

NOWHERE: Final = "none"
"""The route of a request that no route takes."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET: Final = ("/messenger/", "/healthz", "/readyz")
"""How the routes begin that are told of at `debug` only: too many ask, or too often."""

_CONVERTOR: Final = re.compile(r":\w+}")
_log = logging.getLogger(REQUESTS)


class _Way:
    """What is counted of one method of one route."""

    __slots__ = ("duration", "size")

    def __init__(self) -> None:
        self.duration = Histogram(SECONDS)
        self.size = 0


class _Cell:
    """What is counted of one status of it, and what is told."""

    __slots__ = ("count", "level", "method", "route", "way")

    def __init__(self, method: str, route: str, status: int, way: _Way) -> None:
        self.count, self.method, self.route, self.way = 0, method, route, way
        self.level = logging.DEBUG if route.startswith(QUIET) else logging.INFO
        if status >= 500:
            self.level = logging.ERROR


class RequestBook:
    """Every request of this process (`web.journal.Journal`). `slow` is in seconds, `report` gives all readings."""

    def __init__(self, slow: float, report: Callable[[], bytes] = bytes) -> None:
        self._slow = slow
        self._least = _log.getEffectiveLevel()
        self._report = report
        self._routes: Mapping[object, str] = {}
        self._cells: dict[tuple[str | None, object, str, int], _Cell] = {}
        self._ways: dict[tuple[str, str], _Way] = {}
        self.gate: Gate | None = None
        self.in_progress = 0

    def know(self, routes: Mapping[object, str]) -> None:
        """From which endpoint which template is told. What is not in it says so itself (`avow.route`)."""
        self._routes = {endpoint: _CONVERTOR.sub("}", template) for endpoint, template in routes.items()}

    def attend(self, gate: Gate) -> None:
        """See `Journal`."""
        self.gate = gate

    def report(self) -> bytes:
        """See `Journal`."""
        return self._report()

    def begun(self) -> None:
        """See `Journal`."""
        self.in_progress += 1

    def served(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        """See `Journal`."""
        self.in_progress -= 1
        at = (scope.get("avow.route"), scope.get("endpoint"), scope["method"], status)
        cell = self._cells.get(at)
        if cell is None:
            cell = self._new(*at)
        cell.count += 1
        way = cell.way
        lasting = LASTING in scope
        if not lasting:
            way.duration.add(seconds)
        way.size += size
        level = cell.level
        if seconds >= self._slow and level < logging.WARNING and not lasting:
            level = logging.WARNING
        if level >= self._least or level >= logging.WARNING:
            self._tell(level, cell, scope, status, size, seconds)

    def numbers(self) -> list[Number]:
        """What was counted, as it stands."""
        cells: dict[tuple[str, str, str], int] = {}
        for (_, _, _, status), cell in list(self._cells.items()):
            kind = (cell.method, cell.route, str(status))
            cells[kind] = cells.get(kind, 0) + cell.count
        sizes = [(at, way.size) for at, way in list(self._ways.items())]
        return [
            *(Number("avow_http_requests", labels, count) for labels, count in cells.items()),
            *(Number("avow_http_response_bytes", labels, size) for labels, size in sizes),
        ]

    def spreads(self) -> list[Spread]:
        """How long it took, by way."""
        return [
            Spread("avow_http_request_duration_seconds", at, SECONDS, tuple(way.duration.cells), way.duration.total)
            for at, way in list(self._ways.items())
        ]

    def route_of(self, scope: Scope) -> str:
        """The template of the route that took this request."""
        return scope.get("avow.route") or self._routes.get(scope.get("endpoint")) or NOWHERE

    def _new(self, told: str | None, endpoint: object, raw_method: str, status: int) -> _Cell:
        method = raw_method if raw_method in METHODS else "OTHER"
        route = told or self._routes.get(endpoint) or NOWHERE
        way = self._ways.setdefault((method, route), _Way())
        cell = _Cell(method, route, status, way)
        self._cells[told, endpoint, raw_method, status] = cell
        return cell

    def _tell(self, level: int, cell: _Cell, scope: Scope, status: int, size: int, seconds: float) -> None:
        write(
            _log,
            level,
            "request",
            at=time.time(),
            request_id=scope["avow.request_id"],
            method=cell.method,
            route=cell.route,
            status=status,
            duration_ms=round(seconds * 1000, 3),
            bytes=size,
            workspace=scope.get("avow.workspace"),
        )
