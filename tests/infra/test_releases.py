"""Tests that a new version replaces the old one, and is rolled back if an alarm goes off."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.infra.template import Template, text
from tests.infra.test_deployments import synthesise

pytestmark = pytest.mark.xdist_group("synth")

#: CloudFormation itself calls Initialise, once per deployment.
ALIASED = {"Transform", "PublishCurrent", "PublishReport", "Dispatch", "Expiring", "Maintain"}


def aliases(pipeline: Template) -> dict[str, dict[str, Any]]:
    """The resources of the aliases, by the name of the function."""
    return {
        text(resource["Properties"]["FunctionName"]).strip("<>"): resource
        for resource in pipeline.resources.values()
        if resource["Type"] == "AWS::Lambda::Alias"
    }


def test_functions_have_an_alias_of_a_version_that_stays(pipeline: Template) -> None:
    versions = [one for one in pipeline.resources.values() if one["Type"] == "AWS::Lambda::Version"]

    assert {name: one["Properties"]["Name"] for name, one in aliases(pipeline).items()} == dict.fromkeys(
        ALIASED, "live"
    )
    assert {text(one["Properties"]["FunctionName"]).strip("<>") for one in versions} == ALIASED
    assert {(one["DeletionPolicy"], one["UpdateReplacePolicy"]) for one in versions} == {("Retain", "Retain")}


def test_whoever_calls_a_function_calls_its_alias(pipeline: Template) -> None:
    (machine,) = pipeline.of_type("AWS::StepFunctions::StateMachine").values()
    (mapping,) = pipeline.of_type("AWS::Lambda::EventSourceMapping").values()
    called = {text(one["Target"]["Arn"]) for one in pipeline.of_type("AWS::Scheduler::Schedule").values()}
    given = {name: text(value) for name, value in machine["DefinitionSubstitutions"].items()}

    assert given["TransformFunctionArn"] == "<Transform>:live"
    assert given["PublishFunctionArn"] == "<PublishCurrent>:live"
    assert text(mapping["FunctionName"]) == "<DispatchLive>:live"
    assert called == {"<ExpiringLive>", "<MaintainLive>"}


def test_a_failure_of_an_alias_is_told(pipeline: Template) -> None:
    # A configuration holds for one qualifier, and a schedule calls the alias:
    # https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
    qualifiers = {
        text(one["FunctionName"]): text(one["Qualifier"])
        for one in pipeline.of_type("AWS::Lambda::EventInvokeConfig").values()
    }

    assert qualifiers == {
        "<Expiring>": "<ExpiringLive>",
        "<Maintain>": "<MaintainLive>",
        "<Initialise>": "$LATEST",
    }


def test_no_call_reaches_a_version_before_its_tables_are_made(pipeline: Template) -> None:
    for alias in aliases(pipeline).values():
        assert any(one.startswith("InitialisedLake") for one in alias["DependsOn"])


def test_alarms_take_a_new_version_back(pipeline: Template) -> None:
    groups = pipeline.of_type("AWS::CodeDeploy::DeploymentGroup")
    moved = {
        name: text(alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]).strip("<>")
        for name, alias in aliases(pipeline).items()
        if "UpdatePolicy" in alias
    }

    assert moved == {
        "Transform": "TransformRelease",
        "PublishCurrent": "PublishRelease",
        "Dispatch": "DispatchRelease",
    }
    assert len(groups) == len(moved)
    for group in groups.values():
        watched = {text(one["Name"]) for one in group["AlarmConfiguration"]["Alarms"]}
        assert watched == {"<MonitoringExecutionsFailed>", "<MonitoringDispatchErrors>"}
        assert group["AlarmConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert text(group["ServiceRoleArn"]) == "<ReleasesRole>"


def test_most_calls_go_to_the_new_version_at_once(pipeline: Template) -> None:
    (config,) = pipeline.of_type("AWS::CodeDeploy::DeploymentConfig").values()

    assert config["ComputePlatform"] == "Lambda"
    assert config["TrafficRoutingConfig"]["TimeBasedCanary"] == {
        "CanaryInterval": 10,
        "CanaryPercentage": 90,
    }


def test_a_repair_need_not_wait_for_an_alarm_to_end(tmp_path: Path) -> None:
    pipeline = synthesise(tmp_path, release_minutes=0)["Pipeline"]

    assert not pipeline.of_type("AWS::CodeDeploy::DeploymentGroup")
    assert set(aliases(pipeline)) == ALIASED
    assert not [one for one in aliases(pipeline).values() if "UpdatePolicy" in one]
