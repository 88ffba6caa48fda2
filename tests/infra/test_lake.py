"""Tests the template of the lake stack, which holds data: all security and cost properties."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.template import Template, text

pytestmark = pytest.mark.xdist_group("synth")


@pytest.fixture
def bucket(data: Template) -> dict[str, Any]:
    return data.named("AWS::S3::Bucket", "Lake")


@pytest.fixture
def log_bucket(data: Template) -> dict[str, Any]:
    return data.named("AWS::S3::Bucket", "AccessLogs")


def test_lake_is_encrypted_with_its_own_rotating_key_and_a_bucket_key(
    data: Template, bucket: dict[str, Any]
) -> None:
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert data.named("AWS::KMS::Key", "LakeKey")["EnableKeyRotation"] is True
    assert rule["BucketKeyEnabled"] is True
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    assert text(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]) == "<LakeKey>"


def test_lake_key_trusts_no_service(data: Template) -> None:
    statements = data.named("AWS::KMS::Key", "LakeKey")["KeyPolicy"]["Statement"]

    assert [text(statement["Principal"]["AWS"]) for statement in statements] == [
        "arn:aws:iam::<account>:root"
    ]


def test_access_logs_go_to_a_second_bucket_under_the_key_of_s3(
    bucket: dict[str, Any], log_bucket: dict[str, Any]
) -> None:
    (rule,) = log_bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert text(bucket["LoggingConfiguration"]["DestinationBucketName"]) == "<AccessLogs>"
    assert bucket["LoggingConfiguration"]["LogFilePrefix"] == "lake/"
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


@pytest.mark.parametrize("name", ["Lake", "AccessLogs"])
def test_buckets_are_private_versioned_and_kept(data: Template, name: str) -> None:
    properties = data.named("AWS::S3::Bucket", name)
    (resource,) = [value for key, value in data.resources.items() if value.get("Properties") is properties]

    assert properties["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize("name", ["Lake", "AccessLogs"])
def test_buckets_refuse_requests_without_tls_1_2(data: Template, name: str) -> None:
    statements = data.named("AWS::S3::BucketPolicy", name)["PolicyDocument"]["Statement"]
    denied = [
        (statement["Action"], statement["Principal"], statement["Condition"])
        for statement in statements
        if statement["Effect"] == "Deny" and statement["Action"] == "s3:*"
    ]

    assert denied == [
        ("s3:*", {"AWS": "*"}, {"Bool": {"aws:SecureTransport": "false"}}),
        ("s3:*", {"AWS": "*"}, {"NumericLessThan": {"s3:TlsVersion": 1.2}}),
    ]


def test_lake_tells_eventbridge_without_a_helper_function(data: Template, bucket: dict[str, Any]) -> None:
    assert bucket["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert not data.of_type("AWS::Lambda::Function")


def test_lifecycle(bucket: dict[str, Any]) -> None:
    rules = {rule.pop("Id"): rule for rule in _copies(bucket["LifecycleConfiguration"]["Rules"])}

    assert rules == {
        "everywhere": {
            "Status": "Enabled",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
            "ExpiredObjectDeleteMarker": True,
        },
        "query-results": {
            "Status": "Enabled",
            "Prefix": "stage1-athena-query-results/",
            "ExpirationInDays": 7,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        "superseded-stage3-rejects-exports": {
            "Status": "Enabled",
            "Prefix": "stage3-athena-query-results/Rejected Results/accredited_facilities_per_state/",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        "superseded-prod-rejects": {
            "Status": "Enabled",
            "Prefix": "prod/rejects/accredited_facilities_per_state/",
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        "temporary-tables": {
            "Status": "Enabled",
            "Prefix": "dbt-tmp/",
            "ExpirationInDays": 1,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        "waiting-runs": {
            "Status": "Enabled",
            "Prefix": "pipeline-state/waiting/",
            "ExpirationInDays": 1,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
        },
        "whole-results": {
            "Status": "Enabled",
            "Prefix": "pipeline-state/results/",
            "ExpirationInDays": 90,
        },
    }


def test_access_logs_expire(log_bucket: dict[str, Any]) -> None:
    (rule,) = log_bucket["LifecycleConfiguration"]["Rules"]

    assert rule["ExpirationInDays"] == 365
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


@pytest.mark.parametrize("name", ["Lake", "AccessLogs"])
def test_tags_say_what_the_data_is(data: Template, name: str) -> None:
    assert data.named("AWS::S3::Bucket", name)["Tags"] == [
        {"Key": "Application", "Value": "MedLaunchELT"},
        {"Key": "ContainsPHI", "Value": "No - Synthetic"},
        {"Key": "DataClass", "Value": "Confidential"},
        {"Key": "Deployment", "Value": "MedLaunch"},
    ]


def test_bucket_names_carry_account_and_region(bucket: dict[str, Any], log_bucket: dict[str, Any]) -> None:
    assert text(bucket["BucketName"]) == "medlaunch-elt-datalake-<account>-<region>"
    assert text(log_bucket["BucketName"]) == "medlaunch-elt-datalake-<account>-<region>-logs"


def test_workgroup_cuts_off_large_scans_and_enforces_no_location(data: Template) -> None:
    (workgroup,) = data.of_type("AWS::Athena::WorkGroup").values()
    configuration = workgroup["WorkGroupConfiguration"]
    results = configuration["ResultConfiguration"]

    assert configuration["EnforceWorkGroupConfiguration"] is False
    assert configuration["BytesScannedCutoffPerQuery"] == 100 * 1024**3
    assert configuration["PublishCloudWatchMetricsEnabled"] is True
    assert configuration["EngineVersion"] == {"SelectedEngineVersion": "Athena engine version 3"}
    assert text(results["OutputLocation"]) == "s3://<Lake>/stage1-athena-query-results/"
    assert results["EncryptionConfiguration"]["EncryptionOption"] == "SSE_KMS"
    assert text(results["EncryptionConfiguration"]["KmsKey"]) == "<LakeKey>"


def test_database_is_kept(data: Template) -> None:
    (name,) = data.of_type("AWS::Glue::Database")

    assert data.resources[name]["Properties"]["DatabaseInput"]["Name"] == "medlaunch_db"
    assert data.resources[name]["DeletionPolicy"] == "RetainExceptOnCreate"


def _copies(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [dict(rule) for rule in rules]
