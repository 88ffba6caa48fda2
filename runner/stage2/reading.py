"""Reads one version of an S3 object in pieces. A broken read is resumed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, FlexibleChecksumError
from urllib3.exceptions import HTTPError

from runner.aws.errors import error_code
from runner.errors import MedLaunchError
from runner.telemetry import logger

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: Bytes of one read. Larger reads take more memory and are not faster.
READ_SIZE = 256 * 1024

MAX_FAILURES_IN_A_ROW = 6
FIRST_PAUSE_SECONDS = 0.1
_GONE = frozenset({"NoSuchKey", "404"})
_DENIED = frozenset({"AccessDenied", "403"})
_CHANGED = frozenset({"PreconditionFailed", "412", "InvalidRange", "416"})


class ObjectNotRead(MedLaunchError):
    """S3 did not return an object."""


class ObjectGone(MedLaunchError):
    """The object was deleted before it had been read."""


class ObjectChanged(MedLaunchError):
    """The object was replaced while it was read, or arrived damaged. The bytes read so far do not count."""


def read_object(s3: S3Client, bucket: str, key: str) -> Iterator[bytes]:
    """The bytes of one version of an object, in pieces.

    A broken read continues where it broke, on condition that the object is still the same. No byte is
    returned twice.

    Raises:
        ObjectGone: the object does not exist or was deleted.
        ObjectChanged: the object was replaced or arrived damaged after its first bytes.
        ObjectNotRead: S3 refused, or the read kept breaking.
    """
    offset = size = failures = 0
    etag = ""
    while True:
        resume: dict[str, Any] = {"IfMatch": etag, "Range": f"bytes={offset}-"} if offset else {}
        try:
            response = s3.get_object(Bucket=bucket, Key=key, **resume)
            if not offset:
                etag, size = response["ETag"], response["ContentLength"]
            with closing(response["Body"]) as body:
                while piece := body.read(READ_SIZE):
                    offset += len(piece)
                    failures = 0
                    yield piece
            return
        except ClientError as error:
            raise _refusal(s3, bucket, key, error) from error
        except FlexibleChecksumError as error:
            raise ObjectChanged(f"s3://{bucket}/{key} came damaged: {error}") from error
        except (BotoCoreError, HTTPError, OSError) as error:
            failures += 1
            if failures > MAX_FAILURES_IN_A_ROW:
                raise ObjectNotRead(
                    f"s3://{bucket}/{key} kept breaking at byte {offset}: {error}; run again later"
                ) from error
            logger.warning("a read broke", extra={"key": key, "offset": offset, "cause": str(error)})
            time.sleep(FIRST_PAUSE_SECONDS * 2**failures * random.uniform(0.5, 1))  # noqa: S311
            if offset and offset == size:
                return


def _refusal(s3: S3Client, bucket: str, key: str, error: ClientError) -> MedLaunchError:
    uri = f"s3://{bucket}/{key}"
    code = error_code(error)
    if code in _GONE or (code in _DENIED and not _is_listed(s3, bucket, key)):
        return ObjectGone(f"{uri} is not there")
    if code in _CHANGED:
        return ObjectChanged(f"{uri} was replaced while it was read")
    return ObjectNotRead(f"{uri} could not be read: {error}; check the object and the caller's rights")


def _is_listed(s3: S3Client, bucket: str, key: str) -> bool:
    """Whether a listing has the key; True if the listing fails.

    S3 answers "access denied" for a missing object if the caller may list only some prefixes.
    """
    try:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
    except (BotoCoreError, ClientError):
        return True
    return any(entry.get("Key") == key for entry in listed)
