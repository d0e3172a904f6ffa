"""What happens to every REST request, from the socket to the answer: who asks, how often, which version, may she.

1. The access token is recognised; the workspace has requests left; the version is one; the token has the scope.
2. Only then is the body read. A handler takes a `Call` and returns what is to be encoded as JSON, or a `Stream`.
3. Every answer to somebody known carries `X-RateLimit-*`, refusals too.

Source: spec §11; contract/intercom-notes.md §4.1.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.types import Receive, Scope, Send

from avow.api.authentication import Caller, authenticate
from avow.api.versions import HEADER, Version, version_of
from avow.errors import AvowError, BadInput
from avow.flow.contacts import require_scope
from avow.flow.engine import Engine
from avow.flow.rules.sealing import derived
from avow.flow.work import Idempotency
from avow.trust import access
from avow.trust.contact import WorkspaceId
from avow.trust.rules import Rules
from avow.web import errors
from avow.web.forms import parse_form
from avow.web.journal import note_workspace
from avow.web.limits import Allowance, Limiter, headers, require
from avow.web.request import header, read_body, request_id
from avow.web.responses import JSON, Answer, Header, Stream, send_answer, send_stream

_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
MAX_KEY: Final = 255
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Call:
    """One request of somebody who may make it. `raw_body` is within bounds; `path` holds the address's parts."""

    engine: Engine
    caller: Caller
    version: Version
    path: Mapping[str, str]
    query: Mapping[str, str]
    scope: Scope
    raw_body: bytes

    @property
    def workspace_id(self) -> WorkspaceId:
        """Where everything happens: the token's workspace."""
        return self.caller.token.workspace_id

    @property
    def rules(self) -> Rules:
        """The workspace's rules, a second old at most. Writes are weighed under those of their own transaction."""
        return self.caller.rules

    @property
    def wants_receipt(self) -> bool:
        """Whether the answer to a write shall tell every value's verdict (`Avow-Receipt: 1`)."""
        return header(self.scope, b"avow-receipt") in (b"1", b"true")

    @property
    def idempotency(self) -> Idempotency | None:
        """What makes a retry one with its first try: workspace, caller, method, address, key, and the body.

        A body may hold a secret, so its fingerprint is keyed: nobody tries secrets against what is kept (spec §4).
        """
        raw_key = header(self.scope, b"idempotency-key")
        if raw_key is None:
            return None
        key = raw_key.decode("latin-1")
        if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
            raise BadInput(f"Idempotency-Key is not a text of 1 to {MAX_KEY} characters.", field="Idempotency-Key")
        token = self.caller.token
        parts = ("rest", token.workspace_id, token.id, self.scope["method"], self.scope["path"], key)
        named = hashlib.sha256("\0".join(parts).encode()).hexdigest()
        keyed = hmac.digest(derived(self.engine.master_key, "idempotency"), self.raw_body, "sha256")
        return Idempotency(named, keyed.hex())


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Act:
    """What one method of an address does, and the scope that it takes (None: any token will do).

    `status` is that of the answer where all goes well. A handler that returns None leaves the answer without a body.
    """

    handler: Handler
    scope: access.Scope | None = None
    status: int = 200


class Resource:
    """One address, as an ASGI application."""

    def __init__(self, engine: Engine, limiter: Limiter, acts: Mapping[str, Act]) -> None:
        self._engine = engine
        self._limiter = limiter
        self._acts = acts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limits = _Limits()
        answer: Answer | Stream
        try:
            answer = await self._answer(scope, receive, limits)
        except AvowError as error:
            if not errors.is_ours(error):
                raise
            answer = errors.answer(error, request_id(scope))
        if limits.allowance is not None:
            answer = _with_headers(answer, headers(limits.allowance))
        if isinstance(answer, Stream):
            await send_stream(receive, send, answer, head_only=scope["method"] == "HEAD")
        else:
            await send_answer(send, answer)

    async def _answer(self, scope: Scope, receive: Receive, limits: _Limits) -> Answer | Stream:
        caller = await authenticate(scope, self._engine)
        note_workspace(caller.token.workspace_id)
        now = self._engine.now()
        allowance = self._limiter.take(caller.token.workspace_id, now)
        require(allowance, now, "this workspace")  # a refusal for its sake tells the same headers by itself
        limits.allowance = allowance
        version = version_of(header(scope, HEADER.lower().encode()))
        act = self._acts["GET" if scope["method"] == "HEAD" else scope["method"]]
        if act.scope is not None:
            require_scope(caller.token, act.scope)
        query = parse_form(scope["query_string"]).single
        raw_body = await read_body(scope, receive) if scope["method"] in _WITH_BODY else b""
        call = Call(self._engine, caller, version, scope["path_params"], query, scope, raw_body)
        told = await act.handler(call)
        if isinstance(told, Stream):
            return told
        return Answer(act.status, b"", ()) if told is None else Answer(act.status, _encode(told), (JSON,))


def _with_headers(answer: Answer | Stream, more: Iterable[Header]) -> Answer | Stream:
    if isinstance(answer, Stream):
        return Stream(answer.pieces, (*answer.headers, *more))
    return Answer(answer.status, answer.body, (*answer.headers, *more))


class _Limits:
    """What is left of the window, once it is known whose."""

    allowance: Allowance | None = None
