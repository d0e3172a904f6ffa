"""Prometheus can read what is written, in both formats, and several processes are one server."""

from __future__ import annotations

import itertools
import math

import msgspec
import pytest

from avow.flow.bookkeeping.pulse import Histogram
from avow.observe.board import Board
from avow.observe.catalogue import METRICS, Kind
from avow.observe.exposition import render, wants_open_metrics
from avow.observe.readings import Number, Readings, Spread, together
from tests.observe.page import read, value

BOUNDS = (0.1, 1.0)


def spread(*values: float) -> Spread:
    histogram = Histogram(BOUNDS)
    for one in values:
        histogram.add(one)
    return Spread("avow_commit_seconds", (), BOUNDS, tuple(histogram.cells), histogram.total)


def worker(requests: int, queue: int, age: float, *durations: float) -> Readings:
    return Readings(
        (
            Number("avow_http_requests", ("GET", "/me", "200"), requests),
            Number("avow_commit_queue_length", (), queue),
            Number("avow_rules_age_seconds", (), age),
        ),
        (spread(*durations),),
    )


@pytest.mark.parametrize("open_metrics", [False, True])
def test_what_is_written_can_be_read(open_metrics: bool) -> None:
    samples = read(render(worker(3, 2, 0.5, 0.05, 0.1, 0.5, 7.0), open_metrics=open_metrics), open_metrics=open_metrics)
    assert value(samples, "avow_http_requests_total", method="GET", route="/me", status="200") == 3
    assert value(samples, "avow_commit_queue_length") == 2
    assert [value(samples, "avow_commit_seconds_bucket", le=le) for le in ("0.1", "1.0", "+Inf")] == [2, 3, 4]
    assert value(samples, "avow_commit_seconds_count") == 4
    assert math.isclose(value(samples, "avow_commit_seconds_sum"), 7.65)


def test_a_label_cannot_break_out_of_its_quotes() -> None:
    odd = 'a"} 1\nforged_total 9\\'
    page = render(Readings((Number("avow_messenger_refused", (odd,), 1),)), open_metrics=False)
    assert [name for name, _ in read(page)] == ["avow_messenger_refused_total"]


def test_every_kind_of_metric_has_a_name_as_prometheus_wants_it() -> None:
    for metric in METRICS.values():
        assert not metric.name.endswith(("_total", "_bucket", "_sum", "_count", "_info_total"))
        assert metric.meaning.endswith(".")
        assert '"' not in metric.meaning
        assert "le" not in metric.labels
    assert {metric.kind for metric in METRICS.values()} == set(Kind)


def test_workers_add_up_and_the_oldest_rules_count() -> None:
    samples = read(render(together([worker(3, 2, 0.5, 0.05), worker(4, 1, 3.0, 0.5)]), open_metrics=False))
    assert value(samples, "avow_http_requests_total") == 7
    assert value(samples, "avow_commit_queue_length") == 3
    assert value(samples, "avow_rules_age_seconds") == 3.0
    assert value(samples, "avow_commit_seconds_count") == 2


def test_what_a_process_counted_stays_when_it_ends_and_its_gauges_go() -> None:
    board = Board(beside=False)
    for number, one in enumerate([worker(3, 2, 0.5, 0.05), worker(4, 1, 3.0, 0.5)]):
        board.tell(number, msgspec.msgpack.encode(one))
    board.tell(0, b"")
    board.tell(2, msgspec.msgpack.encode(worker(1, 5, 0.1)))
    samples = read(render(board.readings(), open_metrics=False))
    assert value(samples, "avow_http_requests_total") == 8
    assert value(samples, "avow_commit_seconds_count") == 2
    assert value(samples, "avow_commit_queue_length") == 6


def test_in_whatever_order_processes_end_the_sum_never_falls() -> None:
    for order in itertools.permutations(range(3)):
        board, seen = Board(beside=False), 0.0
        for number in range(3):
            board.tell(number, msgspec.msgpack.encode(worker(10**number, 0, 0)))
        for number in order:
            board.tell(number, b"")
            total = value(read(render(board.readings(), open_metrics=False)), "avow_http_requests_total")
            assert total >= seen
            seen = total
        assert seen == 111


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain;version=0.0.4", False),
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,*/*;q=0.1",
            True,
        ),
        ("Application/OpenMetrics-Text", True),
        ("application/openmetrics-text;q=0, text/plain", False),
    ],
)
def test_the_asker_gets_the_format_that_she_prefers(accept: str, wanted: bool) -> None:
    assert wants_open_metrics(accept) is wanted
