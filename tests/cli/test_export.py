"""`avow export`: everybody with provenance, or everything of one; a file appears whole, or goes on where it stood."""

from __future__ import annotations

import csv
import io
import json
import stat
from pathlib import Path

import pytest

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
    partial = tmp_path / f"out.{form}.{form}.partial"
    partial.write_bytes(whole[:end])
    assert avow.say("export", "--format", form, "--output", str(out)).code == 0
    assert out.read_bytes() == whole
    assert not partial.exists()


def test_a_file_begun_with_other_columns_is_not_mixed_up(avow: Avow, people: list[str], tmp_path: Path) -> None:
    partial = tmp_path / "out.csv.csv.partial"
    partial.write_bytes(b"id,role\r\n")
    ended = avow.say("export", "--output", str(tmp_path / "out.csv"))
    assert ended.code == 1
    assert "Remove it" in ended.err
    assert partial.read_bytes() == b"id,role\r\n"


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
