"""Who waits for the disk? A thread of our own, so that the event loop never does.

A call that has begun is always waited for, even by a task that is cancelled meanwhile: whoever is told that a commit is
over may rely on it. `concurrent.futures` does the same at twice the price, which every batch would pay.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any


class _Job:
    """One call, where its caller waits, and what came of it."""

    __slots__ = ("call", "error", "future", "loop", "over", "result")

    def __init__(self, loop: asyncio.AbstractEventLoop, call: Callable[[], Any]) -> None:
        self.loop = loop
        self.call = call
        self.future: asyncio.Future[None] = loop.create_future()
        self.over = False
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """In the thread: make the call, and tell the loop."""
        try:
            self.result = self.call()
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self.error = error
        self.over = True
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits
            self.loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class Worker:
    """One thread that makes one call after the other. It starts with the first."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    async def do(self, call: Callable[[], Any]) -> Any:
        """Make a call in the thread and wait until it is over."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()
        job = _Job(asyncio.get_running_loop(), call)
        self._jobs.put(job)
        cancelled: asyncio.CancelledError | None = None
        while not job.over:
            try:
                await job.future
            except asyncio.CancelledError as error:
                cancelled = error
                job.future = job.loop.create_future()
        if cancelled is not None:
            raise cancelled
        if job.error is not None:
            raise job.error
        return job.result

    def stop(self) -> None:
        """End the thread once it has made every call."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _serve(self) -> None:
        while (job := self._jobs.get()) is not None:
            job.run()
