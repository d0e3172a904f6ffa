"""`avow forget`: it shows what there is of somebody, asks, and then nothing of her is left but that she was there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import Avow


@pytest.fixture
def people(avow: Avow, tmp_path: Path) -> None:
    """Alice, and two who share an address."""
    path = tmp_path / "in.csv"
    lines = ("alice,Alice@x.example,Alice", "bob,both@x.example,Bob", "carol,both@x.example,Carol")
    path.write_text("external_id,email,name\n" + "".join(f"{line}\n" for line in lines))
    avow.told("import", str(path))


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("who", ["alice", "alice@X.example"])
def test_somebody_is_forgotten_by_any_of_her_names(avow: Avow, who: str) -> None:
    told = avow.told("forget", who, "--yes")
    assert (told["external_id"], told["deleted"], told["traces"]["values"]) == ("alice", True, 2)
    exported = avow.say("export").out
    assert "alice" not in exported.lower()
    assert "bob" in exported
    assert avow.refused("forget", who, "--yes")[1] == "not_found"
    assert avow.say("audit", "verify").code == 0


@pytest.mark.usefixtures("people")
def test_nothing_happens_unless_it_is_confirmed(avow: Avow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("typer.confirm", _no)
    ended = avow.say("forget", "alice")
    assert ended.code == 1
    for shown in ("will go", "external_id", "Alice@x.example", "Alice "):
        assert shown in ended.out
    assert "alice" in avow.say("export").out
    assert avow.refused("forget", "alice")[0] == 2


def _no(*_: object, **__: object) -> None:
    import typer

    raise typer.Abort


@pytest.mark.usefixtures("people")
def test_an_address_that_several_share_names_nobody(avow: Avow) -> None:
    _, code, message = avow.refused("forget", "both@x.example", "--yes")
    assert code == "conflict"
    assert "2 people" in message
    assert avow.say("export").out.count("both@x.example") > 2


@pytest.mark.usefixtures("people")
def test_an_external_id_that_is_somebody_elses_address_names_nobody(avow: Avow, tmp_path: Path) -> None:
    """Whoever proves nothing may call herself by Alice's address; nobody is erased, or told of, in Alice's place."""
    decoy = tmp_path / "decoy.csv"
    decoy.write_text("external_id,name\nalice@x.example,Mallory\nown@x.example,Own\n")
    avow.told("import", str(decoy))
    for asked in (("forget", "alice@x.example", "--yes", "--json"), ("export", "--contact", "alice@x.example")):
        refused = avow.say(*asked)
        assert refused.code == 1
        assert "2 people have this external_id or e-mail. Name one of them by her id" in refused.err
    assert {"alice,", "Mallory"} <= set(re.findall("alice,|Mallory", avow.say("export", "--plain").out))
    assert avow.told("forget", "own@x.example", "--yes")["external_id"] == "own@x.example"


@pytest.mark.usefixtures("people")
def test_somebody_of_another_workspace_is_not_found(avow: Avow) -> None:
    assert avow.refused("forget", "alice", "--yes", "--workspace", avow.test_workspace_id)[1] == "not_found"
