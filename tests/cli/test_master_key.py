"""The wrong master key opens nothing, changes nothing and serves nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Avow

OTHER = "00112233445566778899aabbccddeeff" * 2
LISTS = (("key", "list"), ("access-token", "list"), ("workspace", "show"), ("attribute", "list"))


@pytest.mark.parametrize(
    "command",
    [
        ("key", "make", "--kid", "evil"),
        ("key", "make", "--kid", "evil", "--workspace", "TEST"),
        ("key", "revoke", "KID", "--yes"),
        ("access-token", "create", "--name", "evil"),
        ("workspace", "set", "--may-create", "anyone"),
        ("attribute", "lock", "plan"),
        ("backup", "BACKUP", "--with-master-key"),
        ("serve", "--port", "0"),
    ],
    ids=" ".join,
)
def test_nothing_is_done_under_another_master_key(
    avow: Avow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    before = [avow.told(*one) for one in LISTS]
    meant = {"TEST": avow.test_workspace_id, "KID": avow.made["signing_key"]["kid"], "BACKUP": str(tmp_path / "backup")}
    with monkeypatch.context() as wrong:
        wrong.setenv("AVOW_MASTER_KEY", OTHER)
        code, _, message = avow.refused(*(meant.get(one, one) for one in command))
    assert code == 2
    assert "cannot be opened with this master key" in message
    assert [avow.told(*one) for one in LISTS] == before
    assert not (tmp_path / "backup").exists()


def test_a_master_key_that_is_no_text_is_no_master_key(avow: Avow) -> None:
    (avow.data / "master.key").write_bytes(bytes(range(150, 182)))
    code, _, message = avow.refused("key", "list")
    assert code == 2
    assert "holds no master key" in message
    ended = avow.say("doctor", "--json")
    assert ended.code == 1
    assert "holds no master key" in str([one for one in ended.told["findings"] if one["level"] == "wrong"])
