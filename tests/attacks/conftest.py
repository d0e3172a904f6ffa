"""Every attack starts from Acme's running place, on SQLite or on the database of AVOW_TEST_DATABASE."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.support.place import Place, open_place


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A fresh place; set AVOW_TEST_DATABASE=postgresql to attack it there."""
    async with open_place(tmp_path) as opened:
        yield opened
