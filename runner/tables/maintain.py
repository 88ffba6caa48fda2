"""Maintains the Iceberg tables: joins small files, and removes old snapshots and orphaned files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from runner.aws.errors import AthenaQueryFailed
from runner.aws.invocation import Invocation
from runner.lease.leased_run import leased_run
from runner.settings import Settings
from runner.tables import stage_tables

#: Athena does this work in portions. A statement ends with one of these errors while work is left:
#: https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-data-optimization.html
_MORE = ("ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED", "ICEBERG_VACUUM_MORE_RUNS_NEEDED")


def maintain(
    settings: Settings,
    *,
    recent_days: int | None = None,
    wait: float = 0.0,
    seconds_left: float | None = None,
) -> list[str]:
    """OPTIMIZE and VACUUM each of the tables, and remove old versions of them from Glue.

    Args:
        settings: which lake.
        recent_days: only OPTIMIZE the dates of this many days back. The hourly maintenance asks for this,
            because each run adds small files. Old snapshots are removed at night.
        wait: seconds to wait for another run that holds the lease.
        seconds_left: the time that the run has; None for no limit.

    Returns:
        The tables' names.

    Raises:
        LeaseHeld, DeadlineReached: see `leased_run`.
        TablesMissing, AthenaQueryFailed, AthenaThrottled.
    """
    with leased_run(settings, "maintain", wait=wait, seconds_left=seconds_left) as invocation:
        stage_tables.locations(invocation)
        for table in stage_tables.TABLES:
            optimize = f"optimize {table} rewrite data using bin_pack"
            if recent_days is not None:
                first = datetime.now(UTC).date() - timedelta(days=recent_days)
                _run_until_done(invocation, f"{optimize} where snapshot_date >= date '{first}'")
                continue
            _run_until_done(invocation, optimize)
            _run_until_done(invocation, f"vacuum {table}")
            _expire_versions(invocation, table)
    return list(stage_tables.TABLES)


def _expire_versions(invocation: Invocation, table: str) -> None:
    """Remove the old versions of a table from Glue. Each Iceberg commit leaves one."""
    glue, database = invocation.glue, invocation.settings.glue_database
    pages = glue.get_paginator("get_table_versions").paginate(DatabaseName=database, TableName=table)
    versions = [one["VersionId"] for page in pages for one in page["TableVersions"] if "VersionId" in one]
    old = sorted(versions, key=int)[:-1]
    for version in old:
        glue.delete_table_version(DatabaseName=database, TableName=table, VersionId=version)


def _run_until_done(invocation: Invocation, sql: str) -> None:
    while True:
        try:
            invocation.run(sql)
        except AthenaQueryFailed as error:
            if not any(more in str(error) for more in _MORE):
                raise
        else:
            return
