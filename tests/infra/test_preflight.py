"""Tests the checks of what an account or a machine would refuse, against an AWS API in this process."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from infra import preflight
from infra.config import Config, default_context
from infra.preflight import account_findings, machine_findings
from runner.settings import PROJECT_DIR
from tests.infra.iam import allows
from tests.infra.recording import recorded

BUCKET = "medlaunch-elt-datalake-123456789012-us-east-1"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def config(**values: Any) -> Config:
    return Config.from_context({**default_context(), **values})


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A new account with a limit of ten concurrent executions and Lake Formation settings as AWS creates them."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    told: dict[str, Any] = {
        "AccountLimit": {"ConcurrentExecutions": 10, "UnreservedConcurrentExecutions": 10}
    }
    call = BaseClient._make_api_call

    def answer(client: Any, operation: str, parameters: dict[str, Any]) -> Any:
        # moto does not have Lambda's account settings.
        return told if operation == "GetAccountSettings" else call(client, operation, parameters)

    with mock_aws(), mock.patch.object(BaseClient, "_make_api_call", answer):
        everybody = [
            {"Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"}, "Permissions": ["ALL"]}
        ]
        boto3.client("lakeformation").put_data_lake_settings(
            DataLakeSettings={
                "CreateDatabaseDefaultPermissions": everybody,
                "CreateTableDefaultPermissions": everybody,
            }
        )
        yield told


def texts(found: list[preflight.Finding]) -> list[str]:
    return [one.text for one in found]


@pytest.mark.usefixtures("account")
def test_a_new_account_takes_the_deployment_as_it_is() -> None:
    assert account_findings(config()) == []


def test_reserved_concurrency_must_leave_a_hundred(account: dict[str, Any]) -> None:
    (found,) = account_findings(config(transform_concurrency=1))
    assert found.stops
    assert "lets this account reserve 0" in found.text

    account["AccountLimit"]["UnreservedConcurrentExecutions"] = 1000
    assert account_findings(config(transform_concurrency=900)) == []
    assert account_findings(config(transform_concurrency=901)) != []


@pytest.mark.usefixtures("account")
def test_a_lake_that_is_left_is_told_with_the_command_that_adopts_it() -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY_ARN}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    boto3.client("glue").create_database(DatabaseInput={"Name": "medlaunch_db"})
    boto3.client("athena").create_work_group(Name="medlaunch-elt")

    bucket, database, workgroup = account_findings(config())

    assert bucket.stops
    assert f"ADOPT=1 CONTEXT='-c lake_key_arn={KEY_ARN}'" in bucket.text
    assert "medlaunch_db" in database.text
    assert "delete-work-group" in workgroup.text
    assert texts(account_findings(config(lake_key_arn=KEY_ARN))) == [workgroup.text]


@pytest.mark.usefixtures("account")
def test_what_the_stack_itself_has_made_is_no_finding() -> None:
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    queue = {"Queue": {"Type": "AWS::SQS::Queue"}}
    boto3.client("cloudformation").create_stack(
        StackName="MedLaunchLake", TemplateBody=json.dumps({"Resources": queue})
    )

    assert account_findings(config()) == []


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("prefix", ["Medlaunch", "medlaunch", "MEDLAUNCH"])
def test_a_prefix_that_differs_from_another_in_case_only_is_refused(prefix: str) -> None:
    # The other deployment's bucket must not be offered for adoption.
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    queue = {"Queue": {"Type": "AWS::SQS::Queue"}}
    boto3.client("cloudformation").create_stack(
        StackName="MedLaunchLake", TemplateBody=json.dumps({"Resources": queue})
    )

    (found,) = account_findings(config(stack_prefix=prefix))

    assert found.stops
    assert found.text.startswith("stack MedLaunchLake exists")
    assert account_findings(config(stack_prefix="Second")) == []


@pytest.mark.usefixtures("account")
def test_lake_formation_is_told_where_iam_alone_is_not_enough() -> None:
    boto3.client("lakeformation").put_data_lake_settings(
        DataLakeSettings={"CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": []}
    )

    (found,) = account_findings(config())

    assert not found.stops
    assert "docs/operations.md" in found.text


@pytest.mark.usefixtures("account")
def test_the_role_of_the_workflow_may_ask_what_is_asked() -> None:
    boto3.client("s3").create_bucket(Bucket=BUCKET)
    text = (PROJECT_DIR / "docs" / "operations.md").read_text("utf-8")
    (documented,) = re.findall(r"```json\n(.*?Statement.*?)```", text, re.DOTALL)
    statements = json.loads(documented)["Statement"]

    with recorded() as calls:
        account_findings(config())

    assert {one.action for one in calls} >= {"s3:ListBucket", "lambda:GetAccountSettings"}
    assert [one for one in calls if not allows(statements, [], one)] == []


@pytest.mark.parametrize(
    ("machine", "architecture", "emulated", "stops"),
    [
        ("x86_64", "x86_64", False, False),
        ("aarch64", "arm64", False, False),
        ("x86_64", "arm64", False, True),
        ("x86_64", "arm64", True, False),
        ("aarch64", "x86_64", False, True),
    ],
)
def test_an_image_for_another_processor_needs_emulation(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    architecture: str,
    *,
    emulated: bool,
    stops: bool,
) -> None:
    monkeypatch.setattr(preflight.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(preflight.platform, "system", lambda: "Linux")
    if emulated:
        (tmp_path / {"arm64": "qemu-aarch64", "x86_64": "qemu-x86_64"}[architecture]).touch()

    found = machine_findings(config(architecture=architecture), machine, tmp_path)

    assert [one.stops for one in found] == [True] * stops
    assert all(
        f"-c architecture={'x86_64' if architecture == 'arm64' else 'arm64'}" in one.text for one in found
    )


def test_a_machine_without_a_builder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.shutil, "which", lambda _: None)

    (found,) = machine_findings(config(architecture="arm64"), "arm64", tmp_path)

    assert "docker" in found.text


def test_an_unusable_value_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert preflight.main(["-c", "architecture=riscv"]) == 1
    assert capsys.readouterr().err.startswith("error: architecture is 'riscv'")
