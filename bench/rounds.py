"""How is it measured? In rounds: every server in turn, five times, and of five figures the one in the middle.

- A server is warmed up first, and is alone with the load generator while it is measured; the others wait.
- Signing, starting and looking things up happens between the rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.load import Generator, LoadFailed, Round
from bench.servers import Server

PAUSE = 0.3
"""Seconds for what a round left behind: checkpoints, closed connections."""
GLANCE = 0.1
WARM_UP_RATE = 3000.0
SPARE = 1.6
"""So many times more requests are ready than the last round took: lanes are not served evenly."""


@dataclass(slots=True)
class Contestant:
    """One server and one kind of request. `again`: repeated requests that change nothing, instead of updates.

    `succeeded` says whether a sampled answer is what it must be, `database_cpu` the CPU seconds of a database outside
    the server's process.
    """

    name: str
    server: Server
    target: str
    succeeded: Callable[[dict[str, object]], bool]
    again: bool = False
    database_cpu: Callable[[], float] = lambda: 0.0
    rounds: list[Round] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    most_memory: int = 0
    expected: float = WARM_UP_RATE

    def forget(self) -> None:
        """What came before was for warming up: it counts neither as a round nor in any figure."""
        self.rounds, self.cpu, self.database = [], [], []

    def figures(self) -> Figures:
        """What the rounds come to."""
        return Figures(
            rate=statistics.median(one.rate for one in self.rounds),
            least=min(one.rate for one in self.rounds),
            most=max(one.rate for one in self.rounds),
            p50_ms=1000 * statistics.median(one.p50 for one in self.rounds),
            p99_ms=1000 * statistics.median(one.p99 for one in self.rounds),
            cpu_us=1e6 * statistics.median(self.cpu),
            database_cpu_us=1e6 * statistics.median(self.database),
            generator_busy=statistics.median(one.busy for one in self.rounds),
            memory_mib=self.most_memory / 2**20,
            replies=sum(one.answered for one in self.rounds),
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """Medians over the rounds. Rates are a second, CPU is a request; `memory_mib` is the most that was seen."""

    rate: float
    least: float
    most: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    database_cpu_us: float
    generator_busy: float
    memory_mib: float
    replies: int


def measure(
    generator: Generator, contestants: Sequence[Contestant], *, count: int, seconds: float, say: Callable[[str], None]
) -> None:
    """Warm everybody up, then play `count` rounds of `seconds`. Raises `LoadFailed`."""
    for it in contestants:
        for _ in range(2):
            _play(generator, it, seconds / 2)
        it.forget()
    for number in range(1, count + 1):
        for it in contestants:
            _play(generator, it, seconds)
        told = ", ".join(f"{it.name} {it.rounds[-1].rate:,.0f}" for it in contestants)
        say(f"  round {number} of {count}, replies a second: {told}")


def _play(generator: Generator, it: Contestant, seconds: float) -> Round:
    if it.again:
        generator.repeat(it.target)
    else:
        generator.sign(it.target, int(it.expected * seconds * SPARE))
    time.sleep(PAUSE)
    cpu, database_cpu = it.server.cpu(), it.database_cpu()
    begin = generator.begin_again if it.again else generator.begin
    begin(it.target, it.server.port, seconds)
    while generator.running(GLANCE):
        it.most_memory = max(it.most_memory, it.server.memory())
    played = generator.finish()
    it.cpu.append((it.server.cpu() - cpu) / played.answered)
    it.database.append((it.database_cpu() - database_cpu) / played.answered)
    it.rounds.append(played)
    if not all(map(it.succeeded, played.samples)):
        raise LoadFailed(f"{it.name} answered 200, and not what was expected")
    it.expected = played.rate
    return played
