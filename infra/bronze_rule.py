"""Selects the S3 events that reach the queue: one EventBridge pattern for AWS, the sandbox and the tests."""

from __future__ import annotations

from typing import Any

from runner import lake


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
