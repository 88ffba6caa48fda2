"""Runs the steps of "Backup and restore" in docs/operations.md with the same calls."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from runner.aws.invocation import Invocation
from runner.aws.queries import AthenaQueryFailed
from runner.lake import prefix
from runner.tables.initialise import initialise
from runner.tables.publication import publish_announced
from runner.tables.stage_tables import STAGE1, TABLES
from runner.tables.transform import transform
from sandbox.local import Sandbox
from tests.conftest import Lake
from tests.pipeline.facts import facility, initialised_lake, tables

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("restore")]


@pytest.fixture(scope="module")
def ready(sandbox: Sandbox) -> Iterator[Lake]:
    """A versioned lake after `medlaunch init`. Each test uses its own date."""
    with pytest.MonkeyPatch.context() as patch:
        lake = initialised_lake(sandbox, patch, "restore-tests")
        lake.s3.put_bucket_versioning(
            Bucket=lake.settings.data_bucket, VersioningConfiguration={"Status": "Enabled"}
        )
        yield lake


_days = itertools.count()


@pytest.fixture
def day() -> date:
    return date(2025, 8, 10) + timedelta(days=next(_days))


def versions(lake: Lake, key: str) -> list[str]:
    """The ids of an object's versions, newest first, without delete markers."""
    told = lake.s3.list_object_versions(Bucket=lake.settings.data_bucket, Prefix=key)
    return [one["VersionId"] for one in told["Versions"]]


def copy_back(lake: Lake, key: str, version: str) -> None:
    """Make an earlier version the current one. S3 sends an event for it, as for any new object."""
    bucket = lake.settings.data_bucket
    lake.s3.copy_object(
        Bucket=bucket, Key=key, CopySource={"Bucket": bucket, "Key": key, "VersionId": version}
    )


def test_a_deleted_file_comes_back_with_its_rows(ready: Lake, day: date) -> None:
    key = ready.put_bronze(day.isoformat(), "a.jsonl", [facility(1), facility(2), "not json"])
    transform(ready.settings, [day])
    before = tables(ready, day)
    ready.delete(key)
    transform(ready.settings, [day], allow_empty=True)
    assert all(rows == [] for rows in tables(ready, day).values())

    copy_back(ready, key, versions(ready, key)[0])
    transform(ready.settings, [day])

    assert tables(ready, day) == before


def test_an_overwritten_file_goes_back_to_what_it_was(ready: Lake, day: date) -> None:
    key = ready.put_bronze(day.isoformat(), "a.jsonl", [facility(1), facility(2)])
    transform(ready.settings, [day])
    before = tables(ready, day)
    ready.put_bronze(day.isoformat(), "a.jsonl", [facility(3)])
    transform(ready.settings, [day])
    assert tables(ready, day) != before

    copy_back(ready, key, versions(ready, key)[1])
    transform(ready.settings, [day])

    assert tables(ready, day) == before


def test_lost_tables_and_a_lost_state_are_made_again_from_the_raw_files(ready: Lake, day: date) -> None:
    ready.put_bronze(day.isoformat(), "a.jsonl", [facility(1), facility(2, accreditations=[]), "not json"])
    transform(ready.settings, [day])
    before = tables(ready, day)
    for table in TABLES:
        ready.glue.delete_table(DatabaseName=ready.settings.glue_database, Name=table)
    for key in ready.keys(f"{prefix('pipeline_state')}/"):
        ready.delete(key)

    initialise(ready.settings)
    transform(ready.settings, [day])

    assert tables(ready, day) == before


def test_a_lost_metadata_file_is_copied_back_or_the_table_is_made_again(ready: Lake, day: date) -> None:
    ready.put_bronze(day.isoformat(), "a.jsonl", [facility(1), facility(2)])
    transform(ready.settings, [day])
    before = tables(ready, day)
    key = metadata_of(ready).removeprefix(f"s3://{ready.settings.data_bucket}/")

    ready.delete(key)
    with pytest.raises(AthenaQueryFailed, match=r"ICEBERG_MISSING_METADATA.*delete the table in Glue"):
        Invocation(ready.settings, "restore").rows(f"select count(*) from {STAGE1}")
    copy_back(ready, key, versions(ready, key)[0])
    assert tables(ready, day) == before

    ready.delete(key)
    # The table is there, so that nothing is made in its place.
    assert initialise(ready.settings) == []
    ready.glue.delete_table(DatabaseName=ready.settings.glue_database, Name=STAGE1)
    assert initialise(ready.settings) == [STAGE1]
    transform(ready.settings, [day], force=True)
    assert tables(ready, day) == before


def test_rows_that_somebody_deleted_are_made_again(ready: Lake, day: date) -> None:
    ready.put_bronze(day.isoformat(), "a.jsonl", [facility(1), facility(2)])
    transform(ready.settings, [day])
    before = tables(ready, day)
    ready.query(f"delete from {STAGE1} where snapshot_date = date '{day}'")
    assert tables(ready, day)[STAGE1] == []

    transform(ready.settings, [day], force=True)

    assert tables(ready, day) == before


def test_a_table_goes_back_to_an_earlier_commit_by_its_pointer(ready: Lake, day: date) -> None:
    ready.put_bronze(day.isoformat(), "a.jsonl", [facility(1)])
    transform(ready.settings, [day])
    before, earlier = tables(ready, day)[STAGE1], metadata_of(ready)
    ready.put_bronze(day.isoformat(), "b.jsonl", [facility(2)])
    transform(ready.settings, [day])
    assert len(tables(ready, day)[STAGE1]) == 2

    point(ready, earlier)

    assert tables(ready, day)[STAGE1] == before
    # According to the state object, everything is built. Only a forced run reads the files again.
    transform(ready.settings, [day], force=True)
    assert len(tables(ready, day)[STAGE1]) == 2


def test_what_prod_shows_is_published_again(ready: Lake, day: date) -> None:
    others = publish(ready)
    ready.put_bronze(day.isoformat(), "a.jsonl", [facility(1)])
    transform(ready.settings, [day])
    published = publish(ready)
    for key in published - others:
        ready.delete(key)

    # Nothing has changed, so nothing is built, but the exports are published again.
    assert transform(ready.settings, [day]).built == []
    assert len(published - others) == 3
    assert publish(ready) == published


def test_one_lost_file_of_prod_is_made_by_a_forced_run(ready: Lake, day: date) -> None:
    ready.put_bronze(day.isoformat(), "a.jsonl", [facility(1)])
    lost = transform(ready.settings, [day]).prod["processed_key"]
    publish(ready)
    ready.delete(lost)

    again = transform(ready.settings, [day], force=True).prod["processed_key"]

    assert again != lost
    assert again in publish(ready)


def test_an_older_version_writes_tables_that_a_newer_one_has_widened(ready: Lake, day: date) -> None:
    ready.put_bronze(day.isoformat(), "a.jsonl", [facility(1), "not json"])
    transform(ready.settings, [day])
    for table in TABLES:
        ready.query(f"alter table {table} add columns (of_a_newer_version string)")
    ready.put_bronze(day.isoformat(), "b.jsonl", [facility(2), "not json either"])

    transform(ready.settings, [day])

    told = ready.query(f"select * from {STAGE1} where snapshot_date = date '{day}'")
    assert [row["of_a_newer_version"] for row in told] == [None, None]
    assert all(len(rows) for rows in tables(ready, day).values())


def publish(lake: Lake) -> set[str]:
    """Do the state machine's last step, and return all keys under `prod/`."""
    publish_announced(lake.s3, lake.settings.data_bucket)
    return set(lake.keys("prod/"))


def metadata_of(lake: Lake) -> str:
    """The metadata file that Glue points to, which is the table's current commit."""
    return table_of(lake)["Parameters"]["metadata_location"]


def table_of(lake: Lake) -> dict[str, Any]:
    return lake.glue.get_table(DatabaseName=lake.settings.glue_database, Name=STAGE1)["Table"]


def point(lake: Lake, metadata: str) -> None:
    """Do what `aws glue update-table` does by hand."""
    table = table_of(lake)
    kept = ("Name", "TableType", "StorageDescriptor", "PartitionKeys")
    parameters = {
        **table["Parameters"],
        "metadata_location": metadata,
        "previous_metadata_location": table["Parameters"]["metadata_location"],
    }
    lake.glue.update_table(
        DatabaseName=lake.settings.glue_database,
        TableInput={name: table[name] for name in kept if name in table} | {"Parameters": parameters},
    )
