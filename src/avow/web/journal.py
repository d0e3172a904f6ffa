"""What every HTTP wing needs of whoever keeps count: each request is told once, after its answer.

- What is told has no path, query, header or body: the route's template, the method, status, size and time.
- A request's id is taken over from a peer that the operator trusts, where it looks like one; else it is made here.
- A workspace is noted once the request has shown that it is one (`note_workspace`), from anywhere within the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol, runtime_checkable

from starlette.types import Scope

from avow.web.addresses import Networks, is_within
from avow.web.connections import Gate
from avow.web.request import fields_of, new_request_id

GONE = 499
"""In place of a status, where the client left before it was answered."""

# No underscore, no dot, no @: neither a token, an access token nor an e-mail address passes for an id.
_ID = re.compile(rb"[0-9A-Za-z-]{8,64}")


class Journal(Protocol):
    """Whoever wants to know. `seconds` and `size` (bytes) are those of the whole answer."""

    def begun(self) -> None: ...
    def served(self, scope: Scope, status: int, size: int, seconds: float) -> None: ...
    def attend(self, gate: Gate) -> None: ...
    def report(self) -> bytes: ...


@runtime_checkable
class Observed(Protocol):
    """An application that can say how it fares. `gate` counts who is connected to it."""

    def attend(self, gate: Gate) -> None: ...
    def report(self) -> bytes: ...


LASTING = "avow.lasting"
"""In the scope of a request whose answer is a stream: it lasts as long as somebody listens, and is not slow."""

_CURRENT: ContextVar[Scope | None] = ContextVar("avow_request", default=None)


def begin(scope: Scope) -> None:
    """From here on, what runs in this context belongs to this request."""
    _CURRENT.set(scope)


def current() -> Scope | None:
    """The request that is being answered in this context, if one is."""
    return _CURRENT.get()


def note_workspace(workspace_id: str) -> None:
    """The request that is being answered concerns this workspace, which exists."""
    scope = _CURRENT.get()
    if scope is not None:
        scope["avow.workspace"] = workspace_id


def identify(scope: Scope, trusted: Networks, random_bytes: Callable[[int], bytes]) -> str:
    """The request's id: the one that a trusted peer sent, or a new one."""
    value = fields_of(scope).get(b"x-request-id") if trusted else None
    if value is not None:
        client = scope.get("client")
        if client and is_within(client[0], trusted) and _ID.fullmatch(value):
            return str(value, "ascii")
    return new_request_id(random_bytes)
