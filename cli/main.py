"""The `medlaunch` command line: its list of commands and its exit codes."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from cli import errors, generate, land, local, replay, report, show, stages, status, transform
from cli.exit_codes import INTERRUPTED, INVALID_USAGE
from cli.options import Command, Group
from runner.errors import UsageError

app = typer.Typer(
    name="medlaunch",
    cls=Group,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    help="Event-driven ELT on Athena for health-care accreditation data.",
)
for command in (
    generate.generate,
    land.land,
    show.show,
    replay.replay,
    status.status,
    stages.init,
    transform.transform,
    stages.publish,
    stages.expiring,
    stages.maintain,
    report.report,
    local.local,
    local.demo,
):
    app.command(cls=Command)(command)

_DEBUG = "--debug"


@app.callback()
def options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option(_DEBUG, help="Print the traceback of an error.")] = False,  # noqa: ARG001 - `run` takes it out; it is declared for the help
    print_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Options of every command. --debug may also follow the command."""
    if print_version:
        if context.invoked_subcommand:
            raise UsageError(f"--version takes no command: leave out {context.invoked_subcommand!r}")
        print(f"medlaunch {version('medlaunch-elt')}")
    elif not context.invoked_subcommand:
        print(context.get_help())
        raise typer.Exit(INVALID_USAGE)


def run(arguments: Sequence[str]) -> int:
    """Run the command line.

    Args:
        arguments: the arguments after `medlaunch`. `--debug` may be anywhere before `--`.

    Returns:
        The exit code: 0, or see `cli.exit_codes`.
    """
    own, separator, command = _split(arguments)
    debug = _DEBUG in own or bool(os.environ.get("MEDLAUNCH_DEBUG"))
    own = [argument for argument in own if argument != _DEBUG]
    try:
        code = app([*own, *separator, *command], prog_name="medlaunch", standalone_mode=False)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        return errors.report(error, debug=debug)
    if code == INTERRUPTED:
        return errors.report(KeyboardInterrupt(), debug=debug)
    return code if isinstance(code, int) else 0


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """The arguments before `--`, `--` itself if it is present, and the arguments after it."""
    given = list(arguments)
    if "--" not in given:
        return given, [], []
    at = given.index("--")
    return given[:at], ["--"], given[at + 1 :]


def main() -> None:
    """Run the command line with the arguments of the process, and end it. `cli.__main__` calls this."""
    # Otherwise every log line is written twice after the first library logs to the root logger.
    logging.getLogger().addHandler(logging.NullHandler())
    sys.exit(run(sys.argv[1:]))
