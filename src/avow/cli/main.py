"""What can be asked of `avow`? The commands, one module each, and how every one of them ends.

- Exit code 0: done. 1: refused, or something was found. 2: asked in a way that cannot be meant.
  141: whoever read the answer went away before its end, which is said to nobody.
- SIGTERM and SIGHUP do what Ctrl-C does: a command that is asked to end clears up behind itself.
- An error is one sentence on standard error, with `--json` one JSON object; standard output then stays empty.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from functools import cache
from types import FrameType
from typing import Annotated, Any, Final, NoReturn

import typer
from typer.core import TyperGroup
from typer.main import get_command

from avow import __version__
from avow.cli import access_token, attribute, audit, demo, init, serve, teammate, workspace
from avow.cli.keys import check, distrust, key, sign
from avow.cli.opening import config_file
from avow.cli.operate import backup, distribute, doctor, migrate, promote, restore
from avow.cli.options import ConfigFile, require_text
from avow.cli.output import MISUSED, REFUSED, fall_silent, ready_streams, refuse
from avow.cli.people import export_people, forget, import_people
from avow.errors import AvowError, UsageError

EPILOG = """
[bold]First ten minutes[/bold]

avow init --data avow-data            make everything new; secrets are shown once

avow serve --data avow-data           answer on http://127.0.0.1:8000

avow sign user-1 plan=pro --data avow-data   a signed token to try out

avow check TOKEN --data avow-data     what would become of it, and why

avow attribute lock plan --data avow-data    only signed values from now on

Or all of it at once, with believable people: [bold]avow demo[/bold]
"""

app = typer.Typer(
    name="avow",
    help="Customer data that can be trusted: every value knows who vouched for it.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,  # a traceback with local variables would show secrets
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog=init.EPILOG)(init.init)
app.command(epilog=serve.EPILOG)(serve.serve)
app.command(epilog=migrate.EPILOG)(migrate.migrate)
app.command("settings", epilog=serve.SETTINGS_EPILOG)(serve.show_settings)
app.command(epilog=demo.EPILOG)(demo.demo)
workspace.app.command(epilog=promote.EPILOG)(promote.promote)
app.add_typer(workspace.app)
key.app.command(epilog=distrust.EPILOG)(distrust.distrust)
app.add_typer(key.app)
app.add_typer(access_token.app)
app.add_typer(teammate.app)
app.add_typer(attribute.app)
app.command(epilog=sign.EPILOG)(sign.sign)
app.command(epilog=check.EPILOG)(check.check)
app.add_typer(audit.app)
app.command("import", epilog=import_people.EPILOG)(import_people.import_people)
app.command("export", epilog=export_people.EPILOG)(export_people.export_people)
app.command(epilog=forget.EPILOG)(forget.forget)
app.command(epilog=backup.EPILOG)(backup.backup)
app.command(epilog=restore.EPILOG)(restore.restore)
app.command(epilog=doctor.EPILOG)(doctor.doctor)
app.command(epilog=distribute.EPILOG)(distribute.distribute)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"avow {__version__}")
        raise typer.Exit


@app.callback()
def _avow(
    _version: Annotated[
        bool, typer.Option("--version", help="Which version this is.", callback=_tell_version, is_eager=True)
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Customer data that can be trusted: every value knows who vouched for it."""
    config_file.set(config)


PIPE_CLOSED: Final = 141
"""The exit code of a program whose reader has gone, as shells know it: 128 and SIGPIPE."""


_INTERRUPTED: Final = 130
"""What those who call a command for us return where Ctrl-C ended it; no command of ours does."""


def run(arguments: Sequence[str] | None = None) -> NoReturn:
    """The console script: what the arguments (the process's own, if not given) ask, and then its end."""
    ready_streams()
    _heed_signals()
    sys.exit(answer(sys.argv[1:] if arguments is None else arguments))


def answer(arguments: Sequence[str]) -> int:
    """Do what one command line asks; the exit code."""
    try:
        code = _done(arguments)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        return _unheard()
    except SystemExit as end:  # those who draw for us end the process themselves when nobody reads on
        if isinstance(end.__context__, BrokenPipeError):
            return _unheard()
        raise


def _heed_signals() -> None:
    """Let SIGTERM and SIGHUP stop a command, unless whoever started it said not to mind them (nohup).

    While a server serves, it heeds them itself.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _as_ctrl_c)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    # An event loop has a handler of its own for Ctrl-C while it runs; in a shell's background there may be none.
    ctrl_c = signal.getsignal(signal.SIGINT)
    (ctrl_c if callable(ctrl_c) else signal.default_int_handler)(number, frame)


@cache
def _command() -> TyperGroup:
    """Everything that `app` was told, put together once."""
    command = get_command(app)
    assert isinstance(command, TyperGroup)
    _require_text(command)
    return command


def _require_text(command: Any) -> None:
    """Let every argument be text. Only the path of a file, which is opened and no more, may be of any bytes."""
    for parameter in command.params:
        parameter.callback = parameter.callback or _text
    for inner in getattr(command, "commands", {}).values():
        _require_text(inner)


def _text(_: object, parameter: Any, value: Any) -> Any:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str):
            require_text(one, parameter.opts[-1], parameter.name)
    return value


def _done(arguments: Sequence[str]) -> int:
    as_json = "--json" in arguments
    try:
        code = _command().main(list(arguments), prog_name="avow", standalone_mode=False)
    except UsageError as error:
        return refuse(error, MISUSED, as_json)
    except AvowError as error:
        return refuse(error, REFUSED, as_json)
    except typer.TyperException as error:
        return _misused(error, as_json)
    except typer.Abort:  # at a question
        return refuse(AvowError("Stopped; nothing was changed.", code="aborted"), REFUSED, as_json)
    except BrokenPipeError:
        raise
    except OSError as error:
        found = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
        return refuse(AvowError(f"The system refused: {found}.", code="system"), REFUSED, as_json)
    except Exception as error:  # noqa: BLE001 - a fault of ours; its own text may quote what nobody should read
        return _failed(error, as_json)
    if code == _INTERRUPTED:
        said = "Stopped before its end. What had been written whole stays; nothing is written by half."
        return refuse(AvowError(said, code="aborted"), REFUSED, as_json)
    return code if isinstance(code, int) else 0


def _unheard() -> int:
    """Whoever read has had enough (`avow … | head`): nothing is wrong, and nothing more can be said."""
    fall_silent()
    return PIPE_CLOSED


def _failed(error: Exception, as_json: bool) -> int:
    if os.environ.get("AVOW_LOG_LEVEL", "").lower() == "debug":
        traceback.print_exception(error)
    found = f"This should not have happened ({type(error).__name__}). With AVOW_LOG_LEVEL=debug it tells where."
    return refuse(AvowError(found), REFUSED, as_json)


def _misused(error: typer.TyperException, as_json: bool) -> int:
    context, found = getattr(error, "ctx", None), error.format_message().rstrip(".")
    if not found:
        return MISUSED  # a group without a command: its help has been shown
    asked = f"{context.command_path} --help" if context is not None else ""
    if found == "No such command 'version'":
        asked = "avow --version"
    hint = f" See: {asked}" if asked and not as_json else ""
    return refuse(UsageError(f"{found}{'' if found.endswith('?') else '.'}{hint}"), error.exit_code, as_json)
