"""Removes rejects exports that `prod/` no longer shows.

An export of rejects holds all rejects of its dates, so a date with one run per minute would keep a thousand
copies a day of nearly the same lines. The exports with the counts have a few kilobytes per run and stay as
history. An export is removed when no date's manifest names it and no announcement waits for it. It is kept
for one more day, because an execution may publish late and a reader may have just opened a manifest.
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

#: How long an export is kept that no manifest names.
_GRACE = timedelta(days=1)


class ExportNotRemoved(MedLaunchError):
    """S3 refused to delete a superseded export. The next night tries again."""


def remove_superseded_rejects(s3: S3Client, bucket: str, now: datetime | None = None) -> list[str]:
    """Remove rejects exports of runs that no date's manifest names.

    Args:
        s3: a client.
        bucket: the lake's.
        now: the end of the day of grace; by default the current time.

    Returns:
        The keys that were removed.

    Raises:
        ExportNotRemoved: S3 refused.
    """
    old = (now or datetime.now(UTC)) - _GRACE
    # The exports are listed first. An export that is published after this listing is younger than a day.
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
