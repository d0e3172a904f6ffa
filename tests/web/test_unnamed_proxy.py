"""A proxy that no setting names is noticed, so that `avow doctor` can tell of it; its header changes nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from avow.web.addresses import is_neighbour
from tests.support.place import Place, open_place

FORWARDED = {"x-forwarded-for": "198.51.100.9"}


async def alerts(place: Place) -> list[str]:
    await asyncio.sleep(1.2)
    return [one.kind for one in await place.engine.store.alerts(place.workspace_id, since_day=0)]


async def test_a_neighbour_that_passes_requests_on_is_noticed(tmp_path: Path) -> None:
    async with open_place(tmp_path) as place:
        assert (await place.ping({"user_id": "alice"}, headers=FORWARDED)).status == 200
        assert await alerts(place) == ["proxy_unnamed"]


async def test_requests_without_the_header_raise_nothing(tmp_path: Path) -> None:
    async with open_place(tmp_path) as place:
        for _ in range(3):
            await place.ping({"user_id": "alice"})
        assert await alerts(place) == []


async def test_a_proxy_that_is_named_raises_nothing(tmp_path: Path) -> None:
    async with open_place(tmp_path, AVOW_TRUSTED_PROXIES="203.0.113.7") as place:
        await place.ping({"user_id": "alice"}, headers=FORWARDED)
        assert await alerts(place) == []


@pytest.mark.parametrize(
    ("address", "near"),
    [("127.0.0.1", True), ("10.1.2.3", True), ("fd00::1", True), ("::1", True), ("8.8.8.8", False), ("unknown", False)],
)
def test_neighbours_are_told_from_strangers(address: str, near: bool) -> None:
    assert is_neighbour(address) is near
