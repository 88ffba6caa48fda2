"""Tests what the publish function returns to the state machine."""

from __future__ import annotations

import json
from typing import Any

from runner.lake import prefix
from runner.lambdas import handlers
from runner.lambdas.payload import MAX_RESULT_BYTES
from runner.tables.publication import Publication, announce
from tests.runner.lambdas.conftest import BUCKET

CONTEXT: Any = type(
    "Context",
    (),
    {
        "function_name": "publish",
        "memory_limit_in_mb": 512,
        "invoked_function_arn": "arn:aws:lambda:us-east-1:123456789012:function:publish",
        "aws_request_id": "request",
        "get_remaining_time_in_millis": lambda _: 300_000,
    },
)()


def announced(s3: Any, names: list[str]) -> None:
    """Announce runs that have one published CSV in common."""
    key = f"{prefix('prod_processed')}/counts.csv"
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"snapshot_date,facility_count\n")
    for name in names:
        announce(s3, BUCKET, Publication(name, [], {}, {"processed_key": key}))


def test_a_few_runs_are_named(s3: Any) -> None:
    announced(s3, ["a", "b"])

    assert handlers.publish({}, CONTEXT) == {"published": ["a", "b"]}


def test_many_long_names_become_a_count_and_samples_and_the_rest_is_kept(s3: Any) -> None:
    names = [f"{n:03}{'x' * 900}" for n in range(300)]
    announced(s3, names)

    result = handlers.publish({}, CONTEXT)

    assert len(json.dumps(result)) < MAX_RESULT_BYTES
    assert result["counts_of_lists"] == {"published": 300}
    assert len(result["published"]) == 10
    kept = s3.get_object(Bucket=BUCKET, Key=result["complete"].removeprefix(f"s3://{BUCKET}/"))
    assert json.loads(kept["Body"].read()) == {"published": names}
