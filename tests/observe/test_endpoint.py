"""The page of metrics: off by default, for those who may, in the format they prefer, complete from the first moment."""

from __future__ import annotations

import os
import socket

import httpx
import pytest

from avow.errors import UsageError
from avow.observe.board import Board, metrics_app
from avow.observe.exposition import OPEN, PLAIN
from avow.observe.measure import Gauges
from avow.trust.reasons import Reason
from avow.web.boundary import Boundary
from avow.web.connections import Bounds, Gate
from avow.web.running.server import open_sockets
from tests.observe.page import read, value


async def ask(method: str = "GET", path: str = "/metrics", **headers: str) -> httpx.Response:
    gauges, board = Gauges(1.0, "sqlite", "0.1.0"), Board(beside=False)
    gauges.requests.attend(Gate(Bounds(), os.urandom))
    board.tell(1, gauges.report())
    transport = httpx.ASGITransport(Boundary(metrics_app(board), os.urandom))
    async with httpx.AsyncClient(transport=transport, base_url="http://avow", headers=headers) as client:
        return await client.request(method, path)


async def test_a_process_tells_of_itself_before_it_has_done_anything() -> None:
    answer = await ask()
    assert (answer.status_code, answer.headers["content-type"]) == (200, PLAIN)
    samples = read(answer.text)
    assert value(samples, "avow_workers") == value(samples, "avow_build_info", database="sqlite") == 1
    assert value(samples, "process_resident_memory_bytes") > 10_000_000
    assert 0 < value(samples, "process_open_fds") < value(samples, "process_max_fds")
    assert ("avow_database_errors_total", frozenset({("code", "insufficient_storage")})) in samples


async def test_open_metrics_is_spoken_with_those_who_ask_for_it() -> None:
    answer = await ask(accept="application/openmetrics-text; version=1.0.0; q=0.8, text/plain;q=0.5")
    assert answer.headers["content-type"] == OPEN
    assert answer.headers["vary"] == "accept"
    assert read(answer.text, open_metrics=True)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("POST", "/metrics", 405)])
async def test_there_is_nothing_else_on_this_port(method: str, path: str, status: int) -> None:
    assert (await ask(method, path)).status_code == status


def test_a_port_that_is_taken_is_named_by_its_flag() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="with --metrics-port"):
        open_sockets("127.0.0.1", taken.getsockname()[1], flags=("--metrics-host", "--metrics-port"))
    with pytest.raises(UsageError, match="give --metrics-host an address"):
        open_sockets("203.0.113.7", 0, flags=("--metrics-host", "--metrics-port"))


def test_every_reason_for_which_a_token_is_refused_is_counted_from_the_start() -> None:
    from avow.observe.measure import _OF_TOKENS

    assert _OF_TOKENS[0] is Reason.TOKEN_MALFORMED
    assert _OF_TOKENS[-1] is Reason.IDENTITY_SUPERSEDED
