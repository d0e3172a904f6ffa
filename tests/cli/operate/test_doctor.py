"""`avow doctor` finds what is wrong, says what to do, changes nothing, and ends with 1 if anything is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Avow
from tests.support.program import AVOW, Made, Server

FOREIGN = "00112233445566778899aabbccddeeff" * 2


def examined(avow: Avow) -> tuple[int, dict[str, Any]]:
    ended = avow.say("doctor", "--json")
    return ended.code, ended.told


def wrong(told: dict[str, Any]) -> list[str]:
    return [one["check"] for one in told["findings"] if one["level"] == "wrong"]


@pytest.mark.sqlite
def test_a_new_place_is_healthy_and_gets_advice(avow: Avow) -> None:
    code, told = examined(avow)
    assert (code, told["healthy"], told["wrong"]) == (0, True, 0)
    assert {one["check"] for one in told["findings"] if one["level"] == "advice"} == {
        "messenger_security",
        "undated_tokens",
    }


def test_people_read_the_worst_first(avow: Avow) -> None:
    avow.data.chmod(0o755)
    lines = avow.say("doctor").out.splitlines()
    assert lines[0].startswith("wrong")
    assert lines[1].strip() == f"Run: chmod 700 {avow.data}"


def test_a_master_key_that_is_not_there_is_found(avow: Avow) -> None:
    (avow.data / "master.key").unlink()
    code, told = examined(avow)
    assert (code, "master_key" in wrong(told)) == (1, True)


def test_a_master_key_of_other_data_is_found(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVOW_MASTER_KEY", FOREIGN)
    code, told = examined(avow)
    assert (code, "master_key" in wrong(told)) == (1, True)


def test_old_tables_are_found(avow: Avow) -> None:
    avow.falsify("UPDATE alembic_version SET version_num = '0001'")
    code, told = examined(avow)
    assert (code, "migrations" in wrong(told)) == (1, True)


@pytest.mark.sqlite
def test_a_file_that_others_may_read_is_found(avow: Avow) -> None:
    (avow.data / "avow.db").chmod(0o644)
    assert "data_directory" in wrong(examined(avow)[1])


def test_a_database_that_does_not_answer_is_a_finding_and_no_failure(avow: Avow) -> None:
    address = "postgresql://avow:hunter2@127.0.0.1:9/avow"
    ended = avow.anywhere("doctor", "--data", str(avow.data), "--database", address, "--json")
    assert (ended.code, "database" in wrong(ended.told)) == (1, True)
    assert "hunter2" not in ended.out


def test_a_careless_postgresql_is_found(avow: Avow, postgres_url: str) -> None:
    """The tests' server does not wait for the disk."""
    ended = avow.anywhere("doctor", "--data", str(avow.data), "--database", postgres_url, "--json")
    told = " ".join(one["found"] for one in ended.told["findings"] if one["level"] == "wrong")
    for setting in ("fsync is off", "full_page_writes is off", "synchronous_commit is off", "no tables of ours"):
        assert setting in told


@pytest.mark.sqlite
def test_two_servers_of_one_file_are_found(avow: Avow) -> None:
    made = Made(avow.data, None, avow.made)
    with Server(made, program=AVOW):  # whose command line says what it is
        assert "one_server" not in wrong(examined(avow)[1])
        with Server(made, program=AVOW):
            code, told = examined(avow)
            assert (code, "one_server" in wrong(told)) == (1, True)


@pytest.mark.sqlite
def test_a_second_server_of_one_file_is_told_so_as_it_starts_and_a_crash_leaves_nothing_in_the_way(avow: Avow) -> None:
    made = Made(avow.data, None, avow.made)
    with Server(made, program=AVOW) as first:
        assert "warnings" not in first.told
        with Server(made, program=AVOW) as second:
            [told] = second.told["warnings"]
            assert told.startswith(f"process {first.pid} serves this SQLite file too.")
            assert f"Process {first.pid} serves this SQLite file too." in second.log
        first.kill()
    with Server(made, program=AVOW) as next_one:
        assert "warnings" not in next_one.told
