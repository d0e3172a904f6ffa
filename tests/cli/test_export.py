"""`avow export`: everybody with provenance, or everything of one; a file appears whole, or goes on where it stood."""

from __future__ import annotations

import csv
import io
import json
import shutil
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from avow.flow import exports
from tests.cli.conftest import Avow


@pytest.fixture
def people(avow: Avow, tmp_path: Path) -> list[str]:
    """The ids of some people of Acme's, as they are exported."""
    path = tmp_path / "in.csv"
    path.write_text("external_id,name\n" + "".join(f'u{number},"Name\n{number}"\n' for number in range(25)))
    avow.told("import", str(path))
    return [row["id"] for row in rows(avow.say("export").out)]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_everybody_is_told_with_who_vouched(avow: Avow, people: list[str]) -> None:
    told = rows(avow.say("export").out)
    assert len(told) == 25
    assert {(row["name (state)"], row["name (channel)"]) for row in told} == {("verified", "import")}
    assert told[0]["name (vouched by)"].startswith("cli")
    plain = rows(avow.say("export", "--plain").out)
    assert "name (state)" not in plain[0]


def test_a_file_is_for_its_owner_only_and_never_written_over(avow: Avow, people: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert avow.say("export", "--format", "jsonl", "--output", str(out)).code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [json.loads(line)["id"] for line in out.read_text().splitlines()] == people
    assert avow.say("export", "--output", str(out)).code == 2


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@pytest.mark.parametrize("cut", [0, 40, 300, 0.5, 0.99])
def test_an_interrupted_file_is_finished_where_it_broke_off(
    avow: Avow, people: list[str], tmp_path: Path, form: str, cut: float
) -> None:
    whole = avow.say("export", "--format", form).out.encode()
    end = int(cut if cut > 1 else len(whole) * cut)
    out = tmp_path / f"out.{form}"
    partial = begun(avow, out, "--format", form)
    partial.write_bytes(whole[:end])
    assert avow.say("export", "--format", form, "--output", str(out)).code == 0
    assert out.read_bytes() == whole
    assert not partial.exists()


def begun(avow: Avow, out: Path, *more: str) -> Path:
    """What an export leaves that is interrupted behind its first page."""

    async def fails(*given: Any, **named: Any) -> AsyncIterator[Any]:
        async for page in stream(*given, **named):
            yield page
            raise OSError(28, "No space left on device")

    stream = exports.stream
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exports, "stream", fails)
        assert avow.say("export", "--output", str(out), *more).code == 1
    [partial] = out.parent.glob(f"{out.name}.*.partial")
    assert not out.exists()
    return partial


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_what_another_workspace_left_is_not_gone_on_with(
    avow: Avow, people: list[str], tmp_path: Path, form: str
) -> None:
    new, out = tmp_path / "new.csv", tmp_path / "out"
    new.write_text("external_id,name\n" + "".join(f"test{number},Mallory\n" for number in range(9)))
    avow.told("import", str(new), "--workspace", avow.test_workspace_id)
    partial = begun(avow, out, "--format", form, "--plain")
    left = partial.read_bytes()
    question = ("export", "--format", form, "--plain", "--workspace", avow.test_workspace_id)
    assert avow.say(*question, "--output", str(out)).code == 0
    assert out.read_bytes() == avow.say(*question).out.encode()
    assert out.read_bytes().count(b"Mallory") == 9
    assert partial.read_bytes() == left


@pytest.mark.sqlite
def test_what_another_database_left_is_not_gone_on_with(avow: Avow, people: list[str], tmp_path: Path) -> None:
    partial = begun(avow, tmp_path / "out.csv")
    restored = ("--data", str(tmp_path / "restored"))  # its workspaces have the same ids
    shutil.copytree(avow.data, tmp_path / "restored")
    (tmp_path / "new.csv").write_text("external_id\nnew\n")
    assert avow.anywhere("import", str(tmp_path / "new.csv"), *restored).code == 0
    assert avow.anywhere("export", *restored, "--output", str(tmp_path / "out.csv")).code == 0
    assert len(rows((tmp_path / "out.csv").read_text())) == 26
    assert partial.exists()


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_begun_with_other_columns_is_not_mixed_up(
    avow: Avow, people: list[str], tmp_path: Path, form: str
) -> None:
    partial = begun(avow, tmp_path / "out", "--format", form)
    left = partial.read_bytes()
    (tmp_path / "new.csv").write_text("external_id,shoe_size\nu1,38\n")
    avow.told("import", str(tmp_path / "new.csv"), "--create-attributes")
    ended = avow.say("export", "--format", form, "--output", str(tmp_path / "out"))
    assert ended.code == 1
    assert f"since {partial} was begun. Remove it" in ended.err
    assert partial.read_bytes() == left


def test_it_goes_on_behind_somebody_without_a_header(avow: Avow, people: list[str]) -> None:
    whole = avow.say("export").out
    behind = avow.say("export", "--after", people[9]).out
    assert whole.endswith(behind)
    assert people[10] in behind
    assert people[9] not in behind


def test_everything_of_one_person_is_one_json_object(avow: Avow, people: list[str]) -> None:
    told = json.loads(avow.say("export", "--contact", "u7").out)
    assert (told["external_id"], told["attributes"]["name"]["value"]) == ("u7", "Name\n7")
    assert [one["kind"] for one in told["changes"]] == ["created"]
    assert avow.say("export", "--contact", "nobody").code == 1


def test_a_file_about_one_person_appears_whole_or_not_at_all(
    avow: Avow, people: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: Any) -> AsyncIterator[bytes]:
        yield b'{"half":'
        raise OSError(28, "No space left on device")

    out, before = tmp_path / "one.json", sorted(tmp_path.iterdir())
    with monkeypatch.context() as patch:
        patch.setattr(exports, "everything", fails)
        ended = avow.say("export", "--contact", "u7", "--output", str(out))
    assert (ended.code, "No space left" in ended.err) == (1, True)
    assert sorted(tmp_path.iterdir()) == before
    (tmp_path / "one.json.contact.partial").write_bytes(b'{"half":')  # of one that was killed
    assert avow.say("export", "--contact", "u7", "--output", str(out)).code == 0
    assert json.loads(out.read_bytes())["external_id"] == "u7"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert sorted(tmp_path.iterdir()) == sorted([*before, out])
