"""A checkpoint that is kept elsewhere shows a history that was rewritten so well that every chain verifies."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from pathlib import Path

import pytest

from avow.cli import audit
from avow.trust.change import GENESIS
from tests.cli.conftest import Avow
from tests.cli.people import live


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is old enough to be covered."""
    monkeypatch.setattr(audit, "LAG", -1)


@pytest.fixture
def kept(avow: Avow, tmp_path: Path) -> Path:
    """What was printed when Alice had three records."""
    live(avow, "alice", "free", "starter", "pro")
    file = tmp_path / "kept.txt"
    file.write_text(avow.say("audit", "checkpoint").out)
    return file


def compared(avow: Avow, kept: Path) -> tuple[int, bool, list[str]]:
    """(exit code, whether every chain verifies by itself, what the checkpoint shows)."""
    ended = avow.say("audit", "verify", "--against", str(kept), "--json")
    alone = avow.say("audit", "verify", "--json").told["verified"]
    return ended.code, alone, [one["message"] for one in ended.told["checkpoints"]["differences"]]


def test_it_is_a_line_for_each_workspace(avow: Avow, kept: Path) -> None:
    lines = kept.read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["avow-checkpoint-1"] * 2
    line = next(line for line in lines if avow.workspace_id in line)
    assert line.split()[3:5] == ["1", "3"]
    told = avow.told("audit", "checkpoint", "--workspace", avow.workspace_id)
    assert [(one["workspace_id"], one["contacts"], one["records"]) for one in told] == [(avow.workspace_id, 1, 3)]


def test_an_untouched_history_is_recognised_however_it_goes_on(avow: Avow, kept: Path) -> None:
    assert compared(avow, kept) == (0, True, [])
    time.sleep(2.1)  # what follows is later than what the checkpoint covers
    live(avow, "bob", "free")
    assert compared(avow, kept) == (0, True, [])
    assert "The history is that of the 2 checkpoints." in avow.say("audit", "verify", "--against", str(kept)).out


def test_a_checkpoint_of_a_workspace_that_was_not_asked_about_is_not_said_to_hold(avow: Avow, kept: Path) -> None:
    for table in ("change", "contact_key", "event", "outbox", "contact"):
        avow.falsify(f"DELETE FROM {table}")
    other = next(line.split()[1] for line in kept.read_text().splitlines() if avow.workspace_id not in line)
    ended = avow.say("audit", "verify", "--workspace", other, "--against", str(kept))
    assert "The history is that of the 1 checkpoints." in ended.out
    assert "Of another workspace, and not compared: 1 checkpoints." in ended.out
    (mine,) = (line for line in kept.read_text().splitlines() if avow.workspace_id in line)
    kept.write_text(mine)
    alone = avow.say("audit", "verify", "--workspace", other, "--against", str(kept), "--json").told
    assert alone["checkpoints"] == {"compared": 0, "differences": []}


@pytest.mark.sqlite
def test_a_history_that_was_rewritten_with_all_its_hashes_is_found(avow: Avow, kept: Path) -> None:
    _rewrite(avow.data / "avow.db")
    code, alone, said = compared(avow, kept)
    assert (code, alone) == (1, True), "the chain by itself shows nothing"
    assert "history was rewritten" in said[0]


def test_a_contact_that_was_removed_with_her_chain_is_found(avow: Avow, kept: Path) -> None:
    for table in ("change", "contact_key", "event", "outbox"):
        avow.falsify(f"DELETE FROM {table}")
    avow.falsify("DELETE FROM contact")
    code, alone, said = compared(avow, kept)
    assert (code, alone) == (1, True)
    assert "history was removed" in said[0]


def test_what_is_no_checkpoint_is_refused(avow: Avow, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("two years of work")
    code, _, message = avow.refused("audit", "verify", "--against", str(tmp_path / "other.txt"))
    assert (code, "Line 1 is no checkpoint" in message) == (1, True)


def test_there_is_no_checkpoint_of_chains_that_do_not_verify(avow: Avow, kept: Path) -> None:
    avow.falsify("DELETE FROM change WHERE seq = 2")
    code, error, _ = avow.refused("audit", "checkpoint")
    assert (code, error) == (1, "audit_failed")


def _rewrite(database: Path) -> None:
    """Another SDK in the first record, and every hash after it made to fit, the contact's too."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT contact_id, seq, raw_facts, hash FROM change ORDER BY seq").fetchall()
        previous = GENESIS
        for contact_id, seq, raw_facts, _ in rows:
            facts = json.loads(raw_facts) | ({"sdk": "web 9"} if seq == 1 else {})
            forged = json.dumps(facts, separators=(",", ":")).encode()
            previous = hashlib.sha256(previous + forged).digest()
            place = (contact_id, seq)
            connection.execute(
                "UPDATE change SET raw_facts = ?, hash = ? WHERE contact_id = ? AND seq = ?", (forged, previous, *place)
            )
            connection.execute("UPDATE contact SET head = ? WHERE id = ?", (previous, contact_id))
    connection.close()
