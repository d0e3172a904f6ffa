"""`avow import`: people from a file, refused as a whole or line by line, and told what became of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from avow.cli.people import import_people
from tests.cli.conftest import Avow

LINES = ("external_id,email,plan", "alice,alice@x.example,pro", "bob,bob@x.example,free")


AGAIN = "Stopped. What has been written stays; type the same again to go on behind it."


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Two people of Acme's."""
    path = tmp_path / "people.csv"
    path.write_text("".join(f"{line}\n" for line in LINES))
    return path


def counts(told: Any) -> tuple[int, int, int, int]:
    return told["created"], told["updated"], told["unchanged"], told["rejected"]


def test_people_are_imported_once_however_often_the_file_is(avow: Avow, sheet: Path) -> None:
    first = avow.told("import", str(sheet), "--create-attributes")
    assert (first["state"], counts(first), first["resumed"]) == ("completed", (2, 0, 0, 0), False)
    assert first["created_attributes"] == {"plan": "string"}
    second = avow.told("import", str(sheet))
    assert counts(second) == (0, 0, 2, 0)


def test_unknown_columns_are_all_named_and_nothing_is_written(avow: Avow, sheet: Path) -> None:
    sheet.write_text("external_id,plan,seats\nalice,pro,3\n")
    ended = avow.say("import", str(sheet), "--json")
    assert (ended.code, ended.out) == (1, "")
    assert [one["field"] for one in json.loads(ended.err)["errors"]] == ["plan", "seats"]
    assert "alice" not in avow.say("export").out


REFUSED_FILES = {
    "strict": ("external_id,name\n" + "u1,Ann\n" * 598 + ",Nobody\n", ("--strict",), 600, "The record names nobody"),
    "an unclosed quote": ('external_id,name\nu1,"Ann\n', ("--strict",), 2, "A quote opens here"),
    "the header": ("external_id,plan\nu1,pro\n", (), 1, "There is no attribute 'plan'"),
}


@pytest.mark.parametrize(("content", "options", "line", "said"), REFUSED_FILES.values(), ids=REFUSED_FILES.keys())
def test_a_file_that_is_refused_is_told_with_the_line(
    avow: Avow, sheet: Path, content: str, options: tuple[str, ...], line: int, said: str
) -> None:
    sheet.write_text(content)
    ended = avow.say("import", str(sheet), *options)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"avow: Line {line}: {said}")
    [error] = json.loads(avow.say("import", str(sheet), *options, "--json").err)["errors"]
    assert error["line"] == line
    assert error["message"].startswith(said)


def test_a_mapped_column_that_the_file_has_not_is_named(avow: Avow, sheet: Path) -> None:
    ended = avow.say("import", str(sheet), "--map", "foo=bar", "--create-attributes")
    assert (ended.code, "'foo'" in ended.err) == (1, True)


def test_rejected_lines_are_shown_and_written_to_a_file(avow: Avow, sheet: Path, tmp_path: Path) -> None:
    sheet.write_text("external_id,email,name\nalice,nonsense,Alice\nbob,,Bob\n,,Nobody\n")
    bad = tmp_path / "bad.csv"
    ended = avow.say("import", str(sheet), "--rejected", str(bad))
    assert ended.code == 1
    assert "line 2" in ended.out
    assert "nonsense" not in ended.out
    rows = list(csv.DictReader(io.StringIO(bad.read_text())))
    assert [(row["line"], row["code"], row["field"]) for row in rows] == [
        ("2", "parameter_invalid", "email"), ("4", "parameter_not_found", ""),
    ]  # fmt: skip
    assert avow.refused("import", str(sheet), "--rejected", str(bad))[0] == 2


def test_nobody_is_imported_where_the_rejected_lines_cannot_be_written(avow: Avow, sheet: Path, tmp_path: Path) -> None:
    before = avow.say("export").out
    sheet.write_text("external_id\nalice\n")
    bad = tmp_path / "nowhere" / "bad.csv"
    code, _, message = avow.refused("import", str(sheet), "--rejected", str(bad))
    assert (code, message) == (2, f"{bad} cannot be written (No such file or directory).")
    assert avow.say("export").out == before
    refused = tmp_path / "bad.csv"
    sheet.write_text("unheard of\nalice\n")
    assert avow.say("import", str(sheet), "--rejected", str(refused)).code == 1
    assert not refused.exists()


def test_a_dry_run_changes_nobody(avow: Avow, sheet: Path) -> None:
    before = avow.say("export").out
    told = avow.told("import", str(sheet), "--create-attributes", "--dry-run")
    assert (told["dry_run"], counts(told)) == (True, (2, 0, 0, 0))
    assert avow.say("export").out == before
    assert "would be created" in avow.say("import", str(sheet), "--create-attributes", "--dry-run").out


def test_json_lines_come_by_their_name_or_by_standard_input(
    avow: Avow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b'{"external_id":"alice","custom_attributes":{"vip":true}}\n'
    path = tmp_path / "people.jsonl"
    path.write_bytes(content)
    assert counts(avow.told("import", str(path), "--create-attributes")) == (1, 0, 0, 0)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))
    assert counts(avow.told("import", "-", "--format", "jsonl")) == (0, 0, 1, 0)


def test_an_interrupted_import_goes_on_when_the_same_is_typed_again(
    avow: Avow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("external_id\n" + "".join(f"u{number}\n" for number in range(50)))
    monkeypatch.setattr(import_people, "ROWS_AT_ONCE", 10)
    batches: list[int] = []

    async def interrupted(_: float) -> None:
        batches.append(1)
        if len(batches) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(import_people, "_give_way", interrupted)
    assert avow.refused("import", str(path)) == (1, "aborted", AGAIN)
    told = avow.told("import", str(path))
    assert (told["resumed"], counts(told)) == (True, (50, 0, 0, 0))
    other = tmp_path / "other.csv"
    other.write_text("external_id\nu1\n")
    assert avow.told("import", str(other))["resumed"] is False


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("people.dat",), "format"),
        (("people.csv", "--map", "plan"), "map"),
        (("people.csv", "--map", "a=plan", "--map", "a=name"), "map"),
        (("missing.csv",), "missing.csv"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_happens(
    avow: Avow, sheet: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], field: str
) -> None:
    monkeypatch.chdir(sheet.parent)
    code, _, message = avow.refused("import", *arguments)
    assert code == 2
    assert field in message


def test_a_test_workspace_gets_its_own_people(avow: Avow, sheet: Path) -> None:
    sheet.write_text("external_id\nalice\n")
    avow.told("import", str(sheet), "--workspace", avow.test_workspace_id)
    assert "alice" not in avow.say("export").out
    assert "alice" in avow.say("export", "--workspace", avow.test_workspace_id).out
