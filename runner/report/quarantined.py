"""Counts Stage 2's rejects of one snapshot date by reason, for the report."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, cast

import msgspec

from runner.aws.listing import list_objects
from runner.lake import prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Quarantined(msgspec.Struct, frozen=True):
    """The quarantine of one snapshot date.

    Attributes:
        snapshot_date: YYYY-MM-DD.
        etags: the ETags of the objects that this was read from, by key.
        rejects: lines and accreditations that Stage 2 did not use.
        reasons: rejects by code; one reject may have several codes.
    """

    snapshot_date: str
    etags: dict[str, str]
    rejects: int
    reasons: dict[str, int]


class _Reject(msgspec.Struct):
    reject_reason: str


def of_date(s3: S3Client, bucket: str, snapshot_date: str, known: Quarantined | None) -> Quarantined:
    """The quarantine of a date.

    Args:
        s3: a client.
        bucket: the lake's bucket.
        snapshot_date: YYYY-MM-DD.
        known: the counts that were read before. They are returned while the objects are unchanged.
    """
    listed = list_objects(s3, bucket, f"{prefix('quarantine')}/{snapshot_date}/")
    etags = {item["Key"]: item["ETag"] for item in listed}
    if known and (known.snapshot_date, known.etags) == (snapshot_date, etags):
        return known
    rejects, reasons, decoder = 0, Counter[str](), msgspec.json.Decoder(_Reject)
    for key in etags:
        body = s3.get_object(Bucket=bucket, Key=key)["Body"]
        # Read one line at a time, because a reject may hold a raw line of 32 MiB.
        for line in io.BufferedReader(cast("io.RawIOBase", body)):
            rejects += 1
            reasons.update(decoder.decode(line).reject_reason.split(";"))
    return Quarantined(snapshot_date, etags, rejects, dict(reasons))
