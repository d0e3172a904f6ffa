"""How are readings written for Prometheus? As text 0.0.4 or as OpenMetrics 1.0, as the asker prefers.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/;
https://github.com/OpenObservability/OpenMetrics/blob/main/specification/OpenMetrics.md.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator

from avow.observe.catalogue import METRICS, Kind, Metric
from avow.observe.readings import Labels, Number, Readings, Spread

PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"

_PREFERRED = re.compile(r"application/openmetrics-text\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)")


def wants_open_metrics(raw_accept: str) -> bool:
    """Whether the asker takes OpenMetrics. Prometheus names it before the older format."""
    return _PREFERRED.search(raw_accept.lower()) is not None


def render(readings: Readings, *, open_metrics: bool) -> str:
    """The whole page, metric by metric in the order of the catalogue."""
    numbers: defaultdict[str, list[Number]] = defaultdict(list)
    spreads: defaultdict[str, list[Spread]] = defaultdict(list)
    for number in readings.numbers:
        numbers[number.name].append(number)
    for spread in readings.spreads:
        spreads[spread.name].append(spread)
    lines: list[str] = []
    for metric in METRICS.values():
        told = [
            *(line for one in sorted(numbers[metric.name], key=_by_labels) for line in _of_number(metric, one)),
            *(line for one in sorted(spreads[metric.name], key=_by_labels) for line in _of_spread(metric, one)),
        ]
        if told:
            lines += [*_head(metric, open_metrics=open_metrics), *told]
    return "\n".join([*lines, *(["# EOF"] if open_metrics else []), ""])


def _by_labels(one: Number | Spread) -> Labels:
    return one.labels


def _head(metric: Metric, *, open_metrics: bool) -> Iterator[str]:
    # The older format types a counter under the name of its samples, OpenMetrics under that of its family.
    name = metric.name if open_metrics or metric.kind is not Kind.COUNTER else f"{metric.name}_total"
    yield f"# HELP {name} {_escaped(metric.meaning)}"
    yield f"# TYPE {name} {metric.kind}"


def _of_number(metric: Metric, number: Number) -> Iterator[str]:
    suffix = "_total" if metric.kind is Kind.COUNTER else ""
    yield f"{metric.name}{suffix}{_labels(metric, number.labels)} {_value(number.value)}"


def _of_spread(metric: Metric, spread: Spread) -> Iterator[str]:
    below = 0
    for bound, cell in zip((*spread.bounds, math.inf), spread.cells, strict=True):
        below += cell
        yield f"{metric.name}_bucket{_labels(metric, spread.labels, ('le', _value(bound)))} {below}"
    yield f"{metric.name}_sum{_labels(metric, spread.labels)} {_value(spread.total)}"
    yield f"{metric.name}_count{_labels(metric, spread.labels)} {below}"


def _labels(metric: Metric, values: Labels, *more: tuple[str, str]) -> str:
    pairs = [*zip(metric.labels, values, strict=True), *more]
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs) + "}" if pairs else ""


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _value(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return repr(float(value))
