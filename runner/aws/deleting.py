"""Deletes S3 objects, a thousand per request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from runner.errors import MedLaunchError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: The most keys that S3 deletes in one request.
_KEYS_PER_REQUEST = 1000


def delete_objects(s3: S3Client, bucket: str, keys: Sequence[str], refused: type[MedLaunchError]) -> None:
    """Delete objects. Keys without an object are ignored.

    Args:
        s3: a client.
        bucket: the bucket of the objects.
        keys: the objects.
        refused: the class of the error that is raised. Its message names the first key that was not deleted.

    Raises:
        MedLaunchError: `refused`, as soon as a request fails or S3 refuses a key of it.
    """
    for start in range(0, len(keys), _KEYS_PER_REQUEST):
        some = keys[start : start + _KEYS_PER_REQUEST]
        try:
            answer = s3.delete_objects(
                Bucket=bucket, Delete={"Objects": [{"Key": key} for key in some], "Quiet": True}
            )
        except (BotoCoreError, ClientError) as error:
            raise refused(f"s3://{bucket}/{some[0]} could not be deleted: {error}") from error
        for failure in answer.get("Errors", []):
            raise refused(
                f"s3://{bucket}/{failure.get('Key')} could not be deleted: {failure.get('Message')}"
            )
