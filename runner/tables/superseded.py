"""Rejects exports that `prod/` no longer shows are removed.

An export of rejects holds all rejects of its dates, so a date with a run a minute would keep a thousand
copies a day of nearly the same lines. The counts, a few kilobytes a run, stay as history. What is removed are
the exports that no date's manifest names and no announcement waits for. A day's grace is for executions that
publish late, and for readers who have just opened a manifest.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from runner.aws.deleting import delete_objects
from runner.aws.listing import list_objects
from runner.errors import MedLaunchError
from runner.lake import prefix
from runner.tables.publication import all_shown_runs, announced
from runner.tables.result import is_run_ts
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: How long an export that nothing shows is kept.
_GRACE = timedelta(days=1)


class ExportNotRemoved(MedLaunchError):
    """S3 refused to delete a superseded export. The next night tries again."""


def remove_superseded_rejects(s3: S3Client, bucket: str, now: datetime | None = None) -> list[str]:
    """Remove rejects exports of runs that no date's manifest names.

    Args:
        s3: a client.
        bucket: the lake's.
        now: the time from which the grace counts back; by default this moment.

    Returns:
        The keys that were removed.

    Raises:
        ExportNotRemoved: S3 refused.
    """
    old = (now or datetime.now(UTC)) - _GRACE
    # Exports first: what is shown only after they were listed is younger than a day.
    listed = [
        item["Key"]
        for name in ("stage3_rejects_exports", "prod_rejects")
        for item in list_objects(s3, bucket, f"{prefix(name)}/run_ts=")
        if item["LastModified"] < old
    ]
    needed = {*announced(s3, bucket), *all_shown_runs(s3, bucket)} if listed else set[str]()
    doomed = [key for key in listed if is_run_ts(_run_ts(key)) and _run_ts(key) not in needed]
    delete_objects(s3, bucket, doomed, ExportNotRemoved)
    if doomed:
        logger.info("%d superseded rejects exports were removed", len(doomed))
    return doomed


def _run_ts(key: str) -> str:
    return key.partition("/run_ts=")[2].partition("/")[0]
