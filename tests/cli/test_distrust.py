"""`avow key distrust` tells what it would do, does it when it is said, and says what it did."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from avow import sign
from avow.cli.opening import opened, settings_of
from avow.flow import keys
from avow.flow.updates.submissions import Submission
from avow.flow.updates.update import MessengerUpdate
from avow.trust.policy import Platform
from avow.trust.token import verify
from tests.cli.conftest import Avow


def delivered(avow: Avow, user_id: str, **values: str) -> None:
    """What happens when a page delivers a token of Acme's first key."""
    key = avow.made["signing_key"]

    async def deliver() -> None:
        async with opened(settings_of(data=str(avow.data), database_url=avow.database)) as engine, engine.running():
            rules = await engine.rulebook.current(avow.workspace_id)  # type: ignore[arg-type]
            token = sign(user_id, values, key=key["secret"], kid=key["kid"])
            now = engine.now()
            claims = verify(token, keyring=rules.keyring, policy=rules.policy, platform=Platform.WEB, now=now)
            await engine.committer.submit(
                MessengerUpdate(Submission(rules.workspace_id, Platform.WEB, rules.version, claims))
            )

    asyncio.run(deliver())


@pytest.fixture
def kid(avow: Avow) -> str:
    """The first key, by which Alice's plan is vouched for."""
    delivered(avow, "alice", plan="stolen")
    return str(avow.made["signing_key"]["kid"])


def state(avow: Avow, kid: str) -> str:
    return next(str(one["state"]) for one in avow.told("key", "list") if one["kid"] == kid)


@pytest.mark.parametrize("flag", [(), ("--dry-run",)])
def test_without_yes_it_only_tells(avow: Avow, kid: str, flag: tuple[str, ...]) -> None:
    told = avow.told("key", "distrust", kid, "--since", "1h", *flag)
    assert (told["dry_run"], told["counts"]["contacts"], told["counts"]["unverified"]) == (True, 1, 1)
    assert state(avow, kid) == "live"
    said = avow.say("key", "distrust", kid, "--since", "1h", *flag)
    assert (said.code, "Nothing was written." in said.out, "1 contacts would lose something" in said.out) == (
        0,
        True,
        True,
    )


def test_with_yes_it_is_done_and_every_chain_verifies(avow: Avow, kid: str) -> None:
    told = avow.told("key", "distrust", kid, "--since", "1h", "--yes")
    assert (told["dry_run"], told["counts"]["contacts"], told["counts"]["created"]) == (False, 1, 1)
    assert told["created"] == [told["contacts"][0]["id"]]
    assert told["contacts"][0]["attributes"] == {"plan": "unverified"}
    assert state(avow, kid) == "revoked"
    assert "distrusted since" in avow.say("key", "list").out
    assert avow.told("audit", "verify")["verified"] is True
    again = avow.told("key", "distrust", kid, "--since", "1h", "--yes")
    assert again["counts"]["contacts"] == 0


def test_a_report_has_a_line_for_each_entry(avow: Avow, kid: str, tmp_path: Path) -> None:
    path = tmp_path / "lost.jsonl"
    told = avow.told("key", "distrust", kid, "--since", "1h", "--report", str(path))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    alice = told["contacts"][0]["id"]
    assert lines == [
        {"list": "contacts", "id": alice, "attributes": {"plan": "unverified"}},
        {"list": "created", "id": alice},
    ]
    assert "stolen" not in path.read_text()


@pytest.mark.parametrize("more", [(), ("--yes",)])
def test_a_report_that_cannot_be_written_leaves_everything_as_it_was(
    avow: Avow, kid: str, tmp_path: Path, more: tuple[str, ...]
) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    for path, words in ((mine, "is there already"), (tmp_path / "nowhere" / "lost.jsonl", "cannot be written")):
        code, _, message = avow.refused("key", "distrust", kid, "--since", "1h", "--report", str(path), *more)
        assert (code, words in message) == (2, True)
    assert mine.read_text() == "mine"
    assert state(avow, kid) == "live"


def test_a_report_is_for_this_user_only_and_takes_the_place_of_an_empty_file(
    avow: Avow, kid: str, tmp_path: Path
) -> None:
    path = tmp_path / "lost.jsonl"
    path.touch(0o644)
    assert avow.refused("key", "distrust", "nobody's", "--since", "1h", "--report", str(path))[0] == 1
    assert not path.exists()
    avow.told("key", "distrust", kid, "--since", "1h", "--yes", "--report", str(path))
    assert (path.stat().st_mode & 0o777, len(path.read_text().splitlines())) == (0o600, 2)


@pytest.mark.parametrize(
    ("committed", "said", "is_now"),
    [(True, "is revoked, for good", "revoked"), (False, "nothing was changed", "live")],
)
def test_whoever_stops_it_is_told_whether_the_key_is_revoked(
    avow: Avow, kid: str, monkeypatch: pytest.MonkeyPatch, committed: bool, said: str, is_now: str
) -> None:
    revoke = keys.distrust

    async def interrupted(*arguments: Any, **named: Any) -> None:
        if committed:
            await revoke(*arguments, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(keys, "distrust", interrupted)
    code, error, message = avow.refused("key", "distrust", kid, "--since", "1h", "--yes")
    assert (code, error, said in message) == (1, "aborted", True)
    assert state(avow, kid) == is_now


@pytest.mark.parametrize("text", ["2020-01-01", "2020-01-01T09:30", "2020-01-01T09:30:00+02:00", "1577836800", "52w"])
def test_a_moment_is_said_in_many_ways(avow: Avow, kid: str, text: str) -> None:
    told = avow.told("key", "distrust", kid, "--since", text)
    assert told["counts"]["contacts"] == 1
    assert told["since"] < time.time() - 300 * 86_400


def test_a_moment_is_utc_unless_it_says_otherwise(avow: Avow, kid: str) -> None:
    told = avow.told("key", "distrust", kid, "--since", "2020-01-01T09:30")
    assert told["since"] == datetime(2020, 1, 1, 9, 30, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--since", "yesterday"), 2, "expected 2026-03-01"),
        (("--since", "2999-01-01"), 2, "has not been"),
        (("--since", "²"), 2, "expected 2026-03-01"),
        ((), 2, "--since"),
        (("--since", "1h", "--yes", "--dry-run"), 2, "one of them"),
        (("--since", "1h", "--workspace", "nowhere1"), 1, "no workspace"),
    ],
)
def test_what_cannot_be_meant_is_refused(avow: Avow, arguments: tuple[str, ...], code: int, words: str) -> None:
    kid = str(avow.made["signing_key"]["kid"])
    found, _, message = avow.refused("key", "distrust", kid, *arguments)
    assert found == code
    assert words in message
    assert state(avow, kid) == "live"


def test_a_key_that_is_not_there_is_named_beside_those_that_are(avow: Avow) -> None:
    code, error, message = avow.refused("key", "distrust", "nobody's", "--since", "1h", "--yes")
    assert (code, error) == (1, "not_found")
    assert str(avow.made["signing_key"]["kid"]) in message
