"""The tables that dbt builds, and the runner's queries about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from runner.aws.errors import get_or_none
from runner.aws.invocation import Invocation
from runner.errors import MedLaunchError
from runner.lake import bronze_folder, prefix

SOURCE = "facility_lines"
LEASE_OBJECT = "lease_object"
JUDGED_LINES = "int_judged_lines"
STAGE1 = "stage1_facility_metrics"
STAGE1_REJECTS = "stage1_facility_metrics_rejects"
STAGE3 = "accredited_facilities_per_state"
STAGE3_REJECTS = "accredited_facilities_per_state_rejects"
TABLES = (JUDGED_LINES, STAGE1, STAGE1_REJECTS, STAGE3, STAGE3_REJECTS)


class TablesMissing(MedLaunchError):
    """A table does not exist. `medlaunch init` creates it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of lines of some dates.

    Attributes:
        curated: rows of Stage 1.
        rejected: rejects by stage (1, 3).
        processed: facilities that Stage 3 counted.
        reasons: rejects by stage and reject code; one reject may have several codes.
        lines: judged lines by date (YYYY-MM-DD) and by the address of each requested file. A file without
            lines has no entry.
    """

    curated: int = 0
    processed: int = 0
    rejected: dict[int, int] = field(default_factory=lambda: {1: 0, 3: 0})
    reasons: dict[int, dict[str, int]] = field(default_factory=lambda: {1: {}, 3: {}})
    lines: dict[str, int] = field(default_factory=dict[str, int])


def locations(invocation: Invocation) -> list[str]:
    """The locations of the tables. A table that was created again has another location.

    Raises:
        TablesMissing: one of them does not exist.
    """
    addresses: list[str] = []
    for table in TABLES:
        addresses.append(described(invocation, table).get("StorageDescriptor", {}).get("Location", ""))
    return addresses


def files_in_table(invocation: Invocation, dates: Sequence[date]) -> dict[date, set[str]]:
    """The S3 addresses of the files that int_judged_lines has lines of, by date."""
    by_date: dict[date, set[str]] = {one: set() for one in dates}
    for snapshot_date, address in invocation.rows(
        f"select distinct snapshot_date, source_file from {JUDGED_LINES} "
        f"where snapshot_date in ({date_literals(dates)})"
    ):
        by_date[date.fromisoformat(snapshot_date or "")].add(address or "")
    return by_date


def unseen_dates(invocation: Invocation, dates: Iterable[date]) -> list[date]:
    """The dates whose folders the source table does not reach, because of its projection or its location.

    A run over such a date would see no line and delete all its rows. Glue answers this without a query.

    Raises:
        TablesMissing: the source table or the table of the lease object does not exist or has another
            location.
    """
    settings = invocation.settings
    lake = f"s3://{settings.data_bucket}/"
    lease_location = described(invocation, LEASE_OBJECT).get("StorageDescriptor", {}).get("Location", "")
    if lease_location.rstrip("/") != f"{lake}{prefix('pipeline_state')}/lease":
        raise TablesMissing(
            f"table {settings.glue_database}.{LEASE_OBJECT} lies at {lease_location}: run `medlaunch init`"
        )
    parameters = described(invocation, SOURCE).get("Parameters", {})
    template = parameters.get("storage.location.template", "")
    first, _, last = parameters.get("projection.snapshot_date.range", "").partition(",")
    projected = parameters.get("projection.enabled") == "true"
    return [
        one
        for one in dates
        if not projected
        or not first <= one.isoformat() <= last
        or template.replace("${snapshot_date}", one.isoformat()) != f"{lake}{bronze_folder(one)}"
    ]


def missing(invocation: Invocation) -> list[str]:
    """The tables that do not exist."""
    pages = invocation.glue.get_paginator("get_tables").paginate(
        DatabaseName=invocation.settings.glue_database
    )
    standing = {table["Name"] for page in pages for table in page["TableList"]}
    return [table for table in TABLES if table not in standing]


def count(invocation: Invocation, dates: Sequence[date], files: Sequence[str] = ()) -> Counts:
    """The counts of lines of some dates, and the number of lines of some files, in one query.

    Args:
        invocation: the run.
        dates: the dates.
        files: S3 addresses of files in their folders.
    """
    among = f"where snapshot_date in ({date_literals(dates)})"
    rows = invocation.rows(
        f"""
select 'curated' as part, '' as reason, count(*) as amount from {STAGE1} {among}
union all
select 'processed', '', coalesce(sum(facility_count), 0) from {STAGE3} {among}
union all
select 'stage1', reject_reason, count(*) from {STAGE1_REJECTS} {among} group by reject_reason
union all
select 'stage3', reject_reason, count(*) from {STAGE3_REJECTS} {among} group by reject_reason
union all
select 'date', cast(snapshot_date as varchar), count(*) from {JUDGED_LINES} {among} group by snapshot_date
{_count_of_files(among, files)}"""
    )
    amounts = {(part, reason or ""): int(amount or 0) for part, reason, amount in rows}
    counts = Counts(
        curated=amounts.get(("curated", ""), 0),
        processed=amounts.get(("processed", ""), 0),
        lines={name: amount for (part, name), amount in amounts.items() if part in ("date", "file")},
    )
    for stage in (1, 3):
        for (part, reason), amount in sorted(amounts.items(), key=lambda item: item[0][1]):
            if part == f"stage{stage}":
                counts.rejected[stage] += amount
                for code in reason.split(";"):
                    counts.reasons[stage][code] = counts.reasons[stage].get(code, 0) + amount
    return counts


def dates_in_tables(invocation: Invocation) -> list[date]:
    """Every snapshot date that has rows in any of the tables."""
    union = " union ".join(f"select snapshot_date from {table}" for table in TABLES)
    return sorted(date.fromisoformat(row[0]) for row in invocation.rows(union) if row[0])


def date_literals(dates: Iterable[date]) -> str:
    """Dates as SQL literals, for an `in (…)`. Only a date can get in."""
    return ", ".join(f"date '{one.isoformat()}'" for one in dates)


def text_literals(texts: Iterable[str]) -> str:
    """Texts as SQL literals, for an `in (…)`."""
    return ", ".join("'" + text.replace("'", "''") + "'" for text in texts)


def _count_of_files(among: str, files: Sequence[str]) -> str:
    if not files:
        return ""
    return f"""union all
select 'file', source_file, count(*) from {JUDGED_LINES}
{among} and source_file in ({text_literals(files)}) group by source_file
"""


def described(invocation: Invocation, table: str) -> Any:
    """Glue's description of a table.

    Raises:
        TablesMissing: it does not exist.
    """
    glue, database = invocation.glue, invocation.settings.glue_database
    answer = get_or_none(partial(glue.get_table, DatabaseName=database, Name=table))
    if answer is None:
        raise TablesMissing(f"table {database}.{table} does not exist: run `medlaunch init` first")
    return answer["Table"]
