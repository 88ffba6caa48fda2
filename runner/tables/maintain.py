"""Maintenance of the Iceberg tables: join small files, remove old snapshots and orphaned files."""

from __future__ import annotations

from runner.aws.errors import AthenaQueryFailed
from runner.aws.invocation import Invocation
from runner.lease.leased_run import leased_run
from runner.settings import Settings
from runner.tables import stage_tables

#: Athena works in portions and ends a statement with one of these while more is left to do:
#: https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-data-optimization.html
_MORE = ("ICEBERG_OPTIMIZE_MORE_RUNS_NEEDED", "ICEBERG_VACUUM_MORE_RUNS_NEEDED")


def maintain(settings: Settings, *, wait: float = 0.0, seconds_left: float | None = None) -> list[str]:
    """OPTIMIZE and VACUUM each of the tables.

    Args:
        settings: which lake.
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
            _run_until_done(invocation, f"optimize {table} rewrite data using bin_pack")
            _run_until_done(invocation, f"vacuum {table}")
    return list(stage_tables.TABLES)


def _run_until_done(invocation: Invocation, sql: str) -> None:
    while True:
        try:
            invocation.run(sql)
        except AthenaQueryFailed as error:
            if not any(more in str(error) for more in _MORE):
                raise
        else:
            return
