"""Alerts and messages of the pipeline: their KMS key, the topic, the queues, the rule behind one alert."""

# jsii renames the parameters of its interfaces, so constructs do not match their own protocols.
# pyright: reportArgumentType=false
from __future__ import annotations

from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn

from infra.bronze_rule import DISPATCH_ATTEMPTS
from infra.config import Config

DISPATCH_TIMEOUT_SECONDS = 30
#: AWS services that publish to the topic for this account. The guides show the condition:
#: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
#: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
PUBLISHERS = {"Alarms": "cloudwatch.amazonaws.com", "Budgets": "budgets.amazonaws.com"}


def messaging_key(stack: Stack) -> kms.Key:
    """A separate key, because the services that may use it must not reach the lake's key."""
    key = kms.Key(
        stack,
        "MessagingKey",
        description="Encrypts MedLaunch's alerts, events and logs",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.DESTROY,
    )
    for name, service in PUBLISHERS.items():
        key.add_to_resource_policy(
            iam.PolicyStatement(
                sid=name,
                principals=[iam.ServicePrincipal(service)],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            )
        )
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    log_groups = f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:*"
    key.add_to_resource_policy(
        iam.PolicyStatement(
            sid="Logs",
            principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
            actions=[
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey*",
                "kms:ReEncrypt*",
            ],
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        )
    )
    return key


def alert_topic(stack: Stack, key: kms.Key, config: Config) -> sns.Topic:
    """The topic of all alerts, with the address of the configuration as subscriber."""
    topic = sns.Topic(stack, "Alerts", display_name="MedLaunch ELT alerts", master_key=key, enforce_ssl=True)
    for name, service in PUBLISHERS.items():
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid=name,
                principals=[iam.ServicePrincipal(service)],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            )
        )
    if config.alarm_email:
        topic.add_subscription(subscriptions.EmailSubscription(config.alarm_email))
    return topic


def event_queues(stack: Stack, key: kms.Key, config: Config) -> tuple[sqs.Queue, sqs.Queue]:
    """The queue of bronze events, and the queue of events that dispatch could not handle."""
    shared: dict[str, Any] = {
        "encryption": sqs.QueueEncryption.KMS,
        "encryption_master_key": key,
        "enforce_ssl": True,
        "retention_period": Duration.days(14),
    }
    dead_letters = sqs.Queue(stack, "DeadLetters", **shared)
    queue = sqs.Queue(
        stack,
        "BronzeEvents",
        # AWS asks for six times the function's time-out, plus the batch window (Lambda developer guide).
        visibility_timeout=Duration.seconds(6 * DISPATCH_TIMEOUT_SECONDS + config.batch_window_seconds),
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=DISPATCH_ATTEMPTS),
        **shared,
    )
    return queue, dead_letters


def alert_of_cut_short_executions(
    stack: Stack, state_machine: sfn.StateMachine, topic: sns.Topic, dead_letters: sqs.Queue
) -> events.Rule:
    """Alert on executions that time out or are stopped, because they never reach the state that alerts."""
    return events.Rule(
        stack,
        "ExecutionCutShort",
        description="An execution timed out or was stopped",
        event_pattern=events.EventPattern(
            source=["aws.states"],
            detail_type=["Step Functions Execution Status Change"],
            detail={
                "stateMachineArn": [state_machine.state_machine_arn],
                "status": ["TIMED_OUT", "ABORTED"],
            },
        ),
        # No role is used, because delivery to an encrypted topic may fail with one, as EventBridge documents.
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
        targets=[targets.SnsTopic(topic, dead_letter_queue=dead_letters)],
    )
