"""Creates everything that must exist before the first file lands: `medlaunch init`. Safe to repeat."""

from __future__ import annotations

from collections.abc import Sequence

from runner.aws.errors import get_or_none
from runner.aws.invocation import Invocation
from runner.dbt.dbt_run import run_dbt
from runner.lease.leased_run import leased_run
from runner.settings import Settings
from runner.tables import stage_tables
from runner.telemetry import logger


def initialise(settings: Settings, *, wait: float = 0.0, seconds_left: float | None = None) -> list[str]:
    """Create the Glue database, source table, seeds, view, and the missing tables, which start empty.

    Existing tables keep their rows.

    Args:
        settings: which lake.
        wait: seconds to wait for another run that holds the lease.
        seconds_left: the time that the run has; None for no limit.

    Returns:
        The tables that were created.

    Raises:
        LeaseHeld, DeadlineReached: see `leased_run`.
        DbtFailed, DbtNodeFailed, AthenaQueryFailed, AthenaThrottled.
    """
    with leased_run(settings, "init", wait=wait, seconds_left=seconds_left) as invocation:
        _create_database(invocation)
        run_dbt(settings, ["run-operation", "create_source_tables"], invocation)
        run_dbt(settings, ["seed"], invocation)
        run_dbt(settings, ["run", "--select", "stg_facilities"], invocation)
        missing = stage_tables.missing(invocation)
        _make_empty(settings, missing, invocation)
    return missing


def make_lost_tables(settings: Settings, invocation: Invocation) -> None:
    """Create missing tables, empty, if other tables exist.

    This happens when a full refresh died between two tables. All dates are then built again, because a table
    has a new location. Call it while holding the lease.
    """
    missing = stage_tables.missing(invocation)
    if 0 < len(missing) < len(stage_tables.TABLES):
        logger.warning("tables %s are gone and are created again, empty", ", ".join(missing))
        _make_empty(settings, missing, invocation)


def _make_empty(settings: Settings, tables: Sequence[str], invocation: Invocation) -> None:
    if tables:
        run_dbt(settings, ["run", "--empty", "--select", *tables], invocation)


def _create_database(invocation: Invocation) -> None:
    glue, name = invocation.glue, invocation.settings.glue_database
    if get_or_none(lambda: glue.get_database(Name=name)) is None:
        glue.create_database(DatabaseInput={"Name": name})
