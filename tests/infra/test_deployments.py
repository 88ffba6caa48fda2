"""Tests several deployments in one account, and a deployment that finds resources of an earlier one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.app import build
from runner.settings import PROJECT_DIR
from tests.infra.template import Template, text

pytestmark = pytest.mark.xdist_group("synth")

#: Properties that give a resource a name that must be unique in an account or region.
NAMES = (
    "AlarmName",
    "BucketName",
    "BudgetName",
    "DashboardName",
    "DatabaseName",
    "FunctionName",
    "LogGroupName",
    "Name",
    "QueueName",
    "RoleName",
    "StateMachineName",
    "TopicName",
)
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def synthesise(folder: Path, **context: Any) -> dict[str, Template]:
    """Synthesise both stacks, and return their templates by the end of their names."""
    build({name: str(value) for name, value in context.items()}, outdir=str(folder)).synth()
    return {
        kind: Template(json.loads(path.read_text("utf-8")))
        for kind in ("Lake", "Pipeline")
        for path in folder.glob(f"*{kind}.template.json")
    }


def names(stacks: dict[str, Template]) -> set[str]:
    """All names that a deployment chooses, and the metrics that its alarms watch."""
    found: set[str] = set()
    for template in stacks.values():
        for resource in template.resources.values():
            properties = resource.get("Properties", {})
            if resource["Type"] in ("AWS::Lambda::Alias", "AWS::Lambda::EventSourceMapping"):
                continue  # The name of an alias belongs to its function, and an event source mapping only refers to a name.
            given = [properties[name] for name in NAMES if name in properties]
            if "DatabaseInput" in properties:
                given.append(properties["DatabaseInput"]["Name"])
            found |= {text(one) for one in given} - {f"<{one}>" for one in _logical_names(template)}
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                found |= {
                    f"metric {one['Name']}={one['Value']}"
                    for one in properties.get("Dimensions", [])
                    if one["Name"] == "service"
                }
    return found


def _logical_names(template: Template) -> set[str]:
    """The text of a reference to another resource, for which AWS chooses the name."""
    return {text({"Ref": name}).strip("<>") for name in template.resources}


def test_a_stack_prefix_alone_gives_a_second_deployment_that_shares_no_name(
    data: Template, pipeline: Template, tmp_path: Path
) -> None:
    first = names({"Lake": data, "Pipeline": pipeline})
    second = names(synthesise(tmp_path, stack_prefix="Second"))

    assert {"medlaunch_db", "medlaunch-elt", "metric service=medlaunch-elt"} < first
    assert {"second_db", "second-elt", "metric service=second-elt"} < second
    assert first & second == set()
    assert len(first) == len(second)


def test_functions_of_a_second_deployment_emit_the_metrics_that_its_alarms_watch(tmp_path: Path) -> None:
    stacks = synthesise(tmp_path, stack_prefix="Second")
    functions = stacks["Pipeline"].of_type("AWS::Lambda::Function").values()

    assert {function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] for function in functions} == {
        "second-elt"
    }


def test_the_longest_prefix_still_gives_a_bucket_name(tmp_path: Path) -> None:
    prefix = "A" * 17
    stacks = synthesise(tmp_path, stack_prefix=prefix)
    buckets = [one["BucketName"] for one in stacks["Lake"].of_type("AWS::S3::Bucket").values()]
    longest = [
        text(one).replace("<account>", "123456789012").replace("<region>", "ap-southeast-1")
        for one in buckets
    ]

    assert max(map(len, longest)) == 63


@pytest.mark.parametrize(("seconds", "size"), [(0, 10), (1, 1000), (300, 1000)])
def test_lambda_accepts_the_batch_size_at_every_window(tmp_path: Path, seconds: int, size: int) -> None:
    # "BatchSize greater than 10 needs MaximumBatchingWindowInSeconds of at least 1":
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
    stacks = synthesise(tmp_path, batch_window_seconds=seconds)
    (mapping,) = stacks["Pipeline"].of_type("AWS::Lambda::EventSourceMapping").values()

    assert mapping["BatchSize"] == size
    assert mapping.get("MaximumBatchingWindowInSeconds", 0) == seconds


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_image_and_functions_are_built_for_the_same_processor(tmp_path: Path, architecture: str) -> None:
    stacks = synthesise(tmp_path, architecture=architecture)
    assets = json.loads((tmp_path / "MedLaunchPipeline.assets.json").read_text("utf-8"))
    functions = stacks["Pipeline"].of_type("AWS::Lambda::Function").values()

    assert {tuple(one["Architectures"]) for one in functions} == {(architecture,)}
    assert {one["source"]["platform"] for one in assets["dockerImages"].values()} == {
        {"arm64": "linux/arm64", "x86_64": "linux/amd64"}[architecture]
    }


def test_an_image_tells_its_base_by_digest_and_its_commit(tmp_path: Path) -> None:
    base = "public.ecr.aws/lambda/python:3.12@sha256:" + 64 * "0"
    synthesise(tmp_path, base_image=base, revision="0123abc")
    (image,) = json.loads((tmp_path / "MedLaunchPipeline.assets.json").read_text("utf-8"))[
        "dockerImages"
    ].values()
    dockerfile = (PROJECT_DIR / "Dockerfile").read_text("utf-8")

    assert image["source"]["dockerBuildArgs"] == {"BASE_IMAGE": base, "REVISION": "0123abc"}
    assert 'org.opencontainers.image.base.name="${BASE_IMAGE}"' in dockerfile
    assert 'org.opencontainers.image.revision="${REVISION}"' in dockerfile


def test_concurrency_is_reserved_where_an_account_has_enough(tmp_path: Path) -> None:
    stacks = synthesise(tmp_path, transform_concurrency=1)

    assert stacks["Pipeline"].named("AWS::Lambda::Function", "Transform")["ReservedConcurrentExecutions"] == 1


def test_a_lake_that_an_earlier_deployment_left_is_adopted_with_its_key(tmp_path: Path) -> None:
    # CloudFormation adopts what has a name and is retained (`make deploy` with ADOPT=1):
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
    stacks = synthesise(tmp_path, lake_key_arn=KEY_ARN)
    lake = stacks["Lake"]
    (rule,) = lake.named("AWS::S3::Bucket", "Lake")["BucketEncryption"]["ServerSideEncryptionConfiguration"]

    assert not lake.of_type("AWS::KMS::Key")
    assert text(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]) == KEY_ARN
    assert KEY_ARN in {
        resource for one in stacks["Pipeline"].statements("TransformRole") for resource in one["Resource"]
    }
    kept = [
        resource
        for resource in lake.resources.values()
        if resource["Type"] in ("AWS::S3::Bucket", "AWS::Glue::Database")
    ]
    assert len(kept) == 3
    assert {one["DeletionPolicy"] for one in kept} == {"RetainExceptOnCreate"}


@pytest.mark.parametrize(("policy", "protected"), [("retain", True), ("destroy", False)])
def test_the_lakes_stack_is_protected_unless_it_may_go(
    tmp_path: Path, policy: str, *, protected: bool
) -> None:
    app = build({"removal_policy": policy}, outdir=str(tmp_path))
    stack = app.synth().get_stack_by_name("MedLaunchLake")

    assert bool(stack.termination_protection) is protected
