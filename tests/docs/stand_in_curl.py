"""What if a machine has no curl, or one from before `--json`? The little of it that the pages use.

Source: curl(1). A machine with curl 7.82 or newer runs the examples with that.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """#!{python}
import sys
sys.path.insert(0, {root!r})
from tests.docs.stand_in_curl import main
sys.exit(main(sys.argv[1:]))
"""
WITH_VALUE = {"--json", "--request", "--output"}
SINCE = (7, 82)


def is_needed() -> bool:
    """Whether this machine has no curl that could run the pages."""
    curl = shutil.which("curl")
    if curl is None:
        return True
    told = subprocess.run([curl, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"curl (\d+)\.(\d+)", told)
    return found is None or (int(found[1]), int(found[2])) < SINCE


def put_into(folder: Path) -> None:
    """Let `curl` in this folder be the stand-in."""
    script = folder / "curl"
    script.write_text(SCRIPT.format(python=sys.executable, root=str(ROOT)))
    script.chmod(0o755)


def main(arguments: Sequence[str]) -> int:
    """One request; what it answers goes to standard output, or to `--output`."""
    given, headers, url, words = {}, list[str](), "", list(arguments)
    while words:
        word = words.pop(0)
        if word == "--header":
            headers.append(words.pop(0))
        elif word in WITH_VALUE:
            given[word] = words.pop(0)
        elif not word.startswith("--"):
            url = word
        elif word != "--silent":
            raise SystemExit(f"the stand-in for curl does not know {word}")
    request = urllib.request.Request(url)
    if "--json" in given:
        request.data = given["--json"].encode()
        request.add_header("Content-Type", "application/json")
    for header in headers:
        name, _, value = header.partition(":")
        request.add_header(name, value.strip())
    request.method = given.get("--request", "POST" if request.data is not None else "GET")
    try:
        with urllib.request.urlopen(request) as answer:
            body = answer.read()
    except urllib.error.HTTPError as refusal:
        body = refusal.read()
    if "--output" in given:
        Path(given["--output"]).write_bytes(body)
    else:
        sys.stdout.buffer.write(body)
    return 0
