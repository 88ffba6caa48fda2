"""Publishes the report to `prod/report/index.html`. Two publications at the same time are safe."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import ClientError

from runner.aws.errors import is_conflict
from runner.errors import MedLaunchError
from runner.lake import prefix
from runner.report.gather import Summary, gather, read_kept, summary_key
from runner.report.page import render

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: How often a publication starts at most, if another one publishes in between.
_MOST_STARTS = 10


class ReportContended(MedLaunchError):
    """Other publications replaced the report at every attempt."""


def report_key() -> str:
    """The key of the published report."""
    return f"{prefix('prod_report')}/index.html"


def publish(s3: S3Client, bucket: str) -> str:
    """Make the report of the lake as it is now, and publish it.

    The kept summary is written first, on condition that no other publication has written it meanwhile. If it
    is unchanged after the page is written, the page shows the newest summary. Otherwise the publication
    starts again.

    Returns:
        The key.

    Raises:
        ReportContended: other publications interfered at every attempt.
    """
    for _ in range(_MOST_STARTS):
        kept = read_kept(s3, bucket)
        summary = gather(s3, bucket, kept.summary)
        etag = kept.etag
        if summary != kept.summary:
            written = _write_summary(s3, bucket, summary, kept.etag)
            if written is None:
                continue
            etag = written
        page = render(summary, bucket, made_at=datetime.now(UTC))
        s3.put_object(
            Bucket=bucket,
            Key=report_key(),
            Body=page.encode(),
            ContentType="text/html; charset=utf-8",
            CacheControl="no-cache",
        )
        if s3.head_object(Bucket=bucket, Key=summary_key())["ETag"] == etag:
            return report_key()
    raise ReportContended(
        f"s3://{bucket}/{report_key()} was published by others {_MOST_STARTS} times meanwhile: "
        "`medlaunch report --publish` writes it again"
    )


def _write_summary(s3: S3Client, bucket: str, summary: Summary, etag: str) -> str | None:
    """Write the summary and return its ETag; None if another publication wrote it first."""
    condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
    try:
        written = s3.put_object(
            Bucket=bucket,
            Key=summary_key(),
            Body=msgspec.json.encode(summary),
            ContentType="application/json",
            **condition,  # pyright: ignore[reportArgumentType] - the stubs want each key spelled out
        )
    except ClientError as error:
        if is_conflict(error):
            return None
        raise
    return written["ETag"]
