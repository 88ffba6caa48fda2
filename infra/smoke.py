"""Tests a deployment: lands one file and verifies prod/. Needs an AWS account with both stacks.

`python -m infra.smoke verify` lands one file and waits for its CSVs; `empty` deletes every version of every
object of the buckets; `remove` deletes a deployment with `removal_policy=destroy`, and fails if anything is
left.
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

#: The time of the batch window, a cold start and a dbt run.
PATIENCE_SECONDS = 900
POLL_SECONDS = 5
#: S3 may write access logs for hours after they are switched off. CloudFormation cannot delete a bucket with
#: objects.
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
REMOVAL_ATTEMPTS = 10


class SmokeError(Exception):
    """The deployment does not work."""


def verify(prefix: str) -> str:
    """Land one good and one bad line and read them back from prod/.

    Returns:
        The result, in one line.

    Raises:
        SmokeError: prod/ lacks them after 15 minutes, or has other content.
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
        The number of deleted versions.

    Raises:
        SmokeError: S3 refuses to delete one; the message names it.
    """
    return sum(map(_empty_bucket, _buckets(prefix).values()))


def _empty_bucket(bucket: str) -> int:
    count = 0
    for page in _versions(bucket):
        told = boto3.client("s3").delete_objects(Bucket=bucket, Delete={"Objects": page, "Quiet": True})
        for refused in told.get("Errors", []):
            raise SmokeError(f"s3://{bucket}/{refused.get('Key')} was not deleted: {refused.get('Message')}")
        count += len(page)
    return count


def remove(prefix: str) -> str:
    """Delete the stacks of a temporary deployment, with everything in its buckets.

    Returns:
        The result, in one line.

    Raises:
        SmokeError: a stack or a bucket is left. The message names it.
    """
    buckets = list(_buckets(prefix).values())
    for stack in (f"{prefix}Money", f"{prefix}Pipeline"):
        if not _deleted(stack):
            raise SmokeError(f"stack {stack} is not gone: see its events in CloudFormation")
    for bucket in buckets:
        boto3.client("s3").put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    for _ in range(REMOVAL_ATTEMPTS):
        for bucket in filter(_exists, buckets):
            _empty_bucket(bucket)
        if _deleted(f"{prefix}Lake"):
            break
        time.sleep(POLL_SECONDS)
    else:
        raise SmokeError(f"stack {prefix}Lake is not gone: see its events in CloudFormation")
    left = [bucket for bucket in buckets if _exists(bucket)]
    if left:
        raise SmokeError(
            f"kept by the stack: {', '.join(left)}. Was it deployed with removal_policy=destroy?"
        )
    return f"the stacks of {prefix} and {len(buckets)} buckets are gone"


def _deleted(stack: str) -> bool:
    """Delete a stack, wait for the end, and return whether it is gone."""
    cloudformation = boto3.client("cloudformation")
    cloudformation.delete_stack(StackName=stack)
    while True:
        try:
            (told,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if "does not exist" in str(error):
                return True
            raise
        if told["StackStatus"] in ("DELETE_COMPLETE", "DELETE_FAILED"):
            return told["StackStatus"] == "DELETE_COMPLETE"
        time.sleep(POLL_SECONDS)


def _exists(bucket: str) -> bool:
    try:
        boto3.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 404:
            return False
        raise
    return True


def _buckets(prefix: str) -> dict[str, str]:
    """The lake stack's buckets by logical id, without its hash."""
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=f"{prefix}Lake")
    return {
        resource["LogicalResourceId"][:-8]: resource.get("PhysicalResourceId", "")
        for resource in resources["StackResources"]
        if resource["ResourceType"] == "AWS::S3::Bucket"
    }


def _versions(bucket: str) -> Iterator[list[Any]]:
    """Versions and delete markers, at most a thousand at a time."""
    for page in boto3.client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket):
        versions = [
            {"Key": version.get("Key", ""), "VersionId": version.get("VersionId", "")}
            for version in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
        ]
        if versions:
            yield versions


def _published_since(s3: Any, bucket: str, started: datetime) -> tuple[list[Any], list[Any]] | None:
    """The newest counts and rejects in prod/ of runs that began after a time; None until both exist."""
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
    parser.add_argument("command", choices=["verify", "empty", "remove"])
    parser.add_argument("--stack-prefix", default=default_context()["stack_prefix"])
    given = parser.parse_args(arguments)
    try:
        match given.command:
            case "empty":
                print(f"{empty(given.stack_prefix)} versions deleted")
            case "remove":
                print(remove(given.stack_prefix))
            case _:
                print(verify(given.stack_prefix))
    except (SmokeError, BotoCoreError, ClientError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
