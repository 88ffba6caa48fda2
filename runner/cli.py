"""The `medlaunch` command line."""

from __future__ import annotations

import os
import sys

import typer
from rich.console import Console

from runner.errors import MedLaunchError

app = typer.Typer(
    name="medlaunch",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Event-driven ELT on Athena for health-care accreditation data.",
)

_debug = False


@app.callback()
def options(debug: bool = typer.Option(False, "--debug", help="Print the traceback of an error.")) -> None:
    """Options that every command takes."""
    global _debug
    _debug = debug


def main() -> None:
    """Run the command line: errors are one line; exit code 2 for usage, 1 for failure."""
    try:
        app()
    except MedLaunchError as error:
        if _debug or os.environ.get("MEDLAUNCH_DEBUG"):
            raise
        Console(stderr=True).print(f"[red]error:[/red] {error}", soft_wrap=True, highlight=False)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
