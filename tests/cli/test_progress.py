"""Whoever sits at a terminal sees how far it is; a script's streams stay as they are."""

from __future__ import annotations

import sys

import pytest

from avow.cli.progress import bar


@pytest.mark.parametrize("total", [10, None])
def test_a_terminal_is_shown_a_bar_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], total: int | None
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with bar("Copying") as show:
        show(3, total)
        show(7, total)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Copying" in printed.err


def test_nobody_else_is_shown_anything(capsys: pytest.CaptureFixture[str]) -> None:
    with bar("Copying") as show:
        show(3, 10)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")
