"""How long does the script hold a page up? The main thread's tasks that run it on load, as Chromium traces them."""

from __future__ import annotations

import http.server
import json
import statistics
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import FLAGS, find_chromium
from tests.support.program import Server, init

LOADS = 15


@dataclass(frozen=True, slots=True)
class ScriptCost:
    """Milliseconds of the main thread: medians of `LOADS` fresh profiles, and the worst task of all."""

    running_ms: float
    longest_ms: float
    worst_ms: float


def measure(folder: Path) -> ScriptCost:
    """Load a page with the documented snippet, each time in a fresh profile."""
    made = init(folder / "page")
    with Server(made) as server, _page(server.url, made.workspace_id) as address, sync_playwright() as playwright:
        server.wait_until_ready()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        found = [_trace(browser, address) for _ in range(LOADS)]
        browser.close()
    running, longest = [sum(tasks) for tasks in found], [max(tasks, default=0.0) for tasks in found]
    return ScriptCost(statistics.median(running), statistics.median(longest), max(longest))


def _trace(browser: Browser, address: str) -> list[float]:
    """The lengths of the tasks that ran our script, in milliseconds."""
    context = browser.new_context()
    page = context.new_page()
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        browser.start_tracing(page=page, path=file.name, categories=["devtools.timeline", "toplevel"])
        with page.expect_response("**/messenger/web/ping"):
            page.goto(address)
        page.wait_for_timeout(100)
        browser.stop_tracing()
        events = json.loads(Path(file.name).read_bytes())["traceEvents"]
    context.close()
    ours = [one for one in events if "/widget/" in str(one.get("args", {}).get("data", {}).get("url", ""))]
    runs = [one for one in ours if one["name"] in ("EvaluateScript", "FunctionCall", "v8.compile")]
    spans = sorted((one["ts"], one["ts"] + one.get("dur", 0)) for one in runs)
    joined: list[tuple[int, int]] = []
    for begun, ended in spans:
        if joined and begun <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ended))
        else:
            joined.append((begun, ended))
    return [(ended - begun) / 1000 for begun, ended in joined]


@contextmanager
def _page(server: str, app_id: str) -> Iterator[str]:
    html = (
        f'<!doctype html><title>Acme</title><script>window.intercomSettings={{app_id:"{app_id}"}};</script>'
        f'<script async src="{server}/widget/{app_id}"></script>'
    ).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(html)))
            self.end_headers()
            self.wfile.write(html)

        def log_message(self, *_: object) -> None:
            pass

    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=serving.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{serving.server_port}/"
    finally:
        serving.shutdown()
        serving.server_close()
        thread.join()
