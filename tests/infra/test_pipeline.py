"""Tests the template of the pipeline stack, which moves data: functions, queues, events, alerts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.events.models import EventPattern

from infra.config import default_context
from infra.monitoring import NAMESPACE, SERVICE
from infra.state_machine import DEFINITION, substitutions
from runner import lake as prefixes
from runner import telemetry
from runner.settings import FileCaps
from tests.infra.template import Template, text

pytestmark = pytest.mark.xdist_group("synth")

FUNCTIONS = {
    "Transform": "runner.lambdas.handlers.transform",
    "PublishCurrent": "runner.lambdas.handlers.publish",
    "PublishReport": "runner.lambdas.handlers.publish_report",
    "Dispatch": "runner.lambdas.handlers.dispatch",
    "Expiring": "runner.lambdas.handlers.expiring",
    "Maintain": "runner.lambdas.handlers.maintain",
    "Initialise": "runner.lambdas.deployment.at_deployment",
}


def test_functions_are_one_image_with_an_entry_point_each(pipeline: Template) -> None:
    functions = pipeline.of_type("AWS::Lambda::Function")
    images = {text(function["Code"]["ImageUri"]) for function in functions.values()}

    assert len(images) == 1
    assert {function["PackageType"] for function in functions.values()} == {"Image"}
    assert {tuple(function["Architectures"]) for function in functions.values()} == {("arm64",)}
    assert {
        name: function["ImageConfig"]["Command"]
        for name in FUNCTIONS
        for function in [pipeline.named("AWS::Lambda::Function", name)]
    } == {name: [handler] for name, handler in FUNCTIONS.items()}
    assert len(functions) == len(FUNCTIONS)


def test_entry_points_exist() -> None:
    import importlib

    for handler in FUNCTIONS.values():
        module, _, name = handler.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), handler


@pytest.mark.parametrize(
    ("name", "seconds", "least_memory"),
    [
        ("Transform", 900, 1769),
        ("Expiring", 900, 3538),
        ("Maintain", 900, 1769),
        ("Initialise", 900, 1769),
        ("Dispatch", 30, 512),
        ("PublishCurrent", 300, 512),
        ("PublishReport", 300, 512),
    ],
)
def test_time_outs_and_memory(pipeline: Template, name: str, seconds: int, least_memory: int) -> None:
    function = pipeline.named("AWS::Lambda::Function", name)

    assert function["Timeout"] == seconds
    assert function["MemorySize"] >= least_memory


def test_stage_2_has_room_for_the_rows_of_files_at_their_cap(pipeline: Template) -> None:
    function = pipeline.named("AWS::Lambda::Function", "Expiring")
    processes = function["MemorySize"] // 1769
    # Each process sorts one file's rows in two copies, two results of each process wait, and one is being written.
    files = 2 * processes + 2 * processes + 1

    assert function["EphemeralStorage"]["Size"] * 2**20 >= files * FileCaps().bytes_out


def test_nothing_is_reserved_of_an_accounts_concurrent_executions(pipeline: Template) -> None:
    # A new account has a limit of ten concurrent executions, and AWS requires that a hundred stay unreserved.
    reserved = {
        name: pipeline.named("AWS::Lambda::Function", name).get("ReservedConcurrentExecutions")
        for name in FUNCTIONS
    }

    assert reserved == dict.fromkeys(FUNCTIONS)


def test_every_call_of_a_function_is_traced(pipeline: Template) -> None:
    functions = pipeline.of_type("AWS::Lambda::Function").values()

    assert [one["TracingConfig"] for one in functions] == [{"Mode": "Active"}] * len(FUNCTIONS)


def test_functions_know_the_lake(pipeline: Template) -> None:
    common = {
        "DATA_BUCKET": "<lake name>",
        "GLUE_DATABASE": "medlaunch_db",
        "ATHENA_WORKGROUP": "medlaunch-elt",
        "DBT_TARGET": "prod",
    }
    own = {
        "Dispatch": {"STATE_MACHINE_ARN": "<Publish>"},
        "Expiring": {"WINDOW_DAYS": "180", "SNAPSHOTS": "all", "STAGE2_ENGINE": "auto"},
    }

    for name in FUNCTIONS:
        variables = pipeline.named("AWS::Lambda::Function", name)["Environment"]["Variables"]
        assert {key: text(value) for key, value in variables.items()} == {**common, **own.get(name, {})}


def test_logs_are_encrypted_and_kept_for_a_while_only(pipeline: Template) -> None:
    groups = pipeline.of_type("AWS::Logs::LogGroup")
    key = pipeline.named("AWS::KMS::Key", "MessagingKey")
    (admitted,) = [one for one in key["KeyPolicy"]["Statement"] if one.get("Sid") == "Logs"]

    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    assert {text(group["KmsKeyId"]) for group in groups.values()} == {"<MessagingKey>"}
    assert {key: text(value) for key, value in admitted["Condition"]["ArnLike"].items()} == {
        "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:<region>:<account>:log-group:*"
    }

    assert len(groups) == len(FUNCTIONS) + 1
    assert {group["RetentionInDays"] for group in groups.values()} == {90}
    for name in FUNCTIONS:
        function = pipeline.named("AWS::Lambda::Function", name)
        assert text(function["LoggingConfig"]["LogGroup"]) == f"<{name}Logs>"


def test_first_deployment_makes_the_tables_by_itself(pipeline: Template) -> None:
    (name,) = pipeline.of_type("Custom::MedLaunchLake")
    resource = pipeline.resources[name]
    image = text(pipeline.named("AWS::Lambda::Function", "Initialise")["Code"]["ImageUri"])

    assert text(resource["Properties"]["ServiceToken"]) == "<Initialise>"
    assert resource["Properties"]["ServiceTimeout"] == "900"
    assert resource["Properties"]["Image"] == image.rpartition(":")[2]
    assert any(one.startswith("InitialiseRoleDefaultPolicy") for one in resource["DependsOn"])


def event(key: str, *, detail_type: str = "Object Created", bucket: str = "the-lake") -> dict[str, Any]:
    return {
        "source": "aws.s3",
        "detail-type": detail_type,
        "detail": {"bucket": {"name": bucket}, "object": {"key": key}},
    }


BRONZE = prefixes.prefix("bronze")


@pytest.mark.parametrize(
    ("sample", "taken"),
    [
        (event(f"{BRONZE}/2025-08-10/a.jsonl"), True),
        (event(f"{BRONZE}/2025-08-10/a.jsonl.gz"), True),
        (event(f"{BRONZE}/2025-08-10/a.jsonl", detail_type="Object Deleted"), True),
        (event(f"{BRONZE}/2025-08-10/a.csv"), False),
        (event(f"{BRONZE}/2025-08-10/a.jsonl", bucket="another"), False),
        (event(f"{BRONZE}/2025-08-10/a.jsonl", detail_type="Object Tags Added"), False),
        (event(f"{prefixes.prefix('prod_rejects')}/run_ts=1/a.jsonl"), False),
        (event(f"{prefixes.prefix('quarantine')}/2025-08-10/a.jsonl_rejects.jsonl"), False),
    ],
)
def test_rule_takes_bronze_files_that_come_or_go(
    pipeline: Template, sample: dict[str, Any], *, taken: bool
) -> None:
    pattern = pipeline.named("AWS::Events::Rule", "BronzeChanged")["EventPattern"]
    assert text(pattern["detail"]["bucket"]["name"][0]) == "<lake name>"
    filled = json.dumps({**pattern, "detail": {**pattern["detail"], "bucket": {"name": ["the-lake"]}}})

    assert EventPattern.load(filled).matches_event(sample) is taken


def test_queue_outlasts_six_runs_of_dispatch_and_its_window(pipeline: Template) -> None:
    queue = pipeline.named("AWS::SQS::Queue", "BronzeEvents")
    dispatch = pipeline.named("AWS::Lambda::Function", "Dispatch")
    (mapping,) = pipeline.of_type("AWS::Lambda::EventSourceMapping").values()

    assert queue["VisibilityTimeout"] >= 6 * dispatch["Timeout"] + mapping["MaximumBatchingWindowInSeconds"]
    assert text(queue["RedrivePolicy"]["deadLetterTargetArn"]) == "<DeadLetters>"
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5


def test_dispatch_sees_a_window_of_events_at_once(pipeline: Template) -> None:
    (mapping,) = pipeline.of_type("AWS::Lambda::EventSourceMapping").values()

    assert mapping["MaximumBatchingWindowInSeconds"] == 60
    assert mapping["BatchSize"] == 1000
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("name", ["BronzeEvents", "DeadLetters"])
def test_queues_are_encrypted_and_want_tls(pipeline: Template, name: str) -> None:
    queue = pipeline.named("AWS::SQS::Queue", name)
    statements = pipeline.named("AWS::SQS::QueuePolicy", name)["PolicyDocument"]["Statement"]

    assert text(queue["KmsMasterKeyId"]) == "<MessagingKey>"
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert [one["Condition"] for one in statements if one["Effect"] == "Deny"] == [
        {"Bool": {"aws:SecureTransport": "false"}}
    ]


@pytest.mark.parametrize("name", ["BronzeEvents", "DeadLetters"])
def test_queues_take_messages_of_this_account_only(pipeline: Template, name: str) -> None:
    statements = pipeline.named("AWS::SQS::QueuePolicy", name)["PolicyDocument"]["Statement"]
    allowed = [one for one in statements if one["Effect"] == "Allow"]

    assert allowed
    for statement in allowed:
        assert statement["Principal"] == {"Service": "events.amazonaws.com"}
        assert statement["Condition"] in (
            {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}},
            {
                "ArnEquals": {
                    "aws:SourceArn": statement["Condition"].get("ArnEquals", {}).get("aws:SourceArn")
                }
            },
        )


def test_undeliverable_events_and_schedules_reach_the_dead_letters(pipeline: Template) -> None:
    (target,) = pipeline.named("AWS::Events::Rule", "BronzeChanged")["Targets"]

    assert text(target["Arn"]) == "<BronzeEvents>"
    assert text(target["DeadLetterConfig"]["Arn"]) == "<DeadLetters>"
    for schedule in pipeline.of_type("AWS::Scheduler::Schedule").values():
        assert text(schedule["Target"]["DeadLetterConfig"]["Arn"]) == "<DeadLetters>"


def test_schedules(pipeline: Template) -> None:
    schedules = {
        (
            text(schedule["Target"]["Arn"]),
            schedule["ScheduleExpression"],
            schedule["ScheduleExpressionTimezone"],
            json.loads(schedule["Target"]["Input"]).get("recent_days"),
        )
        for schedule in pipeline.of_type("AWS::Scheduler::Schedule").values()
    }

    assert schedules == {
        ("<ExpiringLive>", "cron(0 6 * * ? *)", "Etc/UTC", None),
        # With one commit per minute, small files must be merged before they slow down reading. Old snapshots expire
        # once a day.
        ("<MaintainLive>", "cron(15 * * * ? *)", "Etc/UTC", 2),
        ("<MaintainLive>", "cron(0 3 * * ? *)", "Etc/UTC", None),
    }


def test_deployed_definition_is_the_tested_file(pipeline: Template) -> None:
    (machine,) = pipeline.of_type("AWS::StepFunctions::StateMachine").values()
    names = substitutions(
        transform_arn="<Transform>:live",
        publish_arn="<PublishCurrent>:live",
        report_arn="<PublishReport>:live",
        topic_arn="<Alerts>",
        bucket="<lake name>",
        region="<region>",
    )

    assert machine["DefinitionString"] == DEFINITION.read_text("utf-8")
    assert {key: text(value) for key, value in machine["DefinitionSubstitutions"].items()} == names
    assert machine["StateMachineType"] == "STANDARD"


def test_executions_are_logged_and_traced(pipeline: Template) -> None:
    (machine,) = pipeline.of_type("AWS::StepFunctions::StateMachine").values()
    logging = machine["LoggingConfiguration"]

    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", True)
    assert text(logging["Destinations"][0]["CloudWatchLogsLogGroup"]["LogGroupArn"]) == "<PublishLogs>"
    assert machine["TracingConfiguration"] == {"Enabled": True}


ACCOUNT_ONLY = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_topic_is_encrypted_and_wants_tls(pipeline: Template) -> None:
    (topic,) = pipeline.of_type("AWS::SNS::Topic").values()
    (policy,) = pipeline.of_type("AWS::SNS::TopicPolicy").values()
    refused = policy["PolicyDocument"]["Statement"][0]

    assert text(topic["KmsMasterKeyId"]) == "<MessagingKey>"
    assert (refused["Effect"], refused["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_topic_takes_alarms_of_this_account_and_events_as_eventbridge_can_send_them(
    pipeline: Template,
) -> None:
    # EventBridge: "You can't use of Condition blocks in Amazon SNS topic policies for EventBridge."
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    (policy,) = pipeline.of_type("AWS::SNS::TopicPolicy").values()
    allowed = {
        one["Principal"]["Service"]: (one["Action"], one.get("Condition"))
        for one in policy["PolicyDocument"]["Statement"]
        if one["Effect"] == "Allow"
    }

    assert allowed == {
        "budgets.amazonaws.com": ("sns:Publish", ACCOUNT_ONLY),
        "cloudwatch.amazonaws.com": ("sns:Publish", ACCOUNT_ONLY),
        "events.amazonaws.com": ("sns:Publish", None),
    }


def test_messaging_key_rotates_and_admits_whoever_writes_to_topic_and_queues(pipeline: Template) -> None:
    key = pipeline.named("AWS::KMS::Key", "MessagingKey")
    services = [one for one in key["KeyPolicy"]["Statement"] if "Service" in one["Principal"]]
    admitted = {(text(one["Principal"]["Service"]), one.get("Condition") == ACCOUNT_ONLY) for one in services}

    assert key["EnableKeyRotation"] is True
    # For a queue EventBridge names the account; for a topic its documentation shows no condition:
    # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html
    assert admitted == {
        ("budgets.amazonaws.com", True),
        ("cloudwatch.amazonaws.com", True),
        # For the log groups of this account, restricted by their encryption context.
        ("logs.<region>.amazonaws.com", False),
        ("events.amazonaws.com", True),
        ("events.amazonaws.com", False),
    }
    assert {action for one in services for action in one["Action"]} <= {
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
    }


def test_executions_cut_short_are_told(pipeline: Template) -> None:
    rule = pipeline.named("AWS::Events::Rule", "ExecutionCutShort")
    detail = rule["EventPattern"]["detail"]

    assert detail["status"] == ["TIMED_OUT", "ABORTED"]
    assert [text(one) for one in detail["stateMachineArn"]] == ["<Publish>"]
    (target,) = rule["Targets"]
    assert text(target["Arn"]) == "<Alerts>"
    # "Do not specify a RoleArn": delivery to an encrypted topic may then fail (eb-use-resource-based).
    assert "RoleArn" not in target
    assert text(target["DeadLetterConfig"]["Arn"]) == "<DeadLetters>"


@pytest.mark.parametrize("name", ["Expiring", "Maintain", "Initialise"])
def test_functions_that_nobody_waits_for_tell_their_failures(pipeline: Template, name: str) -> None:
    configuration = pipeline.named("AWS::Lambda::EventInvokeConfig", name)

    assert text(configuration["DestinationConfig"]["OnFailure"]["Destination"]) == "<Alerts>"


def test_alarms(pipeline: Template) -> None:
    alarms = {
        name.removeprefix("Monitoring")[:-8]: alarm
        for name, alarm in pipeline.of_type("AWS::CloudWatch::Alarm").items()
    }
    summary = {
        name: (
            alarm["MetricName"],
            alarm["Statistic"],
            alarm["ComparisonOperator"],
            alarm["Threshold"],
            alarm["Period"] * alarm["EvaluationPeriods"],
            alarm["TreatMissingData"],
        )
        for name, alarm in alarms.items()
    }
    at_least, missing_is_fine = "GreaterThanOrEqualToThreshold", "notBreaching"

    assert summary == {
        "ExecutionsFailed": ("ExecutionsFailed", "Sum", at_least, 1, 300, missing_is_fine),
        "ExecutionsTimedOut": ("ExecutionsTimedOut", "Sum", at_least, 1, 300, missing_is_fine),
        "DeadLetters": (
            "ApproximateNumberOfMessagesVisible",
            "Maximum",
            at_least,
            1,
            300,
            missing_is_fine,
        ),
        "DispatchErrors": ("Errors", "Sum", at_least, 1, 300, missing_is_fine),
        "ExpiringErrors": ("Errors", "Sum", at_least, 1, 300, missing_is_fine),
        "MaintainErrors": ("Errors", "Sum", at_least, 1, 300, missing_is_fine),
        "RejectRatio": ("RejectRatio", "Maximum", "GreaterThanThreshold", 0.2, 300, missing_is_fine),
        "DataTestWarnings": ("DataTestWarnings", "Maximum", at_least, 1, 300, missing_is_fine),
        "QueueAge": ("ApproximateAgeOfOldestMessage", "Maximum", at_least, 3600, 300, missing_is_fine),
        "BronzeChangedUndelivered": ("FailedInvocations", "Sum", at_least, 1, 300, missing_is_fine),
        "ExecutionCutShortUndelivered": ("FailedInvocations", "Sum", at_least, 1, 300, missing_is_fine),
        "Staleness": ("HoursSincePublished", "Minimum", at_least, 26, 3600, missing_is_fine),
        "ExpiringOverdue": ("HoursSinceExpiring", "Minimum", at_least, 26, 3600, missing_is_fine),
        **{
            f"{name}Throttles": ("Throttles", "Sum", at_least, 10, 300, missing_is_fine)
            for name in ("Transform", "Publish", "Report", "Dispatch", "Expiring", "Maintain")
        },
        # 80% of the time limit, in milliseconds.
        **{
            f"{name}Duration": ("Duration", "Maximum", at_least, milliseconds, 300, missing_is_fine)
            for name, milliseconds in {
                "Transform": 720_000,
                "Publish": 240_000,
                "Report": 240_000,
                "Dispatch": 24_000,
                "Expiring": 720_000,
                "Maintain": 720_000,
            }.items()
        },
    }
    for alarm in alarms.values():
        assert [text(action) for action in alarm["AlarmActions"]] == ["<Alerts>"]


def test_pipeline_metrics_are_those_of_the_runner(pipeline: Template) -> None:
    alarm = pipeline.named("AWS::CloudWatch::Alarm", "MonitoringRejectRatio")

    assert (NAMESPACE, SERVICE) == (telemetry.NAMESPACE, telemetry.SERVICE)
    assert alarm["Namespace"] == telemetry.NAMESPACE
    assert alarm["Dimensions"] == [{"Name": "service", "Value": telemetry.SERVICE}]


def test_dashboard(pipeline: Template) -> None:
    (dashboard,) = pipeline.of_type("AWS::CloudWatch::Dashboard").values()
    widgets = json.loads(text(dashboard["DashboardBody"]))["widgets"]

    assert [widget["properties"]["title"] for widget in widgets] == [
        "Executions",
        "Time of an execution",
        "Events waiting",
        "Hours since the newest result",
        "Reject ratio",
        "Bytes scanned by Athena",
        "Time of a function",
        "Errors of functions",
        "Throttles of functions",
    ]


def test_nobody_is_told_by_e_mail_unless_asked(pipeline: Template) -> None:
    assert default_context()["alarm_email"] == ""
    assert not pipeline.of_type("AWS::SNS::Subscription")
