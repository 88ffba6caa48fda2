"""Tries a deployment out: lands one file and verifies prod/. Needs an AWS account with both stacks.

`python -m infra.smoke verify` lands one file and waits for its CSVs; `empty` deletes every version of every
object of the buckets, so that a deployment with `removal_policy=destroy` can be destroyed.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.config import default_context
from runner import lake

#: Batch window, cold start and a dbt run.
PATIENCE_SECONDS = 900
POLL_SECONDS = 5


class SmokeError(Exception):
    """The deployment does not do what it should."""


def verify(prefix: str) -> str:
    """Land one good and one bad line and read them back from prod/.

    Returns:
        What was found, in one line.

    Raises:
        SmokeError: prod/ lacks them after 15 minutes, or holds something else.
    """
    bucket = _buckets(prefix)["Lake"]
    s3 = boto3.client("s3")
    snapshot_date = datetime.now(UTC).date()
    key = f"{lake.bronze_folder(snapshot_date)}smoke-{uuid.uuid4().hex[:8]}.jsonl"
    started = datetime.now(UTC)
    s3.put_object(Bucket=bucket, Key=key, Body=f"{_record(snapshot_date.isoformat())}\nnot json\n".encode())
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not (published := _published_since(s3, bucket, started)):
        if time.monotonic() > give_up:
            raise SmokeError(f"s3://{bucket}/prod/ has nothing of {key} after {PATIENCE_SECONDS} s")
        time.sleep(POLL_SECONDS)
    counts, rejects = published
    if not any(row["state"] == "OR" and int(row["facility_count"]) >= 1 for row in counts):
        raise SmokeError(f"the published counts lack the facility in {key}: {counts}")
    if not any(row["raw_line"] == "not json" for row in rejects):
        raise SmokeError(f"the published rejects lack the bad line in {key}")
    return f"{key}: published after {(datetime.now(UTC) - started).total_seconds():.0f} s"


def empty(prefix: str) -> int:
    """Delete every version of every object in the lake and its access logs.

    Returns:
        How many were deleted.
    """
    count = 0
    for bucket in _buckets(prefix).values():
        for page in _versions(bucket):
            boto3.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": page, "Quiet": True})
            count += len(page)
    return count


def _buckets(prefix: str) -> dict[str, str]:
    """The lake stack's buckets by logical id, without its hash."""
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=f"{prefix}Lake")
    return {
        resource["LogicalResourceId"][:-8]: resource.get("PhysicalResourceId", "")
        for resource in resources["StackResources"]
        if resource["ResourceType"] == "AWS::S3::Bucket"
    }


def _versions(bucket: str) -> Iterator[list[Any]]:
    """Versions and delete markers, a thousand at most at a time."""
    for page in boto3.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [
            {"Key": version.get("Key", ""), "VersionId": version.get("VersionId", "")}
            for version in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
        ]
        if versions:
            yield versions


def _published_since(s3: Any, bucket: str, started: datetime) -> tuple[list[Any], list[Any]] | None:
    """The newest counts and rejects in prod/ of runs that began since; None until both are there."""
    earliest = f"run_ts={started:%Y%m%dT%H%M%SZ}"
    newest: list[list[Any]] = []
    for name in ("prod_processed", "prod_rejects"):
        head = f"{lake.prefix(name)}/"
        listed = s3.list_objects_v2(Bucket=bucket, Prefix=head, StartAfter=f"{head}{earliest}").get(
            "Contents", []
        )
        if not listed:
            return None
        body = s3.get_object(Bucket=bucket, Key=listed[-1]["Key"])["Body"].read().decode()
        newest.append(list(csv.DictReader(io.StringIO(body))))
    return newest[0], newest[1]


def _record(snapshot_date: str) -> str:
    record = {
        "facility_id": "FAC99999",
        "facility_name": "Smoke test",
        "location": {"address": "1 Main St", "city": "Salem", "state": "OR", "zip": "97301"},
        "employee_count": 1,
        "services": [],
        "labs": [],
        "accreditations": [],
        "snapshot_date": snapshot_date,
    }
    return json.dumps(record)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["verify", "empty"])
    parser.add_argument("--stack-prefix", default=default_context()["stack_prefix"])
    given = parser.parse_args(arguments)
    try:
        if given.command == "empty":
            print(f"{empty(given.stack_prefix)} versions deleted")
        else:
            print(verify(given.stack_prefix))
    except (SmokeError, BotoCoreError, ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
