"""`medlaunch init`, `expiring`, `publish` and `maintain`: run by hand what the functions do on AWS."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from typing import Annotated

import typer

from cli.options import WAIT_SECONDS, JsonOption, counted, date_option, print_json
from runner.aws.clients import s3_client
from runner.settings import Settings
from runner.stage2.expiring import expiring as write_expiring
from runner.tables.initialise import initialise
from runner.tables.maintain import maintain as maintain_tables
from runner.tables.publication import publish_announced


def init() -> None:
    """Create what is missing of database, source table, seeds, view and empty tables."""
    made = initialise(Settings.from_environment(), wait=WAIT_SECONDS)
    print(f"made {', '.join(made)}" if made else "all tables exist already")


def maintain(
    recent_days: Annotated[
        int | None, typer.Option(min=0, help="Only compact the files of the dates of so many days back.")
    ] = None,
) -> None:
    """Compact the tables' files and remove old Iceberg snapshots."""
    done = maintain_tables(Settings.from_environment(), recent_days=recent_days, wait=WAIT_SECONDS)
    print(f"{'optimized' if recent_days is not None else 'optimized and vacuumed'} {', '.join(done)}")


def expiring(
    window_days: Annotated[
        int | None, typer.Option(min=0, help="Days to look ahead, both ends included; else WINDOW_DAYS.")
    ] = None,
    run_date: Annotated[
        date | None, date_option("--run-date", help="Counted from; else today (UTC).")
    ] = None,
    snapshots: Annotated[
        str | None, typer.Option(help="all, or latest for the newest date folder; else SNAPSHOTS.")
    ] = None,
    engine: Annotated[
        str | None,
        typer.Option(
            help="stream reads the files, athena the table of judged lines, auto decides; else STAGE2_ENGINE."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Stage 2: write the accreditations that expire soon, and quarantine what is not used."""
    given = {"WINDOW_DAYS": window_days, "SNAPSHOTS": snapshots, "STAGE2_ENGINE": engine}
    overrides = {name: str(value) for name, value in given.items() if value is not None}
    settings = Settings.from_environment(os.environ | overrides)
    result = write_expiring(settings, run_date or datetime.now(UTC).date())
    if as_json:
        print_json(result.to_dict())
        return
    if result.engine == "stream":
        records, files = counted(result.records, "record"), counted(result.files, "file")
        print(f"{records} in {files} ({result.snapshots} snapshots)")
    for key in result.files_over_cap:
        print(f"quarantined whole, since it asks for more than one file may: {key}")
    expiring_soon = f"{counted(result.rows, 'accreditation')} {'expires' if result.rows == 1 else 'expire'}"
    print(f"{expiring_soon} within {counted(result.window_days, 'day')} of {result.run_date}")
    print(f"expiring soon: {result.output}")
    if result.engine == "stream":
        reasons = ", ".join(f"{code} {count}" for code, count in result.rejects_by_code.items())
        print(f"{counted(result.rejects, 'reject')}{': ' if reasons else ''}{reasons}")
        print(f"quarantine: {result.quarantine}")


def publish() -> None:
    """Publish the exports of runs that ended before `prod/` had them."""
    settings = Settings.from_environment()
    published = publish_announced(s3_client(), settings.data_bucket)
    print(f"published {', '.join(published)}" if published else "nothing waits for its publication")
