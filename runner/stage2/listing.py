"""Which bronze files a run of Stage 2 reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from runner import lake
from runner.aws.listing import list_objects
from runner.bronze import bronze_dates
from runner.stage2.reading import ObjectNotRead
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class BronzeFile(NamedTuple):
    """One file: its key, the date and name that the key tells, and its stored bytes."""

    key: str
    bronze: lake.BronzeKey
    size: int


class Listing:
    """The bronze files of one date folder, or of all.

    Attributes:
        folder: the date folder with a slash at its end; empty for all.
        ignored: keys that hold no records, of those that `files` has passed.
    """

    def __init__(self, s3: S3Client, bucket: str, *, latest: bool) -> None:
        self.ignored = 0
        self._s3 = s3
        self._bucket = bucket
        self.folder = self._newest_folder() if latest else ""
        self._is_empty = latest and not self.folder

    def files(self) -> Iterator[BronzeFile]:
        """The files in the order of their keys."""
        return self._records(self._ignore)

    def _ignore(self, key: str) -> None:
        self.ignored += 1
        logger.warning("a key holds no records by its name", extra={"key": key})

    def _records(self, ignore: Callable[[str], None] | None = None) -> Iterator[BronzeFile]:
        if self._is_empty:
            return
        for entry in listed_objects(self._s3, self._bucket, f"{lake.prefix('bronze')}/{self.folder}"):
            key = entry["Key"]
            bronze = lake.parse_bronze_key(key)
            if bronze is not None and bronze.holds_records:
                yield BronzeFile(key, bronze, entry["Size"])
            elif ignore and not key.endswith("/"):
                ignore(key)

    def size(self, at_most: float) -> int:
        """Bytes of all files; of more than `at_most`, only of the first that make more."""
        size = 0
        for file in self._records():
            size += file.size
            if size > at_most:
                break
        return size

    def _newest_folder(self) -> str:
        """The newest date folder with a slash at its end, or nothing."""
        try:
            dates = bronze_dates(self._s3, self._bucket)
        except (BotoCoreError, ClientError) as error:
            raise _not_listed(self._bucket, error) from error
        return f"{dates[-1].isoformat()}/" if dates else ""


def listed_objects(s3: S3Client, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    """S3's entry of each object below a prefix, in the order of the keys.

    Raises:
        ObjectNotRead: S3 refused.
    """
    try:
        yield from list_objects(s3, bucket, prefix)
    except (BotoCoreError, ClientError) as error:
        raise _not_listed(bucket, error) from error


def _not_listed(bucket: str, error: Exception) -> ObjectNotRead:
    return ObjectNotRead(
        f"s3://{bucket} could not be listed: {error}; check the bucket's name and the rights"
    )
