"""Two processes are one server to Prometheus: what they count adds up, and goes on when one of them is killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from tests.observe.page import Sample, read, value
from tests.support.program import Server, init

ASKED = 60


def metrics(server: Server) -> dict[Sample, float]:
    return read(httpx.get(server.told["metrics"]).text)


def until(true: Callable[[], bool], seconds: float = 30.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


def requests(server: Server) -> float:
    return value(metrics(server), "avow_http_requests_total", route="/messenger/web/ping", status="200")


def ping(server: Server, app: str, count: int) -> None:
    """Each on a connection of its own: the system shares them out."""
    for number in range(count):
        body = {"app_id": app, "user_data": {"user_id": f"alice-{number}", "name": "Alice"}}
        assert httpx.post(f"{server.url}/messenger/web/ping", json=body).status_code == 200


def test_two_workers_add_up_and_what_a_killed_one_counted_stays(tmp_path: Path, postgres_url: str) -> None:
    made = init(tmp_path / "data", postgres_url)
    with Server(made, "--workers", "2", "--metrics-port", "0") as server:
        server.wait_until_ready()
        ping(server, made.workspace_id, ASKED)
        assert until(lambda: requests(server) == ASKED)
        found = metrics(server)
        assert value(found, "avow_workers") == 2
        assert value(found, "avow_verdicts_total", channel="messenger") == ASKED
        assert value(found, "avow_commit_batch_size_sum") == ASKED
        assert value(found, "avow_build_info", database="postgresql") == 1
        watcher = psutil.Process(server.pid)
        workers = [one for one in watcher.children() if "spawn_main" in " ".join(one.cmdline())]
        assert len(workers) == 2
        assert value(found, "process_resident_memory_bytes") > sum(one.memory_info().rss for one in workers) * 0.9

        os.kill(workers[0].pid, signal.SIGKILL)
        assert until(lambda: not workers[0].is_running() or workers[0].status() == psutil.STATUS_ZOMBIE)
        assert until(lambda: value(metrics(server), "avow_workers") == 2 and len(watcher.children()) >= 2)
        assert requests(server) == ASKED
        ping(server, made.workspace_id, 5)
        assert until(lambda: requests(server) == ASKED + 5)
        assert server.stop() < 10
