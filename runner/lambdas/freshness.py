"""How old the newest results are, as metrics: what an alarm needs to tell that nothing is published any more.

An alarm that counts successful executions takes an execution that found nothing new for a publication, and it
rings after a deployment, before the first file lands. An age can be told every hour from the first on.
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

#: How far back results are looked for. An older or missing result counts as this old.
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
    # Both folders' names begin with a time, so that a listing may begin at the horizon.
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
    """When the newest object of the folders from `start` on was written."""
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=head, StartAfter=f"{head}{start}"
    )
    times = (one.get("LastModified") for page in pages for one in page.get("Contents", []))
    return max((at for at in times if at), default=None)


def _born(settings: Settings, now: datetime) -> datetime:
    glue = clients.make_client("glue")
    return glue.get_database(Name=settings.glue_database)["Database"].get("CreateTime", now - HORIZON)
