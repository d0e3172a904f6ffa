"""Traces show the way of a request and nothing of anybody; without an endpoint nothing of OpenTelemetry is loaded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_network

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from starlette.types import Receive, Scope, Send

from avow.errors import Unavailable, UsageError
from avow.observe import tracing as module
from avow.observe.tracing import Tracing
from avow.web.boundary import Boundary
from avow.web.journal import note_workspace
from avow.web.responses import send_json

CANARY = "alice-canary@acme.example"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRUSTED = (ip_network("127.0.0.0/8"),)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def tracing(spans: InMemorySpanExporter) -> Iterator[Tracing]:
    tracing = Tracing(spans, share=1.0, database="sqlite", version="0")
    yield tracing
    tracing.close()


async def ask(tracing: Tracing, headers: dict[str, str], peer: str = "127.0.0.1") -> httpx.Response:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        note_workspace("acme0001")
        scope["avow.route"] = "/contacts/{id}"
        with tracing.span("database contact"):
            if scope["query_string"]:
                raise Unavailable(CANARY)
        await send_json(send, 200, b"{}")

    traced = tracing.around(Boundary(app, bytes), lambda scope: str(scope["avow.route"]), TRUSTED)
    transport = httpx.ASGITransport(traced, client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://avow", headers=headers) as client:
        return await client.get(f"/contacts/{CANARY}", params={"email": CANARY} if "X-Fail" in headers else {})


def ended(tracing: Tracing, spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    tracing.close()
    return {span.name: span for span in spans.get_finished_spans()}


async def test_a_request_is_a_span_by_its_route_and_the_database_its_child(
    tracing: Tracing, spans: InMemorySpanExporter
) -> None:
    await ask(tracing, {"Authorization": CANARY, "tracestate": f"acme={CANARY}", "baggage": f"who={CANARY}"})
    found = ended(tracing, spans)
    request, call = found["GET /contacts/{id}"], found["database contact"]
    assert request.attributes is not None
    assert dict(request.attributes) == {
        "http.request.method": "GET",
        "http.route": "/contacts/{id}",
        "http.response.status_code": 200,
        "avow.request_id": "00000000-0000-4000-8000-000000000000",
        "avow.workspace": "acme0001",
    }
    assert call.parent is not None
    assert request.context is not None
    assert call.parent.span_id == request.context.span_id
    assert "canary" not in "".join(span.to_json() for span in found.values())


async def test_an_error_is_its_code_and_never_its_text(tracing: Tracing, spans: InMemorySpanExporter) -> None:
    assert (await ask(tracing, {"X-Fail": "1"})).status_code == 503
    found = ended(tracing, spans)
    call = found["database contact"]
    assert call.attributes is not None
    assert call.attributes["error.type"] == "service_unavailable"
    assert {span.status.status_code for span in found.values()} == {StatusCode.ERROR}
    assert "canary" not in "".join(span.to_json() for span in found.values())


@pytest.mark.parametrize(("peer", "followed"), [("127.0.0.1", True), ("203.0.113.7", False)])
async def test_only_whom_the_operator_trusts_says_which_trace_it_is(
    tracing: Tracing, spans: InMemorySpanExporter, peer: str, followed: bool
) -> None:
    await ask(tracing, {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, peer)
    context = ended(tracing, spans)["GET /contacts/{id}"].context
    assert context is not None
    assert (context.trace_id == int(TRACE, 16)) is followed


@pytest.mark.parametrize("raw", ["", "00-0-0-01", f"00-{'0' * 32}-{'0' * 16}-01", "ff" * 400, f"00-{TRACE}-x"])
async def test_a_parent_that_is_none_is_ignored(tracing: Tracing, spans: InMemorySpanExporter, raw: str) -> None:
    assert (await ask(tracing, {"traceparent": raw})).status_code == 200
    assert ended(tracing, spans)["GET /contacts/{id}"].parent is None


def test_without_an_endpoint_nothing_of_opentelemetry_is_loaded() -> None:
    script = (
        "import sys; from avow import app; from avow.settings import Settings; "
        "app.application(Settings.from_environment({})); "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_who_has_not_installed_it_is_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"\.venv/bin/pip install --editable '\.\[otel\]'"):
        module.require()


def test_spans_are_sent_by_otlp_to_the_endpoint() -> None:
    exporter: SpanExporter = module.exporter("http://127.0.0.1:4318/v1/traces")
    assert getattr(exporter, "_endpoint", None) == "http://127.0.0.1:4318/v1/traces"
    exporter.shutdown()
