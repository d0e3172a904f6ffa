"""What every test may ask for: a real PostgreSQL, and the right share of hypothesis' examples.

A test that takes `postgres_url` gets an empty database of its own on a server that is started for the run when the
first test asks (one for each xdist worker). Without PostgreSQL such a test fails; it is never skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.databases import shared_cluster
from tests.support.postgres import Cluster

# Seeded, so that a red run is red again; `make proof` looks further each time.
settings.register_profile("tenth", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("proof", parent=settings.get_profile("tenth"), derandomize=False, max_examples=1000)
settings.load_profile("proof" if os.environ.get("AVOW_PROOF") == "1" else "tenth")

# Folders whose tests start programs and browsers.
SLOW = frozenset({"journeys", "browser", "docs", "clients", "cli"})


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what tells of SQLite's file where the run is on PostgreSQL; begin with what takes long.

    Lanes take whole files in this order, and the small ones at the end fill up whoever is done first.
    """
    long = {item.path for item in items if item.get_closest_marker("long")}
    items.sort(key=lambda item: (item.path not in long, not any(part in SLOW for part in item.path.parts)))
    if os.environ.get("AVOW_TEST_DATABASE") == "postgresql":
        left_out = [item for item in items if item.get_closest_marker("sqlite")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def postgres() -> Cluster:
    """A server for the whole run. It does not wait for the disk."""
    return shared_cluster()


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """An empty database for one test: postgresql://…"""
    url = postgres.fresh_database()
    yield url
    postgres.drop_database(url)
