"""The demo is believable, whole, the same for the same seed, and what it prints can be pasted."""

from __future__ import annotations

import asyncio
import json
import shlex
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from avow.app import application, open_engine
from avow.cli import demo
from avow.cli.main import answer
from avow.demo.company import SECRETS_FILE, Secrets, kept
from avow.demo.past import together
from avow.demo.samples import samples
from avow.demo.story import ALICE, LENGTH, Decision, Visit, story
from avow.errors import NotFound, UsageError
from avow.flow.audit import audit
from avow.flow.contacts import find_by_external_id
from avow.settings import Settings
from avow.trust.policy import WorkspaceKind
from avow.trust.reasons import OF_VALUES
from tests.cli.conftest import Avow

END = 1_800_000_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings.from_environment({}, data=tmp_path_factory.mktemp("demo") / ".demo")
    demo._make(settings)
    return settings


@pytest.fixture(scope="module")
def secrets(made: Settings) -> Secrets:
    return kept(made.data)


def test_the_same_seed_tells_the_same_story() -> None:
    assert story(1, END) == story(1, END)
    assert story(1, END) != story(2, END)
    assert [step.at for step in story(1, END)] == sorted(step.at for step in story(1, END))
    assert all(END - LENGTH <= step.at < END for step in story(1, END))


def test_nobody_signs_up_after_it_is_on_record() -> None:
    for at, acts in together(story(1, END)):
        for act in acts:
            if isinstance(act, Visit) and "created_at" in act.signed:
                assert act.signed["created_at"] <= at  # type: ignore[operator]


def test_a_person_does_one_thing_at_a_time_and_decisions_stand_alone() -> None:
    for _, acts in together(story(1, END)):
        people = [act.user_id for act in acts if isinstance(act, Visit)]
        assert len(people) == len(set(people))
        assert len(acts) == 1 or not any(isinstance(act, Decision) for act in acts)


async def test_some_hundred_people_have_histories_that_verify(made: Settings, secrets: Secrets) -> None:
    async with open_engine(made) as engine:
        found = await audit(engine.store, secrets.workspace_id)
        rules = await engine.rulebook.current(secrets.workspace_id)
        refusals = await engine.store.refusals(secrets.workspace_id, since_hour=0)
    assert found.findings == ()
    assert found.contacts > 250
    assert found.erased >= 3
    assert rules.attributes["plan"].locked
    assert rules.attributes["theme"].provisional
    requests = {row.reason for row in refusals} - OF_VALUES
    assert requests == {"token_expired", "token_not_yet_valid", "signature_invalid"}


async def test_the_test_workspace_has_people_of_its_own_and_rules_that_could_be_promoted(
    made: Settings, secrets: Secrets
) -> None:
    async with open_engine(made) as engine:
        [test] = [one for one in await engine.store.workspaces() if one.kind is WorkspaceKind.TEST]
        found = await audit(engine.store, test.id)
        rules = await engine.rulebook.current(test.id)
        production = await engine.rulebook.current(secrets.workspace_id)
        tess = await find_by_external_id(engine.store, test.id, "test-trial")
        with pytest.raises(NotFound):
            await find_by_external_id(engine.store, secrets.workspace_id, "test-trial")
    assert found.findings == ()
    assert 5 <= found.contacts <= 20
    assert rules.attributes["trial_ends_at"].locked
    assert "trial_ends_at" not in production.attributes
    assert (tess.holding("plan").value, tess.holding("plan").held.value) == ("free", "enterprise")  # type: ignore[union-attr]


def test_its_secrets_belong_to_its_owner_alone(made: Settings) -> None:
    assert stat.S_IMODE((made.data / SECRETS_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(made.data.stat().st_mode) == 0o700


async def test_the_four_commands_do_what_is_printed_beside_them(made: Settings, secrets: Secrets) -> None:
    """Each command is taken apart and asked of the application itself, twice: a demo is run again."""
    about = await demo._alice(made, secrets)
    app = application(made)
    async with lifespan(app), httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        for _ in range(2):
            printed = samples(secrets, about, "http://avow.test", now=time.time())
            signed, unsigned, old, provenance = [await paste(client, one.command) for one in printed]
            assert verdict(signed, "plan") in (("applied", None), ("unchanged", None))
            assert verdict(unsigned, "plan") == ("ignored", "unverified")
            assert verdict(old, "plan") == ("ignored", "stale")
            plan = provenance["attributes"]["plan"]
            assert (plan["value"], plan["verified"], plan["key_id"]) == ("pro", True, secrets.kid)
            assert (plan["state"], plan["held"]["value"]) == ("contradicted", "enterprise")


class lifespan:
    """What a server tells an application before and after."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __aenter__(self) -> None:
        self._said: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._heard: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._task = asyncio.create_task(self._app({"type": "lifespan"}, self._said.get, self._heard.put))
        await self._tell("lifespan.startup")

    async def __aexit__(self, *_: object) -> None:
        await self._tell("lifespan.shutdown")
        await self._task

    async def _tell(self, what: str) -> None:
        await self._said.put({"type": what})
        assert (await self._heard.get())["type"] == f"{what}.complete"


async def paste(client: httpx.AsyncClient, command: str) -> dict[str, Any]:
    words = shlex.split(command.split(" | ", maxsplit=1)[0])
    options = dict(zip(words[3::2], words[4::2], strict=True))
    name, _, value = options["-H"].partition(": ")
    method = "POST" if "-d" in options else "GET"
    answer = await client.request(method, words[2], headers={name: value}, content=options.get("-d"))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def verdict(body: dict[str, Any], name: str) -> tuple[str, str | None]:
    [line] = [line for line in body["receipt"]["attributes"] if line["name"] == name]
    return line["verdict"], line["reason"]


async def test_a_demo_of_an_older_version_is_brought_up_to_date(
    made: Settings, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated = []

    async def migrate(settings: Settings) -> None:
        migrated.append(settings.data)

    monkeypatch.setattr("avow.app.head", lambda: "9999")
    monkeypatch.setattr("avow.app.migrate", migrate)
    await demo._alice(made, secrets)
    assert migrated == [made.data]


def test_a_directory_that_is_no_demos_is_refused(avow: Avow) -> None:
    ended = avow.anywhere("demo", "--data", str(avow.data), "--port", "0")
    assert ended.code == 2
    assert "no demo's" in ended.err


def test_a_port_in_use_is_said_before_anything_is_made_and_the_next_free_pair_is_named(
    avow: Avow, tmp_path: Path
) -> None:
    with four_in_a_row() as (port, release):
        release(port + 2, port + 3)  # as another demo and its shop leave it
        for asked, taken in ((port, port), (port + 1, port + 1), (port - 1, port)):
            ended = avow.anywhere("demo", "--data", str(tmp_path / "demo"), "--port", str(asked))
            assert ended.code == 2
            assert f"Port {taken} on 127.0.0.1" in ended.err
            data = tmp_path / "demo"
            assert f"avow demo --data {data} --port {port + 2} (make demo DATA={data} PORT={port + 2})" in ended.err
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize(("others", "data"), [([7], ".demo-9001"), (None, ".demo-9001"), ([], ".demo")])
def test_what_another_server_has_open_is_not_served_a_second_time(
    made: Settings, monkeypatch: pytest.MonkeyPatch, others: list[int] | None, data: str
) -> None:
    monkeypatch.setattr(demo, "servers", lambda path: others)
    monkeypatch.setattr(demo, "_is_free", lambda host, port: port > 9000)
    settings = Settings.from_environment({}, data=made.data, host="127.0.0.2", port=9000)
    with pytest.raises(UsageError) as caught:
        demo._require_free(settings)
    named = made.data.with_name(data)
    assert f"avow demo --data {named} --host 127.0.0.2 --port 9001 (make demo DATA={named} HOST=127.0.0.2 " in str(
        caught.value
    )


@contextmanager
def four_in_a_row() -> Iterator[tuple[int, Callable[..., None]]]:
    """The first of four ports that are taken here, and what gives some of them back; nobody is on the one before."""
    for first in range(42_000, 60_000, 10):
        with ExitStack() as stack, suppress(OSError):
            socket.create_server(("127.0.0.1", first - 1)).close()
            taken = {at: stack.enter_context(socket.create_server(("127.0.0.1", at))) for at in range(first, first + 4)}

            def release(*ports: int, taken: dict[int, socket.socket] = taken) -> None:
                for port in ports:
                    taken[port].close()

            yield first, release
            return
    pytest.fail("no four ports in a row are free")


def test_a_new_demo_is_in_order_from_the_start(made: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(["doctor", "--data", str(made.data), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["check"] for one in told["findings"] if one["level"] == "wrong"] == []


def test_it_is_served_again_and_prints_what_to_paste(made: Settings) -> None:
    script = "from avow.cli.main import run; run()"
    command = [sys.executable, "-c", script, "demo", "--data", str(made.data), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert httpx.get(f"{told['url']}/readyz").status_code == 200
        assert len(told["commands"]) == 4
        process.terminate()
        assert process.wait(10) == 0


def test_alice_is_who_the_commands_are_about() -> None:
    assert ALICE in {step.act.user_id for step in story(1, END) if isinstance(step.act, Visit)}
