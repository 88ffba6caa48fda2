"""`medlaunch local` and `medlaunch demo`: the lake on this machine."""

from __future__ import annotations

import shutil
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from runner.errors import UsageError


class Engine(StrEnum):
    """The engines of local Athena."""

    duckdb = "duckdb"
    trino = "trino"


def local(
    command: Annotated[list[str] | None, typer.Argument(metavar="-- COMMAND", show_default=False)] = None,
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65534, help="Port of S3 and Glue; Athena takes the next. 0 takes free ports."
        ),
    ] = 0,
    engine: Annotated[Engine, typer.Option(help="What runs local Athena's queries.")] = Engine.duckdb,
    events: Annotated[
        bool | None,
        typer.Option(
            "--events/--no-events",
            help="Build and publish what lands, as on AWS. By default not around a COMMAND.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Start the lake on this machine; with `-- COMMAND`, run one command in it."""
    # The import of the sandbox is slow, and most commands do not need it.
    from sandbox.commands import run_in_lake, serve
    from sandbox.local import scripts_path

    if not command:
        serve(port=port, engine=engine.value, events=events is not False)
        return
    if shutil.which(command[0], path=scripts_path()) is None:
        raise UsageError(f"there is no command {command[0]!r} on the PATH to run in the lake")
    raise typer.Exit(run_in_lake(command, port=port, engine=engine.value, events=bool(events)))


def demo(
    lake: Annotated[Path, typer.Option(help="Where the lake's tree is left; emptied first.")] = Path(
        "demo-lake"
    ),
) -> None:
    """Generate three snapshots, run every stage over them in the sandbox and print what happened."""
    from sandbox.demo import demo

    raise typer.Exit(demo(lake))
