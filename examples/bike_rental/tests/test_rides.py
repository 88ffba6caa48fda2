"""Builds the project twice on local Athena. The package provides the fixture `local_athena`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def rides(local_athena):
    """Create the landing table, and return a function that puts a file into it."""
    folder = f"{local_athena.prefix}landing/rides/"
    local_athena.run(
        f"""
        create external table landing_rides (ride_id int, station_id int, started_at timestamp, minutes int)
        row format delimited fields terminated by ',' stored as textfile
        location 's3://{local_athena.bucket}/{folder}'
        """
    )

    def put(name: str, *lines: str) -> None:
        body = "".join(f"{line}\n" for line in lines).encode()
        local_athena.client("s3").put_object(Bucket=local_athena.bucket, Key=folder + name, Body=body)

    return put


def dbt(*arguments: str) -> None:
    subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), *arguments],
        cwd=PROJECT,
        env={**os.environ, "DBT_PROFILES_DIR": str(PROJECT), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        check=True,
    )


def test_rides_are_counted_and_corrected(local_athena, rides):
    rides(
        "monday.csv", "1,1,2026-05-04 08:00:00,12", "2,1,2026-05-04 09:30:00,5", "3,2,2026-05-04 10:00:00,40"
    )
    dbt("build")
    assert local_athena.rows("select * from rides_per_station order by station_name") == [
        ("Harbour", "2", "17"),
        ("Market Square", "1", "40"),
        ("University", "0", "0"),
    ]

    rides(
        "monday.csv", "1,1,2026-05-04 08:00:00,12", "2,1,2026-05-04 09:30:00,6", "3,3,2026-05-04 10:00:00,40"
    )
    dbt("build")
    assert local_athena.rows("select * from rides_per_station order by station_name") == [
        ("Harbour", "2", "18"),
        ("Market Square", "0", "0"),
        ("University", "1", "40"),
    ]
