"""Tests the ages that the staleness alarms use."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from runner.lake import prefix
from runner.lambdas.freshness import emit_ages
from runner.settings import Settings
from runner.telemetry import NAMESPACE

PROD = f"{prefix('prod_processed')}/run_ts={{}}/part.csv"
EXPIRING = f"{prefix('expiring_soon')}/run_date={{}}/expiring_soon.csv"


@pytest.fixture
def lake(s3: Any) -> Any:
    """A client for an empty lake whose database was created just now."""
    boto3.client("glue").create_database(DatabaseInput={"Name": Settings.from_environment().glue_database})
    return s3


def ages(hours_later: float) -> dict[str, float]:
    told = emit_ages(Settings.from_environment(), datetime.now(UTC) + timedelta(hours=hours_later))
    return {name: round(age, 1) for name, age in told.items()}


def test_a_new_lake_is_as_old_as_its_database(lake: Any) -> None:
    assert ages(0) == {"HoursSincePublished": 0.0, "HoursSinceExpiring": 0.0}
    assert ages(30) == {"HoursSincePublished": 30.0, "HoursSinceExpiring": 30.0}


def test_a_publication_and_a_file_of_stage_2_make_their_own_age_young_again(lake: Any) -> None:
    now = datetime.now(UTC)
    lake.put_object(Bucket="the-lake", Key=PROD.format(f"{now:%Y%m%dT%H%M%SZ}-0a1b2c3d"), Body=b"x")
    # The lake is older than its newest results.
    glue = boto3.client("glue")
    glue.delete_database(Name=Settings.from_environment().glue_database)
    glue.create_database(DatabaseInput={"Name": Settings.from_environment().glue_database})

    assert ages(2)["HoursSincePublished"] == 2.0

    lake.put_object(Bucket="the-lake", Key=EXPIRING.format(now.date()), Body=b"x")
    assert ages(3) == {"HoursSincePublished": 3.0, "HoursSinceExpiring": 3.0}


def test_what_is_told_is_told_as_a_metric(lake: Any, capsys: pytest.CaptureFixture[str]) -> None:
    ages(5)

    (told,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line)
    assert told["_aws"]["CloudWatchMetrics"][0]["Namespace"] == NAMESPACE
    assert round(told["HoursSincePublished"][0], 1) == 5.0
    assert "HoursSinceExpiring" in told
