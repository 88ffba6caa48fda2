"""Translates the errors of botocore and Athena into this project's errors. No other module does so."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    ProfileNotFound,
)

from runner.errors import MedLaunchError, Retry

_THROTTLES = (
    "TooManyRequestsException",
    "SlowDown",
    "Throttling",
    "RequestLimitExceeded",
)
#: S3's error codes for a condition that does not hold, for two conditional writes at the same time, and for
#: If-Match on an object that no longer exists.
_CONFLICTS = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409", "NoSuchKey")
#: The answer to HEAD has no body, so its code is the bare status.
_MISSING = ("NoSuchKey", "NotFound", "404", "EntityNotFoundException")
#: The way out of a wrong set-up of the caller's account.
_WAYS_OUT: dict[type[BotoCoreError], str] = {
    NoCredentialsError: "set AWS_PROFILE, or run inside `medlaunch local -- COMMAND`",
    NoRegionError: "set AWS_REGION",
    ProfileNotFound: "AWS_PROFILE takes one that `aws configure list-profiles` prints",
}

Answer = TypeVar("Answer")


class AthenaQueryFailed(MedLaunchError):
    """A query ended FAILED or CANCELLED. The message names the query id and, if dbt asked, the node."""


class AthenaThrottled(MedLaunchError):
    """Athena or another service was throttled or failed on its side. Try again later."""

    retry = Retry.SOON


class AwsCallFailed(MedLaunchError):
    """A call of an AWS service failed: no access, no network, a bucket that is gone. The message names it."""


def error_code(error: ClientError) -> str:
    """The AWS code of an error, such as NoSuchKey."""
    return error.response.get("Error", {}).get("Code", "")


def get_or_none(get: Callable[[], Answer]) -> Answer | None:
    """The answer of a call that reads one thing, or None if the S3 object or Glue entity does not exist."""
    try:
        return get()
    except ClientError as error:
        if error_code(error) in _MISSING:
            return None
        raise


def is_conflict(error: ClientError) -> bool:
    """Whether a conditional write to S3 failed because the object was replaced or deleted."""
    return error_code(error) in _CONFLICTS


def is_throttle(text: str) -> bool:
    """Whether an error's text names one of AWS's throttling errors."""
    return any(name in text for name in _THROTTLES)


@contextmanager
def translated_errors() -> Generator[None]:
    """Raise botocore's errors as this project's errors.

    Raises:
        AthenaThrottled: any service was throttled.
        AwsCallFailed: the call failed otherwise.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise translation(error) from error


def translation(error: BotoCoreError | ClientError) -> AthenaThrottled | AwsCallFailed:
    """A botocore error as an error of this project.

    The message names the bucket if S3's message does not, and the way out of a wrong set-up.
    """
    text = " ".join(str(error).split())
    for kind, way_out in _WAYS_OUT.items():
        if isinstance(error, kind):
            text = f"{text.rstrip('.')}: {way_out}"
    bucket = error.response.get("Error", {}).get("BucketName") if isinstance(error, ClientError) else None
    if bucket and bucket not in text:
        text = f"{text} (bucket {bucket})"
    return (AthenaThrottled if is_throttle(text) else AwsCallFailed)(text)
