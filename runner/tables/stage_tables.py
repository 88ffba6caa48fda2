"""The tables that dbt builds, and questions about them that the runner asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from runner.aws.errors import get_or_none
from runner.aws.invocation import Invocation
from runner.errors import MedLaunchError

SOURCE = "facility_lines"
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
    """What became of the lines of some dates.

    Attributes:
        curated: rows of Stage 1.
        rejected: rejects by stage (1, 3).
        processed: facilities that Stage 3 counted.
        reasons: rejects by stage and reject code; one reject may have several codes.
    """

    curated: int = 0
    processed: int = 0
    rejected: dict[int, int] = field(default_factory=lambda: {1: 0, 3: 0})
    reasons: dict[int, dict[str, int]] = field(default_factory=lambda: {1: {}, 3: {}})


def locations(invocation: Invocation) -> list[str]:
    """Where the tables lie. A table that was created again has another location.

    Raises:
        TablesMissing: one of them does not exist.
    """
    glue, database = invocation.glue, invocation.settings.glue_database
    places: list[str] = []
    for table in TABLES:
        answer = get_or_none(partial(glue.get_table, DatabaseName=database, Name=table))
        if answer is None:
            raise TablesMissing(f"table {database}.{table} does not exist: run `medlaunch init` first")
        places.append(answer["Table"].get("StorageDescriptor", {}).get("Location", ""))
    return places


def missing(invocation: Invocation) -> list[str]:
    """Those of the tables that do not exist."""
    pages = invocation.glue.get_paginator("get_tables").paginate(
        DatabaseName=invocation.settings.glue_database
    )
    standing = {table["Name"] for page in pages for table in page["TableList"]}
    return [table for table in TABLES if table not in standing]


def count(invocation: Invocation, dates: Sequence[date]) -> Counts:
    """What became of the lines of some dates, in one query."""
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
"""
    )
    amounts = {(part, reason or ""): int(amount or 0) for part, reason, amount in rows}
    counts = Counts(curated=amounts.get(("curated", ""), 0), processed=amounts.get(("processed", ""), 0))
    for stage in (1, 3):
        for (part, reason), amount in sorted(amounts.items(), key=lambda item: item[0][1]):
            if part == f"stage{stage}":
                counts.rejected[stage] += amount
                for code in reason.split(";"):
                    counts.reasons[stage][code] = counts.reasons[stage].get(code, 0) + amount
    return counts


def dates_in_tables(invocation: Invocation) -> list[date]:
    """Every snapshot date that any of the tables has rows of."""
    union = " union ".join(f"select snapshot_date from {table}" for table in TABLES)
    return sorted(date.fromisoformat(row[0]) for row in invocation.rows(union) if row[0])


def date_literals(dates: Iterable[date]) -> str:
    """Dates as SQL literals, for an `in (…)`. Nothing but a date can get in."""
    return ", ".join(f"date '{day.isoformat()}'" for day in dates)
