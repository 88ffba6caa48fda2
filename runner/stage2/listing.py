"""Which bronze files a run of Stage 2 reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from runner import lake
from runner.aws.listing import list_objects
from runner.bronze import RecordFile, bronze_dates, record_files
from runner.stage2.reading import ObjectNotRead
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


#: A gzip file of records unpacks to at least this many times its stored bytes. Generated files unpack to
#: seven times.
_GZIP_SHRINKS = 4


class Listing:
    """The bronze files of one date folder, or of all.

    Attributes:
        folder: the date folder with a slash at its end; empty for all.
        ignored: keys without records that `files` has passed so far.
    """

    def __init__(self, s3: S3Client, bucket: str, *, latest: bool) -> None:
        self.ignored = 0
        self._s3 = s3
        self._bucket = bucket
        self.folder = self._newest_folder() if latest else ""
        self._is_empty = latest and not self.folder

    def files(self) -> Iterator[RecordFile]:
        """The files in the order of their keys."""
        return self._files(self._ignore)

    def sizes(self) -> Iterator[tuple[int, int]]:
        """For each file: its stored bytes, and its likely minimum of unpacked bytes."""
        for file in self._files(lambda _key: None):
            yield file.size, file.size * (_GZIP_SHRINKS if file.key.endswith(".gz") else 1)

    def _files(self, other: Callable[[str], object]) -> Iterator[RecordFile]:
        if self._is_empty:
            return iter(())
        folder = f"{lake.prefix('bronze')}/{self.folder}"
        return record_files(listed_objects(self._s3, self._bucket, folder), other)

    def _ignore(self, key: str) -> None:
        if not key.endswith("/"):
            self.ignored += 1
            logger.warning("a key holds no records by its name", extra={"key": key})

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
