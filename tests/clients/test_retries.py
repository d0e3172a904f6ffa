"""Intercom's own clients wait when they are told to, try again, and have written once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import intercom
import pytest
from intercom.core.api_error import ApiError

from tests.clients.cast import Acme, codes
from tests.support.databases import database_of_the_run
from tests.support.program import Server, init

A_MINUTE = 18
A_WINDOW = A_MINUTE // 6


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    """A server that lets Acme ask three times in ten seconds."""
    with database_of_the_run() as database:
        made = init(tmp_path_factory.mktemp("busy") / "avow", database)
        with Server(made, "--rest-per-minute", str(A_MINUTE)) as server, httpx.Client(timeout=30) as http:
            server.wait_until_ready()
            yield Acme(made, server, http)


def exhaust(acme: Acme) -> ApiError:
    """Ask until nothing is left, early enough in a window that the next request falls into it too."""
    while True:
        try:
            acme.client.admins.list()
        except ApiError as refused:
            if int((refused.headers or {})["retry-after"]) > 2:
                return refused
            time.sleep(2.1)


def test_python_waits_as_long_as_it_is_told_and_writes_once(busy: Acme) -> None:
    refused = exhaust(busy)
    headers = refused.headers or {}
    assert (refused.status_code, codes(refused)) == (429, ["rate_limit_exceeded"])
    assert 1 <= int(headers["retry-after"]) <= 10
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == (str(A_WINDOW), "0")
    busy.answered.clear()
    began, patient = time.monotonic(), {"max_retries": 5}
    request = intercom.CreateContactRequestWithExternalId(external_id=busy.name("alice"))
    made = busy.client.contacts.create(request=request, request_options=patient)  # type: ignore[arg-type]
    assert [status for status, _ in busy.answered] == [429, 200]
    assert time.monotonic() - began >= int(headers["retry-after"]) - 2
    found: Any = busy.client.contacts.list()
    assert [one.id for one in found.items if one.external_id == made.external_id] == [made.id]


def test_node_waits_by_itself_and_writes_once(busy: Acme) -> None:
    told = busy.node("retries")
    assert told["impatient"]["status"] == 429
    assert told["impatient"]["codes"] == ["rate_limit_exceeded"]
    assert told["statuses"] == [429, 200]
    assert told["there"] == [told["made"]]
