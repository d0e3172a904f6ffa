"""What an operator looks up is what the program does: every metric, every field of the log, every shell block."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from avow.observe.catalogue import METRICS, Kind, Metric
from avow.observe.logs import FIELDS
from avow.observe.requests import METHODS
from avow.settings.sources import _BESIDE
from tests.docs.pages import blocks, page, pages
from tests.docs.shell import Shell
from tests.house.tree import ROOT

METRICS_PAGE = "docs/reference/metrics.md"
LOG_PAGE = "docs/reference/logs.md"
GUIDES = [path for path in pages() if path.startswith("docs/how-to/")]


def written(metric: Metric) -> str:
    return f"{metric.name}_total" if metric.kind is Kind.COUNTER else metric.name


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_every_metric_has_its_row(metric: Metric) -> None:
    labels = ", ".join(f"`{label}`" for label in metric.labels) or "–"
    assert f"| `{written(metric)}` | {metric.kind} | {labels} | {metric.meaning} |" in page(METRICS_PAGE)


def test_no_metric_is_described_that_there_is_not() -> None:
    told = re.findall(r"^\| `((?:avow|process)_\w+)` \|", page(METRICS_PAGE), re.MULTILINE)
    assert told == [written(metric) for metric in METRICS.values()]


def test_every_label_is_explained() -> None:
    text = page(METRICS_PAGE).partition("## Labels")[2]
    labels = {label for metric in METRICS.values() for label in metric.labels}
    assert {label for label in labels if f"`{label}`" not in text} == set()
    assert all(f"`{method}`" in text for method in METHODS - {"OPTIONS"})


def test_every_field_of_the_log_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", page(LOG_PAGE), re.MULTILINE)
    assert rows == list(FIELDS.items())


def test_the_variables_that_are_left_alone_are_told() -> None:
    told = (
        page("docs/reference/settings.md")
        .partition("Other variables that begin with `AVOW_`")[2]
        .partition("\n- **")[0]
    )
    for name in re.findall(r"`(AVOW_\w+)(?:…)?`", told):
        assert _BESIDE.match(f"{name}X" if name.endswith("_") else name) or name == "AVOW_PORT"


@pytest.mark.parametrize("path", GUIDES)
def test_commands_that_cannot_run_here_are_at_least_a_shells(path: str) -> None:
    for block in blocks(path):
        if not block.language and not block.text.lstrip().startswith(("AVOW_", "{")):
            text = block.text.replace("…", "x")
            done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{path}:{block.line}: {done.stderr}"


@pytest.mark.parametrize("path", GUIDES)
def test_files_that_a_guide_names_are_there(path: str) -> None:
    named = set(re.findall(r"(?<![\w/.-])(?:deploy|bench|tests)/[\w./-]*\w", page(path)))
    assert [name for name in named if not (ROOT / name).exists()] == []


def followed(shell: Shell, path: str, pattern: str) -> list[str]:
    """Run what the pattern finds on a page, in its order; what was printed by each."""
    printed = []
    for command in re.findall(pattern, page(path)):
        here = command.replace("/etc/avow", str(shell.folder)).replace("/opt/avow/bin/", "")
        told, code = shell.type(f"unset AVOW_PORT; {here}")
        assert code == 0, f"{here}: {told}"
        printed.append(told)
    return printed


def test_the_commands_of_the_systemd_guide_do_what_they_say(tmp_path: Path, avow_folder: Path) -> None:
    settings = (ROOT / "deploy/systemd/avow.toml").read_text()
    state = tmp_path / "state"  # the guide makes it beforehand
    state.mkdir(mode=0o700)
    (tmp_path / "avow.toml").write_text(settings.replace("/var/lib/avow", str(state)))
    with Shell(tmp_path, avow_folder, {}) as shell:
        made, shown, keys = followed(shell, "docs/how-to/run-with-systemd.md", r"runuser -u avow -- ([^`\n]+)")
    assert "avow_sk_" in made
    assert re.search(r"^port +8000 +file", shown, re.MULTILINE)
    assert "First key" in keys


def test_the_commands_of_the_container_guide_do_what_they_say(tmp_path: Path, avow_folder: Path) -> None:
    [data] = re.findall(r"AVOW_DATA=(\S+)", (ROOT / "deploy/container/Containerfile").read_text())
    volume = tmp_path / "volume"
    volume.mkdir()
    there = data.replace("/var/lib/avow", str(volume))
    with Shell(tmp_path, avow_folder, {"AVOW_DATA": there, "AVOW_HOST": "0.0.0.0"}) as shell:
        pattern = r"^docker (?:run --rm --volume \S+|exec avow) (avow .+)$"
        made, shown = followed(shell, "docs/how-to/run-in-a-container.md", f"(?m){pattern}")
    assert "avow_sk_" in made
    assert re.search(r"^host +0\.0\.0\.0 +environment", shown, re.MULTILINE)
