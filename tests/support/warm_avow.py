"""How can a hundred commands of `avow` run in seconds? They are forked from a process that has loaded everything once.

- `folder()` has an `avow` in it that starts in no time; it is good until this process ends.
- `python -m tests.support.warm_avow SOCKET` is that process: it runs some commands itself, which load what others need.
  It ends when its standard input does.
- `CLIENT` stands for `avow` on the path of an example: it hands over its arguments, environment, directory and the
  three standard streams, passes signals on, and ends with the command's exit code.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import gc
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

from tests.house.tree import ROOT

PATIENCE = 60.0
Run = Callable[[Sequence[str]], int]
CLIENT = """#!{python} -SE
import array, json, os, signal, socket
line = socket.socket(socket.AF_UNIX)
line.connect({socket!r})
said = json.dumps([__import__("sys").argv[1:], dict(os.environ), os.getcwd()]).encode()
line.sendmsg([len(said).to_bytes(4, "big")], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))])
line.sendall(said)
pid = int.from_bytes(line.recv(4), "big")
for one in (signal.SIGTERM, signal.SIGINT):
    signal.signal(one, lambda number, frame: os.kill(pid, number))
raise SystemExit((line.recv(1) or b"\\xff")[0])
"""


@cache
def folder() -> Path:
    """A folder whose `avow` is the warm one."""
    made = Path(tempfile.mkdtemp(prefix="avow-warm-"))
    socket_path = made / "socket"
    warm = subprocess.Popen(
        [sys.executable, "-m", "tests.support.warm_avow", str(socket_path)], stdin=subprocess.PIPE, cwd=ROOT
    )
    atexit.register(_end, warm, made)
    client(made, socket_path)
    until = time.monotonic() + PATIENCE
    while not socket_path.exists():
        assert warm.poll() is None, "avow cannot be loaded; the lines above say why"
        assert time.monotonic() < until, "avow takes too long to load"
        time.sleep(0.02)
    return made


def _end(warm: subprocess.Popen[bytes], made: Path) -> None:
    warm.communicate()
    shutil.rmtree(made, ignore_errors=True)


def client(folder: Path, socket_path: Path) -> None:
    """Put an `avow` into the folder that asks the warm process."""
    script = folder / "avow"
    script.write_text(CLIENT.format(python=sys.executable, socket=str(socket_path)))
    script.chmod(0o755)


def main(path: str) -> None:
    """Wait for commands until standard input ends."""
    from avow.cli.main import answer

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        for command in (["init"], ["key", "list"], ["sign", "alice", "plan=pro"]):
            assert answer([*command, "--data", f"{folder}/data"]) == 0
    gc.collect()
    gc.freeze()  # what is forked has no need to look through it again

    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    listening.listen(8)
    threading.Thread(target=_until_deserted, args=(os._exit, 0), daemon=True).start()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        line, _ = listening.accept()
        if os.fork() == 0:
            listening.close()
            _attend(line, answer)
        line.close()


def _until_deserted(then: Callable[..., object], *arguments: object) -> None:
    while os.read(0, 1024):  # not by sys.stdin: a command forked meanwhile would find it locked
        pass
    then(*arguments)


def _attend(line: socket.socket, run: Run) -> None:
    """Fork once more: this one waits for the command, and tells how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    head, rights, _, _ = line.recvmsg(4, socket.CMSG_SPACE(12))
    streams = array.array("i", rights[0][2][:12])
    said = b""
    while len(said) < int.from_bytes(head, "big"):
        said += line.recv(65536)
    arguments, environment, folder = json.loads(said)
    pid = os.fork()
    if pid == 0:
        line.close()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        _become(arguments, run)
    line.sendall(pid.to_bytes(4, "big"))
    for stream in streams:
        os.close(stream)
    threading.Thread(target=_until_deserted, args=(os.kill, pid, signal.SIGTERM), daemon=True).start()
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError):
        line.sendall(bytes([os.waitstatus_to_exitcode(status) & 0xFF]))
    os._exit(0)


def _become(arguments: list[str], run: Run) -> None:
    """Be the command, whatever becomes of it: never return into the process that was forked."""
    code = 1
    try:
        code = run(arguments)
    except BaseException:  # noqa: BLE001
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
