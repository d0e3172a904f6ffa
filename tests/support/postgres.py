"""Where does a test get a real PostgreSQL? From a private server that is made for it and thrown away.

- `fast_cluster()` does not wait for the disk: for suites that check what is stored.
- `durable_cluster()` keeps PostgreSQL's own defaults: for benches, and for tests that kill something.
- A server listens on a free port of the loopback address, keeps everything in one temporary folder, and runs as an
  ordinary user even when the tests run as root.
- It ends and its folder goes when its owner ends, however that ends: a guardian shell waits on a pipe to the owner.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

OWNER = "avow"
PATIENCE = 30.0  # seconds that a server may take to start or to stop
ALWAYS = {"lc_messages": "C", "listen_addresses": "127.0.0.1", "max_connections": "200"}
CARELESS = {"fsync": "off", "full_page_writes": "off", "shared_buffers": "32MB", "synchronous_commit": "off"}

# $0 is the server, $1 the folder, the rest arguments. $$ is the server, as it takes the place of this shell. A line on
# the pipe sends the guardian home; the end of the pipe means that the owner is gone.
GUARDED = """
folder=$1; shift
exec 3<&0
(
  read -r _ <&3 && exit
  kill -QUIT $$
  for _ in $(seq 100); do [ -e "$folder/data/postmaster.pid" ] || break; sleep 0.1; done
  rm -rf "$folder"
) >/dev/null 2>&1 &
exec "$0" -D "$folder/data" "$@" 3<&- </dev/null >>"$folder/log" 2>&1
"""


class PostgresMissing(Exception):
    """This machine has no PostgreSQL server, or what it has does not work."""


def fast_cluster(**settings: str) -> Cluster:
    """Start a server that forgets on a power cut. `settings` are PostgreSQL's own, by name."""
    return Cluster({**CARELESS, **settings})


def durable_cluster(**settings: str) -> Cluster:
    """Start a server that keeps what it has answered. `settings` are PostgreSQL's own, by name."""
    return Cluster(settings)


def find_programs() -> Path:
    """Find the folder with PostgreSQL's server programs: the newest of Debian's, else the one that PATH leads to."""
    servers = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: -float(path.parts[-3]))
    on_path = shutil.which("postgres")
    for server in [*servers, *([Path(on_path).resolve()] if on_path else [])]:
        if (server.parent / "initdb").exists():
            return server.parent
    raise PostgresMissing("found no PostgreSQL server programs; `make postgresql` installs Debian's")


class Cluster:
    """One running server, stopped and erased on leaving its `with` block. `folder` holds its `data` and its `log`."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.settings = {**ALWAYS, **settings}
        self.programs = find_programs()
        self.port = _free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="avow-postgres-"))
        self._server: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        try:
            if user := _ordinary_user():
                os.chown(self.folder, user.pw_uid, user.pw_gid)
            how = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", f"--username={OWNER}"]
            self._run("initdb", *how, f"--pgdata={self.folder / 'data'}")
            self.start()
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The server's first process: the one to kill, or to measure."""
        if self._server is None:
            raise PostgresMissing("the server was ended; start() starts it again")
        return self._server.pid

    def url(self, database: str = "postgres") -> str:
        """Tell where clients find `database`."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    def fresh_database(self, template: str = "template1") -> str:
        """Return the URL of a new database that no other test sees: empty, or a copy of `template` (nobody in it)."""
        name = f"fresh_{next(self._numbers)}"
        self._run("createdb", *self._reach(), f"--template={template}", name)
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self._run("dropdb", *self._reach(), "--force", "--if-exists", url.rpartition("/")[2])

    def run_sql(self, database: str, statement: str) -> None:
        """Run one statement as the owner."""
        self._run("psql", *self._reach(), "--no-psqlrc", "--quiet", f"--command={statement}", database)

    def start(self) -> None:
        """Start the server; after `kill` or `halt` with the port and the data that it had."""
        deadline = time.monotonic() + PATIENCE
        while not self._begin(deadline):
            # Another process took the port meanwhile, or the shared memory of a killed server is not free yet.
            self._end(signal.SIGQUIT)
            if time.monotonic() > deadline:
                raise PostgresMissing(f"{self.programs / 'postgres'} did not start in {PATIENCE} s: {self._log()}")
            time.sleep(0.2)

    def kill(self) -> None:
        """End the server by SIGKILL: nothing is finished, nothing flushed, the data stay as they are."""
        servants = psutil.Process(self.pid).children(recursive=True)
        self._end(signal.SIGKILL)
        for servant in servants:  # some answer a last time before they notice
            with suppress(psutil.NoSuchProcess):
                servant.kill()
        psutil.wait_procs(servants, PATIENCE)

    def halt(self) -> None:
        """End the server in good order; the data stay."""
        self._end(signal.SIGINT)

    def stop(self) -> None:
        """End the server and erase everything it had."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _begin(self, deadline: float) -> bool:
        """Launch a server and wait until it takes connections; False if it gave up."""
        settings = {**self.settings, "port": str(self.port), "unix_socket_directories": str(self.folder)}
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._server = subprocess.Popen(
            ["/bin/sh", "-c", GUARDED, self.programs / "postgres", self.folder, *arguments],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in the terminal is for the tests, not for the server under them
            **self._surroundings(),
        )
        while self._server.poll() is None and time.monotonic() < deadline:
            with suppress(OSError, IndexError):
                status = (self.folder / "data" / "postmaster.pid").read_text().splitlines()
                if int(status[0]) == self._server.pid and status[7].strip() == "ready":
                    return True
            time.sleep(0.02)
        return False

    def _end(self, how: signal.Signals) -> None:
        if self._server is None:
            return
        self._server.send_signal(how)
        # The word that sends the guardian home follows only when the server is gone.
        try:
            self._server.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._server.kill()
        with suppress(BrokenPipeError):
            self._server.communicate(b"\n", timeout=PATIENCE)
        self._server = None

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.programs / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._surroundings())
        if done.returncode != 0:
            raise PostgresMissing(f"{program} failed: {done.stderr.strip()}")

    def _reach(self) -> list[str]:
        return ["--host=127.0.0.1", f"--port={self.port}", f"--username={OWNER}"]

    def _log(self) -> str:
        with suppress(OSError):
            return (self.folder / "log").read_text(errors="replace")[-2000:]
        return "it left no log"

    def _surroundings(self) -> dict[str, Any]:
        """Keep out of PostgreSQL's way: its own folder, none of the caller's PG variables, and never root."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        around: dict[str, Any] = {"cwd": self.folder, "env": {**environment, "LC_ALL": "C"}}
        if user := _ordinary_user():
            around |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        return around


def _ordinary_user() -> pwd.struct_passwd | None:
    """Name the user to run as when we are root: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def _free_port() -> int:
    """A port that this test process alone would choose: a server that is halted for a while must find its own again."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        if port // 2 % 8 == worker % 8:  # the system likes to hand out ports of one parity
            return port
