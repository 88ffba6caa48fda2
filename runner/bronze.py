"""The date folders of the bronze prefix, as S3 lists them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from runner.aws.listing import list_folders
from runner.lake import parse_date, prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def bronze_dates(s3: S3Client, bucket: str) -> list[date]:
    """The dates that have a folder, in order. Folders with another name are ignored."""
    days = (parse_date(name) for name in list_folders(s3, bucket, f"{prefix('bronze')}/"))
    return sorted(day for day in days if day)
