"""The program as scripts run it: initialised, served, and changed beside the running server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from avow import sign
from tests.support.program import Made, Server, avow, init


def ping(server: Server, made: Made, **user_data: Any) -> httpx.Response:
    body = {"app_id": made.workspace_id, "user_data": user_data, "anonymous_session": None}
    return httpx.post(f"{server.url}/messenger/web/ping", json=body, timeout=10)


def plan_of(response: httpx.Response) -> list[tuple[str, str | None]]:
    lines = response.json()["receipt"]["attributes"]
    return [(line["verdict"], line["reason"]) for line in lines if line["name"] == "plan"]


def test_what_is_decided_at_the_command_line_counts_at_once_on_the_running_server(tmp_path: Path) -> None:
    made = init(tmp_path / "data")
    token = sign("alice", {}, key=made.secret, kid=made.kid)
    about = [*made.place, "--workspace", made.workspace_id]
    with Server(made) as server:
        server.wait_until_ready()
        avow("workspace", "set", "--explain-verdicts", "--may-create", "anyone", *about)
        assert plan_of(ping(server, made, intercom_user_jwt=token, plan="pro")) == [("applied", None)]
        avow("attribute", "lock", "plan", *about)
        assert plan_of(ping(server, made, intercom_user_jwt=token, plan="max")) == [("ignored", "unverified")]
        avow("attribute", "open", "plan", *about)
        assert plan_of(ping(server, made, intercom_user_jwt=token, plan="max")) == [("applied", None)]
        avow("key", "revoke", made.kid, *about)
        refused = ping(server, made, intercom_user_jwt=token, plan="top")
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "key_revoked")
        assert json.loads(avow("audit", "verify", *made.place, "--json").stdout)["verified"] is True
        assert server.stop() < 10


def test_exit_codes_tell_refused_from_misused(tmp_path: Path) -> None:
    made = init(tmp_path / "data")
    assert avow("init", *made.place, "--json", check=False).returncode == 1
    assert avow("serve", *made.place, "--workers", "2", check=False).returncode == 2
