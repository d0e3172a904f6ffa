"""What journeys through the screens ask for: one Chromium for all of them, a place of its own for each.

All of it runs in one event loop, the session's; the mark that says so is put on every test here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from playwright.async_api import Browser, expect

from tests.support.browser import chromium
from tests.support.program import Made, init
from tests.support.screens import Person, Place, acme

HERE = Path(__file__).parent
expect.set_options(timeout=15_000)  # a busy machine answers later, not never


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder shares the loop that the browser lives in."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """What `avow init` makes, once. The owner's password is hashed anew, so that a hundred looks at it take no time."""
    made = init(tmp_path_factory.mktemp("screens") / "avow")
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(made.told["owner"]["password"])
    with sqlite3.connect(made.data / "avow.db") as connection:
        changed = connection.execute("UPDATE teammate SET password_hash = ?", [quick])
    connection.close()
    assert changed.rowcount == 1
    return made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium; every person has a profile of her own."""
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def place(initialised: Made, tmp_path: Path) -> AsyncIterator[Place]:
    """Acme's Avow, fresh."""
    async with acme(initialised, tmp_path) as it:
        yield it


@pytest_asyncio.fixture(loop_scope="session")
async def olive(place: Place, browser: Browser) -> AsyncIterator[Person]:
    """Olive, the owner, signed in; her browser's console must stay quiet."""
    person = await place.person(browser)
    yield person
    await person.page.context.close()
    assert person.heard == []
