"""Alerts and dashboard speak of metrics and labels that there are, and each alert says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from avow.observe.catalogue import METRICS, Kind, Metric
from avow.trust.reasons import Reason
from tests.docs.pages import page
from tests.house.tree import ROOT

ALERTS = ROOT / "deploy/prometheus/alerts.yml"
DASHBOARD = ROOT / "deploy/grafana/avow.json"
OF_PROMETHEUS = {"up"}
_NAME = re.compile(r"\b(?:avow|process)_[a-z_]+\b|\bup\b(?=\{)")
_SELECTOR = re.compile(r"(\b(?:avow|process)_[a-z_]+)\{([^}]*)\}")
_PAIR = re.compile(r'([a-z_]+)\s*(?:=~|!~|!=|=)\s*"([^"]*)"')
SAMPLES = {Kind.COUNTER: ("_total",), Kind.GAUGE: ("",), Kind.HISTOGRAM: ("_bucket", "_sum", "_count")}


def samples() -> dict[str, Metric]:
    """Every name that can be asked for."""
    return {f"{metric.name}{suffix}": metric for metric in METRICS.values() for suffix in SAMPLES[metric.kind]}


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def questions() -> Iterator[tuple[str, str]]:
    for rule in rules():
        yield f"alert {rule['alert']}", rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield f"panel {panel['title']}", target["expr"]


@pytest.mark.parametrize(("where", "question"), [*questions()], ids=lambda one: one[:60])
def test_every_metric_and_label_asked_for_exists(where: str, question: str) -> None:
    known = samples()
    names = set(_NAME.findall(question))
    assert names, where
    assert names - OF_PROMETHEUS <= known.keys(), f"{where} asks for what there is not"
    for name, inside in _SELECTOR.findall(question):
        labels = {label for label, _ in _PAIR.findall(inside)}
        more = {"le"} if name.endswith("_bucket") else set()
        assert labels <= {*known[name].labels, *more, "instance", "job"}, f"{where}: labels of {name}"
    for letters in ("()", "{}", "[]"):
        assert question.count(letters[0]) == question.count(letters[1]), where


def test_a_question_about_a_counter_is_about_its_rate() -> None:
    for where, question in questions():
        for name, metric in samples().items():
            if metric.kind is Kind.COUNTER or name.endswith("_bucket"):
                for found in re.finditer(rf"\b{name}\b", question):
                    before = question[: found.start()]
                    assert before.endswith(("rate(", "increase(")), f"{where}: {name} without a rate"


def test_reasons_and_codes_asked_for_exist() -> None:
    codes = set(re.findall(r"^\| `(\w+)` \| \d", page("docs/reference/errors.md"), re.MULTILINE)) | {"conflict"}
    for where, question in questions():
        for label, word in _PAIR.findall(question):
            if label in ("reason", "code") and re.fullmatch(r"\w+", word):
                assert word in {str(reason) for reason in Reason} | codes, f"{where}: {word}"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert set(rule["annotations"]) == {"summary", "action"}
    assert len(rule["annotations"]["action"]) > 40
    for text in rule["annotations"].values():
        for path in re.findall(r"docs/[\w/-]+\.md", text):
            assert (ROOT / path).is_file()
        for variable in re.findall(r"\$labels\.(\w+)", text):
            assert variable == "instance" or any(variable in known.labels for known in METRICS.values())


def test_the_guide_names_every_alert_that_pages() -> None:
    guide = page("docs/how-to/monitor.md")
    assert [
        rule["alert"] for rule in rules() if rule["labels"]["severity"] == "page" and rule["alert"] not in guide
    ] == []
    told = set(re.findall(r"`(Avow[A-Z]\w+)`", guide))
    assert told <= {rule["alert"] for rule in rules()}


def test_alerts_and_panels_are_told_apart_by_their_names() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names))
    numbers = [panel["id"] for panel in json.loads(DASHBOARD.read_text())["panels"]]
    assert len(numbers) == len(set(numbers))


def test_every_metric_of_ours_is_shown_or_watched() -> None:
    asked = " ".join(question for _, question in questions())
    assert [metric.name for metric in METRICS.values() if metric.name not in asked] == []
