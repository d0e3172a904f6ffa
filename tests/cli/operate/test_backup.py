"""A backup is whole or not there, tells nobody the master key, and comes back verified, into empty places only."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from avow.cli.operate import restore
from avow.settings import Settings
from tests.cli.conftest import Avow, Ended
from tests.cli.people import live
from tests.support.databases import is_postgresql, shared_cluster

DUMP = "avow.dump" if is_postgresql() else "avow.db"


class Places:
    """Where backups come back to: new directories and, on PostgreSQL, empty databases."""

    def __init__(self, avow: Avow, folder: Path, later: ExitStack) -> None:
        self.avow, self.folder, self.later = avow, folder, later
        self.backup = folder / "backup"

    def restored(self, name: str, *more: str, source: Path | None = None) -> tuple[list[str], Ended]:
        place = ["--data", str(self.folder / name)]
        if is_postgresql():
            url = shared_cluster().fresh_database()
            self.later.callback(shared_cluster().drop_database, url)
            place += ["--database", url]
        ended = self.avow.anywhere("restore", str(source or self.backup), *more, *place, "--json")
        return place, ended


@pytest.fixture
def places(avow: Avow, tmp_path: Path) -> Iterator[Places]:
    """Alice has three records."""
    live(avow, "alice", "free", "starter", "pro")
    with ExitStack() as later:
        yield Places(avow, tmp_path, later)


def everything_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def manifest_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def key_of(avow: Avow) -> tuple[str, str]:
    return "--master-key-file", str(avow.data / "master.key")


def test_it_tells_what_was_in_it_and_belongs_to_its_owner_alone(avow: Avow, places: Places) -> None:
    told = avow.told("backup", str(places.backup))
    manifest = manifest_of(places.backup)
    assert told == {"backup": str(places.backup), **manifest}
    workspace = next(one for one in manifest["workspaces"] if one["id"] == avow.workspace_id)
    assert (workspace["contacts"], workspace["records"], workspace["faults"]) == (1, 3, 0)
    file = places.backup / DUMP
    assert manifest["file"] == {
        "name": DUMP,
        "bytes": file.stat().st_size,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
    }
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (places.backup, *places.backup.iterdir())}
    assert modes == {"backup": 0o700, DUMP: 0o600, "manifest.json": 0o600}


def test_the_master_key_is_in_it_only_when_it_is_asked_for(avow: Avow, places: Places) -> None:
    key = (avow.data / "master.key").read_bytes().strip()
    avow.told("backup", str(places.backup))
    assert key not in b"".join(everything_in(places.backup).values())
    assert "The master key is not in it" in avow.say("backup", str(places.folder / "again")).out
    avow.told("backup", str(places.folder / "with"), "--with-master-key")
    assert everything_in(places.folder / "with")["master.key"].strip() == key
    assert places.restored("back", source=places.folder / "with")[1].told["opened_keys"] == 1


def test_a_place_that_is_taken_is_not_touched(avow: Avow, places: Places) -> None:
    places.backup.mkdir()
    (places.backup / "thesis.txt").write_text("two years of work")
    assert avow.refused("backup", str(places.backup))[:2] == (1, "conflict")
    assert everything_in(places.backup) == {"thesis.txt": b"two years of work"}


def test_what_comes_back_is_what_was_there_and_is_verified(avow: Avow, places: Places) -> None:
    avow.told("backup", str(places.backup))
    live(avow, "alice", "max")
    place, ended = places.restored("back", *key_of(avow))
    assert ended.code == 0, ended.err
    assert ended.told["opened_keys"] == 1
    assert ended.told["live_keys"] == [f"{avow.made['signing_key']['kid']} ({avow.workspace_id})"]
    verified = avow.anywhere("audit", "verify", *place, "--json").told
    assert (verified["verified"], sum(one["records"] for one in verified["workspaces"])) == (True, 3)
    assert avow.anywhere("key", "list", *place, "--json").told[0]["state"] == "live"
    assert stat.S_IMODE((places.folder / "back").stat().st_mode) == 0o700


@pytest.mark.sqlite
def test_a_database_below_the_directory_comes_back_with_it(
    avow: Avow, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    avow.told("backup", str(places.backup))
    monkeypatch.chdir(places.folder)
    place = ("--data", "back", "--database", f"sqlite:///{places.folder / 'back' / 'db' / 'avow.db'}")
    assert avow.anywhere("restore", str(places.backup), *key_of(avow), *place, "--json").code == 0
    assert avow.anywhere("audit", "verify", *place, "--json").told["verified"] is True
    assert sorted(one.name for one in (places.folder / "back").iterdir()) == ["db", "master.key"]


def test_only_keys_that_still_prove_something_are_said_to_count_again(avow: Avow, places: Places) -> None:
    first = avow.made["signing_key"]["kid"]
    for kid in ("revoked", "retired", "going", "leaked"):
        avow.told("key", "make", "--kid", kid)
    avow.told("key", "revoke", "revoked", "--yes")
    avow.told("key", "retire", "retired")
    avow.told("key", "retire", "going", "--in", "7d")
    avow.told("key", "distrust", "leaked", "--since", "2026-01-01", "--yes")
    avow.told("backup", str(places.backup))
    place, ended = places.restored("back", *key_of(avow))
    assert set(ended.told["live_keys"]) == {f"{kid} ({avow.workspace_id})" for kid in (first, "going")}
    states = {one["kid"]: one["state"] for one in avow.anywhere("key", "list", *place, "--json").told}
    assert {kid for kid, state in states.items() if state in ("live", "retiring")} == {first, "going"}


def test_where_nothing_counts_again_there_is_nothing_to_revoke(avow: Avow, places: Places) -> None:
    avow.told("backup", str(places.backup))
    _, ended = places.restored("back", *key_of(avow))
    told = {**ended.told, "manifest": manifest_of(places.backup)}
    assert "These count again" in shown(avow, told)
    assert "These count again" not in shown(avow, {**told, "live_keys": [], "live_access_tokens": []})


def shown(avow: Avow, told: dict[str, Any]) -> str:
    """What `avow restore` prints of what it tells with `--json`."""
    console = Console(file=io.StringIO(), record=True, width=120)
    restore._show(console, msgspec.convert(told, restore.Restored), Settings.from_environment({}, data=avow.data))
    return console.export_text()


def test_without_the_master_key_the_advice_is_to_put_it_there(avow: Avow, places: Places) -> None:
    avow.told("backup", str(places.backup))
    place, _ = places.restored("back")
    (places.folder / "back").mkdir(exist_ok=True)  # where the database is elsewhere, nothing was put there
    code, message = (ended := avow.anywhere("audit", "verify", *place, "--json")).code, ended.refusal[1]
    assert code == 2
    assert f"Put the master key of these data into {places.folder / 'back' / 'master.key'}" in message
    assert "avow init" not in message


def test_a_token_from_before_the_restore_brings_nothing_back(avow: Avow, places: Places) -> None:
    token = avow.told("sign", "alice", "plan=max")["token"]
    avow.told("backup", str(places.backup))
    place, _ = places.restored("back", *key_of(avow))
    checked = avow.anywhere("check", token, *place, "--json")
    assert checked.code == 1
    assert "identity_superseded" in checked.out


def test_nothing_that_is_there_is_overwritten(avow: Avow, places: Places) -> None:
    avow.told("backup", str(places.backup))
    before = everything_in(avow.data)
    ended = avow.anywhere("restore", str(places.backup), *key_of(avow), *avow.place, "--json")
    assert (ended.code, ended.refusal[0]) == (1, "conflict")
    assert everything_in(avow.data) == before
    assert avow.told("audit", "verify")["verified"] is True


def test_without_the_master_key_it_comes_back_and_says_what_is_missing(avow: Avow, places: Places) -> None:
    avow.told("backup", str(places.backup))
    place, ended = places.restored("back")
    assert (ended.code, ended.told["opened_keys"]) == (0, None)
    assert avow.anywhere("key", "list", *place).code == 2
    (places.folder / "back").mkdir(exist_ok=True)
    key = places.folder / "back" / "master.key"
    key.write_bytes((avow.data / "master.key").read_bytes())
    key.chmod(0o600)
    assert avow.anywhere("key", "list", *place).code == 0


def test_a_foreign_master_key_is_refused_and_nothing_appears_in_which_old_tokens_count(
    avow: Avow, places: Places
) -> None:
    token = avow.told("sign", "alice", "plan=max")["token"]
    avow.told("backup", str(places.backup))
    foreign = places.folder / "foreign.key"
    foreign.write_text(hashlib.sha256(b"another").hexdigest())
    place, ended = places.restored("back", "--master-key-file", str(foreign))
    assert ended.code != 0
    assert "cannot be opened with this master key" in ended.refusal[1]
    assert not (places.folder / "back").exists()
    if is_postgresql():  # where what came back stays
        assert "drop it, it is of no use" in ended.refusal[1]
        shutil.copytree(avow.data, places.folder / "back")
        assert "identity_superseded" in avow.anywhere("check", token, *place, "--json").out


@pytest.mark.parametrize("spoilt", ["file", "manifest", "numbers", "format", "missing"])
def test_a_backup_that_is_not_as_it_was_made_is_refused(avow: Avow, places: Places, spoilt: str) -> None:
    avow.told("backup", str(places.backup))
    manifest = manifest_of(places.backup)
    if spoilt == "file":
        file = places.backup / DUMP
        octets = bytearray(file.read_bytes())
        octets[len(octets) // 2] ^= 1
        file.write_bytes(bytes(octets))
    elif spoilt == "missing":
        (places.backup / "manifest.json").unlink()
    else:
        manifest["format"] = 9 if spoilt == "format" else 1
        manifest["workspaces"][0]["records"] += spoilt == "numbers"
        text = json.dumps(manifest)[:-2] if spoilt == "manifest" else json.dumps(manifest)
        (places.backup / "manifest.json").write_text(text)
    _, ended = places.restored("back", *key_of(avow))
    assert ended.code in (1, 2)
    assert ended.refusal[1]
    assert not (places.folder / "back").exists()


def test_a_chain_that_does_not_verify_is_said_and_backed_up_all_the_same(avow: Avow, places: Places) -> None:
    avow.falsify("DELETE FROM change WHERE seq = 2")
    ended = avow.say("backup", str(places.backup), "--json")
    assert ended.code == 1
    assert sum(one["faults"] for one in ended.told["workspaces"]) == 1
    assert places.restored("back", *key_of(avow))[1].code == 0


def test_an_older_database_is_not_backed_up_by_a_newer_program(avow: Avow, places: Places) -> None:
    avow.falsify("UPDATE alembic_version SET version_num = '0001'")
    code, _, message = avow.refused("backup", str(places.backup))
    assert (code, "avow migrate" in message) == (2, True)
    assert not places.backup.exists()
