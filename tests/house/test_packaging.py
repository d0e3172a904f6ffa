"""What is installed is what was reviewed: every dependency is pinned, and the wheel holds all that the source holds."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

from tests.house.tree import ROOT, texts

PROJECT = tomllib.loads(texts()["pyproject.toml"])
GROUPS = PROJECT["dependency-groups"]


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", texts()[name], re.MULTILINE))


def wanted(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[><=~;\s]", text, maxsplit=1)[0] for text in requirements}


def test_everything_that_a_checkout_needs_is_pinned() -> None:
    runtime = wanted([*PROJECT["project"]["dependencies"], *GROUPS["build"]])
    assert runtime - pins("requirements.lock").keys() == set()
    assert wanted(GROUPS["dev"]) - pins("requirements-dev.lock").keys() == set()


def test_a_developer_runs_the_versions_that_a_user_runs() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


def test_every_pin_has_its_hashes() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        for block in re.split(r"\n(?=[a-z0-9-]+==)", texts()[name]):
            assert "--hash=sha256:" in block, f"{name}: {block.splitlines()[0]}"


def test_the_wheel_holds_migrations_and_all_other_files_of_the_package(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    packed = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    assert {name.removeprefix("src/") for name in texts() if name.startswith("src/avow/")} <= packed


def test_a_submission_is_checked_by_the_command_of_the_readme() -> None:
    assert texts()[".ci/run"].splitlines()[-1] == "make test"
