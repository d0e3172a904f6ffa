"""Which database do the tests of a place run on? SQLite, or with AVOW_TEST_DATABASE=postgresql all of them PostgreSQL.

- What opens a place (`open_place`, `open_office`, the command line's `avow`, `program.init`) asks here.
- PostgreSQL's clock can be turned there, as a test turns its own: `clock_timestamp` is found in a schema of ours first.
- Each test has a database of its own, copied from a migrated one, and dropped when it is over.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from tests.support.postgres import Cluster, fast_cluster

_TURNED = """
CREATE SCHEMA turned;
CREATE FUNCTION turned.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
  AS $$ SELECT to_timestamp(pg_read_file('{folder}/clock-' || current_database())::float8) $$;
"""


def is_postgresql() -> bool:
    """Whether this run is one on PostgreSQL."""
    wanted = os.environ.get("AVOW_TEST_DATABASE") or "sqlite"
    assert wanted in ("sqlite", "postgresql"), f"AVOW_TEST_DATABASE is {wanted!r}; expected sqlite or postgresql"
    return wanted == "postgresql"


@cache
def shared_cluster() -> Cluster:
    """The run's own server, which does not wait for the disk."""
    cluster = fast_cluster()
    atexit.register(cluster.stop)
    return cluster


@contextmanager
def database_of_the_run() -> Iterator[str | None]:
    """The URL of a migrated, empty database for one test; None where the run is on SQLite."""
    if not is_postgresql():
        yield None
        return
    with copy_of(migrated()) as url:
        yield url


@contextmanager
def copy_of(template: str) -> Iterator[str]:
    """A copy of a database that nobody is connected to."""
    cluster = shared_cluster()
    url = cluster.fresh_database(template.rpartition("/")[2])
    try:
        yield url
    finally:
        cluster.drop_database(url)


@cache
def migrated() -> str:
    """A database with our tables, to copy from."""
    from avow.store import migrate

    url = shared_cluster().fresh_database()
    _apart(lambda: asyncio.run(migrate(url)))
    return url


@cache
def migrated_file() -> bytes:
    """What stands in a file of SQLite with our tables and nothing else."""
    from avow.store import migrate

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "avow.db"
        _apart(lambda: asyncio.run(migrate(f"sqlite:///{path}")))
        return path.read_bytes()


@cache
def turnable() -> str:
    """The same, with a clock that tests turn."""
    import asyncpg

    cluster = shared_cluster()
    url = cluster.fresh_database(migrated().rpartition("/")[2])

    async def prepare() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(_TURNED.format(folder=cluster.folder))
        await connection.close()

    _apart(lambda: asyncio.run(prepare()))
    return url


@contextmanager
def database_with_a_clock() -> Iterator[tuple[str, Path]]:
    """A database and the file that its clock reads (Unix seconds as text)."""
    cluster = shared_cluster()
    with copy_of(turnable()) as url:
        name = url.rpartition("/")[2]
        cluster.run_sql("postgres", f"ALTER DATABASE {name} SET search_path = turned, pg_catalog, public")
        file = cluster.folder / f"clock-{name}"
        try:
            yield url, file
        finally:
            file.unlink(missing_ok=True)


def _apart(work: Callable[[], object]) -> None:
    """Run in a thread of its own: the caller may have an event loop."""
    with ThreadPoolExecutor(1) as one:
        one.submit(work).result()
