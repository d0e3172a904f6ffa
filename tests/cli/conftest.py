"""What the command line's tests ask for: Acme, initialised, and `avow` called in this process."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from avow.cli.main import answer
from tests.support.databases import copy_of, is_postgresql, shared_cluster


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """The one JSON value on standard output."""
        return json.loads(self.out)

    @property
    def refusal(self) -> tuple[str, str]:
        """The code and message of the one error on standard error; standard output is empty then."""
        assert self.out == ""
        body = json.loads(self.err)
        assert (body["type"], body["exit_code"]) == ("error.list", self.code)
        [error] = body["errors"]
        return error["code"], error["message"]


class Avow:
    """The command line, in this process. `told` and `refused` ask for JSON; `say` reads as a person does."""

    def __init__(
        self, capture: pytest.CaptureFixture[str], data: Path, made: dict[str, Any], database: str | None = None
    ) -> None:
        self._capture = capture
        self.data = data
        self.made = made
        self.place = ["--data", str(data), *(["--database", database] if database else [])]
        self.database = database or f"sqlite:///{data / 'avow.db'}"

    def say(self, *arguments: str) -> Ended:
        """A command on Acme's data, as people read it."""
        return self.anywhere(*arguments, *self.place)

    def anywhere(self, *arguments: str) -> Ended:
        """A command as it stands."""
        self._capture.readouterr()
        code = answer(list(arguments))
        printed = self._capture.readouterr()
        return Ended(code, printed.out, printed.err)

    def told(self, *arguments: str) -> Any:
        """What a command that succeeds tells a machine."""
        ended = self.say(*arguments, "--json")
        assert (ended.code, ended.err) == (0, ""), ended
        return ended.told

    def refused(self, *arguments: str) -> tuple[int, str, str]:
        """(exit code, error code, message) of a command that does not."""
        ended = self.say(*arguments, "--json")
        return ended.code, *ended.refusal

    def falsify(self, statement: str, *values: object) -> None:
        """Change what is stored, as somebody with access to the database would; in SQLite's words."""
        if self.database.startswith("sqlite"):
            with sqlite3.connect(self.data / "avow.db") as connection:
                connection.execute(statement, values)
            connection.close()
            return
        for name in ("raw_facts", "raw_values"):
            replacing = rf"replace\({name}, ('[^']*', '[^']*')\)"
            statement = re.sub(replacing, rf"convert_to(replace(convert_from({name}, 'UTF8'), \1), 'UTF8')", statement)
        statement = re.sub(r"replace\(holdings, (.*)\)", r"replace(holdings::text, \1)::json", statement)
        for position in range(len(values)):
            statement = statement.replace("?", f"${position + 1}", 1)

        async def run() -> None:
            connection = await asyncpg.connect(self.database)
            await connection.execute(statement, *values)
            await connection.close()

        asyncio.run(run())

    @property
    def workspace_id(self) -> str:
        """The production workspace."""
        return str(self.made["workspace"]["id"])

    @property
    def test_workspace_id(self) -> str:
        """The test workspace."""
        return str(self.made["test_workspace"]["id"])


@pytest.fixture(scope="session")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], str | None]:
    """Acme's data as `avow init` makes them, what it told, and where. Not to be changed: tests get copies."""
    from avow.cli.init import create
    from avow.settings import Settings

    data = tmp_path_factory.mktemp("acme") / "data"
    database = shared_cluster().fresh_database() if is_postgresql() else None
    settings = Settings.from_environment({}, data=data, database_url=database)
    new = create(settings, company="Acme", email="olive@acme.example", timezone="UTC")
    told: dict[str, Any] = json.loads(json.dumps(new.as_json()))
    return data, told, database


@pytest.fixture
def avow(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    initialised: tuple[Path, dict[str, Any], str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Avow]:
    """The command line, with a copy of Acme's data."""
    for name in ("AVOW_DATA", "AVOW_DATABASE_URL", "AVOW_MASTER_KEY", "AVOW_SIGNING_SECRET"):
        monkeypatch.delenv(name, raising=False)
    template, told, database = initialised
    shutil.copytree(template, tmp_path / "data")
    with nullcontext() if database is None else copy_of(database) as copy:
        yield Avow(capsys, tmp_path / "data", told, copy)
