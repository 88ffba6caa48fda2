"""`medlaunch transform`: selects the dates, shows the plan, and prints the result as text or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cli.options import WAIT_SECONDS, JsonOption, WaitOption, date_option, print_json
from runner.aws.invocation import Invocation
from runner.bronze import bronze_dates
from runner.errors import UsageError
from runner.lake import prefix
from runner.settings import Settings
from runner.tables import stage_tables
from runner.tables.bronze_folders import Folder, list_folder
from runner.tables.result import TransformResult
from runner.tables.transform import plan, require_files
from runner.tables.transform import transform as rebuild


@dataclass(frozen=True, slots=True)
class Scope:
    """The requested dates: some dates, all dates, or the dates of a range that have a folder.

    With `--all` or `--allow-empty` this includes dates that are only in the tables.
    """

    dates: Sequence[date]
    first: date | None
    last: date | None
    every: bool


def transform(
    snapshot_date: Annotated[
        list[date] | None, date_option("--snapshot-date", help="A date; may be given several times.")
    ] = None,
    from_date: Annotated[date | None, date_option("--from", help="The first date of a range.")] = None,
    to_date: Annotated[date | None, date_option("--to", help="The last date of a range.")] = None,
    every_date: Annotated[bool, typer.Option("--all", help="Every date of bronze or of the tables.")] = False,
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="With --all: new tables.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Rebuild also what has not changed.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be built.")] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Empty the rows of a date that has no files.")
    ] = False,
    wait: WaitOption = WAIT_SECONDS,
    as_json: JsonOption = False,
) -> None:
    """Rebuild, test and export Stages 1 and 3 for some dates."""
    settings = Settings.from_environment()
    scope = Scope(dates=snapshot_date or [], first=from_date, last=to_date, every=every_date)
    if full_refresh and not scope.every:
        raise UsageError("--full-refresh creates the tables again: use it with --all only")
    # If a date's folder is gone but its rows still exist, the rows must be deleted.
    allow_empty = allow_empty or scope.every
    dates = _dates(settings, scope, allow_empty=allow_empty)
    if dry_run:
        plan = _plan(settings, dates, force=force or full_refresh, allow_empty=allow_empty)
        if as_json:
            print_json(plan)
        else:
            _print_plan(plan)
        return
    result = rebuild(
        settings, dates, force=force, full_refresh=full_refresh, allow_empty=allow_empty, wait=wait
    )
    if as_json:
        print_json(result.to_dict())
    else:
        _print_result(settings, result)


def _dates(settings: Settings, scope: Scope, *, allow_empty: bool) -> list[date]:
    ranged = scope.first is not None or scope.last is not None
    if [bool(scope.dates), ranged, scope.every].count(True) != 1:
        raise UsageError("name dates in one way: --snapshot-date D (repeatable), --from D --to D, or --all")
    if scope.dates:
        return sorted(set(scope.dates))
    first, last = scope.first or date.min, scope.last or date.max
    if first > last:
        raise UsageError(f"--from {first} lies after --to {last}")
    invocation = Invocation(settings, "dates")
    known_dates = set(bronze_dates(invocation.s3, settings.data_bucket))
    if allow_empty:
        stage_tables.locations(invocation)
        known_dates.update(stage_tables.dates_in_tables(invocation))
    dates = sorted(day for day in known_dates if first <= day <= last)
    if not dates:
        raise UsageError(f"s3://{settings.data_bucket}/{prefix('bronze')}/ has no date folder in that range")
    return dates


def _plan(settings: Settings, dates: list[date], *, force: bool, allow_empty: bool) -> dict[str, Any]:
    """The plan of a run: `dates` with files, bytes and planned action of each, and the `models` to build."""
    invocation = Invocation(settings, "dry-run")
    folders = [list_folder(invocation.s3, settings.data_bucket, day) for day in dates]
    if not allow_empty:
        require_files(settings, folders)
    runs, _ = plan(invocation, folders, everything=force)
    stale = [run.folder for run in runs]
    return {
        "dates": [
            {
                "snapshot_date": str(folder.snapshot_date),
                "files": len(folder.files),
                "bytes": folder.size,
                "fate": _fate(folder, stale),
            }
            for folder in folders
        ],
        "models": list(stage_tables.TABLES) if stale else [],
    }


def _print_plan(planned: dict[str, Any]) -> None:
    table = Table("snapshot date", "files", "bytes", "")
    for folder in planned["dates"]:
        table.add_row(folder["snapshot_date"], str(folder["files"]), str(folder["bytes"]), folder["fate"])
    console = Console()
    console.print(table)
    console.print(f"models: {', '.join(planned['models']) or 'none'}")
    console.print("dry run: nothing was written")


def _fate(folder: Folder, stale: list[Folder]) -> str:
    if folder not in stale:
        return "unchanged"
    return "rebuild" if folder.files else "empty"


def _print_result(settings: Settings, result: TransformResult) -> None:
    console = Console(soft_wrap=True)
    for key in result.hidden:
        console.print(f"not used, hidden by its name: s3://{settings.data_bucket}/{key}")
    if not result.built:
        console.print(f"nothing to do, unchanged: {', '.join(result.snapshot_dates)}")
        return
    table = Table("", "used", "rejected", "reasons")
    for stage, used in (("stage1", "curated"), ("stage3", "processed")):
        counts, reasons = result.counts[stage], result.rejects_by_reason[stage]
        table.add_row(
            stage,
            str(counts[used]),
            str(counts["rejected"]),
            ", ".join(f"{code} {amount}" for code, amount in reasons.items()),
        )
    console.print(f"built {', '.join(result.built)} as run {result.run_ts}")
    console.print(table)
    tests = result.tests
    console.print(f"data tests: {len(tests['passed'])} passed, {len(tests['warned'])} warned")
    for name in tests["warned"]:
        console.print(f"  warning: {name}")
    for export in result.exports.values():
        console.print(f"s3://{export['bucket']}/{export['key']}", markup=False)
    console.print(f"{result.queries} Athena queries, {result.bytes_scanned} bytes scanned")
