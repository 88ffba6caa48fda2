"""Lists the date folders of bronze: their files, and when these were written."""

from __future__ import annotations

import codecs
import gzip
import time
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from runner.aws.clock import answered_at
from runner.bronze import RecordFile, record_files
from runner.lake import bronze_folder, parse_bronze_key
from runner.rules import WHITE_SPACE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 64 * 1024
#: S3 gives the times of objects in whole seconds.
_TICK = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Folder:
    """One date's folder as it was listed.

    Attributes:
        files: the record files, by key.
        hidden: keys of record files whose names hide them from Athena; no run counts them as processed.
        listed_at: S3's time when it answered.
        listed_on: this process's monotonic clock at that time.
    """

    snapshot_date: date
    files: list[RecordFile] = field(default_factory=list[RecordFile])
    hidden: list[str] = field(default_factory=list[str])
    listed_at: datetime = datetime.min
    listed_on: float = 0.0

    @property
    def size(self) -> int:
        """Bytes of all record files."""
        return sum(file.size for file in self.files)

    @property
    def etags(self) -> dict[str, str]:
        """The ETag of each record file, by key."""
        return {file.key: file.etag for file in self.files}

    def differences(self, later: Folder) -> set[str]:
        """Keys of the files that were created, deleted or written since, even with the same content.

        A file that changed and changed back has the same ETag, but a later time.
        """
        own = {file.key: (file.etag, file.modified) for file in self.files}
        others = {file.key: (file.etag, file.modified) for file in later.files}
        return {key for key in own.keys() | others.keys() if own.get(key) != others.get(key)}

    def seconds_until_settled(self) -> float:
        """Seconds until a further write of a listed file would get a later time. S3 counts whole seconds."""
        newest = max((file.modified for file in self.files), default=None)
        if newest is None:
            return 0.0
        now = self.listed_at + timedelta(seconds=time.monotonic() - self.listed_on)
        return max(0.0, (newest + _TICK - now).total_seconds())


def list_folder(s3: S3Client, bucket: str, snapshot_date: date) -> Folder:
    """One date's folder."""
    files: list[RecordFile] = []
    others: list[str] = []
    listed_at, listed_on = datetime.min, time.monotonic()
    for page in s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=bronze_folder(snapshot_date)
    ):
        listed_at = answered_at(page)
        listed_on = time.monotonic()
        entries = cast("list[dict[str, Any]]", page.get("Contents", []))
        files += record_files(entries, others.append)
    hidden = [key for key in others if _is_hidden_record_file(key)]
    return Folder(snapshot_date, files, hidden, listed_at, listed_on)


def is_blank(s3: S3Client, bucket: str, key: str) -> bool:
    """Whether a file holds only white space. Reads up to the first byte that is not white space."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    stream = cast("BinaryIO", gzip.GzipFile(fileobj=body) if key.endswith(".gz") else body)
    try:
        start = stream.read(_CHUNK).removeprefix(codecs.BOM_UTF8)
        while not start.strip(WHITE_SPACE.encode()):
            start = stream.read(_CHUNK)
            if not start:
                return True
    except (gzip.BadGzipFile, EOFError, zlib.error):
        # A body that cannot be decoded may have lines.
        return False
    return False


def _is_hidden_record_file(key: str) -> bool:
    parsed = parse_bronze_key(key)
    return parsed is not None and parsed.hidden and parsed._replace(name="x" + parsed.name).holds_records
