"""Which metrics are there? `METRICS` is the one table of them; the documentation follows it, alerts and dashboard too.

- Names are Prometheus's way: base units, `_total` for what only grows.
- Labels come from fixed sets: routes, words, versions, and the workspaces that exist.
- `join` says what several processes mean together: their sum, or the greatest of them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec


class Kind(StrEnum):
    """What may be done with a metric."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Join(StrEnum):
    """What the same metric of several processes is together."""

    SUM = "sum"
    GREATEST = "greatest"


class Metric(msgspec.Struct, frozen=True):
    """One metric. Its name is that of its family: a counter's samples end with `_total`."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    meaning: str
    join: Join = Join.SUM


def _counter(name: str, labels: str, meaning: str) -> Metric:
    return Metric(name, Kind.COUNTER, tuple(labels.split()), meaning)


def _gauge(name: str, labels: str, meaning: str, join: Join = Join.SUM) -> Metric:
    return Metric(name, Kind.GAUGE, tuple(labels.split()), meaning, join)


def _histogram(name: str, labels: str, meaning: str) -> Metric:
    return Metric(name, Kind.HISTOGRAM, tuple(labels.split()), meaning)


METRICS: Final = {
    metric.name: metric
    for metric in (
        _counter("avow_http_requests", "method route status", "Requests answered. Status 499: the client left first."),
        _histogram(
            "avow_http_request_duration_seconds",
            "method route",
            "Seconds from the head of a request to the end of its answer; without the streams of live pages.",
        ),
        _counter("avow_http_response_bytes", "method route", "Bytes of the bodies of answers."),
        _gauge("avow_http_requests_in_progress", "", "Requests that are being answered."),
        _gauge("avow_connections_open", "", "Connections that have a place."),
        _counter(
            "avow_connections_refused",
            "code",
            "Requests refused before any address saw them: too slow, large or wrong.",
        ),
        _counter("avow_connections_turned_away", "", "Connections that found every place taken."),
        _counter(
            "avow_verdicts",
            "channel verdict reason",
            "Values weighed and committed. Reason is empty where there is none.",
        ),
        _counter("avow_tokens_refused", "reason", "Messenger requests whose token failed a check."),
        _counter("avow_messenger_refused", "code", "Messenger requests refused for another reason than their token."),
        _histogram("avow_commit_batch_size", "", "Updates in one transaction."),
        _histogram("avow_commit_seconds", "", "Seconds from a transaction's first statement until it was durable."),
        _counter("avow_commit_failures", "code", "Transactions that were not committed, by the code of the error."),
        _counter("avow_commit_conflicts", "", "Transactions begun again because another process was faster."),
        _gauge("avow_commit_queue_length", "", "Updates that wait for a transaction."),
        _gauge("avow_rules_age_seconds", "", "Seconds since the rules were last confirmed; the oldest.", Join.GREATEST),
        _gauge(
            "avow_outbox_age_seconds",
            "workspace",
            "Age of the oldest row of the outbox; 0 if it is empty.",
            Join.GREATEST,
        ),
        _gauge("avow_contacts", "workspace", "Users and leads, counted up to ten million.", Join.GREATEST),
        _counter("avow_database_errors", "code", "Calls of the database that failed, by the code of the error."),
        _histogram("avow_database_call_seconds", "operation", "Seconds that a call of the database took."),
        _gauge("avow_workers", "", "Server processes that answer."),
        _gauge("avow_build_info", "version python database", "1, with what runs in the labels.", Join.GREATEST),
        _counter("process_cpu_seconds", "", "Seconds of processor time, of all server processes."),
        _gauge("process_resident_memory_bytes", "", "Resident memory, of all server processes."),
        _gauge("process_open_fds", "", "Open file descriptors, of all server processes."),
        _gauge("process_max_fds", "", "File descriptors that may be open, of all server processes."),
        _gauge(
            "process_start_time_seconds", "", "When the youngest server process started, Unix seconds.", Join.GREATEST
        ),
    )
}
"""Every metric by its name, in the order in which they are told."""
