"""Stage 3's CSV exports: one with the counts, one with the rejects, each exactly one object with a header.

Athena writes a SELECT's result as one CSV, and S3 copies it to the export's key. The data does not pass
through this process, so rejects may be of any size. The metadata of an export names the attempt of the run
that wrote it. A retry writes the export again, because the earlier attempt may have read other files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from runner.aws.csv_fields import harmless_sql
from runner.aws.errors import get_or_none
from runner.aws.invocation import Invocation
from runner.errors import MedLaunchError, Retry
from runner.lake import prefix
from runner.tables.stage_tables import STAGE3, STAGE3_REJECTS, date_literals

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The most bytes that S3 copies in one request.
MAX_COPY_BYTES = 5 * 1024**3

#: The metadata key under which an export names the attempt that wrote it.
_ATTEMPT = "attempt"


class ExportTooLarge(MedLaunchError):
    """An export is larger than what S3 copies in one request."""

    retry = Retry.NEVER


@dataclass(frozen=True, slots=True)
class Export:
    """One CSV.

    Attributes:
        name: `processed` or `rejects`.
        key: the key that the run writes.
        prod_key: the key under which Stage 4 publishes it.
        sql: the query that gives the CSV.
    """

    name: str
    key: str
    prod_key: str
    sql: str

    def to_dict(self, bucket: str) -> dict[str, Any]:
        """Bucket, key and the URL-encoded source for CopyObject."""
        return {"bucket": bucket, "key": self.key, "copy_source": quote(f"{bucket}/{self.key}")}


def exports(run_ts: str, dates: Sequence[date]) -> list[Export]:
    """The exports of a run over some dates."""
    among = f"where snapshot_date in ({date_literals(dates)})"
    return [
        Export(
            name="processed",
            key=f"{prefix('stage3_processed_exports')}/run_ts={run_ts}/{STAGE3}.csv",
            prod_key=f"{prefix('prod_processed')}/run_ts={run_ts}/{STAGE3}.csv",
            sql=f"""
select snapshot_date, state, facility_count, accredited_facility_count, run_ts
from {STAGE3}
{among}
order by snapshot_date, state
""",
        ),
        Export(
            name="rejects",
            key=f"{prefix('stage3_rejects_exports')}/run_ts={run_ts}/{STAGE3_REJECTS}.csv",
            prod_key=f"{prefix('prod_rejects')}/run_ts={run_ts}/{STAGE3_REJECTS}.csv",
            sql=f"""
select snapshot_date, source_file, reject_reason, {harmless_sql("raw_line")} as raw_line
from {STAGE3_REJECTS}
{among}
order by snapshot_date, source_file, raw_line
""",
        ),
    ]


def write_exports(invocation: Invocation, run_ts: str, dates: Sequence[date]) -> list[Export]:
    """Write the exports of a run.

    Args:
        invocation: the run.
        run_ts: names the exports.
        dates: the snapshot dates of the exports.

    Returns:
        All of the run's exports.

    Raises:
        ExportTooLarge: a result is larger than what S3 copies in one request.
        AthenaQueryFailed, AthenaThrottled: a query failed.
    """
    s3, bucket = invocation.s3, invocation.settings.data_bucket
    all_exports = exports(run_ts, dates)
    for export in all_exports:
        result_bucket, result_key = invocation.result_object(invocation.run(export.sql))
        size = s3.head_object(Bucket=result_bucket, Key=result_key)["ContentLength"]
        if size > MAX_COPY_BYTES:
            raise ExportTooLarge(
                f"export s3://{bucket}/{export.key} would have {size} bytes, but S3 copies at most "
                f"{MAX_COPY_BYTES} in one request: transform fewer dates at a time"
            )
        s3.copy_object(
            Bucket=bucket,
            Key=export.key,
            CopySource={"Bucket": result_bucket, "Key": result_key},
            ContentType="text/csv",
            Metadata={_ATTEMPT: invocation.id},
            MetadataDirective="REPLACE",
        )
    return all_exports


def metadata(s3: S3Client, bucket: str, key: str) -> dict[str, str] | None:
    """The metadata of an object, or None if the object does not exist."""
    answer = get_or_none(lambda: s3.head_object(Bucket=bucket, Key=key))
    return answer["Metadata"] if answer else None


def was_written_by(s3: S3Client, bucket: str, key: str, attempt: str) -> bool:
    """Whether the object of a key exists and was written by this attempt of a run."""
    return metadata(s3, bucket, key) == {_ATTEMPT: attempt}
