"""The real program, as Intercom's own clients find it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.clients.cast import Acme
from tests.support.databases import database_of_the_run
from tests.support.program import Server, init

CROWD = 1_050
"""More people than any page holds, and more than a thousand."""


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    """One server for all tests; each makes people of its own."""
    with database_of_the_run() as database:
        made = init(tmp_path_factory.mktemp("clients") / "avow", database)
        with Server(made) as server, httpx.Client(timeout=30) as http:
            server.wait_until_ready()
            yield Acme(made, server, http)


@pytest.fixture(scope="session")
def crowd(acme: Acme) -> frozenset[str]:
    """The ids of over a thousand users, written by eight threads of one client; `crowd` tells them from others."""
    attribute = acme.attribute("crowd", "integer")

    def join(number: int) -> str:
        return str(acme.user("crowd", name=attribute.name, custom_attributes={attribute.name: number}).id)

    with ThreadPoolExecutor(8) as many:
        return frozenset(many.map(join, range(CROWD)))
