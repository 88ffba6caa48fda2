"""What a date's tables were built from. While that is unchanged, there is nothing to do.

A fingerprint covers the keys and ETags of the date's record files, the dbt project's content, and where the
tables lie (a table that was created again has another location). It is kept with the result of the run at
`pipeline-state/fingerprints/<YYYY-MM-DD>.json`.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import json
import zlib
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from runner.aws.errors import get_or_none
from runner.aws.listing import list_objects
from runner.dbt.project import project_version
from runner.lake import BronzeKey, bronze_folder, parse_bronze_key, parse_date, prefix
from runner.rules import WHITE_SPACE

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_CHUNK = 64 * 1024
#: The version of the stored result. Results of other versions are ignored.
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A file that Stages 1 to 3 read."""

    key: str
    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class Folder:
    """One date's folder as it was listed.

    Attributes:
        files: the record files, by key.
        hidden: keys of record files whose names hide them from Athena; no run counts them as processed.
    """

    snapshot_date: date
    files: list[RecordFile] = field(default_factory=list[RecordFile])
    hidden: list[str] = field(default_factory=list[str])

    @property
    def size(self) -> int:
        """Bytes of all record files."""
        return sum(file.size for file in self.files)

    def fingerprint(self, table_locations: list[str]) -> str:
        """SHA-256 of all that a build of this date depends on."""
        files = [[file.key, file.etag] for file in self.files]
        parts = [_FORMAT, files, project_version(), sorted(table_locations)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def list_folder(s3: S3Client, bucket: str, snapshot_date: date) -> Folder:
    """One date's folder."""
    folder = Folder(snapshot_date)
    for item in list_objects(s3, bucket, bronze_folder(snapshot_date)):
        key = parse_bronze_key(item["Key"])
        if key is None:
            continue
        if key.holds_records:
            folder.files.append(RecordFile(item["Key"], item["ETag"], item["Size"]))
        elif _would_hold_records(key):
            folder.hidden.append(item["Key"])
    return folder


def is_blank(s3: S3Client, bucket: str, key: str) -> bool:
    """Whether a file holds nothing but white space. Reads up to its first other byte."""
    body = s3.get_object(Bucket=bucket, Key=key)["Body"]
    stream = cast("BinaryIO", gzip.GzipFile(fileobj=body) if key.endswith(".gz") else body)
    try:
        start = stream.read(_CHUNK).removeprefix(codecs.BOM_UTF8)
        while not start.strip(WHITE_SPACE.encode()):
            start = stream.read(_CHUNK)
            if not start:
                return True
    except (gzip.BadGzipFile, EOFError, zlib.error):
        # The file cannot be read, so it is not known to be blank.
        return False
    return False


def read_success(s3: S3Client, bucket: str, snapshot_date: date) -> dict[str, Any] | None:
    """`{"fingerprint": …, "result": …}` of the date's last successful run, or None."""
    answer = get_or_none(lambda: s3.get_object(Bucket=bucket, Key=_key(snapshot_date)))
    return json.loads(answer["Body"].read()) if answer else None


def list_successes(s3: S3Client, bucket: str) -> dict[date, str]:
    """The ETag of the kept result of every date that has one."""
    head = f"{prefix('pipeline_state')}/fingerprints/"
    return {
        snapshot_date: item["ETag"]
        for item in list_objects(s3, bucket, head)
        if (snapshot_date := parse_date(item["Key"].removeprefix(head).removesuffix(".json")))
    }


def write_success(
    s3: S3Client, bucket: str, snapshot_date: date, fingerprint: str, result: dict[str, Any]
) -> None:
    """Keep a date's fingerprint and the result of the run that built it."""
    body = json.dumps({"fingerprint": fingerprint, "result": result}).encode()
    s3.put_object(Bucket=bucket, Key=_key(snapshot_date), Body=body, ContentType="application/json")


def _would_hold_records(key: BronzeKey) -> bool:
    return key.hidden and BronzeKey(key.snapshot_date, "x" + key.name).holds_records


def _key(snapshot_date: date) -> str:
    return f"{prefix('pipeline_state')}/fingerprints/{snapshot_date.isoformat()}.json"
