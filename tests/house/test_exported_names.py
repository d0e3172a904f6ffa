"""What a backend's `import avow` offers is chosen, documented, typed, and loads nothing of the server."""

from __future__ import annotations

import subprocess
import sys
import types

import avow
from tests.house.tree import ROOT

OF_THE_SERVER = {
    "aiosqlite", "alembic", "argon2", "asyncio", "asyncpg", "httptools", "rich", "sqlalchemy", "sqlite3", "starlette",
    "typer", "uvicorn", "uvloop",
    "avow.api", "avow.app", "avow.cli", "avow.demo", "avow.flow", "avow.messenger", "avow.observe", "avow.settings",
    "avow.store", "avow.web",
}  # fmt: skip


def test_the_public_face_is_exactly_what_all_lists() -> None:
    public = {
        name
        for name, value in vars(avow).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType) and name != "annotations"
    }
    assert public == set(avow.__all__)


def test_every_exported_name_is_documented_and_claims_to_live_in_avow() -> None:
    for name in avow.__all__:
        value = getattr(avow, name)
        assert value.__doc__, f"avow.{name} has no docstring"
        assert value.__module__.partition(".")[0] == "avow"


def test_importing_avow_loads_nothing_of_the_server() -> None:
    script = "import sys, avow; avow.sign; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert OF_THE_SERVER.intersection(loaded) == set()


def test_type_checkers_may_read_the_annotations() -> None:
    assert (ROOT / "src/avow/py.typed").exists()
