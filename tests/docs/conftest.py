"""What the examples of the pages begin with: a warm `avow`, and initialised data to copy from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.docs import stand_in_curl
from tests.support import warm_avow


@dataclass(frozen=True)
class Beginning:
    """The folder with `avow` in it, initialised data, and what programs and requests of pages are promised of them."""

    avow_folder: Path
    data: Path
    variables: dict[str, str]

    def copy_to(self, folder: Path) -> None:
        shutil.copytree(self.data, folder / "avow-data")


@pytest.fixture(scope="session")
def avow_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `avow` starts in no time, and whose `curl` does what the pages ask of it."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "avow").symlink_to(warm_avow.folder() / "avow")
    if stand_in_curl.is_needed():
        stand_in_curl.put_into(folder)
    return folder


@pytest.fixture(scope="session")
def beginning(avow_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Beginning:
    """What `avow init` makes, and how pages call it."""
    folder = tmp_path_factory.mktemp("beginning")
    environment = {"PATH": f"{avow_folder}:{os.environ['PATH']}", "HOME": str(folder)}
    command = ["avow", "init", "--data", "avow-data", "--company", "Acme", "--owner", "olive@acme.example", "--json"]
    made = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    told = json.loads(made.stdout)
    key = told["signing_key"]
    variables = {
        "APP": told["workspace"]["id"],
        "TEST_APP": told["test_workspace"]["id"],
        "KID": key["kid"],
        "AVOW_SIGNING_SECRET": key["secret"],
        "TOKEN": told["access_token"],
    }
    return Beginning(avow_folder, folder / "avow-data", variables)
