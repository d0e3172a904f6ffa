"""How is the shop run beside Avow? In a process of its own, as any company's shop is; it ends with the demo."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from typing import Final

from avow.demo.company import Secrets

_PATIENCE: Final = 5.0


def shop_port(avow_port: int) -> int:
    """Where the shop is: next to Avow; on a free port, where Avow is."""
    if avow_port == 0:
        return 0
    return avow_port + 1 if avow_port < 65_535 else avow_port - 1


class ShopProcess:
    """The shop's process, at `port`. Whoever comes before it is awake waits at its door, and is served."""

    def __init__(self, secrets: Secrets, avow_url: str, host: str, port: int) -> None:
        context = multiprocessing.get_context("spawn")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family) as listener:
            self.port: int = listener.getsockname()[1]
            arguments = (secrets, avow_url, listener, os.getpid())
            self._process = context.Process(target=_serve, args=arguments, name="acme-shop", daemon=True)
            self._process.start()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.join(_PATIENCE)


def _serve(secrets: Secrets, avow_url: str, listener: socket.socket, parent: int) -> None:
    import uvicorn

    from avow.demo.shop.backend import Shop

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the demo, which ends us
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    config = uvicorn.Config(Shop(secrets, avow_url).application(), log_level="error", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


def _end_with(parent: int) -> None:
    """A demo that was killed takes its shop along."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)
