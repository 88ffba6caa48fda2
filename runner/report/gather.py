"""Gathers the figures of the report. It makes no query and reads only objects that have changed.

All figures come from S3: the kept result of each date's last successful run, that run's two CSVs, Stage 2's
newest CSV, the quarantine of the newest snapshot, and the names of the bronze folders. The resulting summary
is kept at `pipeline-state/report.json`, with the ETags of its sources. After a run of one date, three reads
are enough, no matter how long the history is.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec

from runner.aws.errors import get_or_none
from runner.bronze import bronze_dates
from runner.lake import prefix
from runner.report import expirations
from runner.report.expirations import Expirations
from runner.report.quarantined import Quarantined, of_date
from runner.report.snapshots import Run, Snapshot, is_published, read_run
from runner.tables.state import list_states, read_state

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The version of the kept summary's format. A summary of another version is built again from the lake.
_FORMAT = 2


class Summary(msgspec.Struct, frozen=True):
    """The figures of the report.

    Attributes:
        snapshots: the dates that were built, by date, in order.
        runs: the runs that built them, by run_ts.
        expirations: what expires soon, if Stage 2 has ever run.
        quarantined: Stage 2's rejects of the newest snapshot, if Stage 2 has ever run.
        waiting: dates with a bronze folder that no successful run has built.
        format: the version of this summary's format.
    """

    snapshots: dict[str, Snapshot]
    runs: dict[str, Run]
    expirations: Expirations | None
    quarantined: Quarantined | None
    waiting: list[str]
    format: int = _FORMAT


class Kept(msgspec.Struct, frozen=True):
    """The summary that the last published report was made from, and its ETag ("" without a summary)."""

    summary: Summary | None
    etag: str


def summary_key() -> str:
    """The key of the kept summary."""
    return f"{prefix('pipeline_state')}/report.json"


def read_kept(s3: S3Client, bucket: str) -> Kept:
    """The summary that the last report was made from."""
    stored = get_or_none(lambda: s3.get_object(Bucket=bucket, Key=summary_key()))
    if stored is None:
        return Kept(None, "")
    try:
        summary = msgspec.json.decode(stored["Body"].read(), type=Summary)
    except msgspec.MsgspecError:
        # An earlier version wrote it, so everything is read again.
        return Kept(None, stored["ETag"])
    return Kept(summary if summary.format == _FORMAT else None, stored["ETag"])


def gather(s3: S3Client, bucket: str, known: Summary | None) -> Summary:
    """The lake as it is now.

    Args:
        s3: a client.
        bucket: the lake's bucket.
        known: an earlier summary. Its unchanged parts are reused.
    """
    etags = {one.isoformat(): etag for one, etag in list_states(s3, bucket).items()}
    snapshots, runs = _unchanged(known, etags)
    wanted: dict[str, dict[str, str]] = defaultdict(dict)
    results: dict[str, dict[str, Any]] = {}
    for snapshot_date, etag in etags.items():
        before = snapshots.get(snapshot_date)
        if before and before.published:
            continue
        result = read_state(s3, bucket, date.fromisoformat(snapshot_date)).result
        if result is None or (before and not is_published(s3, bucket, result)):
            continue
        results[result["run_ts"]] = result
        wanted[result["run_ts"]][snapshot_date] = etag
    for run_ts, dates in wanted.items():
        snapshots |= {one.snapshot_date: one for one in read_run(s3, bucket, results[run_ts], dates)}
        runs[run_ts] = Run.from_result(results[run_ts])
    needed = {one.run_ts for one in snapshots.values()}
    soon = expirations.newest(s3, bucket, known.expirations if known else None)
    newest = max(snapshots, default=None)
    return Summary(
        snapshots=dict(sorted(snapshots.items())),
        runs={run_ts: run for run_ts, run in sorted(runs.items()) if run_ts in needed},
        expirations=soon,
        quarantined=of_date(s3, bucket, newest, known.quarantined if known else None)
        if soon and newest
        else None,
        waiting=[found for one in bronze_dates(s3, bucket) if (found := one.isoformat()) not in snapshots],
    )


def _unchanged(known: Summary | None, etags: dict[str, str]) -> tuple[dict[str, Snapshot], dict[str, Run]]:
    if known is None:
        return {}, {}
    same = {
        one.snapshot_date: one for one in known.snapshots.values() if etags.get(one.snapshot_date) == one.etag
    }
    return same, dict(known.runs)
