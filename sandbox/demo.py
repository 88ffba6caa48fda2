"""`make demo`: three snapshots through every stage, on this machine, and readable tables of what happened."""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from runner import lake
from runner.errors import MedLaunchError, UsageError
from runner.settings import Settings
from runner.stage2.expiring import ExpiringResult, expiring
from runner.tables.initialise import initialise
from sandbox.generate import Spec, generate
from sandbox.local import Sandbox, command_environment
from sandbox.state_machine import StateMachine

#: The snapshots of the original data set.
SNAPSHOTS = (
    Spec(date(2025, 8, 10), n=20),
    Spec(date(2025, 8, 11), n=50, start_index=21),
    Spec(date(2025, 8, 13), n=0, bad=6, start_index=71),
)
#: Stage 2 counts from the newest snapshot, so that the demo shows the same rows on any day.
RUN_DATE = max(spec.snapshot for spec in SNAPSHOTS)
#: Written into the tree, so that only a tree that the demo made is ever emptied.
_MARK = ".made-by-medlaunch-demo"
_MOST_EXPIRING = 10

#: What a run did: `TransformResult.to_dict()`, as the state machine hands it on.
Result = dict[str, Any]


class ExecutionFailed(MedLaunchError):
    """An execution of the state machine did not succeed."""


def demo(tree: Path) -> int:
    """Run the demo and leave the lake's files below `tree`, which is emptied first.

    Returns:
        0, for a command line.

    Raises:
        UsageError: `tree` holds files that the demo did not make.
        ExecutionFailed: the state machine did.
    """
    _empty(tree)
    results: list[Result] = []
    console = Console(width=None if os.isatty(1) else 120)
    # The functions' metrics are lines on standard output, for CloudWatch to pick up.
    quiet = {"POWERTOOLS_METRICS_DISABLED": "true"}
    with Sandbox() as sandbox, _environment(sandbox.environment | quiet):
        settings = Settings.from_environment()
        with console.status("Preparing the lake: source table, seeds, view, empty tables"):
            initialise(settings)
        for spec in SNAPSHOTS:
            generate(f"s3://{settings.data_bucket}", spec)
        with StateMachine(sandbox.environment) as state_machine:
            for spec in SNAPSHOTS:
                with console.status(f"Stages 1, 3 and 4 of {spec.snapshot}"):
                    results.append(_execute(state_machine, settings, spec.snapshot))
        with console.status("Stage 2"):
            soon = expiring(settings, RUN_DATE)
        files = _mirror(sandbox.client("s3"), settings.data_bucket, tree)
    _print_snapshots(console, results)
    _print_expiring(console, soon, tree)
    _print_states(console, results, tree)
    _print_tree(console, files, tree)
    return 0


def _execute(state_machine: StateMachine, settings: Settings, snapshot_date: date) -> Result:
    """One execution of the state machine, as dispatch starts it when files of a date have landed."""
    request = {"snapshot_date": snapshot_date.isoformat(), "bucket": settings.data_bucket}
    execution = state_machine.run(request)
    if execution.status != "SUCCEEDED":
        raise ExecutionFailed(
            f"the execution of {snapshot_date} {execution.status}: {execution.error}: {execution.cause}"
        )
    return execution.output


def _empty(tree: Path) -> None:
    if tree.exists() and any(tree.iterdir()) and not (tree / _MARK).exists():
        raise UsageError(f"{tree} holds files that the demo did not make: name another folder with --lake")
    if tree.exists():
        shutil.rmtree(tree)
    tree.mkdir(parents=True)
    (tree / _MARK).touch()


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """This process's environment as a command in the sandbox would have it."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(command_environment(before, variables))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class _File(NamedTuple):
    key: str
    size: int


def _mirror(s3: Any, bucket: str, tree: Path) -> list[_File]:
    """Copy every object of the lake to a file below `tree`."""
    files: list[_File] = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            target = tree / item["Key"]
            target.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, item["Key"], str(target))
            files.append(_File(item["Key"], item["Size"]))
    return files


def _print_snapshots(console: Console, results: list[Result]) -> None:
    table = Table(title="Lines used and rejected, per snapshot", title_justify="left")
    table.add_column("snapshot")
    table.add_column("stage")
    table.add_column("used", justify="right")
    table.add_column("rejected", justify="right")
    table.add_column("reasons")
    for result in results:
        for stage, used in (("stage1", "curated"), ("stage3", "processed")):
            counts, reasons = result["counts"][stage], result["rejects_by_reason"][stage]
            table.add_row(
                ", ".join(result["snapshot_dates"]),
                stage,
                str(counts[used]),
                str(counts["rejected"]),
                ", ".join(f"{reason} {count}" for reason, count in reasons.items()),
            )
        table.add_section()
    console.print(table)


def _print_expiring(console: Console, soon: ExpiringResult, tree: Path) -> None:
    key = lake.expiring_soon_key(date.fromisoformat(soon.run_date))
    rows = sorted(_read_csv(tree / key), key=lambda row: row["valid_until"])
    table = Table(
        title=f"Stage 2: {soon.rows} accreditations expire within {soon.window_days} days "
        f"of {soon.run_date}; the next {min(_MOST_EXPIRING, soon.rows)}",
        title_justify="left",
    )
    columns = ("facility_id", "facility_name", "state", "accreditation_body", "valid_until")
    for column in columns:
        table.add_column(column)
    table.add_column("days", justify="right")
    for row in rows[:_MOST_EXPIRING]:
        table.add_row(*(row[column] for column in columns), row["days_until_expiry"])
    console.print(table)
    reasons = ", ".join(f"{reason} {count}" for reason, count in soon.rejects_by_code.items())
    console.print(f"Quarantined by Stage 2: {soon.rejects} rejects: {reasons}", highlight=False)


def _print_states(console: Console, results: list[Result], tree: Path) -> None:
    table = Table(
        title="Stages 3 and 4: accredited facilities per state, as published in prod/", title_justify="left"
    )
    for column in ("snapshot", "state"):
        table.add_column(column)
    for column in ("facilities", "accredited"):
        table.add_column(column, justify="right")
    for result in results:
        for row in _read_csv(tree / result["prod"]["processed_key"]):
            table.add_row(
                row["snapshot_date"], row["state"], row["facility_count"], row["accredited_facility_count"]
            )
        table.add_section()
    console.print(table)


def _print_tree(console: Console, files: list[_File], tree: Path) -> None:
    table = Table(title=f"The lake, in {tree}/", title_justify="left")
    table.add_column("prefix")
    table.add_column("files", justify="right")
    table.add_column("bytes", justify="right")
    below: dict[str, list[_File]] = {prefix: [] for prefix in lake.registry()["prefixes"].values()}
    for file in files:
        below[max((prefix for prefix in below if file.key.startswith(f"{prefix}/")), key=len)].append(file)
    for prefix, held in below.items():
        if held:
            table.add_row(f"{prefix}/", str(len(held)), f"{sum(file.size for file in held):,}")
    console.print(table)


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
