"""Runs checks by other tools: the AWS Solutions rules, cfn-lint, hadolint."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from infra.state_machine import definition
from runner.settings import PROJECT_DIR

pytestmark = pytest.mark.xdist_group("synth")


@pytest.fixture(scope="module")
def reports(assembly: Path) -> dict[str, dict[str, Any]]:
    """The validation reports of the synthesis, by plugin."""
    report = json.loads((assembly / "validation-report.json").read_text("utf-8"))
    return {one["pluginName"]: one for one in report["pluginReports"]}


def test_every_check_of_the_synthesis_has_passed(reports: dict[str, dict[str, Any]]) -> None:
    assert reports["AwsSolutions"]["conclusion"] == "success"
    assert not [one for report in reports.values() for one in report["violations"]]


def test_findings_that_stand_are_wildcards_with_a_reason(reports: dict[str, dict[str, Any]]) -> None:
    found = [one for report in reports.values() for one in report["suppressedViolations"]]

    assert {one["ruleName"].partition("[")[0] for one in found} == {"AwsSolutions-IAM5"}
    assert not [one["ruleName"] for one in found if len(one["reason"]) < 20]


@pytest.mark.parametrize("stack", ["MedLaunchLake", "MedLaunchPipeline", "MedLaunchMoney"])
def test_cfn_lint_is_content(assembly: Path, stack: str) -> None:
    # W3005: the CDK states dependencies that references already imply.
    matches = cfnlint.api.lint_file(
        assembly / f"{stack}.template.json", config=cfnlint.api.ManualArgs(ignore_checks=["W3005"])
    )

    assert [str(match) for match in matches] == []


def test_complete_definition_is_valid_states_language() -> None:
    names = {
        "transform_arn": "arn:aws:lambda:us-east-1:123456789012:function:transform",
        "publish_arn": "arn:aws:lambda:us-east-1:123456789012:function:publish",
        "report_arn": "arn:aws:lambda:us-east-1:123456789012:function:report",
        "topic_arn": "arn:aws:sns:us-east-1:123456789012:alerts",
        "bucket": "the-lake",
        "region": "us-east-1",
    }
    template: dict[str, Any] = {
        "Resources": {
            "Machine": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {
                    "RoleArn": "arn:aws:iam::123456789012:role/role",
                    "Definition": json.loads(definition(**names)),
                },
            }
        }
    }

    assert "${" not in definition(**names)
    matches = cfnlint.api.lint(json.dumps(template), None, ["us-east-1"])
    assert [str(match) for match in matches] == []


def test_dockerfile_is_clean() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("hadolint")), "Dockerfile"],
        cwd=PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout) == (0, "")


def test_image_holds_what_runs_and_nothing_else() -> None:
    copied = [
        line.split()[-2]
        for line in (PROJECT_DIR / "Dockerfile").read_text("utf-8").splitlines()
        if line.startswith("COPY")
    ]
    admitted = [
        line.removeprefix("!")
        for line in (PROJECT_DIR / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    ]

    assert sorted(copied) == sorted(admitted)
    assert set(copied) >= {"dbt_project.yml", "macros", "models", "profiles.example.yml", "runner", "seeds"}
    assert [path for path in copied if not (PROJECT_DIR / path).exists()] == []
