"""Tests all permissions of each role: one action or resource more or less fails here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.app import build
from tests.infra.template import Template, text

pytestmark = pytest.mark.xdist_group("synth")

BRONZE = "bronze-raw-ingested-data/batch"
TABLES = ["dbt", "dbt-tmp", "stage1-athena-parquet-results", "stage3-athena-parquet-results"]
STATE, RESULTS = "pipeline-state", "stage1-athena-query-results"
WORKING = sorted([*TABLES, STATE, RESULTS])
EXPORTS = [
    "stage3-athena-query-results/Processed Results/accredited_facilities_per_state",
    "stage3-athena-query-results/Rejected Results/accredited_facilities_per_state",
]
PROD = ["prod/processed/accredited_facilities_per_state", "prod/rejects/accredited_facilities_per_state"]
CURRENT = "prod/current/accredited_facilities_per_state"
REPORT = "prod/report"
COMPUTED = ["python-computed-outputs/expiring-soon", "python-computed-outputs/quarantine"]

ATHENA = [
    "athena:BatchGetQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetWorkGroup",
    "athena:ListQueryExecutions",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
]
GLUE = [
    "glue:BatchGetPartition",
    "glue:CreateTable",
    "glue:DeleteTable",
    "glue:DeleteTableVersion",
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTableVersions",
    "glue:GetTables",
    "glue:UpdateTable",
]
CATALOG = "arn:aws:glue:<region>:<account>"
WRITE = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:PutObject"]
KEY_USE = ["kms:Decrypt", "kms:GenerateDataKey"]

Rights = set[tuple[str, str]]


def below(prefixes: list[str]) -> list[str]:
    return [f"<lake>/{prefix}/*" for prefix in prefixes]


def each(actions: list[str], resources: list[str]) -> Rights:
    return {(action, resource) for action in actions for resource in resources}


def runs_queries() -> Rights:
    return (
        each(ATHENA, ["arn:aws:athena:<region>:<account>:workgroup/medlaunch-elt"])
        | each(
            GLUE,
            [f"{CATALOG}:catalog", f"{CATALOG}:database/medlaunch_db", f"{CATALOG}:table/medlaunch_db/*"],
        )
        | {("glue:GetDatabase", f"{CATALOG}:database/default")}
        | each(["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], ["<lake>"])
        | each(["s3:DeleteObject"], below(TABLES))
    )


def selects() -> Rights:
    return (
        each(
            [
                "athena:BatchGetQueryExecution",
                "athena:GetQueryExecution",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ],
            ["arn:aws:athena:<region>:<account>:workgroup/medlaunch-elt"],
        )
        | each(
            ["glue:GetDatabase", "glue:GetTable"],
            [f"{CATALOG}:catalog", f"{CATALOG}:database/medlaunch_db", f"{CATALOG}:table/medlaunch_db/*"],
        )
        | {("glue:GetDatabase", f"{CATALOG}:database/default")}
        | each(["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], ["<lake>"])
    )


def tells() -> Rights:
    return {
        ("sns:Publish", "<Alerts>"),
        ("kms:Decrypt", "<MessagingKey>"),
        ("kms:GenerateDataKey*", "<MessagingKey>"),
    }


def objects(*, read: list[str], write: list[str]) -> Rights:
    return (
        {("s3:ListBucket", "<lake>")}
        | each(["s3:GetObject"], below([*read, *write]))
        | each(WRITE, below(write))
        | each(KEY_USE, ["<lake key>"])
    )


def logs(name: str) -> Rights:
    """The permissions that every function has: to write its log and its traces. X-Ray supports no resource ARNs."""
    return each(["logs:CreateLogStream", "logs:PutLogEvents"], [f"<{name}Logs>"]) | each(
        ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], ["*"]
    )


EXPECTED: dict[str, Rights] = {
    # A person runs medlaunch with this role. It has the permissions of a run, of the report and of
    # `medlaunch status`.
    "Operator": runs_queries()
    | objects(read=[BRONZE, *COMPUTED, CURRENT, *PROD], write=[*WORKING, *EXPORTS, REPORT])
    | each(["states:ListExecutions", "states:StartExecution"], ["<Publish>"])
    | {("states:DescribeExecution", "arn:aws:states:<region>:<account>:execution:<Publish>:*")}
    | each(["sqs:GetQueueAttributes"], ["<BronzeEvents>", "<DeadLetters>"]),
    "TransformRole": logs("Transform")
    | runs_queries()
    | objects(read=[BRONZE, CURRENT], write=[*WORKING, *EXPORTS]),
    "PublishCurrentRole": logs("PublishCurrent")
    | objects(read=EXPORTS, write=[STATE, *PROD, CURRENT])
    | {("s3:DeleteObject", f"<lake>/{STATE}/*")},
    "PublishReportRole": logs("PublishReport")
    | objects(read=[*COMPUTED, *EXPORTS, *PROD], write=[STATE, REPORT]),
    "MaintainRole": logs("Maintain")
    | runs_queries()
    | objects(read=[CURRENT], write=WORKING)
    | each(["s3:DeleteObject"], below([EXPORTS[1], PROD[1]]))
    | tells(),
    "InitialiseRole": logs("Initialise")
    | runs_queries()
    | objects(read=[BRONZE], write=WORKING)
    | each(["glue:CreateDatabase"], [f"{CATALOG}:catalog", f"{CATALOG}:database/medlaunch_db"])
    | tells(),
    # This role reads the files, or with one query the table of judged lines.
    "ExpiringRole": logs("Expiring")
    | selects()
    | objects(read=[BRONZE, "dbt"], write=[*COMPUTED, RESULTS])
    | {("s3:DeleteObject", f"<lake>/{COMPUTED[1]}/*")}
    | tells(),
    "DispatchRole": logs("Dispatch")
    | {("states:StartExecution", "<Publish>"), ("kms:Decrypt", "<MessagingKey>")}
    | each(
        [
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:GetQueueUrl",
            "sqs:ReceiveMessage",
        ],
        ["<BronzeEvents>"],
    ),
    "StateMachineRole": {
        ("lambda:InvokeFunction", "<PublishCurrent>:live"),
        ("lambda:InvokeFunction", "<Transform>:live"),
        ("lambda:InvokeFunction", "<PublishReport>:live"),
        ("s3:ListBucket", "<lake>"),
        ("sns:Publish", "<Alerts>"),
    }
    | each(["s3:GetObject"], below(EXPORTS))
    | each(["s3:PutObject"], below(PROD))
    | each(KEY_USE, ["<lake key>", "<MessagingKey>"])
    # X-Ray and log delivery support no resource ARNs.
    | each(
        [
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        ],
        ["*"],
    ),
    # CodeDeploy moves the aliases. It calls DescribeAlarms for all alarms of a deployment at once.
    "ReleasesRole": each(
        ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
        [
            f"<{function}>{end}"
            for function in ("Dispatch", "PublishCurrent", "Transform")
            for end in ("", ":live")
        ],
    )
    | {("cloudwatch:DescribeAlarms", "*")},
    **{
        f"{schedule}ScheduleRole": each(KEY_USE, ["<MessagingKey>"])
        | {("lambda:InvokeFunction", f"<{function}Live>")}
        | {("sqs:SendMessage", "<DeadLetters>")}
        for schedule, function in (("Daily", "Expiring"), ("Hourly", "Maintain"), ("Nightly", "Maintain"))
    },
}

LISTED = {
    "Operator": [BRONZE, *WORKING, *EXPORTS, CURRENT, *COMPUTED, *PROD, REPORT],
    "TransformRole": [BRONZE, *WORKING, *EXPORTS, CURRENT],
    "PublishCurrentRole": [*EXPORTS, STATE, *PROD, CURRENT],
    "PublishReportRole": [BRONZE, *COMPUTED, *EXPORTS, STATE, *PROD, REPORT],
    # This role reports the ages of the newest results without reading them, and deletes superseded rejects.
    "MaintainRole": [*WORKING, *PROD, EXPORTS[1], CURRENT, COMPUTED[0]],
    "InitialiseRole": [BRONZE, *WORKING],
    "ExpiringRole": [BRONZE, *COMPUTED, "dbt", RESULTS],
    "StateMachineRole": EXPORTS,
}


@pytest.mark.parametrize("role", EXPECTED)
def test_rights(pipeline: Template, role: str) -> None:
    rights: Rights = set()
    for statement in pipeline.statements(role):
        rights |= each(statement["Action"], statement["Resource"])

    assert rights == EXPECTED[role]


@pytest.mark.parametrize("role", LISTED)
def test_listing_is_confined_to_the_same_prefixes(pipeline: Template, role: str) -> None:
    allowed = sorted(
        pattern
        for statement in pipeline.statements(role)
        if "s3:ListBucket" in statement["Action"]
        for pattern in statement["Condition"]["StringLike"]["s3:prefix"]
    )

    assert allowed == sorted(pattern for prefix in LISTED[role] for pattern in (prefix, f"{prefix}/*"))


def test_stage_2_may_run_queries_only_if_its_engine_does(tmp_path: Path) -> None:
    build({"stage2_engine": "stream"}, outdir=str(tmp_path)).synth()
    content = json.loads((tmp_path / "MedLaunchPipeline.template.json").read_text("utf-8"))
    actions = {action for one in Template(content).statements("ExpiringRole") for action in one["Action"]}

    assert not [action for action in actions if action.startswith(("athena:", "glue:"))]


def test_state_machine_may_start_the_parts_of_a_group_and_nothing_else(pipeline: Template) -> None:
    policy = pipeline.named("AWS::IAM::Policy", "StartsParts")
    (statement,) = policy["PolicyDocument"]["Statement"]

    assert [text(role) for role in policy["Roles"]] == ["<StateMachineRole>"]
    assert (statement["Action"], text(statement["Resource"])) == ("states:StartExecution", "<Publish>")


def test_no_role_is_missing_above_and_none_has_a_managed_policy(pipeline: Template) -> None:
    roles: dict[str, dict[str, Any]] = pipeline.of_type("AWS::IAM::Role")

    assert {name[:-8] for name in roles} == set(EXPECTED)
    assert not [name for name, role in roles.items() if role.get("ManagedPolicyArns") or role.get("Policies")]


@pytest.mark.parametrize(
    ("role", "service"),
    [
        *[
            (f"{name}Role", "lambda")
            for name in ("Transform", "Maintain", "Initialise", "Expiring", "Dispatch")
        ],
        ("StateMachineRole", "states"),
        ("ReleasesRole", "codedeploy"),
        ("DailyScheduleRole", "scheduler"),
        ("HourlyScheduleRole", "scheduler"),
        ("NightlyScheduleRole", "scheduler"),
    ],
)
def test_trust(pipeline: Template, role: str, service: str) -> None:
    (statement,) = pipeline.named("AWS::IAM::Role", role)["AssumeRolePolicyDocument"]["Statement"]

    assert statement["Principal"] == {"Service": f"{service}.amazonaws.com"}
