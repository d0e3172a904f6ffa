"""Real Chromium, the real program, a company's site between them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.cast import Cast, answering
from tests.browser.site import Site
from tests.support.browser import FLAGS, find_chromium
from tests.support.program import Made, Server, avow, init


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A place whose workspace explains its verdicts; `plan` is locked."""
    place = init(tmp_path_factory.mktemp("browser") / "avow")
    where = [*place.place, "--workspace", place.workspace_id]
    avow("workspace", "set", *where, "--explain-verdicts", "--may-create", "anyone")
    return place


@pytest.fixture(scope="session")
def server(made: Made) -> Iterator[Server]:
    """Avow itself. What many tests write is declared: whoever signed it first would lock it for the others."""
    with Server(made) as running:
        running.wait_until_ready()
        with answering(made, running) as rest:
            for name, data_type in (("seats", "integer"), ("number", "integer"), ("city", "string")):
                told = {"name": name, "model": "contact", "data_type": data_type, "messenger_writable": True}
                rest.post("/data_attributes", json=told).raise_for_status()
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file; each test has a profile of its own.

    It ends with the file: while this driver runs, its event loop is in the way of every test with one of its own.
    """
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    fresh = browser.new_context()
    try:
        yield fresh
    finally:
        fresh.close()


@pytest.fixture
def site(made: Made) -> Iterator[Site]:
    """Acme's site."""
    with Site(made.secret, made.kid).open() as running:
        yield running


@pytest.fixture
def cast(made: Made, server: Server, site: Site, context: BrowserContext) -> Iterator[Cast]:
    """Everything on stage."""
    with answering(made, server) as rest:
        yield Cast(made, server, site, context, rest)


@pytest.fixture(scope="session")
def modules() -> Path:
    """Where npm has put what the tests of clients need."""
    return Path(__file__).parents[1] / "clients" / "node_modules"
