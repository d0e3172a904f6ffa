"""What every HTTP wing needs to run on many cores: one process that watches over N servers of the same application.

- `serve` is the one way in. With one worker the calling process is the server; with more, each is a process of its own.
- The watcher holds the listening sockets. What waits in those of a worker that died is answered by the one that follows
  it.
- Workers say how they fare, if somebody wants to hear it, and the watcher hands it on.
- A worker that dies is replaced: at once if it had been ready, else after 1, 2, 4 ... 30 s, so that a database which is
  away does not make processes spin. If none has been ready and one cannot start, all end.
- SIGTERM, SIGINT or SIGHUP to the watcher ends all within ten seconds; a worker whose watcher is gone stops by itself.

Source: spec §11; as a model, uvicorn's supervisors/multiprocess.py.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType

from starlette.types import ASGIApp

from avow.errors import AvowError, Unavailable
from avow.web.connections import Bounds
from avow.web.errors import describe
from avow.web.journal import Observed
from avow.web.running.server import LAST_SECONDS, AppFactory, open_sockets, serve_here, stop_signals

log = logging.getLogger("avow.web")

REPORT_EVERY = 0.5
OnReport = Callable[[int, bytes], None]
"""Told the number of a process and how it fares; nothing: it has ended."""

SPAWN = multiprocessing.get_context("spawn")
READY = b"ready"
LONGEST_PAUSE = 30.0
COULD_NOT_START = 3


def serve(
    factory: AppFactory,
    *,
    host: str,
    port: int,
    workers: int = 1,
    bounds: Bounds,
    random_bytes: Callable[[int], bytes],
    on_ready: Callable[[int], None],
    on_report: OnReport | None = None,
) -> None:
    """Serve what `factory` builds until a signal ends it; `on_ready` is told the port once every worker answers.

    `on_report` hears every half second how each process fares, if its application can say so (`journal.Observed`).

    Each worker calls `factory` itself, so with several both it and `random_bytes` must be importable by name (pickled).
    Raises `UsageError` if the address cannot be had and `Unavailable` if the application does not start.
    """
    shared = workers == 1 or sys.platform != "linux"  # elsewhere SO_REUSEPORT does not share evenly
    sockets = open_sockets(host, port, 1 if shared else workers)
    port = sockets[0].getsockname()[1]
    if workers == 1:
        app = factory()
        if on_report is not None:
            _report(app, partial(on_report, os.getpid()))
        serve_here(app, sockets, bounds, random_bytes, lambda: on_ready(port))
    else:
        places = sockets * workers if shared else sockets
        Watcher(factory, places, bounds, random_bytes, on_report).run(lambda: on_ready(port))


class Worker:
    """One process, its listening socket, and how it has fared."""

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening
        self.process: SpawnProcess | None = None
        self.news: Connection | None = None
        self.ready = False
        self.failures = 0
        self.due = 0.0

    def died(self, now: float) -> None:
        """Note the end of the process, and when it is to be replaced."""
        self.failures = 0 if self.ready else self.failures + 1
        self.due = now + (min(LONGEST_PAUSE, 2.0 ** (self.failures - 1)) if self.failures else 0.0)
        self.ready = False
        if self.news is not None:
            self.news.close()
        self.process = self.news = None


class Watcher:
    """Keeps one worker running on each of `sockets`."""

    def __init__(
        self,
        factory: AppFactory,
        sockets: list[socket.socket],
        bounds: Bounds,
        random_bytes: Callable[[int], bytes],
        on_report: OnReport | None = None,
    ) -> None:
        self._arguments = (factory, bounds, random_bytes, on_report is not None)
        self._on_report = on_report
        self._workers = [Worker(one) for one in sockets]
        self._bounds = bounds
        self._stopping = False
        self._all_ready = False

    def run(self, on_ready: Callable[[], None]) -> None:
        """Watch until a signal comes, then end all workers. Raises `Unavailable` if they cannot start at all."""
        with self._signals() as alarm:
            try:
                while not self._stopping:
                    self._start_those_due()
                    self._wait(alarm)
                    self._bury_the_dead()
                    if not self._all_ready and all(one.ready for one in self._workers):
                        self._all_ready = True
                        on_ready()
            finally:
                self._end_all()

    def _start_those_due(self) -> None:
        now = time.monotonic()
        for worker in self._workers:
            if worker.process is None and worker.due <= now:
                worker.news, theirs = SPAWN.Pipe(duplex=False)
                worker.process = SPAWN.Process(target=_work, args=(*self._arguments, worker.listening, theirs))
                worker.process.start()
                theirs.close()

    def _wait(self, alarm: int) -> None:
        """Sleep until a worker is ready or dead, one is due, or a signal came."""
        now = time.monotonic()
        pauses = [max(0.0, one.due - now) for one in self._workers if one.process is None]
        watched: list[Connection | int] = [alarm]
        for worker in self._workers:
            if worker.process is not None:
                watched.append(worker.process.sentinel)
                if worker.news is not None:
                    watched.append(worker.news)
        heard = wait(watched, min(pauses, default=None))
        for worker in self._workers:
            if worker.news in heard:
                self._listen(worker)

    def _listen(self, worker: Worker) -> None:
        """Hear that a worker is ready, or how it fares; or that there is nothing more to hear."""
        news, process = worker.news, worker.process
        if news is None or process is None:
            return
        try:
            said = news.recv_bytes()
        except (EOFError, OSError):
            news.close()
            worker.news = None
            return
        if said == READY:
            worker.ready = True
        elif self._on_report is not None and process.pid is not None:
            self._on_report(process.pid, said)

    def _bury_the_dead(self) -> None:
        for worker in self._workers:
            process = worker.process
            if process is None or process.is_alive() or self._stopping:
                continue
            process.join()
            if self._on_report is not None and process.pid is not None:
                self._on_report(process.pid, b"")
            worker.died(time.monotonic())
            if process.exitcode == COULD_NOT_START and not self._all_ready:
                raise Unavailable("The server could not start; the lines above say why.")
            log.error("worker %s ended with code %s and is replaced", process.pid, process.exitcode)

    def _end_all(self) -> None:
        for worker in self._workers:
            worker.listening.close()
        processes = [one.process for one in self._workers if one.process is not None]
        for process in processes:
            process.terminate()
        end = time.monotonic() + self._bounds.leave_seconds + LAST_SECONDS + 0.2
        for process in processes:
            process.join(max(0.0, end - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[int]:
        """A descriptor that becomes readable when the process is asked to stop."""
        reading, writing = os.pipe()

        def stop(_number: int, _frame: FrameType | None) -> None:
            self._stopping = True
            os.write(writing, b"!")

        before = {number: signal.signal(number, stop) for number in stop_signals()}
        try:
            yield reading
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            os.close(reading)
            os.close(writing)


def _work(
    factory: AppFactory,
    bounds: Bounds,
    random_bytes: Callable[[int], bytes],
    reporting: bool,
    listening: socket.socket,
    news: Connection,
) -> None:
    """The life of a worker process."""
    threading.Thread(target=_stop_with_watcher, daemon=True).start()
    try:
        app = factory()

        def ready() -> None:
            news.send_bytes(READY)
            if reporting:
                _report(app, news.send_bytes)

        serve_here(app, [listening], bounds, random_bytes, ready)
    except AvowError as error:
        log.error("%s", error.message)
        sys.exit(COULD_NOT_START)
    except Exception as error:  # noqa: BLE001 - its own text may quote the database's address
        log.error("%s", describe(error))
        sys.exit(COULD_NOT_START)


def _report(app: ASGIApp, tell: Callable[[bytes], None]) -> None:
    """Tell every now and then how the application fares, as long as somebody listens."""

    def go_on(observed: Observed) -> None:
        with contextlib.suppress(OSError):
            while True:
                tell(observed.report())
                time.sleep(REPORT_EVERY)

    if isinstance(app, Observed):
        threading.Thread(target=go_on, args=(app,), name="report", daemon=True).start()


def _stop_with_watcher() -> None:
    watcher = multiprocessing.parent_process()
    if watcher is not None:
        watcher.join()
        os.kill(os.getpid(), signal.SIGTERM)
