"""A company's site on an origin of its own, whose pages a real browser opens: with a backend that signs, and a network
that can be broken."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import avow

SNIPPET = """<!doctype html><html lang="en"><title>Acme</title><h1>Acme</h1>
<script>window.intercomSettings = %(settings)s;</script>
<script>(function(){var w=window;var ic=w.Intercom;if(typeof ic==="function"){ic("reattach_activator");
ic("update",w.intercomSettings);}else{var d=document;var i=function(){i.c(arguments);};i.q=[];
i.c=function(a){i.q.push(a);};w.Intercom=i;var s=d.createElement("script");s.async=true;
s.src="%(server)s/widget/%(app)s";d.head.appendChild(s);}})();</script>"""
"""The snippet of the documentation, as a company pastes it."""


class Site:
    """Pages by path, with the headers that the company sends; and `/token`, which answers whatever `sign` makes."""

    def __init__(self, secret: str, kid: str) -> None:
        self.pages: dict[str, str] = {}
        self.scripts: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        self.asked = 0
        self.sign: Callable[[], str] = lambda: self.token("alice")
        self._secret, self._kid = secret, kid
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def token(self, user_id: str, *, ago: float = 0, lasting: int = 3600, **attributes: Any) -> str:
        """What the company's backend signs."""
        now = time.time() - ago
        return avow.sign(user_id, attributes, key=self._secret, kid=self._kid, expires_in=lasting, now=now)

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = self.path.split("?")[0]
                if path == "/token":
                    site.asked += 1
                    self._send("text/plain", site.sign().encode())
                elif path in site.scripts:
                    self._send("text/javascript", site.scripts[path])
                elif path in site.pages:
                    self._send("text/html; charset=utf-8", site.pages[path].encode())
                else:
                    self._send("text/html", b"")

            def _send(self, kind: str, body: bytes) -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                for name, value in site.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    @contextmanager
    def open(self) -> Iterator[Site]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def intercoms_sdk(modules: Path) -> bytes | None:
    """Intercom's own SDK out of its package, unmodified, behind the few lines that a bundler would put round it."""
    package = modules / "@intercom/messenger-js-sdk/dist"
    if not package.is_dir():
        return None
    wrapped = "".join(
        f'"./{path.stem}": function (exports, require) {{\n{path.read_text()}\n}},\n' for path in package.glob("*.js")
    )
    return (
        "(function () { var made = {}; var files = {\n" + wrapped + "};\n"
        "function need(name) { if (!made[name]) { made[name] = {}; files[name](made[name], need); }\n"
        "return made[name]; }\n"
        'window.sdk = need("./index"); })();'
    ).encode()
