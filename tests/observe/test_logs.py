"""A line of the log says what happened, and quotes nobody."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest

from avow.observe.logs import FIELDS, JsonLines, TextLines

CANARY = "plan=platinum-canary"


def line(name: str, message: object, *arguments: object, error: BaseException | None = None) -> str:
    record = logging.LogRecord(name, logging.ERROR, "", 0, message, arguments, None)  # type: ignore[arg-type]
    record.exc_info = (type(error), error, error.__traceback__) if error is not None else None
    return JsonLines().format(record)


def told(*arguments: Any, **named: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line(*arguments, **named))
    assert list(found) == [name for name in FIELDS if name in found]
    return found


def test_our_own_words_are_written_as_they_are() -> None:
    assert told("avow.web", "worker %s ended with code %s", 77, -9)["message"] == "worker 77 ended with code -9"


@pytest.mark.parametrize(
    ("message", "written"),
    [
        (f"Task exception was never retrieved\nfuture: <Task exception=ValueError('{CANARY}')>", "Task exception was"),
        (f"Exception in callback send(b'{CANARY}')", "Exception in callback send"),
        (f"'{CANARY}' cannot be read", "(not written"),
        ("connection to %s lost", "connection to"),
        ({CANARY: 1}, "(not written"),
    ],
)
def test_of_a_librarys_message_only_the_first_words_are_written(message: object, written: str) -> None:
    found = line("asyncio", message, *([CANARY] if "%s" in str(message) else []))
    assert json.loads(found)["message"].startswith(written)
    assert "canary" not in found


def test_an_exception_is_told_by_its_kind_and_place_only() -> None:
    try:
        raise ValueError(CANARY) from KeyError(CANARY)
    except ValueError as raised:
        error = raised
    found = told("uvicorn.error", "Exception in ASGI application", error=error)
    assert "builtins.ValueError at " in found["error"]
    assert "test_logs.py" in found["error"]
    assert "caused by builtins.KeyError" in found["error"]
    assert "canary" not in str(found)


def test_a_line_is_one_line_whatever_is_in_it() -> None:
    record = logging.LogRecord("avow.web", logging.INFO, "", 0, "a\nb\x1b[31mc\r\u2028d", (), None)
    for format_ in (JsonLines(), TextLines()):
        written = format_.format(record)
        assert len(written.splitlines()) == 1
        assert "\x1b" not in written


def test_a_line_that_cannot_be_written_is_not_told_with_all_it_was_made_of(capsys: pytest.CaptureFixture[str]) -> None:
    from avow.observe import logs

    root, ours = logging.getLogger(), logging.getLogger("avow")
    before = (root.level, ours.level, root.handlers[:])
    try:
        logs.start("info", "json", io.StringIO())
        logging.getLogger("avow.web").error("%d", CANARY)
    finally:
        root.level, ours.level, root.handlers[:] = before
    assert "canary" not in "".join(capsys.readouterr())
