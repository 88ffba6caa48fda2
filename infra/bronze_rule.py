"""The S3 events that reach the queue, and how often they are tried: for AWS, the sandbox and the tests."""

from __future__ import annotations

from typing import Any

from runner import lake

#: After this many failed receives an event goes to the dead-letter queue.
DISPATCH_ATTEMPTS = 5


def event_pattern(bucket: str) -> dict[str, Any]:
    """The pattern of the events about a record file in the bronze prefix of a bucket.

    Args:
        bucket: the lake's bucket.

    Returns:
        An EventBridge event pattern, in the spelling of the PutRule API.
    """
    bronze = lake.prefix("bronze")
    return {
        "source": ["aws.s3"],
        "detail-type": ["Object Created", "Object Deleted"],
        "detail": {
            "bucket": {"name": [bucket]},
            "object": {"key": [{"wildcard": f"{bronze}/*{suffix}"} for suffix in lake.RECORD_SUFFIXES]},
        },
    }
