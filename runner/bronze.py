"""Reads S3's listing of the bronze prefix: date folders and the record files in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from runner.aws.listing import list_folders
from runner.lake import BronzeKey, parse_bronze_key, parse_date, prefix

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file that Stages 1 to 3 read."""

    key: str
    etag: str
    size: int
    modified: datetime

    @property
    def bronze(self) -> BronzeKey:
        """The date and the file name in the key."""
        parsed = parse_bronze_key(self.key)
        assert parsed is not None  # `record_files` takes only keys that parse
        return parsed


def record_files(entries: Iterable[dict[str, Any]], other: Callable[[str], object]) -> Iterator[RecordFile]:
    """The record files among S3's entries of objects, in their order.

    `other` is called with every other key.
    """
    for entry in entries:
        key = entry["Key"]
        parsed = parse_bronze_key(key)
        if parsed is not None and parsed.holds_records:
            yield RecordFile(key, entry["ETag"], entry["Size"], entry["LastModified"])
        else:
            other(key)


def bronze_dates(s3: S3Client, bucket: str) -> list[date]:
    """The dates that have a folder, in order. Folders with another name are ignored."""
    days = (parse_date(name) for name in list_folders(s3, bucket, f"{prefix('bronze')}/"))
    return sorted(day for day in days if day)
