"""Event streams end: when the client goes, when the server stops, when there are too many; and they reach the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from avow.errors import RateLimited
from avow.web.pages.streams import Event, Streams

REQUEST = {"type": "http.request", "body": b"", "more_body": False}


class Line:
    """One connection, as an application sees it."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        self.coming.put_nowait(REQUEST)

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    @property
    def text(self) -> str:
        return b"".join(one.get("body", b"") for one in self.sent).decode()

    @property
    def ended(self) -> bool:
        return not self.sent[-1].get("more_body", False)


async def forever(*first: Event) -> AsyncIterator[Event]:
    for event in first:
        yield event
    await asyncio.Event().wait()


async def test_events_are_sent_as_they_come() -> None:
    async def two() -> AsyncIterator[Event]:
        yield Event("renew", "rules")
        yield Event("renew", "traffic")

    line = Line()
    await Streams().serve(line.coming.get, line.send, "olive", two())
    assert "event: renew\ndata: rules\n\nevent: renew\ndata: traffic\n\n" in line.text
    assert line.ended


@pytest.mark.parametrize("last", [{"type": "http.disconnect"}, REQUEST], ids=["the client goes", "the server stops"])
async def test_a_stream_ends_when_somebody_leaves(last: dict[str, Any]) -> None:
    line, streams = Line(), Streams()
    serving = asyncio.create_task(streams.serve(line.coming.get, line.send, "olive", forever(Event("renew", "rules"))))
    await asyncio.sleep(0.05)
    assert not serving.done()
    line.coming.put_nowait(last)
    await asyncio.wait_for(serving, 2)
    assert line.ended
    assert streams._open.total() == 0


async def test_there_are_so_many_at_most_and_so_many_of_one() -> None:
    streams = Streams(most=3, most_of_one=2)
    lines = [Line() for _ in range(5)]
    names = ["olive", "olive", "olive", "otto", "oona"]
    tasks = [
        asyncio.create_task(streams.serve(line.coming.get, line.send, whose, forever()))
        for line, whose in zip(lines, names, strict=True)
    ]
    await asyncio.sleep(0.05)
    refused = [task.done() and isinstance(task.exception(), RateLimited) for task in tasks]
    assert refused == [False, False, True, False, True]
    for line in lines:
        line.coming.put_nowait({"type": "http.disconnect"})
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_fails_while_it_streams_is_not_hidden() -> None:
    async def broken() -> AsyncIterator[Event]:
        yield Event("renew", "rules")
        raise LookupError

    line, streams = Line(), Streams()
    with pytest.raises(LookupError):
        await streams.serve(line.coming.get, line.send, "olive", broken())
    assert streams._open.total() == 0
