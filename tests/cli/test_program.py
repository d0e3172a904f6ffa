"""The program as scripts run it: initialised, served, changed beside the running server, and ended."""

from __future__ import annotations

import os
import subprocess
import time
from typing import Any

import httpx
import psutil
import pytest

from avow import sign
from tests.cli.conftest import Avow
from tests.support.program import AVOW, PATIENCE, Made, Server, in_turn
from tests.support.program import avow as program


def test_what_is_decided_at_the_command_line_counts_at_once_on_the_running_server(avow: Avow) -> None:
    made = Made(avow.data, avow.database, avow.made)
    about = ("--workspace", made.workspace_id)
    token = sign("alice", {}, key=made.secret, kid=made.kid)
    with Server(made) as server:
        server.wait_until_ready()

        def ping(**user_data: Any) -> httpx.Response:
            user_data["intercom_user_jwt"] = token
            body = {"app_id": made.workspace_id, "user_data": user_data, "anonymous_session": None}
            return httpx.post(f"{server.url}/messenger/web/ping", json=body, timeout=10)

        def verdict(**user_data: Any) -> tuple[str, str | None]:
            [line] = ping(**user_data).json()["receipt"]["attributes"]
            return line["verdict"], line["reason"]

        avow.told("workspace", "set", "--explain-verdicts", "--may-create", "anyone", *about)
        assert verdict(plan="pro") == ("applied", None)
        avow.told("attribute", "lock", "plan", *about)
        assert verdict(plan="max") == ("ignored", "unverified")
        avow.told("attribute", "open", "plan", *about)
        assert verdict(plan="max") == ("applied", None)
        avow.told("key", "revoke", made.kid, *about)
        refused = ping(plan="top")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "key_revoked")
        assert avow.told("audit", "verify")["verified"] is True
        assert server.stop() < 10


def test_exit_codes_tell_refused_from_misused(avow: Avow) -> None:
    place = ("--data", str(avow.data))
    assert program("init", *place, "--json", check=False).returncode == 1
    assert program("serve", *place, "--workers", "2", check=False).returncode == 2


@pytest.mark.parametrize("both", [False, True], ids=["output", "output and errors"])
def test_a_reader_who_goes_away_is_no_fault_and_nothing_is_said_of_it(both: bool) -> None:
    asked = ["--help", "", "--version", "attribute lock --help", "settings", "settings --json"]
    reading, writing = os.pipe()
    os.close(reading)
    others = {"stderr": writing} if both else {}
    codes, _, said = in_turn(*(one.split() for one in asked), stdout=writing, **others)
    os.close(writing)
    assert (dict(zip(asked, codes, strict=True)), said) == (dict.fromkeys(asked, 141), "")


def test_a_server_serves_whether_or_not_anybody_reads_what_it_says(avow: Avow) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    asked = [*AVOW, "serve", *avow.place, "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(asked, stdout=writing, stderr=subprocess.PIPE, text=True) as server:
        os.close(writing)
        try:
            assert httpx.get(f"http://127.0.0.1:{_port(server)}/readyz", timeout=PATIENCE).status_code == 200
        finally:
            server.terminate()
        _, said = server.communicate(timeout=PATIENCE)
    assert (server.returncode, "could not" in said) == (0, False)


def _port(server: subprocess.Popen[str]) -> int:
    """Where a process listens, once it does."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        for one in psutil.Process(server.pid).net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN:
                return int(one.laddr.port)
        time.sleep(0.05)
    raise AssertionError("it never listened")


def test_an_error_that_nobody_reads_ends_as_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run([*AVOW, "bogus"], stdout=subprocess.PIPE, stderr=writing, text=True, timeout=60)
    os.close(writing)
    assert (ended.returncode, ended.stdout) == (141, "")
