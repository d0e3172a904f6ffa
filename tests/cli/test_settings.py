"""What is in force can be seen, and where it was said; secrets cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from avow.settings import SETTINGS
from tests.cli.conftest import Avow

KEY = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"


def test_every_setting_is_shown_with_where_it_was_said(
    avow: Avow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "avow.toml"
    file.write_text('log_level = "debug"\n')
    monkeypatch.setenv("AVOW_HOST", "0.0.0.0")
    rows = {row["name"]: row for row in avow.told("settings", "--config", str(file), "--port", "9001")}
    assert list(rows) == [setting.name for setting in SETTINGS]
    assert rows["port"] == {"name": "port", "value": "9001", "from": "flag", "said_by": "--port"}
    assert rows["host"] == {"name": "host", "value": "0.0.0.0", "from": "environment", "said_by": "AVOW_HOST"}
    assert rows["log_level"]["said_by"] == f"log_level in {file}"
    assert (rows["workers"]["value"], rows["workers"]["from"], rows["workers"]["said_by"]) == ("1", "default", "")


def test_secrets_are_not_shown(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AVOW_MASTER_KEY", KEY)
    monkeypatch.setenv("AVOW_DATABASE_URL", "postgresql://olive:s3cret@db/avow?password=s3cret")
    for ended in (avow.anywhere("settings"), avow.anywhere("settings", "--json")):
        assert ended.code == 0
        assert "s3cret" not in ended.out + ended.err
        assert KEY not in ended.out + ended.err
        assert "postgresql://db/avow" in ended.out
        assert "(hidden)" in ended.out


def test_a_file_before_the_command_counts_for_every_command(avow: Avow, tmp_path: Path) -> None:
    file = tmp_path / "avow.toml"
    file.write_text(f'data = "{avow.data}"\n')
    assert avow.anywhere("--config", str(file), "key", "list").code == 0
    assert avow.anywhere("key", "list").code == 2
    file.write_text("prot = 1\n")
    ended = avow.anywhere("--config", str(file), "key", "list")
    assert (ended.code, "did you mean port?" in ended.err) == (2, True)
