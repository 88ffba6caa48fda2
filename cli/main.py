"""The `medlaunch` command line."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.progress import Progress

from runner.errors import MedLaunchError
from runner.settings import Settings

app = typer.Typer(
    name="medlaunch",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Event-driven ELT on Athena for health-care accreditation data.",
)

#: How long a command waits for another run to end: longer than a dead run's lease lives.
CLI_WAIT_SECONDS = 90.0

_debug = False


class Engine(StrEnum):
    """The engines of local Athena."""

    duckdb = "duckdb"
    trino = "trino"


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Print the traceback of an error.")] = False,
) -> None:
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
        int, typer.Option(min=0, help="Bad lines, spread among them; from 6 on they cover every reject code.")
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


@app.command()
def init() -> None:
    """Make whatever is missing of database, source table, seeds, view and empty tables."""
    from runner.tables.initialise import initialise

    made = initialise(Settings.from_environment(), wait=CLI_WAIT_SECONDS)
    print(f"made {', '.join(made)}" if made else "all tables stand already")


@app.command()
def transform(
    snapshot_date: Annotated[
        list[datetime] | None, typer.Option(formats=["%Y-%m-%d"], help="A date; may be given several times.")
    ] = None,
    from_date: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first date of a range.")
    ] = None,
    to_date: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last date of a range.")
    ] = None,
    every_date: Annotated[bool, typer.Option("--all", help="Every date of bronze or of the tables.")] = False,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="With --all: new tables.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Rebuild also what has not changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be built.")] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Empty the rows of a date that has no files.")
    ] = False,
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for another run to end.")
    ] = CLI_WAIT_SECONDS,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Rebuild, test and export Stages 1 and 3 for some dates."""
    from cli import transform as command

    scope = command.Scope(
        dates=[one.date() for one in snapshot_date or []],
        first=from_date.date() if from_date else None,
        last=to_date.date() if to_date else None,
        every=every_date,
    )
    command.run(
        Settings.from_environment(),
        scope,
        full_refresh=full_refresh,
        force=force,
        dry_run=dry_run,
        allow_empty=allow_empty,
        as_json=as_json,
        wait=wait,
    )


@app.command()
def maintain() -> None:
    """Compact the tables' files and remove old Iceberg snapshots."""
    from runner.tables.maintain import maintain as maintain_tables

    done = maintain_tables(Settings.from_environment(), wait=CLI_WAIT_SECONDS)
    print(f"optimized and vacuumed {', '.join(done)}")


@app.command()
def expiring(
    window_days: Annotated[
        int | None, typer.Option(min=0, help="Days to look ahead, both ends included; else WINDOW_DAYS.")
    ] = None,
    run_date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Counted from; else today (UTC).")
    ] = None,
    snapshots: Annotated[
        str | None, typer.Option(help="all, or latest for the newest date folder; else SNAPSHOTS.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Stage 2: write the accreditations that expire soon, and quarantine what is not used."""
    from runner.stage2.expiring import expiring as write_expiring

    given = {"WINDOW_DAYS": window_days, "SNAPSHOTS": snapshots}
    overrides = {name: str(value) for name, value in given.items() if value is not None}
    settings = Settings.from_environment(os.environ | overrides)
    result = write_expiring(settings, (run_date or datetime.now(UTC)).date())
    if as_json:
        print(json.dumps(result.to_dict()))
        return
    reasons = ", ".join(f"{code} {count}" for code, count in result.rejects_by_code.items())
    print(f"{result.records} records in {result.files} files ({result.snapshots} snapshots)")
    print(f"{result.rows} accreditations expire within {result.window_days} days of {result.run_date}")
    print(f"{result.rejects} rejects{': ' if reasons else ''}{reasons}")
    print(f"expiring soon: {result.output}\nquarantine: {result.quarantine}")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def local(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(help="Port of S3 and Glue; Athena takes the next. 0 takes free ports.")
    ] = 0,
    engine: Annotated[Engine, typer.Option(help="What runs local Athena's queries.")] = Engine.duckdb,
) -> None:
    """Start the lake on this machine; with `-- COMMAND`, run one command in it."""
    from sandbox.commands import local

    raise typer.Exit(local(context.args, port=port, engine=engine.value))


@app.command()
def demo(
    lake: Annotated[Path, typer.Option(help="Where the lake's tree is left; emptied first.")] = Path(
        "demo-lake"
    ),
) -> None:
    """Generate three snapshots, run every stage over them in the sandbox and print what happened."""
    from sandbox.demo import demo

    raise typer.Exit(demo(lake))


def main() -> None:
    """Run the command line: errors are one line; exit code 2 for usage, 1 for failure."""
    try:
        app()
    except (MedLaunchError, BotoCoreError, ClientError) as error:
        if _debug or os.environ.get("MEDLAUNCH_DEBUG"):
            raise
        Console(stderr=True).print(f"[red]error:[/red] {error}", soft_wrap=True, highlight=False)
        sys.exit(error.exit_code if isinstance(error, MedLaunchError) else 1)


if __name__ == "__main__":
    main()
