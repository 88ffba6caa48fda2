"""Tests who may write where, by evaluating the policies of the roles and of the bucket together."""

from __future__ import annotations

from typing import Any

import pytest

from runner.lake import prefix
from tests.infra.iam import Call, allows
from tests.infra.template import Template

pytestmark = pytest.mark.xdist_group("synth")

#: A role of the pipeline stack, the lake's own role, and a principal that may do everything.
PIPELINE = "arn:aws:iam::<account>:role/MedLaunchPipeline-TransformRole1A2B-3C4D"
ADMINISTRATOR = "arn:aws:iam::<account>:role/Administrator"
EVERYTHING = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
TLS = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}
KEY_HEADER = "s3:x-amz-server-side-encryption-aws-kms-key-id"
KIND_HEADER = "s3:x-amz-server-side-encryption"


@pytest.fixture
def producer(data: Template) -> list[dict[str, Any]]:
    return data.named("AWS::IAM::Policy", "ProducerDefaultPolicy")["PolicyDocument"]["Statement"]


@pytest.fixture
def bucket(data: Template) -> list[dict[str, Any]]:
    """The lake's policy. Its deny statements apply to everybody."""
    statements = data.named("AWS::S3::BucketPolicy", "Lake")["PolicyDocument"]["Statement"]
    return [one for one in statements if one["Effect"] == "Deny"]


def put(key: str, who: str = ADMINISTRATOR, action: str = "s3:PutObject", **context: str) -> Call:
    return Call(action, f"<Lake>/{key}", {**TLS, "aws:PrincipalArn": who, **context})


BRONZE = f"{prefix('bronze')}/2025-08-10/a.jsonl"


def test_a_producer_puts_raw_files(producer: list[dict[str, Any]], bucket: list[dict[str, Any]]) -> None:
    assert allows(producer, bucket, put(BRONZE))
    assert allows(producer, bucket, put(BRONZE, action="s3:AbortMultipartUpload"))
    assert allows(producer, [], Call("kms:GenerateDataKey", "<LakeKey>"))


@pytest.mark.parametrize(
    "call",
    [
        put(f"{prefix('pipeline_state')}/lease.json"),
        put(f"{prefix('prod_processed')}/run_ts=1/part.csv"),
        put(f"{prefix('stage1_tables')}/x.parquet"),
        put("anything"),
        put(BRONZE, action="s3:GetObject"),
        put(BRONZE, action="s3:DeleteObject"),
        Call("s3:ListBucket", "<Lake>", {**TLS, "s3:prefix": prefix("bronze")}),
        Call("kms:ScheduleKeyDeletion", "<LakeKey>"),
        Call("glue:GetTable", "arn:aws:glue:<region>:<account>:table/medlaunch_db/us_states"),
    ],
    ids=lambda call: f"{call.action} {call.resource}",
)
def test_a_producer_does_nothing_else(
    producer: list[dict[str, Any]], bucket: list[dict[str, Any]], call: Call
) -> None:
    assert not allows(producer, bucket, call)


@pytest.mark.parametrize(
    "name", ["pipeline_state", "prod_processed", "prod_rejects", "prod_current", "prod_report"]
)
@pytest.mark.parametrize("action", ["s3:PutObject", "s3:DeleteObject"])
def test_only_the_pipeline_writes_its_state_and_what_is_published(
    bucket: list[dict[str, Any]], name: str, action: str
) -> None:
    key = f"{prefix(name)}/x"

    assert allows(EVERYTHING, bucket, put(key, PIPELINE, action))
    assert not allows(EVERYTHING, bucket, put(key, ADMINISTRATOR, action))
    # A principal whose name only resembles a role of the stack, and the root of the account.
    assert not allows(EVERYTHING, bucket, put(key, f"{ADMINISTRATOR}/MedLaunchPipeline-x", action))
    assert not allows(EVERYTHING, bucket, put(key, "arn:aws:iam::<account>:root", action))
    # A principal whose own policy allows it may read, and whoever removes a deployment may delete versions.
    assert allows(EVERYTHING, bucket, put(key, ADMINISTRATOR, "s3:GetObject"))
    assert allows(EVERYTHING, bucket, put(key, ADMINISTRATOR, "s3:DeleteObjectVersion"))


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({KIND_HEADER: "aws:kms"}, True),
        ({KIND_HEADER: "aws:kms", KEY_HEADER: "<LakeKey>"}, True),
        ({KIND_HEADER: "AES256"}, False),
        ({KIND_HEADER: "aws:kms", KEY_HEADER: "arn:aws:kms:<region>:111122223333:key/other"}, False),
    ],
)
def test_objects_are_encrypted_with_the_lakes_key(
    bucket: list[dict[str, Any]], headers: dict[str, str], *, allowed: bool
) -> None:
    assert allows(EVERYTHING, bucket, put(BRONZE, **headers)) is allowed


def test_nobody_comes_without_tls(bucket: list[dict[str, Any]]) -> None:
    call = put(BRONZE)

    assert not allows(EVERYTHING, bucket, Call(call.action, call.resource, {"aws:SecureTransport": "false"}))
    old = {**call.context, "s3:TlsVersion": "1.1"}
    assert not allows(EVERYTHING, bucket, Call(call.action, call.resource, old))
