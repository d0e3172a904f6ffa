"""`avow init` makes everything new or nothing at all, and tells secrets once."""

from __future__ import annotations

import hashlib
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from avow.app import master_key
from avow.cli import init
from avow.cli.opening import require_file
from avow.errors import Unavailable, UsageError
from avow.flow.workspaces import initialise
from avow.settings import Settings
from avow.trust.access import workspace_of
from avow.trust.keys import is_own_secret
from tests.cli.conftest import Avow

KEY = hashlib.sha256(b"the master key of a test").hexdigest()


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_tells_one_object_with_everything_a_script_needs(avow: Avow, tmp_path: Path) -> None:
    ended = avow.anywhere("init", "--data", str(tmp_path / "new"), "--company", "Acme", "--json")
    told = ended.told
    assert set(told) == {"workspace", "test_workspace", "signing_key", "access_token", "owner"}
    assert (told["workspace"]["name"], told["workspace"]["kind"]) == ("Acme", "production")
    assert told["test_workspace"]["kind"] == "test"
    assert told["signing_key"]["algorithm"] == "HS256"
    assert is_own_secret(told["signing_key"]["secret"])
    assert workspace_of(told["access_token"]) == told["workspace"]["id"]
    assert set(told["owner"]) == {"email", "password"}
    assert ended.out.count("\n") == 1


def test_people_are_told_the_same_and_what_to_do_next(avow: Avow, tmp_path: Path) -> None:
    ended = avow.anywhere("init", "--data", str(tmp_path / "new"), "--owner", "olive@acme.example")
    assert ended.code == 0
    assert "avow_sk_" in ended.out
    assert f"avow serve --data {tmp_path / 'new'}" in ended.out


@pytest.mark.sqlite
def test_what_is_made_belongs_to_its_owner_alone(avow: Avow) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (avow.data, *avow.data.iterdir())}
    assert modes == {"data": 0o700, "master.key": 0o600, "avow.db": 0o600}


@pytest.mark.sqlite
def test_the_password_is_kept_as_a_hash_only(avow: Avow) -> None:
    stored = b"".join(everything_in(avow.data).values())
    assert avow.made["owner"]["password"].encode() not in stored
    assert avow.made["signing_key"]["secret"].encode() not in stored
    assert avow.made["access_token"].encode() not in stored
    assert b"$argon2id$" in stored


@pytest.mark.parametrize("there", ["initialised", "somebody's", "empty"])
def test_an_existing_directory_is_refused_and_not_touched(avow: Avow, tmp_path: Path, there: str) -> None:
    folder = avow.data if there == "initialised" else tmp_path / "other"
    folder.mkdir(exist_ok=True)
    if there == "somebody's":
        (folder / "thesis.txt").write_text("two years of work")
    before = everything_in(folder)
    ended = avow.anywhere("init", "--data", str(folder), "--json")
    assert (ended.code, ended.refusal[0]) == (1, "conflict")
    assert "nothing was changed" in ended.refusal[1]
    assert everything_in(folder) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_what_fails_on_the_way_leaves_nothing_behind(
    avow: Avow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any, **__: Any) -> None:
        raise Unavailable("The disk is gone.")

    monkeypatch.setattr(init, "initialise", fails)
    ended = avow.anywhere("init", "--data", str(tmp_path / "deep" / "new"), "--json")
    assert (ended.code, ended.refusal) == (1, ("service_unavailable", "The disk is gone."))
    assert list((tmp_path / "deep").iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc, where nobody can make anything")
def test_a_place_where_nothing_can_be_made_is_named_as_it_was_asked_for(avow: Avow) -> None:
    ended = avow.anywhere("init", "--data", "/proc/avow-data", "--json")
    assert ended.code == 1
    assert ended.refusal[1].startswith("The system refused: /proc/avow-data: ")


def test_a_database_file_elsewhere_is_made_there_and_refused_when_it_is_there(avow: Avow, tmp_path: Path) -> None:
    database, data = tmp_path / "fast-disk" / "acme.db", tmp_path / "new"
    database.parent.mkdir()
    assert avow.anywhere("init", "--data", str(data), "--database", f"sqlite:///{database}", "--json").code == 0
    assert [path.name for path in database.parent.iterdir()] == ["acme.db"]
    assert [path.name for path in data.iterdir()] == ["master.key"]
    listed = avow.anywhere("workspace", "list", "--data", str(data), "--database", f"sqlite:///{database}", "--json")
    assert len(listed.told) == 2
    again = avow.anywhere("init", "--data", str(tmp_path / "n2"), "--database", f"sqlite:///{database}", "--json")
    assert (again.code, again.refusal[0]) == (1, "conflict")
    assert not (tmp_path / "n2").exists()


@pytest.mark.parametrize("inside", ["avow.db", "db/avow.db", "../new/avow.db", "link/avow.db"])
def test_a_database_below_the_directory_comes_with_it_however_its_path_is_written(
    avow: Avow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("new")
    path = (tmp_path if inside.startswith("link") else tmp_path / "new") / inside
    place = ("--data", "new", "--database", f"sqlite:///{path}")
    assert avow.anywhere("init", *place, "--json").code == 0
    assert sorted(one.name for one in (tmp_path / "new").rglob("*") if one.is_file()) == ["avow.db", "master.key"]
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert len(avow.anywhere("key", "list", *place, "--json").told) == 1
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


@pytest.mark.parametrize("database", ["new", "new.db/avow.db"])
def test_a_place_that_cannot_be_is_refused_and_leaves_nothing(avow: Avow, tmp_path: Path, database: str) -> None:
    data = tmp_path / ("new" if database == "new" else "new.db/avow.db/data")
    before = sorted(tmp_path.iterdir())
    ended = avow.anywhere("init", "--data", str(data), "--database", f"sqlite:///{tmp_path / database}", "--json")
    assert (ended.code, "cannot be the database and hold" in ended.refusal[1]) == (2, True)
    assert sorted(tmp_path.iterdir()) == before


def test_the_database_goes_again_if_its_directory_cannot_be_put_in_its_place(
    avow: Avow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def meanwhile(*given: Any, **named: Any) -> Any:
        (tmp_path / "new" / "thesis").mkdir(parents=True)  # somebody was faster
        return await initialise(*given, **named)

    monkeypatch.setattr(init, "initialise", meanwhile)
    place = ("--data", str(tmp_path / "new"), "--database", f"sqlite:///{tmp_path / 'elsewhere' / 'avow.db'}")
    assert avow.anywhere("init", *place, "--json").code == 1
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert [one.name for one in (tmp_path / "new").iterdir()] == ["thesis"]


def test_postgresql_is_initialised_once(avow: Avow, tmp_path: Path, postgres_url: str) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    made = avow.anywhere("init", "--data", str(first), "--database", postgres_url, "--json").told
    assert [path.name for path in first.iterdir()] == ["master.key"]
    again = avow.anywhere("init", "--data", str(second), "--database", postgres_url, "--json")
    assert (again.code, again.refusal[0]) == (1, "conflict")
    assert made["workspace"]["id"] in again.refusal[1]
    assert not second.exists()
    listed = avow.anywhere("workspace", "list", "--data", str(first), "--database", postgres_url, "--json").told
    assert [one["id"] for one in listed] == [made["workspace"]["id"], made["test_workspace"]["id"]]


def test_with_a_master_key_of_the_environment_postgresql_needs_no_directory(
    avow: Avow, tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AVOW_MASTER_KEY", KEY)
    monkeypatch.setenv("AVOW_DATABASE_URL", postgres_url)
    monkeypatch.setenv("AVOW_DATA", str(tmp_path / "none"))
    assert avow.anywhere("init", "--json").code == 0
    assert not (tmp_path / "none").exists()
    assert len(avow.anywhere("key", "list", "--json").told) == 1
    assert avow.anywhere("init", "--json").code == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--timezone", "Mars/Olympus"), 2, "such as UTC or Europe/Berlin"),
        (("--owner", "olive"), 1, "expected one such as olive@acme.example"),
        (("--company", " "), 1, "1 to 100 visible characters"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_made(
    avow: Avow, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    ended = avow.anywhere("init", "--data", str(tmp_path / "new"), *arguments)
    assert ended.code == code
    assert words in ended.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("database", [None, "postgresql://localhost/avow"])
def test_who_has_nothing_yet_is_led_to_init_first(tmp_path: Path, database: str | None) -> None:
    settings = Settings.from_environment({}, data=tmp_path / "new", database_url=database)
    with pytest.raises(UsageError) as caught:
        master_key(settings) if database else require_file(settings)
    advice = caught.value.message.partition(". ")[2]
    assert re.match(rf"Make (new data|a new one) \(avow init --data {tmp_path / 'new'}\)", advice)
