"""What is set up wrong on a machine or in a database is found by name, with what to do about it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from avow.flow.contract.upkeep import DatabaseSetting, Migrations, Vitals
from avow.flow.upkeep.doctor import Finding, Level, Surroundings, of_database, of_machine, of_migrations

NOW = 1_800_000_000.0
GOOD = Surroundings(
    now=NOW,
    data="avow-data",
    is_sqlite=True,
    workers=1,
    names_proxies=False,
    data_mode=0o700,
    database_mode=0o600,
    newest_file_at=NOW - 3,
    file_system="ext4",
    free_bytes=50 << 30,
    size_bytes=100 << 30,
    servers=1,
)
FILE = Vitals("SQLite", "3.40.1", 3, NOW, (DatabaseSetting("journal_mode", "wal"),))
SERVER = Vitals(
    "PostgreSQL",
    "15.6",
    15,
    NOW,
    tuple(
        DatabaseSetting(name, value)
        for name, value in (
            ("fsync", "on"),
            ("full_page_writes", "on"),
            ("synchronous_commit", "on"),
            ("server_encoding", "UTF8"),
            ("superuser_reserved_connections", "3"),
        )
    ),
    connections=9,
    most_connections=100,
)


def but(vitals: Vitals, **changed: Any) -> Vitals:
    """A database that differs in one thing; `settings` by name."""
    named = changed.pop("settings", {})
    settings = tuple(DatabaseSetting(one.name, named.get(one.name, one.value)) for one in vitals.settings)
    return msgspec.structs.replace(vitals, settings=settings, **changed)


def found(findings: list[Finding], level: Level) -> list[str]:
    return [one.check for one in findings if one.level is level]


def test_a_machine_that_is_set_up_right_has_nothing_wrong() -> None:
    findings = list(of_machine(GOOD, FILE))
    assert {one.level for one in findings} == {Level.OK}
    assert [one.check for one in findings] == ["clock", "data_directory", "disk", "file_system", "one_server"]


@pytest.mark.parametrize(
    ("changed", "check", "level", "words"),
    [
        ({"newest_file_at": NOW + 90}, "clock", Level.WRONG, "set back"),
        ({"data_mode": 0o755}, "data_directory", Level.WRONG, "chmod 700 avow-data"),
        ({"database_mode": 0o640}, "data_directory", Level.WRONG, "chmod 600"),
        ({"free_bytes": 100 << 20}, "disk", Level.WRONG, "507"),
        ({"free_bytes": 900 << 20}, "disk", Level.ADVICE, "0.9 GiB"),
        ({"free_bytes": 4 << 30}, "disk", Level.ADVICE, "4.0 GiB of 100.0 GiB"),
        ({"file_system": "nfs4"}, "file_system", Level.WRONG, "over the network"),
        ({"servers": 2}, "one_server", Level.WRONG, "Stop all but one"),
        ({"key_fault": "There is no master.key."}, "master_key", Level.WRONG, "Bring back the master.key"),
    ],
)
def test_what_is_wrong_with_a_machine_is_found(
    changed: dict[str, object], check: str, level: Level, words: str
) -> None:
    findings = list(of_machine(msgspec.structs.replace(GOOD, **changed), FILE))
    assert found(findings, level) == [check]
    [one] = [one for one in findings if one.level is level]
    assert words in f"{one.found} {one.advice}"
    assert one.advice


@pytest.mark.parametrize(
    ("vitals", "level"),
    [
        (but(FILE, now=NOW + 2), Level.OK),
        (but(FILE, now=NOW - 10), Level.ADVICE),
        (but(FILE, now=NOW + 31), Level.WRONG),
        (but(FILE, newest_record_at=NOW + 31), Level.WRONG),
        (None, Level.OK),
    ],
)
def test_clocks_are_compared(vitals: Vitals | None, level: Level) -> None:
    [clock] = [one for one in of_machine(GOOD, vitals) if one.check == "clock"]
    assert clock.level is level


def test_databases_that_are_set_up_right_have_nothing_wrong() -> None:
    for vitals, workers in ((FILE, 1), (SERVER, 4)):
        assert {one.level for one in of_database(vitals, workers)} == {Level.OK}


@pytest.mark.parametrize(
    ("vitals", "check", "level", "words"),
    [
        (but(FILE, settings={"journal_mode": "delete"}), "database_settings", Level.WRONG, "expected wal"),
        (but(FILE, log_bytes=2 << 30), "database_settings", Level.ADVICE, "2.0 GiB"),
        (but(SERVER, settings={"fsync": "off"}), "database_settings", Level.WRONG, "Set fsync to on"),
        (but(SERVER, settings={"full_page_writes": "off"}), "database_settings", Level.WRONG, "tear pages"),
        (but(SERVER, settings={"synchronous_commit": "off"}), "database_settings", Level.WRONG, "was answered"),
        (but(SERVER, settings={"server_encoding": "LATIN1"}), "database_settings", Level.WRONG, "UTF8"),
        (but(SERVER, version="13.9", major=13), "database_settings", Level.WRONG, "14 or newer"),
        (but(SERVER, is_standby=True), "database_settings", Level.WRONG, "primary"),
        (but(SERVER, longest_idle=1_200), "database_settings", Level.ADVICE, "20 minutes"),
        (but(SERVER, most_connections=50), "connections", Level.WRONG, "Raise max_connections"),
        (but(SERVER, connections=96), "connections", Level.ADVICE, "96 in use"),
        (but(FILE, outbox_oldest_at=NOW - 9 * 86_400), "outbox", Level.WRONG, "Start a server"),
        (but(FILE, outbox_rows=600_000), "outbox", Level.ADVICE, "keeps up"),
    ],
)
def test_what_is_wrong_with_a_database_is_found(vitals: Vitals, check: str, level: Level, words: str) -> None:
    findings = list(of_database(vitals, 4))
    assert found(findings, level) == [check]
    [one] = [one for one in findings if one.level is level]
    assert words in f"{one.found} {one.advice}"


@pytest.mark.parametrize(
    ("migrations", "level", "words"),
    [
        (Migrations("0002", "0002", ()), Level.OK, "0002"),
        (Migrations("0001", "0002", ("0002",)), Level.WRONG, "avow migrate"),
        (Migrations(None, "0002", ("0001", "0002")), Level.WRONG, "avow init"),
        (Migrations("0009", "0002", (), is_ahead=True), Level.WRONG, "newer program"),
    ],
)
def test_program_and_tables_are_compared(migrations: Migrations, level: Level, words: str) -> None:
    finding = of_migrations(migrations)
    assert finding.level is level
    assert words in f"{finding.found} {finding.advice}"
