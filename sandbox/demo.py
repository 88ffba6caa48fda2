"""`make demo`: runs every stage over three snapshots on this machine, and prints readable tables."""

from __future__ import annotations

import csv
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from runner import lake
from runner.aws.invocation import Invocation
from runner.errors import MedLaunchError, UsageError
from runner.report.publish import publish
from runner.settings import Settings
from runner.stage2.expiring import ExpiringResult, expiring
from runner.tables.initialise import initialise
from runner.tables.stage_tables import STAGE1
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
#: This file marks a tree that the demo made. Only such a tree is ever emptied.
_MARK = ".made-by-medlaunch-demo"
_MOST_EXPIRING = 10
_MOST_METRICS = 5
_METRICS = (
    "facility_id",
    "facility_name",
    "employee_count",
    "number_of_offered_services",
    "expiry_date_of_first_accreditation",
    "snapshot_date",
)
#: The prefixes of Athena's own files.
_SCRATCH = ("stage1_query_results", "dbt_temporary")
_SCRATCH_TEXT = "Athena's scratch files, which expire"
#: In a terminal with fewer columns than this, tables omit optional columns.
_NARROW = 100
#: The characters of a path in one line of a narrow terminal.
_FOLDED_WIDTH = 40

#: The result of a run: `TransformResult.to_dict()` from the state machine.
Result = dict[str, Any]


class ExecutionFailed(MedLaunchError):
    """An execution of the state machine did not succeed."""


def demo(tree: Path) -> int:
    """Run the demo and leave the lake's files below `tree`, which is emptied first.

    Returns:
        0, for a command line.

    Raises:
        UsageError: `tree` holds files that the demo did not make.
        ExecutionFailed: an execution of the state machine failed.
    """
    _empty(tree)
    results: list[Result] = []
    console = Console(width=None if os.isatty(1) or "COLUMNS" in os.environ else 120)
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
        with console.status("The report"):
            page = publish(sandbox.client("s3"), settings.data_bucket)
        metrics = _some_metrics(settings)
        files = _mirror(sandbox.client("s3"), settings.data_bucket, tree)
    _print_snapshots(console, results)
    _print_tests(console, results)
    _print_metrics(console, metrics)
    _print_expiring(console, soon, tree)
    _print_states(console, results, tree)
    _print_tree(console, files, tree)
    _print_next(console, tree, [page, results[-1]["prod"]["processed_key"], soon.output.split("/", 3)[-1]])
    return 0


def _execute(state_machine: StateMachine, settings: Settings, snapshot_date: date) -> Result:
    """Run one execution of the state machine, as dispatch does after files of a date land."""
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
    """The environment of a command in the sandbox."""
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


def _some_metrics(settings: Settings) -> list[list[str | None]]:
    columns = ", ".join(_METRICS)
    return Invocation(settings, "demo").rows(
        f"select {columns} from {STAGE1} order by snapshot_date desc, facility_id limit {_MOST_METRICS}"
    )


def _table(title: str, *columns: str, wraps: str, right: tuple[str, ...] = ()) -> Table:
    """A table with one column that is wrapped if the terminal is narrow."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        justify = "right" if column in right else "left"
        table.add_column(column, justify=justify, overflow="fold", no_wrap=column != wraps)
    return table


def _print_snapshots(console: Console, results: list[Result]) -> None:
    """Print the lines used and rejected. A narrow terminal gets the reasons in a table of their own."""
    narrow = console.width < _NARROW
    numbers = ("used", "rejected")
    columns = ["snapshot", "stage", *numbers, *([] if narrow else ["reasons"])]
    table = _table("Lines used and rejected, per snapshot", *columns, wraps="reasons", right=numbers)
    why = _table("Why lines were rejected", "snapshot", "stage", "reasons", wraps="reasons")
    for result in results:
        for stage, used in (("stage1", "curated"), ("stage3", "processed")):
            dates, counts = ", ".join(result["snapshot_dates"]), result["counts"][stage]
            reasons = [f"{reason} {count}" for reason, count in result["rejects_by_reason"][stage].items()]
            row = (dates, stage, str(counts[used]), str(counts["rejected"]), ", ".join(reasons))
            table.add_row(*row[: len(columns)])
            if reasons:
                why.add_row(dates, stage, "\n".join(reasons))
    console.print(table)
    if narrow:
        console.print(why)


def _print_tests(console: Console, results: list[Result]) -> None:
    for result in results:
        tests = result["tests"]
        warned = f", {len(tests['warned'])} warned: {', '.join(tests['warned'])}" if tests["warned"] else ""
        console.print(
            f"Data tests of {', '.join(result['snapshot_dates'])}: {len(tests['passed'])} passed{warned}",
            highlight=False,
        )
    console.print()


def _print_metrics(console: Console, rows: list[list[str | None]]) -> None:
    numbers = ("staff", "services")
    columns = ["facility", "name", *numbers, "valid until", "snapshot"]
    if console.width < _NARROW:
        columns.remove("snapshot")
    title = f"Stage 1: facility metrics, {len(rows)} of the newest rows"
    table = _table(title, *columns, wraps="name", right=numbers)
    for row in rows:
        table.add_row(*(escape(value or "") for value in row[: len(columns)]))
    console.print(table)


def _print_expiring(console: Console, soon: ExpiringResult, tree: Path) -> None:
    key = lake.expiring_soon_key(date.fromisoformat(soon.run_date))
    rows = sorted(_read_csv(tree / key), key=lambda row: row["valid_until"])
    columns = ["facility_id", "facility_name", "state", "accreditation_body", "valid_until"]
    if console.width < _NARROW:
        columns.remove("accreditation_body")
    table = _table(
        f"Stage 2: {soon.rows} accreditations expire within {soon.window_days} days "
        f"of {soon.run_date}; the next {min(_MOST_EXPIRING, soon.rows)}",
        *columns,
        "days",
        wraps="facility_name",
        right=("days",),
    )
    for row in rows[:_MOST_EXPIRING]:
        table.add_row(*(escape(row[column]) for column in columns), row["days_until_expiry"])
    console.print(table)
    reasons = ", ".join(f"{reason} {count}" for reason, count in soon.rejects_by_code.items())
    console.print(f"Quarantined by Stage 2: {soon.rejects} rejects: {reasons}\n", highlight=False)


def _print_states(console: Console, results: list[Result], tree: Path) -> None:
    """Print one line per snapshot: the states with the most accredited facilities."""
    numbers = ("facilities", "accredited")
    table = _table(
        "Stages 3 and 4: accredited facilities per state, as published in prod/",
        *("snapshot", *numbers, "accredited by state"),
        wraps="accredited by state",
        right=numbers,
    )
    for result in results:
        rows = _read_csv(tree / result["prod"]["processed_key"])
        accredited = {row["state"]: int(row["accredited_facility_count"]) for row in rows}
        ranked = sorted(accredited, key=lambda state: (-accredited[state], state))
        table.add_row(
            ", ".join(result["snapshot_dates"]),
            str(sum(int(row["facility_count"]) for row in rows)),
            str(sum(accredited.values())),
            " ".join(f"{state} {accredited[state]}" for state in ranked),
        )
    console.print(table)


def _print_tree(console: Console, files: list[_File], tree: Path) -> None:
    numbers = ("files", "bytes")
    table = _table(f"The lake, in {tree}/", "prefix", *numbers, wraps="prefix", right=numbers)
    prefixes = lake.registry()["prefixes"]
    below: dict[str, list[_File]] = {prefix: [] for prefix in prefixes.values()}
    for file in files:
        below[max((prefix for prefix in below if file.key.startswith(f"{prefix}/")), key=len)].append(file)
    scratch = [file for name in _SCRATCH for file in below.pop(prefixes[name])]
    for prefix, held in [*((f"{prefix}/", held) for prefix, held in below.items()), (_SCRATCH_TEXT, scratch)]:
        if held:
            shown = _folded(prefix) if console.width < _NARROW else prefix
            table.add_row(shown, str(len(held)), f"{sum(file.size for file in held):,}")
    console.print(table)


def _folded(path: str) -> str:
    """A path that continues on another line after a slash, so that no folder's name is cut."""
    lines = [""]
    for part in re.findall(r"[^/]+/?", path):
        if lines[-1] and len(lines[-1]) + len(part) > _FOLDED_WIDTH:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _print_next(console: Console, tree: Path, keys: list[str]) -> None:
    console.print("Open this next:")
    for what, key in zip(("the report", "states as CSV", "expiring as CSV"), keys, strict=True):
        console.print(f"  {what + ':':16} {tree / key}", soft_wrap=True, highlight=False)
    console.print("  docs, lineage:   make pages", highlight=False)
    console.print("  your own files:  README.md", highlight=False)


def _read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))
