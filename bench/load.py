"""How are the servers kept busy? By a process of its own, on a core of its own: 64 connections, each always waiting.

- Requests are whole before the clock starts; in the measured time a request costs this process one `send`, one `recv`
  and the check of the reply. Its own share of its core is reported, so that it can be seen not to be the bottleneck.
- A connection sends its next request when the reply to the one before has come. Time is up for all at once; replies
  that come later are checked, and not counted.
- Every reply must be a whole 2xx. One in a hundred or so is kept and parsed when the time is up.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import select
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from bench.traffic import LANES, Company, Lane, lanes

PATIENCE = 30.0
SAMPLE_EVERY = 101
LATENCIES = (0.5, 0.99)
NEVER = float("inf")
# No server here answers more than this in a second.
FASTEST = 200_000

_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


class LoadFailed(Exception):
    """A reply was missing, broken or no success: nothing that was measured counts."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round gave. `replies` came within `seconds`; `answered` counts those that came later too."""

    seconds: float
    replies: int
    answered: int
    p50: float
    p99: float
    busy: float
    """The share of its core that the generator itself needed."""
    samples: tuple[dict[str, Any], ...]

    @property
    def rate(self) -> float:
        """Replies a second."""
        return self.replies / self.seconds


class Generator:
    """The load generator's process, for as long as the `with` block lasts. `core`: where it is to run, or None."""

    def __init__(self, core: int | None) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, theirs = context.Pipe()
        self._process = context.Process(target=_obey, args=(theirs, core), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line.close()
        self._process.join(PATIENCE)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def people(self, target: str, company: Company, population: int, first: int) -> None:
        """Make up the people whose updates `target` is to get, beginning with update `first` of each."""
        self._ask("people", target, company, population, first)

    def sign(self, target: str, updates: int) -> None:
        """Have so many updates ready for `target`; `begin` sends them."""
        self._ask("sign", target, updates)

    def introduce(self, target: str, port: int) -> Round:
        """Send one update about each person."""
        self._ask("sign_each", target)
        sent: Round = self._ask("empty", target, port)
        return sent

    def repeat(self, target: str) -> None:
        """Have the latest update of each person ready once more; `begin_again` sends them."""
        self._ask("repeat", target)

    def begin(self, target: str, port: int, seconds: float) -> None:
        """Start to send the updates that are ready, until time is up or some lane has none left."""
        self._line.send(("fire", target, port, seconds))

    def begin_again(self, target: str, port: int, seconds: float) -> None:
        """Start to send the repeated ones, over and over, until time is up."""
        self._line.send(("fire_again", target, port, seconds))

    def running(self, seconds: float) -> bool:
        """Wait up to so long for the round to end; whether it is still going on."""
        return not self._line.poll(seconds)

    def finish(self) -> Round:
        """What the round gave. Raises `LoadFailed`."""
        played: Round = self._answer()
        return played

    def sent(self, target: str) -> list[int]:
        """How many updates each lane of `target` has sent."""
        counts: list[int] = self._ask("sent", target)
        return counts

    def _ask(self, *request: object) -> Any:
        self._line.send(request)
        return self._answer()

    def _answer(self) -> Any:
        try:
            answer = self._line.recv()
        except EOFError:
            raise LoadFailed("the load generator's process ended") from None
        if isinstance(answer, LoadFailed):
            raise answer
        return answer


def _obey(line: Connection, core: int | None) -> None:
    """The generator's own process: do as told until the line is closed."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    work = _Work()
    while True:
        try:
            name, *arguments = line.recv()
        except (EOFError, KeyboardInterrupt):
            return
        try:
            line.send(getattr(work, name)(*arguments))
        except (LoadFailed, OSError) as error:
            line.send(error if isinstance(error, LoadFailed) else LoadFailed(f"the connection failed: {error}"))


class _Work:
    """What the generator can be told to do."""

    def __init__(self) -> None:
        self._lanes: dict[str, list[Lane]] = {}
        self._repeats: dict[str, list[list[bytes]]] = {}

    def people(self, target: str, company: Company, population: int, first: int) -> None:
        self._lanes[target] = lanes(company, population, first)

    def sign(self, target: str, updates: int) -> None:
        for lane in self._lanes[target]:
            lane.sign(-(-updates // LANES))

    def repeat(self, target: str) -> None:
        self._repeats[target] = [lane.latest() for lane in self._lanes[target]]

    def sent(self, target: str) -> list[int]:
        return [lane.sent for lane in self._lanes[target]]

    def sign_each(self, target: str) -> None:
        for lane in self._lanes[target]:
            lane.sign(lane.people)

    def empty(self, target: str, port: int) -> Round:
        return self._send(target, port, NEVER)

    def fire(self, target: str, port: int, seconds: float) -> Round:
        return self._send(target, port, seconds)

    def fire_again(self, target: str, port: int, seconds: float) -> Round:
        enough = int(seconds * FASTEST) // LANES
        return _fire(port, [_over_and_over(repeats, enough) for repeats in self._repeats[target]], seconds)

    def _send(self, target: str, port: int, seconds: float) -> Round:
        mine = self._lanes[target]
        before = [len(lane.ready) for lane in mine]
        try:
            return _fire(port, [lane.ready for lane in mine], seconds)
        finally:
            for lane, count in zip(mine, before, strict=True):
                lane.sent += count - len(lane.ready)


def _over_and_over(requests: list[bytes], count: int) -> deque[bytes]:
    return deque((requests * (count // len(requests) + 1))[:count])


def _fire(port: int, queues: list[deque[bytes]], seconds: float) -> Round:
    """Send what is in the queues, one for each connection, until time is up or one of them is empty.

    Where time is never up, until all of them are empty.
    """
    sockets = {one.fileno(): one for one in (_connect(port) for _ in queues)}
    try:
        return _exchange(sockets, queues, seconds)
    finally:
        for one in sockets.values():
            one.close()


def _exchange(sockets: dict[int, socket.socket], queues: list[deque[bytes]], seconds: float) -> Round:
    poll = _watch(sockets)
    take = {fd: queue.popleft for fd, queue in zip(sockets, queues, strict=True)}
    parts: dict[int, bytes] = {}
    sent_at: dict[int, float] = {}
    latencies: list[float] = []
    samples: list[bytes] = []
    clock, waiting, late = time.perf_counter, len(sockets), 0
    used, begun = time.process_time(), clock()
    end = begun + seconds
    for fd, one in sockets.items():
        sent_at[fd] = clock()
        one.send(take[fd]())
    while waiting:
        ready = poll(PATIENCE)
        if not ready:
            raise LoadFailed(f"{waiting} replies did not come within {PATIENCE:.0f} s")
        for fd, _ in ready:
            one = sockets[fd]
            reply = one.recv(65536)
            if fd in parts:
                reply = parts.pop(fd) + reply
            if not _is_whole(reply):
                parts[fd] = reply
                continue
            now = clock()
            if now >= end:
                late += 1
                waiting -= 1
                continue
            latencies.append(now - sent_at[fd])
            if len(latencies) % SAMPLE_EVERY == 0:
                samples.append(reply)
            try:
                request = take[fd]()
            except IndexError:  # this lane has no more: a measured round ends here, for all
                end = end if end == NEVER else now
                waiting -= 1
                continue
            sent_at[fd] = now
            one.send(request)
    return _round(min(end, clock()) - begun, latencies, late, (time.process_time() - used) / (clock() - begun), samples)


def _round(seconds: float, latencies: list[float], late: int, busy: float, samples: Iterable[bytes]) -> Round:
    ordered = sorted(latencies)
    p50, p99 = (ordered[int(share * (len(ordered) - 1))] if ordered else 0.0 for share in LATENCIES)
    return Round(seconds, len(ordered), len(ordered) + late, p50, p99, busy, tuple(map(_body, samples)))


def _connect(port: int) -> socket.socket:
    one = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return one


def _watch(sockets: Iterable[int]) -> Any:
    epoll = select.epoll()
    for fd in sockets:
        epoll.register(fd, select.EPOLLIN)
    return epoll.poll


def _is_whole(reply: bytes) -> bool:
    """Whether a reply has come to its end. Raises `LoadFailed` for one that is no success."""
    if reply[:10] != b"HTTP/1.1 2":
        if b"HTTP/1.1 2".startswith(reply) and reply:
            return False
        raise LoadFailed(f"the server answered {reply[:400]!r}" if reply else "the server closed the connection")
    end = reply.find(b"\r\n\r\n")
    if end < 0:
        return False
    length = _LENGTH.search(reply, 0, end + 2)
    if length is None:
        raise LoadFailed(f"a reply had no content-length: {reply[:400]!r}")
    return len(reply) == end + 4 + int(length[1])


def _body(reply: bytes) -> dict[str, Any]:
    try:
        body = json.loads(reply.partition(b"\r\n\r\n")[2])
    except ValueError:
        raise LoadFailed(f"a reply held no JSON: {reply[:400]!r}") from None
    if not isinstance(body, dict):
        raise LoadFailed(f"a reply held no JSON object: {reply[:400]!r}")
    return body
