"""Emits the age of the newest results as metrics, so that an alarm notices when publication has stopped.

An alarm on the number of successful executions would be wrong in two cases. It would count an execution that
found nothing new as a publication. It would also ring after a deployment, before the first file lands. An age
can be measured every hour, from the first hour on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import MetricUnit

from runner.aws import clients
from runner.lake import prefix
from runner.settings import Settings
from runner.telemetry import metrics

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: How far back results are searched. An older or missing result counts as this old.
HORIZON = timedelta(days=8)


def emit_ages(settings: Settings, now: datetime | None = None) -> dict[str, float]:
    """Print the ages in hours of the newest Stage 3 publication and the newest Stage 2 file as metrics.

    Args:
        settings: which lake.
        now: the time.

    Returns:
        The ages by metric, `HoursSincePublished` and `HoursSinceExpiring`. A lake without a result
        is as old as its Glue database.
    """
    now = now or datetime.now(UTC)
    s3 = clients.s3_client()
    born = _born(settings, now)
    # The names in both folders begin with a time, so a listing can begin at the horizon.
    horizon = now - HORIZON
    newest = {
        "HoursSincePublished": _newest(
            s3, settings.data_bucket, f"{prefix('prod_processed')}/run_ts=", f"{horizon:%Y%m%d}"
        ),
        "HoursSinceExpiring": _newest(
            s3, settings.data_bucket, f"{prefix('expiring_soon')}/run_date=", f"{horizon:%Y-%m-%d}"
        ),
    }
    ages = {
        name: max(0.0, (now - max(born, at or horizon)).total_seconds() / 3600) for name, at in newest.items()
    }
    for name, age in ages.items():
        metrics.add_metric(name=name, unit=MetricUnit.NoUnit, value=age)
    metrics.flush_metrics()
    return ages


def _newest(s3: S3Client, bucket: str, head: str, start: str) -> datetime | None:
    """The time at which the newest object was written, in the folders from `start` on."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=head, StartAfter=f"{head}{start}"
    )
    times = (one.get("LastModified") for page in pages for one in page.get("Contents", []))
    return max((at for at in times if at), default=None)


def _born(settings: Settings, now: datetime) -> datetime:
    glue = clients.make_client("glue")
    return glue.get_database(Name=settings.glue_database)["Database"].get("CreateTime", now - HORIZON)
