"""A file that is not what a command takes it for is named, with what was expected, and nothing is done."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Avow


@pytest.mark.sqlite
@pytest.mark.parametrize("make", [Path.mkdir, Path.touch, lambda path: path.write_text("no database" * 99)])
@pytest.mark.parametrize("command", ["key list", "serve --port 0", "doctor", "migrate"])
def test_a_database_that_is_none_is_named(avow: Avow, make: Callable[[Path], object], command: str) -> None:
    path = avow.data / "avow.db"
    path.unlink()
    make(path)
    code, _, message = avow.refused(*command.split())
    assert (code, message.partition(";")[0]) == (2, f"{path} is no SQLite database")
    assert path.is_dir() or path.stat().st_size in (0, 1089)


@pytest.mark.sqlite
@pytest.mark.parametrize("name", ["", "avow.db", "avow.db-shm"])
def test_a_server_that_could_store_nothing_does_not_begin(
    avow: Avow, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """SQLite reads a file that it may not write: everything would look well until the first update."""
    place = avow.data / name
    (avow.data / "avow.db-shm").touch()
    monkeypatch.setattr(os, "access", lambda path, _: path != place.absolute())
    monkeypatch.setattr("avow.app.serve", lambda *_: pytest.fail("it serves"))
    code, _, message = avow.refused("serve", "--port", "0")
    assert (code, message.partition(" by")[0]) == (2, f"{place} may not be written")


def test_people_come_through_a_pipe_too(avow: Avow, tmp_path: Path) -> None:
    pipe = tmp_path / "people.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("external_id\nalice\n",))
    writer.start()
    told = avow.told("import", str(pipe))
    writer.join()
    assert told["created"] == 1


@pytest.mark.parametrize("more", [(), ("--contact", "alice")])
def test_an_export_that_cannot_be_written_is_noted_nowhere(
    avow: Avow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    noted: list[object] = []

    async def note(*_: object, **named: object) -> None:
        noted.append(named)

    monkeypatch.setattr("avow.flow.exports.note", note)
    people = tmp_path / "people.csv"
    people.write_text("external_id\nalice\n")
    avow.told("import", str(people))
    output = tmp_path / "nowhere" / "people.jsonl"
    ended = avow.say("export", "--output", str(output), *more)
    assert (ended.code, ended.err) == (2, f"avow: {output} cannot be written (No such file or directory).\n")
    assert noted == []
    assert avow.say("export", "--output", str(tmp_path / "all"), *more).code == 0
    assert len(noted) == 1
