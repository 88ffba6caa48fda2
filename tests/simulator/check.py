"""Checks that a lake is what bronze requires: the tables, the publications, Stage 2's results, and no false alarm."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date

from runner.lake import bronze_folder, expiring_soon_key, parse_bronze_key, prefix, quarantine_key
from runner.settings import Settings
from tests.simulator import lake_model
from tests.simulator.deployment import Deployment
from tests.simulator.lake_model import STAGE1, STAGE1_REJECTS, STAGE3, STAGE3_REJECTS, STAGED
from tests.simulator.world import World


def tables(world: World, days: Sequence[date]) -> list[str]:
    """The differences between the tables and the rows that follow from bronze."""
    found: list[str] = []
    for table in (STAGED, STAGE1, STAGE1_REJECTS, STAGE3, STAGE3_REJECTS):
        if table not in world.glue.tables:
            found.append(f"{table} is missing")
            continue
        held = world.athena.table(table)
        for day in {*days, *held}:
            files = world.bronze(day)
            if table == STAGED:
                expected = {(path,): (lines,) for path, lines in files.items() if lines}
                rows = {key: row for key, row in held.get(day, {}).items() if row[0]}
            else:
                expected = lake_model.stage_rows(table, day, files)
                rows = held.get(day, {})
            if rows != expected:
                found.append(f"{table} {day} holds {rows} but bronze says {expected}")
    found += [f"{name} is left over" for name in world.glue.tables if "__dbt_tmp" in name]
    if world.lease_holder():
        found.append(f"the lease is still held by {world.lease_holder()}")
    return found


def publications(world: World, days: Sequence[date]) -> list[str]:
    """The differences between the published results of each date and the results that follow from bronze."""
    left = world.s3.keys(f"{prefix('pipeline_state')}/unpublished/")
    found = [f"{key} was announced and not published" for key in left]
    for day in days:
        counts = lake_model.counts_csv([(day, lake_model.stage_rows(STAGE3, day, world.bronze(day)))])
        rejects = lake_model.rejects_csv(
            [(day, lake_model.stage_rows(STAGE3_REJECTS, day, world.bronze(day)))]
        )
        stored = world.s3.objects.get(f"{prefix('prod_current')}/{day}.json")
        if stored is None:
            if counts or rejects:
                found.append(f"prod/ shows nothing for {day}")
            continue
        manifest = json.loads(stored.body)
        for name, expected, columns in (("processed", counts, 4), ("rejects", rejects, 4)):
            body = world.s3.objects[manifest[f"{name}_key"]].body
            shown = [row[:columns] for row in lake_model.read_csv(body) if row[0] == day.isoformat()]
            if sorted(shown) != expected:
                found.append(f"prod/ shows {name} {shown} for {day} but bronze says {expected}")
        if manifest["facilities"] != sum(int(row[2]) for row in counts):
            found.append(f"the manifest of {day} counts {manifest['facilities']} facilities")
    return found


def stage2(world: World, run_date: date) -> list[str]:
    """The differences between Stage 2's CSV and quarantine and the results that follow from bronze."""
    bronze = {
        key: world.s3.objects[key].body for key in world.s3.keys(bronze_folder(run_date).rsplit("/", 2)[0])
    }
    rows, rejected = lake_model.expiring_rows(bronze, run_date, Settings.from_environment().window_days)
    stored = world.s3.objects.get(expiring_soon_key(run_date))
    found: list[str] = []
    told = csv.DictReader(io.StringIO(stored.body.decode(), newline="")) if stored else ()
    columns = ("facility_id", "valid_until", "days_until_expiry", "snapshot_date")
    written = sorted(tuple(row[column] for column in columns) for row in told)
    if written != rows:
        found.append(f"Stage 2's CSV holds {written} but bronze says {rows}")
    expected: dict[str, int] = {}
    for key, number in rejected.items():
        parsed = parse_bronze_key(key)
        assert parsed is not None
        expected[quarantine_key(parsed)] = number
    quarantined = {
        key: len(world.s3.objects[key].body.splitlines()) for key in world.s3.keys(prefix("quarantine"))
    }
    if quarantined != expected:
        found.append(f"the quarantine holds {quarantined} but bronze says {expected}")
    return found


def alarms(deployment: Deployment) -> list[str]:
    """The alarms that no fault explains. The data tests check the run's own results, so they must never fail here."""
    return [one for one in deployment.failures if "DataTestsFailed" in one]
