"""A driver's error becomes one of ours: a conflict, a full disk, an absence; its text, which may hold values, stays."""

from __future__ import annotations

import errno
import logging
import sqlite3
import traceback
from typing import Any

import asyncpg
import pytest

from avow.errors import AvowError, StorageFull, Unavailable, UsageError
from avow.flow.contract import WriteConflict
from avow.store.engine.failures import TELLING, told


def postgres_error(state: str, table: str | None = None) -> asyncpg.PostgresError:
    return asyncpg.PostgresError.new({"C": state, "M": "secret@acme.example", "S": "ERROR", "t": table})


def sqlite_error(code: int, text: str = "secret@acme.example") -> sqlite3.Error:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


EXPECTED: list[tuple[BaseException, type[AvowError]]] = [
    (postgres_error("23505", "contact"), WriteConflict),
    (postgres_error("23505", "contact_key"), WriteConflict),
    (postgres_error("23503", "event"), WriteConflict),
    (postgres_error("40001"), WriteConflict),
    (postgres_error("40P01"), WriteConflict),
    (postgres_error("53100"), StorageFull),
    (postgres_error("53300"), Unavailable),
    (postgres_error("57P01"), Unavailable),
    (postgres_error("57P03"), Unavailable),
    (postgres_error("25006"), Unavailable),
    (postgres_error("42P01"), Unavailable),
    (postgres_error("58030"), Unavailable),
    (postgres_error("28P01"), Unavailable),
    (asyncpg.InterfaceError("connection is closed"), Unavailable),
    (ConnectionRefusedError(), Unavailable),
    (TimeoutError(), Unavailable),
    (OSError(errno.ENOSPC, "no space"), StorageFull),
    (sqlite_error(sqlite3.SQLITE_FULL), StorageFull),
    (sqlite_error(sqlite3.SQLITE_BUSY), Unavailable),
    (sqlite_error(sqlite3.SQLITE_IOERR_WRITE), Unavailable),
    (sqlite_error(sqlite3.SQLITE_CORRUPT), Unavailable),
    (sqlite_error(sqlite3.SQLITE_READONLY), Unavailable),
    (sqlite_error(sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, "UNIQUE constraint failed: contact.id"), WriteConflict),
    (sqlite_error(sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed"), WriteConflict),
    (sqlite_error(sqlite3.SQLITE_ERROR, "no such table: contact"), Unavailable),
]


@pytest.mark.parametrize(
    ("state", "said"),
    [("28P01", "password"), ("28000", "pg_hba"), ("3D000", "no database of this name"), ("53300", "max_connections")],
)
def test_why_a_server_lets_nobody_in_is_said(state: str, said: str) -> None:
    assert said in str(told(postgres_error(state)))


def test_options_of_an_address_that_are_none_are_a_slip_of_the_operator() -> None:
    assert isinstance(told(asyncpg.ClientConfigurationError("sslmode=secret")), UsageError)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_READONLY_DBMOVED])
def test_a_file_that_may_not_be_written_is_no_matter_of_trying_again(code: int) -> None:
    assert "user may write it" in str(told(sqlite_error(code)))


@pytest.mark.parametrize(("error", "ours"), EXPECTED, ids=lambda value: getattr(value, "__name__", str(value)[:40]))
def test_each_failure_has_its_meaning(error: BaseException, ours: type[AvowError]) -> None:
    assert type(told(error)) is ours


@pytest.mark.parametrize(
    "error",
    [
        postgres_error("22P02"),
        postgres_error("23505", "workspace"),
        postgres_error("23502", "contact"),
        sqlite_error(sqlite3.SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: workspace.id"),
        sqlite_error(sqlite3.SQLITE_ERROR, "near SELEKT: syntax error"),
    ],
)
def test_a_fault_of_our_own_is_nobodys_conflict(error: BaseException) -> None:
    assert type(told(error)) is AvowError


def test_what_is_no_drivers_error_goes_its_way() -> None:
    for error in (ValueError("x"), KeyError("x"), AvowError("x"), asyncpg.exceptions.InterfaceWarning("x")):
        assert told(error) is None or isinstance(error, Warning)


def test_no_value_of_a_statement_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail(error: Any) -> None:
        with TELLING:
            raise error

    for error in [*(row[0] for row in EXPECTED), postgres_error("22P02")]:
        with pytest.raises(AvowError) as caught:
            fail(error)
        logging.getLogger("test").error("failed", exc_info=caught.value)
        assert "secret" not in "".join(traceback.format_exception(caught.value))
    assert "secret" not in caplog.text
