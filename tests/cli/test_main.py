"""Every command teaches, and every error is one sentence, or one JSON object, with the right exit code."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from avow.cli.main import app
from avow.cli.output import tell
from avow.cli.serve import serve
from avow.settings import SETTINGS
from tests.cli.conftest import Avow
from tests.support.program import in_turn


def commands(group: typer.Typer, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for command in group.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "").rstrip("_")
        yield (*path, name)
    for inner in group.registered_groups:
        assert inner.typer_instance is not None
        yield from commands(inner.typer_instance, (*path, str(inner.typer_instance.info.name)))


COMMANDS = sorted(commands(app))


def test_the_commands_are_those_that_were_promised() -> None:
    assert {path[0] for path in COMMANDS} == {
        "init", "serve", "migrate", "demo", "workspace", "key", "access-token", "attribute", "sign", "check", "audit",
        "settings", "backup", "restore", "doctor", "distribute", "import", "export", "forget", "teammate",
    }  # fmt: skip


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_teaches_and_json_is_everywhere(avow: Avow, path: tuple[str, ...]) -> None:
    ended = avow.anywhere(*path, "--help")
    assert (ended.code, ended.err) == (0, "")
    if path != ("export",):  # what it prints is data, in the format that is asked for
        assert "--json" in ended.out
    assert len(ended.out.split("Usage:")[1].splitlines()[2].strip()) > 20


@pytest.mark.parametrize("name", ["init", "serve", "demo", "sign", "check"])
def test_the_commands_of_the_first_day_have_examples(avow: Avow, name: str) -> None:
    assert f"avow {name}" in avow.anywhere(name, "--help").out.split("Examples")[1]


def test_every_setting_with_a_flag_can_be_given_to_serve() -> None:
    given = set(inspect.signature(serve).parameters)
    assert {one.name for one in SETTINGS if one.flag} <= given


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("bogus",), "No such command"),
        (("attribute", "lock"), "Missing argument"),
        (("serve", "--port", "http"), "a whole number from 0 to 65535"),
        (("serve", "--workers", "2"), "SQLite has one writer"),
        (("serve", "--database", "mysql://db/avow"), "postgresql://user:password@host:port/name"),
    ],
)
def test_a_misused_command_is_explained_in_one_sentence_and_ends_with_2(
    avow: Avow, arguments: tuple[str, ...], words: str
) -> None:
    ended = avow.anywhere(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert words in ended.err
    assert ended.err.count("\n") == 1
    machine = avow.anywhere(*arguments, "--json")
    assert (machine.code, words in machine.refusal[1]) == (2, True)


def test_a_path_that_is_no_text_is_told_as_one_object_all_the_same(avow: Avow, tmp_path: Path) -> None:
    raw_path = f"{tmp_path}/bad\udcff"  # how Python names a byte that is not UTF-8
    code, kind, message = avow.refused("import", f"{raw_path}.csv")
    assert (code, kind) == (2, "usage")
    assert message.startswith(f"{tmp_path}/bad?.csv cannot be read")
    assert "/bad\\udcff.csv cannot be read" in avow.say("import", f"{raw_path}.csv").err


def test_an_answer_with_a_path_that_is_no_text_is_one_object_too(capsys: pytest.CaptureFixture[str]) -> None:
    tell({"backup": "bad\udcff", "chains": [1, None, "\ud800"]}, True, lambda _: None)
    assert capsys.readouterr().out == '{"backup":"bad?","chains":[1,null,"?"]}\n'


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (("srve",), "avow: No such command 'srve'. Did you mean 'serve'? See: avow --help\n"),
        (("key", "lst"), "avow: No such command 'lst'. Did you mean 'list'? See: avow key --help\n"),
        (("help",), "avow: No such command 'help'. See: avow --help\n"),
        (("version",), "avow: No such command 'version'. See: avow --version\n"),
    ],
)
def test_a_command_that_there_is_not_leads_to_one_that_there_is(
    avow: Avow, typed: tuple[str, ...], answer: str
) -> None:
    assert avow.anywhere(*typed).err == answer


def test_a_group_without_a_command_shows_its_help(avow: Avow) -> None:
    ended = avow.anywhere("key")
    assert (ended.code, ended.err) == (2, "")
    assert "retire" in ended.out


def test_a_secret_in_a_database_address_is_never_shown(avow: Avow, tmp_path: Path) -> None:
    address = "postgresql://avow:hunter2@127.0.0.1:1/avow"
    for command in (("init", "--data", str(tmp_path / "new")), ("key", "list", "--data", str(avow.data))):
        ended = avow.anywhere(*command, "--database", address)
        assert ended.code == 1
        assert "hunter2" not in ended.out + ended.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", [("key", "list"), ("serve",), ("migrate",), ("audit", "verify")])
def test_data_that_are_not_there_are_not_made_on_the_way(
    avow: Avow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("AVOW_MASTER_KEY", "00112233445566778899aabbccddeeff" * 2)
    ended = avow.anywhere(*command, "--data", str(tmp_path / "nowhere"))
    assert (ended.code, "avow init" in ended.err) == (2, True)
    assert not (tmp_path / "nowhere").exists()


def test_a_fault_of_ours_shows_no_text_that_might_be_secret(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("postgresql://avow:hunter2@db")

    monkeypatch.setattr("avow.app.upkeep", fails)
    code, error, message = avow.refused("migrate")
    assert (code, error) == (1, "server_error")
    assert "RuntimeError" in message
    assert "hunter2" not in message


@pytest.mark.parametrize("command", [("key", "list"), ("backup", "elsewhere"), ("attribute", "filterable", "plan")])
def test_ctrl_c_is_answered_in_one_sentence_too(
    avow: Avow, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("avow.app.upkeep", interrupted)
    code, error, message = avow.refused(*command)
    assert (code, error) == (1, "aborted")
    assert message.startswith("Stopped")


BYTES = "bad\udcff"  # how Python names a byte that is not UTF-8


def said_with(name: str, parameter: Any) -> list[str]:
    """An argument as a command line has it."""
    return [name] if parameter.param_type_name == "argument" else [f"{parameter.opts[-1]}={name}"]


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_no_argument_of_bytes_that_are_no_text_is_a_fault_of_ours(
    avow: Avow, path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command: Any = get_command(app)
    for name in path:
        command = command.commands[name]
    for one in command.params:
        if getattr(one, "is_flag", False):
            continue
        needed = [
            word
            for other in command.params
            if other.required and other is not one
            for word in said_with("user_id" if other.name == "kid" else "1d", other)
        ]
        ended = avow.anywhere(*path, *avow.place, *needed, *said_with(BYTES, one))
        taken = one.name == "output"  # a file may be called anything
        assert ended.code in ((0,) if taken else (1, 2)), (one.name, ended)
        assert "should not have happened" not in ended.err, (one.name, ended)


def test_a_setting_of_bytes_that_are_no_text_is_named(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVOW_DATA", BYTES)
    assert avow.anywhere("init").err == "avow: AVOW_DATA is not UTF-8 text.\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_letter_that_the_terminal_has_not_breaks_no_answer(avow: Avow, encoding: str) -> None:
    avow.told("key", "make", "--kid", "new", "--name", "Łukasz 😀")
    asked = ["key", "list", *avow.place]
    codes, shown, _ = in_turn(asked, [*asked, "--json"], env=os.environ | {"PYTHONIOENCODING": encoding})
    assert codes == [0, 0]
    *table, told = shown.splitlines()
    assert "?ukasz ?" in "".join(table)
    assert "Łukasz 😀" in [one["name"] for one in json.loads(told)]


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_a_closed_stream_breaks_no_command(avow: Avow, closed: str) -> None:
    asked = (["key", "make", "--kid", "new"], ["import", "-", "--format", "csv"], ["check", "-"])
    begin = ["bash", "-c", f'"$@" {closed}', "bash"]
    codes, _, said = in_turn(*([*one, *avow.place] for one in asked), begin=begin, stdin=subprocess.DEVNULL)
    assert codes == [0, 1, 1]
    assert "should not have happened" not in said


@pytest.mark.sqlite
def test_the_environment_names_the_data(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVOW_DATA", str(avow.data))
    assert len(avow.anywhere("workspace", "list", "--json").told) == 2


def test_another_master_key_opens_nothing(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVOW_MASTER_KEY", "00112233445566778899aabbccddeeff" * 2)
    code, _, message = avow.refused("key", "list")
    assert code == 2
    assert "cannot be opened with this master key" in message


def test_nothing_that_a_browser_wrote_reaches_the_terminal_raw(avow: Avow) -> None:
    from avow.cli.output import plain

    assert plain("evil\x1b[2J\nname").plain == "evil\\u001b[2J\\u000aname"
