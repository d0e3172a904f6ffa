"""What runs in a server's own process? `python -m bench.serving avow | constant | handler`, one process, one port.

- `avow` is the product as `avow serve` runs it.
- `constant` is the same server class around an application that reads the body and answers everybody the same bytes.
- `handler` is the one to compare with (`handler.py`), run by uvicorn with the same loop and parser.

Each takes a free port and says which: a line of JSON with `port` in it, as `avow serve --json` does. It stops when told
to (SIGTERM), or when whoever started it is gone.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
from ipaddress import ip_network

import uvicorn
from starlette.types import Receive, Scope, Send

from avow.web.connections import Bounds
from avow.web.request import read_body
from avow.web.responses import JSON
from avow.web.running.server import open_sockets
from avow.web.running.workers import serve
from bench.traffic import Company

HOST = "127.0.0.1"
# As long as what Avow answers to an ordinary ping.
ANSWER = b'{"type":"user.ping","pad":"%s"}' % (b"x" * 390)


async def constant(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the body, answer the same bytes."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    await read_body(scope, receive)
    headers = [JSON, (b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def serve_constant() -> None:
    bounds = Bounds(exempt=(ip_network("127.0.0.0/8"),))
    serve(lambda: constant, host=HOST, port=0, bounds=bounds, random_bytes=os.urandom, on_ready=_ready)


def serve_avow() -> None:
    from avow.cli.main import run

    sys.argv = ["avow", "serve", "--host", HOST, "--port", "0", "--log-level", "warning", "--json"]
    sys.exit(run())


def serve_handler() -> None:
    from bench.handler import application

    sockets = open_sockets(HOST, 0)
    url, app_id, kid, secret = (os.environ[f"BENCH_{name}"] for name in ("DATABASE_URL", "APP_ID", "KID", "SECRET"))
    company = Company(app_id, kid, secret, 0)
    config = uvicorn.Config(
        application(url, company, ready=lambda: _ready(sockets[0].getsockname()[1])),
        loop="uvloop",
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
    )
    uvicorn.Server(config).run(sockets)


def _ready(port: int) -> None:
    print(json.dumps({"port": port}))


def _leave_with_the_starter() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True)  # whoever waits for the line is to see it when it is written
    threading.Thread(target=_leave_with_the_starter, daemon=True).start()
    {"avow": serve_avow, "constant": serve_constant, "handler": serve_handler}[sys.argv[1]]()
