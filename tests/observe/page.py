"""A page of metrics as Prometheus would read it: strictly, and into numbers."""

from __future__ import annotations

import re

_SAMPLE = re.compile(r'([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)')
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\.)*)"')
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}

Sample = tuple[str, frozenset[tuple[str, str]]]


def read(text: str, *, open_metrics: bool = False) -> dict[Sample, float]:
    """Every sample. Fails where a line, a family or an order is not as the format says."""
    assert text.endswith("# EOF\n" if open_metrics else "\n")
    kinds: dict[str, str] = {}
    samples: dict[Sample, float] = {}
    family = ""
    for line in text.removesuffix("# EOF\n").splitlines():
        if line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
            assert family not in kinds, f"{family} comes twice"
            kinds[family] = kind
        elif not line.startswith("# HELP "):
            match = _SAMPLE.fullmatch(line)
            assert match, line
            suffixes = SUFFIXES[kinds[family]] if open_metrics or kinds[family] != "counter" else ("",)
            assert match[1] in {family + suffix for suffix in suffixes}, f"{line} stands under {family}"
            at = (match[1], frozenset(_LABEL.findall(match[2] or "")))
            assert at not in samples, f"{line} comes twice"
            samples[at] = float(match[3])
    return samples


def value(samples: dict[Sample, float], name: str, **labels: str) -> float:
    """The sum of all samples of that name which carry these labels."""
    wanted = set(labels.items())
    return sum(number for (known, pairs), number in samples.items() if known == name and wanted <= pairs)
