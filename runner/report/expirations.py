"""Reads the report's figures from Stage 2's newest CSV."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from runner.aws.listing import list_objects
from runner.lake import expiring_soon_key, parse_date, prefix
from runner.report.snapshots import read_csv

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The number of accreditations that the report lists. These expire first.
MOST_LISTED = 500
_WEEK = 7


class Expiration(msgspec.Struct, frozen=True, array_like=True):
    """An accreditation that expires soon, with the values of the newest snapshot in the CSV."""

    days: int
    valid_until: str
    facility_id: str
    facility_name: str
    city: str
    state: str
    body: str
    accreditation_id: str


class Expirations(msgspec.Struct, frozen=True):
    """The accreditations that expire soon.

    Attributes:
        run_date: the day from which Stage 2 counted, YYYY-MM-DD.
        key: the key of the CSV.
        etag: the ETag of the CSV.
        written_at: when it was written, ISO 8601.
        rows: the number of rows of the CSV. An accreditation has one row in each snapshot.
        total: the number of accreditations, each counted once.
        weeks: accreditations that expire in each week from the run date on.
        next: the first MOST_LISTED, by date.
    """

    run_date: str
    key: str
    etag: str
    written_at: str
    rows: int
    total: int
    weeks: list[int]
    next: list[Expiration]


class _ExpiringCsv(NamedTuple):
    run_date: date
    etag: str
    written_at: str


def newest(s3: S3Client, bucket: str, known: Expirations | None) -> Expirations | None:
    """Stage 2's newest CSV; None if there is none.

    Args:
        s3: a client.
        bucket: the lake's bucket.
        known: the figures that were read before. They are returned while the CSV is unchanged.
    """
    newest_csv = _newest_csv(s3, bucket)
    if newest_csv is None:
        return None
    if known and (known.run_date, known.etag) == (newest_csv.run_date.isoformat(), newest_csv.etag):
        return known
    key = expiring_soon_key(newest_csv.run_date)
    rows = 0
    # The CSV is sorted by snapshot, so the last row of an accreditation is the newest.
    accreditations: dict[tuple[str, str, str], Expiration] = {}
    for row in read_csv(s3.get_object(Bucket=bucket, Key=key)["Body"]):
        rows += 1
        accreditations[row["facility_id"], row["accreditation_body"], row["accreditation_id"]] = Expiration(
            int(row["days_until_expiry"]),
            row["valid_until"],
            row["facility_id"],
            row["facility_name"],
            row["city"],
            row["state"],
            row["accreditation_body"],
            row["accreditation_id"],
        )
    weeks = Counter(expiration.days // _WEEK for expiration in accreditations.values())
    ordered = sorted(
        accreditations.values(),
        key=lambda expiration: (expiration.days, expiration.facility_id, expiration.accreditation_id),
    )
    return Expirations(
        run_date=newest_csv.run_date.isoformat(),
        key=key,
        etag=newest_csv.etag,
        written_at=newest_csv.written_at,
        rows=rows,
        total=len(accreditations),
        weeks=[weeks[week] for week in range(max(weeks, default=-1) + 1)],
        next=ordered[:MOST_LISTED],
    )


def _newest_csv(s3: S3Client, bucket: str) -> _ExpiringCsv | None:
    head = f"{prefix('expiring_soon')}/"
    files: list[_ExpiringCsv] = []
    for item in list_objects(s3, bucket, head):
        run_date = parse_date(item["Key"].removeprefix(f"{head}run_date=")[: len("YYYY-MM-DD")])
        if run_date and item["Key"] == expiring_soon_key(run_date):
            files.append(_ExpiringCsv(run_date, item["ETag"], item["LastModified"].isoformat()))
    return max(files, default=None)
