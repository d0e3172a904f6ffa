"""The samples that screens show, run as they stand: each in its own language, where that is on this machine.

    token = run("ruby", user, secret="…", folder=tmp_path)       # None: there is no Ruby here

What ran once is on record (`tests/vectors/samples.json`): the digest of the text that ran, and what came out. Where a
language is missing, the record stands in, and holds for that text alone. `python -m tests.support.samples` records anew
what can be run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from avow.admin.security.samples import LANGUAGES, sample
from tools.npm import NODE

KID: Final = "acme-2026"
SECRET: Final = "Kx7pQ2vN9rTz4mWc8hYb3sLd6fJg1aZu-of-acme"
USER: Final = {
    "id": "user 7/ä",
    "email": 'alice+"quoted"\\@customer.example',
    "plan": "pro 😀 </script>\n\ttab & <b>",
}
RECORD: Final = Path(__file__).parent.parent / "vectors" / "samples.json"

_PYTHON = """
import base64, os
value = lambda name: base64.b64decode(os.environ[name]).decode()
print(messenger_token({"id": value("USER_ID"), "email": value("USER_EMAIL"), "plan": value("USER_PLAN")}))
"""
_NODE = """
const value = (name) => Buffer.from(process.env[name], "base64").toString();
console.log(messengerToken({ id: value("USER_ID"), email: value("USER_EMAIL"), plan: value("USER_PLAN") }));
"""
_RUBY = """
value = ->(name) { Base64.strict_decode64(ENV.fetch(name)).force_encoding("UTF-8") }
puts messenger_token({ id: value["USER_ID"], email: value["USER_EMAIL"], plan: value["USER_PLAN"] })
"""
_PHP = """
$value = fn (string $name): string => base64_decode(getenv($name), true);
echo messenger_token(['id' => $value('USER_ID'), 'email' => $value('USER_EMAIL'), 'plan' => $value('USER_PLAN')]);
"""
_GO = """
package main

import (
	"encoding/base64"
	"fmt"
	"os"
)

func value(name string) string {
	bytes, err := base64.StdEncoding.DecodeString(os.Getenv(name))
	if err != nil {
		panic(err)
	}
	return string(bytes)
}

func main() {
	token, err := MessengerToken(User{ID: value("USER_ID"), Email: value("USER_EMAIL"), Plan: value("USER_PLAN")})
	if err != nil {
		panic(err)
	}
	fmt.Print(token)
}
"""
_JAVA = """
public class Main {
    static String value(String name) {
        byte[] bytes = java.util.Base64.getDecoder().decode(System.getenv(name));
        return new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) throws Exception {
        System.out.print(MessengerToken.of(value("USER_ID"), value("USER_EMAIL"), value("USER_PLAN")));
    }
}
"""


def digest(language: str) -> str:
    """What the record of a text is known by."""
    return hashlib.sha256(sample(language, KID).encode()).hexdigest()


def run(language: str, folder: Path) -> str | None:
    """The token that the sample makes for `USER`, or None where the language is not on this machine."""
    text = sample(language, KID)
    if language in ("python", "pyjwt"):
        return _ended([sys.executable, _file(folder, "sample.py", text + _PYTHON)], folder)
    if language == "node":
        return _ended([str(NODE), _file(folder, "sample.cjs", text + _NODE)], folder)
    if language == "ruby":
        return _ended(["ruby", _file(folder, "sample.rb", text + _RUBY)], folder)
    if language == "php":
        return _ended(["php", _file(folder, "sample.php", text + _PHP)], folder)
    if language == "go":
        return _ended(["go", "run", _file(folder, "sample.go", text), _file(folder, "main.go", _GO)], folder)
    if shutil.which("javac") is None:
        return None
    _file(folder, "MessengerToken.java", text)
    subprocess.run(
        ["javac", "-encoding", "UTF-8", "MessengerToken.java", _file(folder, "Main.java", _JAVA)],
        cwd=folder, check=True, timeout=120,
    )  # fmt: skip
    return _ended(["java", "-cp", str(folder), "Main"], folder)


def recorded() -> dict[str, Any]:
    """What came out when each text ran: language → `sample` (its digest) and `token`."""
    return dict(json.loads(RECORD.read_text(encoding="utf-8")))


def _file(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def _ended(command: list[str], folder: Path) -> str | None:
    if shutil.which(command[0]) is None:
        return None
    named = {f"USER_{name.upper()}": base64.b64encode(value.encode()).decode() for name, value in USER.items()}
    environment = {**os.environ, **named, "AVOW_SIGNING_SECRET": SECRET}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def record() -> None:
    """Write down what comes out of every sample that can be run here."""
    known = recorded() if RECORD.exists() else {}
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            token = run(language, Path(folder))
        if token is not None:
            known[language] = {"sample": digest(language), "token": token}
    RECORD.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    record()
