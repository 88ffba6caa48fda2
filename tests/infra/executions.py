"""Helpers for executions of the state machine: their inputs, what they publish, and their alerts."""

from __future__ import annotations

import csv
import io
import json
import uuid
from typing import Any

from sandbox.local import Sandbox
from sandbox.state_machine import Execution, StateMachine
from tests.conftest import Lake

#: The states of an execution that publishes, for a request in the state machine's own format.
PUBLISHED = [
    "ValidateEvent",
    "ReadRequest",
    "RunStage3",
    "CheckCounts",
    "CopyProcessed",
    "CopyRejects",
    "PublishCurrent",
    "PublishReport",
    "ReportResult",
    "Success",
]


class Alerts:
    """The messages that a queue subscribed to the topic has received."""

    def __init__(self, sqs: Any, url: str) -> None:
        self._sqs, self._url = sqs, url

    def texts(self) -> list[str]:
        """The messages as texts."""
        return [one["Message"] for one in self._envelopes()]

    def received(self) -> list[dict[str, Any]]:
        """The messages, each with its subject."""
        return [{"subject": one["Subject"], **json.loads(one["Message"])} for one in self._envelopes()]

    def _envelopes(self) -> list[dict[str, Any]]:
        told = self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(one["Body"]) for one in told]


def subscribe(sandbox: Sandbox, machine: StateMachine) -> Alerts:
    """Subscribe a queue to the topic."""
    sqs = sandbox.client("sqs")
    url = sqs.create_queue(QueueName=f"alerts-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sandbox.client("sns").subscribe(TopicArn=machine.topic_arn, Protocol="sqs", Endpoint=arn)
    return Alerts(sqs, url)


def rows(lake: Lake, key: str) -> list[dict[str, str]]:
    """The rows of a CSV."""
    return list(csv.DictReader(io.StringIO(lake.read(key).decode())))


def processed(lake: Lake, execution: Execution) -> list[dict[str, str]]:
    """The counts that an execution has published."""
    return rows(lake, execution.output["prod"]["processed_key"])


def s3_event(key: str, bucket: str, detail_type: str = "Object Created") -> dict[str, Any]:
    """EventBridge's event about an object."""
    reason = "PutObject" if detail_type == "Object Created" else "DeleteObject"
    return {
        "version": "0",
        "source": "aws.s3",
        "detail-type": detail_type,
        "detail": {"bucket": {"name": bucket}, "object": {"key": key}, "reason": reason},
    }
