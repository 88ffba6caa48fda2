"""Tests the removal of a temporary deployment, against an AWS API in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra import smoke


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setattr(smoke, "POLL_SECONDS", 0)
    with mock_aws():
        yield


def deploy(policy: str = "Delete") -> None:
    """Deploy two stacks with what matters here: buckets, one of which receives the other's access logs."""
    buckets: dict[str, Any] = {
        f"{name}12345678": {
            "Type": "AWS::S3::Bucket",
            "DeletionPolicy": policy,
            "Properties": {"BucketName": f"smoke-{name.lower()}"},
        }
        for name in ("Lake", "AccessLogs")
    }
    queue = {"Queue": {"Type": "AWS::SQS::Queue"}}
    for stack, resources in (("SmokeLake", buckets), ("SmokePipeline", queue), ("SmokeMoney", queue)):
        boto3.client("cloudformation").create_stack(
            StackName=stack, TemplateBody=json.dumps({"Resources": resources})
        )
    s3 = boto3.client("s3")
    for bucket in ("smoke-lake", "smoke-accesslogs"):
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket=bucket, Key="a", Body=b"1")
        s3.put_object(Bucket=bucket, Key="a", Body=b"2")
        s3.delete_object(Bucket=bucket, Key="a")


def buckets() -> list[str]:
    return [one["Name"] for one in boto3.client("s3").list_buckets()["Buckets"]]


@pytest.mark.usefixtures("account")
def test_nothing_is_left_of_a_throw_away_deployment() -> None:
    deploy()

    assert "2 buckets are gone" in smoke.remove("Smoke")

    assert buckets() == []
    assert (
        boto3.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE", "DELETE_FAILED"])[
            "StackSummaries"
        ]
        == []
    )


@pytest.mark.usefixtures("account")
def test_access_logs_that_come_late_are_emptied_again(monkeypatch: pytest.MonkeyPatch) -> None:
    deploy()
    delete = smoke._deleted
    asked: list[str] = []

    def with_a_late_log(stack: str) -> bool:
        asked.append(stack)
        if asked.count("SmokeLake") == 1 and stack == "SmokeLake":
            # CloudFormation's answer for a bucket that is not empty.
            boto3.client("s3").put_object(Bucket="smoke-accesslogs", Key="late", Body=b"log")
            return False
        return delete(stack)

    monkeypatch.setattr(smoke, "_deleted", with_a_late_log)

    smoke.remove("Smoke")

    assert asked == ["SmokeMoney", "SmokePipeline", "SmokeLake", "SmokeLake"]
    assert buckets() == []


@pytest.mark.usefixtures("account")
def test_buckets_that_a_stack_keeps_are_named() -> None:
    deploy("Retain")

    with pytest.raises(smoke.SmokeError, match=r"kept by the stack: .*smoke-lake.*removal_policy=destroy"):
        smoke.remove("Smoke")


@pytest.mark.usefixtures("account")
def test_an_object_that_s3_keeps_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    deploy()
    make = boto3.client

    def refusing(service: str) -> Any:
        client = make(service)
        if service == "s3":
            refusal = {"Errors": [{"Key": "a", "Message": "Access Denied"}]}
            monkeypatch.setattr(client, "delete_objects", lambda **_: refusal)
        return client

    monkeypatch.setattr(boto3, "client", refusing)

    with pytest.raises(smoke.SmokeError, match=r"smoke-lake/a was not deleted: Access Denied"):
        smoke.empty("Smoke")
