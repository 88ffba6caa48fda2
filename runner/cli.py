"""The `medlaunch` command line."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

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


@app.command()
def generate(
    snapshot: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The date folder.")],
    n: Annotated[int, typer.Option("--n", min=0, help="Good records.")] = 1000,
    chunk: Annotated[int, typer.Option(min=1, help="Lines of one file.")] = 100,
    start_index: Annotated[int, typer.Option(min=0, help="Number of the first facility.")] = 1,
    bad: Annotated[
        int, typer.Option(min=0, help="Bad lines among them; from 6 on they cover every reject code.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    gzip: Annotated[bool, typer.Option("--gzip", help="Write .jsonl.gz.")] = False,
    out: Annotated[
        str, typer.Option(help="A directory, s3://BUCKET (its bronze prefix) or s3://BUCKET/PREFIX.")
    ] = "generated-data",
) -> None:
    """Write synthetic facility records as NDJSON chunks under batch/SNAPSHOT/."""
    from sandbox.generate import Spec
    from sandbox.generate import generate as write_chunks

    spec = Spec(snapshot.date(), n=n, bad=bad, start_index=start_index, seed=seed)
    with Progress(
        console=(errors := Console(stderr=True)), transient=True, disable=not errors.is_terminal
    ) as bar:
        task = bar.add_task("records", total=n + bad)
        written = write_chunks(
            out, spec, chunk=chunk, gzip=gzip, on_records=lambda more: bar.advance(task, more)
        )
    print(f"{written.records} records in {written.files} files: {written.location}/")


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
