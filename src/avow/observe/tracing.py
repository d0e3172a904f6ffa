"""Which way did a request take, and where was the time spent? Spans for OpenTelemetry, sent to a collector by OTLP.

- Nothing of OpenTelemetry is imported before somebody sets `traces_endpoint`; the extra `otel` brings it.
- Spans: a request, a transaction of many updates, a call of the database. A transaction serves many requests, so it
  belongs to none of them: it is a trace of its own, and its statements are its children.
- Attributes are route templates, methods, statuses, ids of requests and workspaces, codes of errors. No path, query,
  header, statement, parameter, or text of an exception.
- Only a peer that the operator trusts may say to which trace a request belongs (`traceparent`); `tracestate`, which may
  say anything, is not read.

Source: https://www.w3.org/TR/trace-context/; OpenTelemetry's semantic conventions for HTTP and databases.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from avow.errors import AvowError, UsageError
from avow.web.addresses import Networks, is_within
from avow.web.connections import Gate
from avow.web.journal import GONE, Observed
from avow.web.whole import WIRE

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace.export import SpanExporter

_PARENT: Final = re.compile(rb"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
FAREWELL_MILLISECONDS: Final = 1_000


def require() -> None:
    """Raise `UsageError` where OpenTelemetry is not installed."""
    needed = ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter")
    for name in needed:
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            raise UsageError(
                "traces_endpoint is set, but OpenTelemetry is not installed; "
                "in the checkout of Avow run: .venv/bin/pip install --editable '.[otel]'",
                field="traces_endpoint",
            )


def exporter(endpoint: str) -> SpanExporter:
    """Sends spans to a collector. OTEL_EXPORTER_OTLP_HEADERS and the like are read from the environment."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=endpoint)


class Tracing:
    """The spans of one process. `database` names the kind of database, `share` which part of all is traced."""

    def __init__(self, to: SpanExporter, *, share: float, database: str, version: str) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

        resource = Resource.create({"service.name": "avow", "service.version": version})
        self._provider = TracerProvider(
            resource=resource, sampler=ParentBased(TraceIdRatioBased(share)), shutdown_on_exit=False
        )
        self._provider.add_span_processor(BatchSpanProcessor(to))
        self._database = database
        self.tracer = self._provider.get_tracer("avow", version)

    @contextlib.contextmanager
    def span(self, name: str) -> Iterator[None]:
        """A span around a block that asks the database; an error is noted by its code."""
        from opentelemetry.trace import SpanKind, Status, StatusCode

        attributes = {"db.system.name": self._database, "db.operation.name": name.removeprefix("database ")}
        with self.tracer.start_as_current_span(
            name, kind=SpanKind.CLIENT, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except Exception as error:
                span.set_attribute("error.type", error.code if isinstance(error, AvowError) else AvowError.code)
                span.set_status(Status(StatusCode.ERROR))
                raise

    def around(self, app: ASGIApp, route_of: Callable[[Scope], str], trusted: Networks) -> ASGIApp:
        """The application with a span around every request."""
        return _Traced(app, self, route_of, trusted)

    def close(self) -> None:
        """Send what is left, for a second at most."""
        self._provider.force_flush(FAREWELL_MILLISECONDS)
        self._provider.shutdown()


class _Traced:
    """An application around another; what it can say of itself is handed on."""

    def __init__(self, app: ASGIApp, tracing: Tracing, route_of: Callable[[Scope], str], trusted: Networks) -> None:
        self._app = app
        self._behind: object = app
        self._tracer = tracing.tracer
        self._route_of = route_of
        self._trusted = trusted

    def attend(self, gate: Gate) -> None:
        """See `journal.Observed`."""
        if isinstance(self._behind, Observed):
            self._behind.attend(gate)

    def report(self) -> bytes:
        """See `journal.Observed`."""
        return self._behind.report() if isinstance(self._behind, Observed) else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        from opentelemetry.trace import SpanKind, Status, StatusCode

        status = GONE
        scope.pop(WIRE, None)  # an answer that leaves as a whole is not seen here

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with self._tracer.start_as_current_span(
            "request",
            context=_context(scope, self._trusted),
            kind=SpanKind.SERVER,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                await self._app(scope, receive, noted)
            finally:
                if span.is_recording():
                    span.update_name(f"{scope['method']} {self._route_of(scope)}")
                    span.set_attributes(self._attributes(scope, status))
                    if status >= 500:
                        span.set_status(Status(StatusCode.ERROR))

    def _attributes(self, scope: Scope, status: int) -> dict[str, str | int]:
        told = {
            "http.request.method": scope["method"],
            "http.route": self._route_of(scope),
            "http.response.status_code": status,
            "avow.request_id": scope.get("avow.request_id", ""),
            "avow.workspace": scope.get("avow.workspace", ""),
        }
        return {name: value for name, value in told.items() if value != ""}


def _context(scope: Scope, trusted: Networks) -> Context:
    """The trace that a trusted peer named, or none."""
    from opentelemetry.context import Context
    from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

    client, nobody = scope.get("client"), Context()
    raw = next((value for name, value in scope["headers"] if name == b"traceparent"), None)
    match = _PARENT.fullmatch(raw) if raw is not None else None
    if match is None or not client or not is_within(client[0], trusted):
        return nobody
    trace, span, flags = (int(part, 16) for part in match.groups())
    parent = SpanContext(trace, span, is_remote=True, trace_flags=TraceFlags(flags))
    return set_span_in_context(NonRecordingSpan(parent), nobody) if parent.is_valid else nobody
