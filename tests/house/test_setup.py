"""On a machine that lacks something, `make` installs it or says in one sentence what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.tree import ROOT
from tests.support.postgres import PostgresMissing
from tools import need_postgresql

Commands = list[list[str]]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """A Debian machine without PostgreSQL, where we are root; the commands that were run there."""
    ran: Commands = []

    def run(command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 0)

    def missing_until_installed() -> Path:
        if not any("install" in command for command in ran):
            raise PostgresMissing("none")
        return Path("/usr/lib/postgresql/15/bin")

    monkeypatch.setattr(need_postgresql, "find_programs", missing_until_installed)
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", having("apt-get"))
    return ran


def having(*programs: str) -> Callable[[str], str | None]:
    return lambda name: f"/usr/bin/{name}" if name in programs else None


def test_root_gets_debians_postgresql(commands: Commands) -> None:
    need_postgresql.ensure()
    assert [command[3:] for command in commands] == [
        ["-qq", "update"],
        ["-qq", "install", "--yes", "--no-install-recommends", "postgresql"],
    ]


def test_a_user_gets_it_by_sudo(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(shutil, "which", having("apt-get", "sudo"))
    need_postgresql.ensure()
    assert {command[0] for command in commands} == {"sudo"}


def test_nothing_is_installed_where_postgresql_is(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(need_postgresql, "find_programs", lambda: Path("/opt/postgresql/bin"))
    need_postgresql.ensure()
    assert commands == []


@pytest.mark.parametrize(
    ("user", "programs", "message"),
    [(1000, ["apt-get"], "takes root or sudo"), (0, [], "no apt-get")],
    ids=["neither root nor sudo", "not a Debian"],
)
def test_who_cannot_install_it_is_told_what_to_do(
    commands: Commands, monkeypatch: pytest.MonkeyPatch, user: int, programs: list[str], message: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(shutil, "which", having(*programs))
    with pytest.raises(SystemExit, match=f"{message}.*Install PostgreSQL's server"):
        need_postgresql.ensure()
    assert commands == []


def test_a_package_that_cannot_be_installed_is_named(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda command, check: subprocess.CompletedProcess(command, 100))
    with pytest.raises(SystemExit, match="apt-get -qq update` failed"):
        need_postgresql.ensure()


@pytest.mark.parametrize(
    ("python", "message"),
    [
        ("exit 1", "Avow needs Python 3.11 or newer"),
        ('case "$2" in *ensurepip*) exit 1 ;; esac', "apt-get install python3-venv"),
    ],
    ids=["too old", "without ensurepip"],
)
def test_a_python_that_will_not_do_is_explained(tmp_path: Path, python: str, message: str) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (tmp_path / name).write_text(f"#!/bin/sh\n{python}\n")
        (tmp_path / name).chmod(0o755)
    found = subprocess.run(
        [ROOT / "tools/find-python"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert message in found.stderr
