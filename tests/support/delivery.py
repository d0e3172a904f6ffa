"""A crowd of browsers that deliver signed updates, `seats` one higher each time, and note what was answered.

Who is refused with 503, or loses the connection, delivers again: nothing was confirmed.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from avow import sign
from tests.support.program import Made, avow

CROWD = 6


@dataclass
class Delivery:
    """What a crowd has delivered so far. `refusals`: when (monotonic), and with which status (0: no answer)."""

    made: Made
    urls: Sequence[str]
    tried: dict[str, int] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    refusals: list[tuple[float, int]] = field(default_factory=list)
    last_answer: float = 0.0

    async def run(self) -> None:
        """Deliver until cancelled."""
        await asyncio.gather(*(self._one(number) for number in range(CROWD)))

    async def more(self, count: int, within: float = 60.0) -> None:
        """Wait until everybody has been answered so many times more."""
        wanted = {f"user-{number}": self.answered.get(f"user-{number}", 0) + count for number in range(CROWD)}
        async with asyncio.timeout(within):
            while any(self.answered.get(name, 0) < enough for name, enough in wanted.items()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def _one(self, number: int) -> None:
        name, url = f"user-{number}", self.urls[number % len(self.urls)]
        async with httpx.AsyncClient(base_url=url, timeout=20) as client:
            while True:
                self.tried[name] = seats = self.tried.get(name, 0) + 1
                token = sign(name, {"seats": seats}, key=self.made.secret, kid=self.made.kid)
                body = {"app_id": self.made.workspace_id, "user_data": {"intercom_user_jwt": token}}
                try:
                    status = (await client.post("/messenger/web/ping", json=body)).status_code
                except httpx.TransportError:
                    status = 0
                if status == 200:
                    self.answered[name], self.last_answer = seats, time.monotonic()
                else:
                    self.refusals.append((time.monotonic(), status))
                await asyncio.sleep(0.02)  # the commands beside it need the processor too


@asynccontextmanager
async def delivering(made: Made, *urls: str) -> AsyncIterator[Delivery]:
    """A crowd at work, until the block is left."""
    delivery = Delivery(made, urls)
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def seats(made: Made, url: str) -> dict[str, int]:
    """What is stored of everybody."""
    headers = {"authorization": f"Bearer {made.access_token}"}
    listed = httpx.get(f"{url}/contacts?per_page=150", headers=headers, timeout=20).json()["data"]
    return {one["external_id"]: one["custom_attributes"]["seats"] for one in listed}


def chains_verify(place: Sequence[str]) -> bool:
    """What `avow audit verify` says."""
    verified = json.loads(avow("audit", "verify", *place, "--json", check=False).stdout)
    return bool(verified["verified"])
