"""What is compared with what? Avow and the handler, each set up with a database of its own, and checked in the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import crowd
from bench.databases import Database
from bench.found import check_avow, check_handler
from bench.load import Generator
from bench.rounds import Contestant
from bench.search.pages import Paging, Searcher
from bench.servers import Server, ServerFailed
from bench.traffic import Company, expected

# Tokens count from this long before the run: each update's is a second younger, and none is of the future.
BEFORE = 24 * 3600
FIRST = 1
LIMITS = {f"AVOW_{name}_PER_MINUTE": "100000000" for name in ("REST", "CONTACT", "ADDRESS", "UNPROVEN")}


class Avow:
    """Avow with a new workspace in `folder`, and the people that `target` stands for."""

    def __init__(self, generator: Generator, database: Database, folder: Path, target: str) -> None:
        self._generator, self._database, self._target = generator, database, target
        self._url = database.fresh(folder)
        self._environment = {"AVOW_DATA": str(folder), "AVOW_DATABASE_URL": self._url, **LIMITS}
        self._people = self._copied = 0
        told = _init(self._environment)
        key = told["signing_key"]
        self.company = Company(told["workspace"]["id"], key["kid"], key["secret"], int(time.time()) - BEFORE)
        self._access_token: str = told["access_token"]

    def serve(self) -> Server:
        """Start it. Its rate limits are out of the way; everything else is as it comes."""
        return Server("avow", self._environment)

    def introduce(self, server: Server, people: int) -> None:
        """Let people be known: one update about each."""
        self._people = people
        self._generator.people(self._target, self.company, people, FIRST)
        self._generator.introduce(self._target, server.port)

    def multiply(self, people: int) -> None:
        """Copy those who are known until there are so many, all of whom will get updates. Not while it is served."""
        self.check()
        crowd.fill(self._database, self._url, people)
        self._people = self._copied = people
        self._generator.people(self._target, self.company, people, FIRST + 1)

    def contestant(self, name: str, server: Server, *, again: bool = False) -> Contestant:
        """It, in the rounds."""
        return Contestant(name, server, self._target, _is_pong, again, self._database.cpu)

    def search(self, server: Server, rounds: int) -> Paging:
        """Pages of those whom a filter finds. From then on an index is kept: measure updates before."""
        return Searcher(server.port, self._access_token).measure(rounds)

    def check(self) -> None:
        """Look for every update in the database. Raises `Missing`."""
        sent = self._generator.sent(self._target)
        latest = expected(self._people, FIRST + 1 if self._copied else FIRST, sent)
        check_avow(self._database, self._url, latest, self._copied + sum(sent))


class Handler:
    """The handler that Avow is compared with, with the same people as `company`'s Avow."""

    def __init__(self, generator: Generator, database: Database, folder: Path, company: Company) -> None:
        self._generator, self._database, self._company = generator, database, company
        folder.mkdir()
        self._url = database.fresh(folder)
        self._target = f"handler {database.name}"
        self._people = 0

    def serve(self) -> Server:
        """Start it."""
        company = self._company
        told = {"DATABASE_URL": self._url, "APP_ID": company.app_id, "KID": company.kid, "SECRET": company.secret}
        return Server("handler", {f"BENCH_{name}": value for name, value in told.items()})

    def introduce(self, server: Server, people: int) -> None:
        """Let people be known: one update about each."""
        self._people = people
        self._generator.people(self._target, self._company, people, FIRST)
        self._generator.introduce(self._target, server.port)

    def contestant(self, name: str, server: Server) -> Contestant:
        """It, in the rounds."""
        return Contestant(name, server, self._target, _is_applied, database_cpu=self._database.cpu)

    def check(self) -> None:
        """Look for every update in the database. Raises `Missing`."""
        sent = self._generator.sent(self._target)
        check_handler(self._database, self._url, expected(self._people, FIRST, sent), sum(sent))


def _init(environment: Mapping[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-c", "import sys; from avow.cli.main import run; sys.exit(run())", "init", "--json"]
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerFailed(f"avow init failed: {done.stderr.strip()[-1000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _is_pong(answer: Mapping[str, Any]) -> bool:
    return answer.get("type") == "user.ping" and answer.get("identity_verified") is True


def _is_applied(answer: Mapping[str, Any]) -> bool:
    return {one["verdict"] for one in answer["receipt"]} == {"applied"}
