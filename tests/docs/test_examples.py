"""Every example on the pages runs, in the order of its page, and does what the page says."""

from __future__ import annotations

import gc
import json
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.docs import stand_in_curl
from tests.docs.conftest import Beginning
from tests.docs.matching import difference, filled, text_matches
from tests.docs.pages import Block, begins_with, blocks, pages
from tests.docs.shell import Command, Shell, commands

RUN = ("console", "python", "json")
REASONS = "docs/reference/reasons/"
NEEDS_POSTGRESQL = "a PostgreSQL"
LOOKING = ("avow key list", "avow attribute list", "avow attribute show", "avow doctor", "grep ")
"""They change nothing, and whoever types has looked away for a second since the requests that they tell of."""
LOOKS = 3
SHOWN_ONLY = {
    "",
    "html",
    "js",
    "jsx",
    "console",
    "python",
    "json",
    "javascript",
    "nginx",
    "ini",
    "text",
    "toml",
    "caddyfile",
}


def examples() -> list[str]:
    """The pages with something to run. Those of reasons are compared with a server by `test_reasons.py`."""
    return [
        path
        for path in pages()
        if not path.startswith(REASONS) and any(block.language in RUN for block in blocks(path))
    ]


@dataclass
class Reader:
    """Somebody who follows a page to the letter."""

    shell: Shell
    names: dict[str, str]
    python: dict[str, Any] = field(default_factory=dict)
    answer: httpx.Response | None = None

    def follow(self, block: Block) -> None:
        if block.language == "console":
            for command in commands(block.text):
                self._type(block, command)
        elif block.language == "python":
            self._execute(block)
        elif block.language == "json" or block.info[:2] == ("text", "GET"):
            self._ask(block)

    def leave(self) -> None:
        """Let go of what the page made: an example closes no client, as nobody does at the end of a program."""
        self.python.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()

    def _type(self, block: Block, command: Command) -> None:
        expected = self.shell.here(command.expected)
        for _ in range(LOOKS):
            printed, code = self.shell.run(command)
            if text_matches(expected, printed) or not command.typed.startswith(LOOKING):
                break
            time.sleep(0.6)  # counts are written down twice a second, the log right after an answer
        said = f"{block.page}:{block.line}: $ {command.typed}\nexit code {code}, printed:\n{printed}"
        assert text_matches(expected, printed), f"{said}\nexpected:\n{expected}"
        assert code == 0 or expected, said

    def _execute(self, block: Block) -> None:
        code = compile("\n" * block.line + self.shell.here(block.text), block.page, "exec")
        exec(code, self.python)
        self.names.update({name: value for name, value in self.python.items() if isinstance(value, str)})

    def _ask(self, block: Block) -> None:
        """`json METHOD PATH` is a request with this body, `json STATUS` its answer, `json GET PATH STATUS` both."""
        where = f"{block.page}:{block.line}"
        value = json.loads(block.text) if block.language == "json" else block.text
        words = list(block.info[1:])
        if len(words) >= 2:
            body = None if len(words) == 3 else json.loads(filled(block.text, self.names))
            self.answer = self._request(words[0], filled(words[1], self.names), body)
        if len(words) in (1, 3):
            assert self.answer is not None, where
            told = self._told(self.answer)
            assert self.answer.status_code == int(words[-1]), f"{where}: {self.answer.status_code} {told}"
            if isinstance(value, str):
                assert text_matches(value, str(told)), f"{where}: {told}"
                return
            assert difference(value, told, self.names) is None, (
                f"{where}: {difference(value, told, self.names)}\n{told}"
            )

    def _told(self, answer: httpx.Response) -> object:
        is_json = answer.headers.get("content-type", "").startswith("application/json")
        return (answer.json() if is_json else answer.text) if answer.content else None

    def _request(self, method: str, path: str, body: object) -> httpx.Response:
        headers = {} if path.startswith("/messenger/") else {"authorization": f"Bearer {self.names['TOKEN']}"}
        return httpx.request(method, f"http://127.0.0.1:{self.shell.port}{path}", json=body, headers=headers)


@contextmanager
def reader_of(path: str, folder: Path, beginning: Beginning, further: dict[str, str]) -> Iterator[Reader]:
    """Whoever reads this page, with what the page begins with. Her shell knows no variable but those of the page."""
    begins = begins_with(path)
    variables = {} if begins == "nothing" else dict(beginning.variables)
    with Shell(folder, beginning.avow_folder, further) as shell:
        if begins != "nothing":
            beginning.copy_to(folder)
        if begins == "a server":
            printed, code = shell.run(Command("avow serve", ""))
            assert code == 0, printed
        reader = Reader(shell, dict(variables))
        try:
            yield reader
        finally:
            reader.leave()


@pytest.mark.parametrize("path", examples())
def test_the_examples_of_a_page_run_as_they_stand(
    path: str,
    tmp_path: Path,
    beginning: Beginning,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    further = {"DATABASE": request.getfixturevalue("postgres_url")} if NEEDS_POSTGRESQL in pages()[path] else {}
    with reader_of(path, tmp_path, beginning, further) as reader:
        monkeypatch.chdir(tmp_path)
        for name, value in reader.names.items():
            monkeypatch.setitem(os.environ, name, value)
        for block in blocks(path):
            reader.follow(block)


def test_a_machine_without_curl_runs_the_examples_too(tmp_path: Path, beginning: Beginning) -> None:
    stand_in_curl.put_into(tmp_path)
    with reader_of("docs/reference/http.md", tmp_path, beginning, {"TOKEN": beginning.variables["TOKEN"]}) as reader:
        asked = 'PATH="$PWD:$PATH" curl --silent --header "Authorization: Bearer $TOKEN" http://127.0.0.1:8000'
        assert json.loads(reader.shell.run(Command(f"{asked}/me", ""))[0])["app"]["id_code"] == reader.names["APP"]
        assert json.loads(reader.shell.run(Command(f"{asked}/contacts --json '{{}}'", ""))[0])["type"] == "error.list"
        twice = f"{asked}/contacts --header 'Intercom-Version: 9'"
        assert "intercom_version_invalid" in reader.shell.run(Command(twice, ""))[0]


def test_every_block_says_what_it_is() -> None:
    """A block without a known language would neither run nor be seen to be missing."""
    unknown = [
        f"{block.page}:{block.line}: {' '.join(block.info)}"
        for path in pages()
        for block in blocks(path)
        if block.language not in SHOWN_ONLY
    ]
    assert unknown == []


def test_every_page_begins_with_something_that_there_is() -> None:
    known = {"nothing", "data", "a server"}
    assert {path for path in pages() if begins_with(path) not in known} == set()


@pytest.mark.parametrize(
    ("expected", "printed", "fits"),
    [
        ("plan  pro", "plan pro\n", True),
        ("plan pro", "plan free", False),
        ("a…z", "a to z", True),
        ("a…z", "a\nz", False),
        ("first\n…\nlast", "first\none\ntwo\nlast", True),
        ("…", "", True),
        ("", "something", False),
    ],
)
def test_what_is_printed_is_compared_line_by_line(expected: str, printed: str, fits: bool) -> None:
    assert text_matches(expected, printed) is fits


def test_json_is_compared_to_the_last_member() -> None:
    names: dict[str, str] = {}
    assert difference({"id": "<id>", "at": "…"}, {"id": "77", "at": 5}, names) is None
    assert names == {"id": "77"}
    assert difference({"id": "<id>"}, {"id": "78"}, names) is not None
    assert difference({"id": "77"}, {"id": "77", "more": 1}, names) is not None
    assert difference({"id": "77", "…": "…"}, {"id": "77", "more": 1}, names) is None
    assert difference([1, "…"], [1, 2, 3], names) is None
    assert difference([1], [True], names) is not None
