"""Secrets and personal data planted everywhere come out nowhere: not in logs, metrics, traces, errors, or on the disk.

Values live in the database, so there only secrets are looked for: signing secrets, access tokens, passwords, tokens.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

import avow
from tests.support.collector import collector
from tests.support.program import Made, Server, init
from tests.support.program import avow as program

PERSON = "canaryperson"
"""Stands in everything that tells of somebody."""
EVERYWHERE = ("--log-level", "debug", "--metrics-port", "0", "--traces-share", "1", "--slow-milliseconds", "1")


@dataclass
class Seen:
    """What came out: the refusals, the log, the metrics, the traces."""

    secrets: dict[str, str]
    refusals: list[str] = field(default_factory=list)
    log: str = ""
    metrics: str = ""
    traces: bytes = b""


ODD = {
    "Cookie": f"session={PERSON}",
    "Referer": f"https://acme.example/{PERSON}?email={PERSON}",
    "User-Agent": PERSON,
    "X-Forwarded-For": PERSON,
    "X-Request-Id": f"{PERSON}@acme.example",
    "tracestate": f"acme={PERSON}",
    "baggage": f"who={PERSON}",
    f"X-{PERSON}": PERSON,
}
Planted = tuple[str, str, dict[str, Any]]


def of_browsers(made: Made, token: str) -> Iterator[Planted]:
    """Requests of the Messenger with something in every place that one has."""
    app, ping = made.workspace_id, "/messenger/web/ping"
    alien = avow.sign(PERSON, {"plan": PERSON}, key="someone-elses-signing-secret-of-48-characters-xyz", kid=made.kid)
    page = {"url": f"https://acme.example/{PERSON}?{PERSON}", "referrer": f"https://{PERSON}.example"}
    unsigned = {"user_id": f"{PERSON}-2", "name": PERSON, "phone": PERSON, "plan": PERSON, f"{PERSON}_name": 1}
    for said in (
        {"intercom_user_jwt": token, **page},
        {"intercom_user_jwt": alien},
        {"intercom_user_jwt": f"{PERSON}.{PERSON}.x"},
        {**unsigned, **page},
        {"user_id": "1", "note": made.secret},
    ):
        headers = {**ODD, "Origin": f"https://{PERSON}"}
        yield "POST", ping, {"json": {"app_id": app, "user_data": said}, "headers": headers}
    events = {"app_id": app, "user_data": unsigned, "events": [{"name": PERSON}]}
    yield "POST", "/messenger/web/events", {"json": events, "headers": ODD}
    yield "POST", ping, {"json": {"app_id": PERSON, "user_data": {"user_id": PERSON}}}
    yield "POST", f"{ping}?email={PERSON}", {"content": f'{{"{PERSON}": "{PERSON}'.encode(), "headers": ODD}
    yield "POST", ping, {"data": {"app_id": app, "user_data": f'{{"email": "{PERSON}'}}


def of_backends(made: Made) -> Iterator[Planted]:
    """Requests by REST likewise, most of them wrong."""
    rest = {"Authorization": f"Bearer {made.access_token}", **ODD}
    for body in (
        {"external_id": f"{PERSON}-3", "email": f"{PERSON}@acme.example"},
        {"external_id": f"{PERSON}-3"},
        {"role": PERSON, "signed_up_at": PERSON, "phone": {PERSON: PERSON}},
    ):
        yield "POST", "/contacts", {"json": body, "headers": rest}
    broken = {**rest, "Content-Type": "application/json"}
    yield "POST", "/contacts", {"content": f'{{"name": "{PERSON}', "headers": broken}
    yield "PUT", f"/contacts/{PERSON}", {"json": {"name": PERSON}, "headers": rest}
    for path in (
        f"/contacts/find_by_external_id/{PERSON}-9?email={PERSON}",
        f"/contacts?starting_after={PERSON}&per_page={PERSON}",
        f"/{PERSON}",
    ):
        yield "GET", path, {"headers": rest}
    for credentials in (f"Bearer avow_at_{PERSON}", f"Basic {PERSON}"):
        yield "GET", "/me", {"headers": {**ODD, "Authorization": credentials}}
    yield "DELETE", f"/me?{PERSON}", {"headers": rest}
    yield "GET", "/me", {"headers": {**rest, "Intercom-Version": PERSON}}
    yield "GET", "/healthz", {"headers": ODD}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return init(tmp_path_factory.mktemp("canaries") / "data")


@pytest.fixture(scope="module")
def seen(place: Made) -> Seen:
    """Everything planted once, on a server that tells all that it can tell."""
    said = {"email": f"{PERSON}@acme.example", "plan": PERSON}
    token = avow.sign(f"{PERSON}-1", said, key=place.secret, kid=place.kid)
    secrets = {
        "signing secret": place.secret,
        "access token": place.access_token,
        "password": str(place.told["owner"]["password"]),
        "token": token.rsplit(".", 1)[1],
    }
    found = Seen(secrets)
    with collector() as traces, Server(place, *EVERYWHERE, "--traces-endpoint", traces.url) as server:
        server.wait_until_ready()
        with httpx.Client(base_url=server.url) as client:
            for method, path, request in [*of_browsers(place, token), *of_backends(place)]:
                answer = client.request(method, path, **request)
                assert answer.status_code < 500, f"{method} {path}: {answer.text}"
                if answer.status_code >= 400:
                    found.refusals.append(answer.text)
        time.sleep(1.2)  # two reports
        found.metrics = httpx.get(server.told["metrics"]).text
        server.stop()
        found.log, found.traces = server.log, traces.received
    return found


def test_the_canaries_were_there_to_be_told(seen: Seen) -> None:
    assert len(seen.refusals) > 10
    assert seen.log.count('"logger":"avow.request"') > 20
    assert "avow_http_requests_total" in seen.metrics
    assert b"commit batch" in seen.traces
    assert b"/messenger/web/ping" in seen.traces


@pytest.mark.parametrize("where", ["log", "metrics", "traces"])
def test_nothing_of_anybody_and_no_secret_is_observed(seen: Seen, where: str) -> None:
    told = getattr(seen, where)
    text = told.decode("latin-1") if isinstance(told, bytes) else told
    for line in text.splitlines():
        assert PERSON not in line.lower()
        for name, secret in seen.secrets.items():
            assert secret not in line, name


def test_no_refusal_repeats_a_secret(seen: Seen) -> None:
    for answer in seen.refusals:
        for name, secret in seen.secrets.items():
            assert secret not in answer, name


def test_no_secret_lies_on_the_disk_in_the_log_of_writes_or_in_a_backup(
    place: Made, seen: Seen, tmp_path: Path
) -> None:
    """Under a server that has just been written to: its write-ahead log is full of it."""
    with Server(place) as server:
        server.wait_until_ready()
        token = avow.sign(f"{PERSON}-7", {"plan": PERSON}, key=place.secret, kid=place.kid)
        body = {"app_id": place.workspace_id, "user_data": {"intercom_user_jwt": token}}
        assert httpx.post(f"{server.url}/messenger/web/ping", json=body).status_code == 200
        kept = {file: file.read_bytes() for file in place.data.iterdir() if file.name != "master.key"}
        program("backup", str(tmp_path / "copy"), "--data", str(place.data))
        kept |= {file: file.read_bytes() for file in (tmp_path / "copy").rglob("*") if file.is_file()}
    assert any(file.name.endswith("-wal") and raw for file, raw in kept.items())
    assert any(PERSON.encode() in raw for raw in kept.values()), "values live here; without them this shows nothing"
    for file, raw in kept.items():
        for name, secret in {**seen.secrets, "new token": token.rsplit(".", 1)[1]}.items():
            assert secret.encode() not in raw, f"{name} in {file.name}"


@pytest.mark.parametrize("arguments", [("settings",), ("key", "list"), ("access-token", "list"), ("workspace", "show")])
def test_no_command_tells_a_secret_a_second_time(place: Made, seen: Seen, arguments: tuple[str, ...]) -> None:
    for more in ((), ("--json",)):
        done = program(*arguments, "--data", str(place.data), *more)
        for name, secret in seen.secrets.items():
            assert secret not in done.stdout + done.stderr, name
