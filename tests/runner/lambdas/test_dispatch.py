"""The dispatch handler over a real Step Functions API: a batch of messages, one execution a snapshot date."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from runner.aws import clients
from runner.lake import prefix
from runner.lambdas import handlers

BUCKET = "the-lake"
CONTEXT = SimpleNamespace(
    function_name="dispatch",
    memory_limit_in_mb=256,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:dispatch",
    aws_request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
)


@pytest.fixture
def state_machine(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    """A client and the ARN of a new state machine, which the environment names."""
    for name, value in {
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DATA_BUCKET": BUCKET,
    }.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("stepfunctions")
    definition = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    arn = client.create_state_machine(
        name=request.node.name.replace("[", "-").replace("]", ""),
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/states",
    )["stateMachineArn"]
    monkeypatch.setenv("STATE_MACHINE_ARN", arn)
    return SimpleNamespace(client=client, arn=arn)


def inputs(state_machine: Any) -> list[dict[str, Any]]:
    """The inputs of all executions, by date."""
    client, arn = state_machine.client, state_machine.arn
    executions = client.list_executions(stateMachineArn=arn)["executions"]
    described = [client.describe_execution(executionArn=one["executionArn"]) for one in executions]
    return sorted((json.loads(one["input"]) for one in described), key=lambda one: one["snapshot_date"])


def message(number: int, key: str, bucket: str = BUCKET) -> dict[str, str]:
    event = {
        "source": "aws.s3",
        "detail-type": "Object Created",
        "detail": {"bucket": {"name": bucket}, "object": {"key": key}},
    }
    return {"messageId": f"message-{number}", "body": json.dumps(event)}


def bronze(snapshot_date: str, name: str) -> str:
    return f"{prefix('bronze')}/{snapshot_date}/{name}"


def test_a_batch_starts_one_execution_per_date(state_machine: Any) -> None:
    chunks = [message(number, bronze("2025-08-10", f"{number}.jsonl")) for number in range(100)]
    other = message(100, bronze("2025-08-11", "a.jsonl"))
    assert handlers.dispatch({"Records": [*chunks, other, chunks[0]]}, CONTEXT) == {"batchItemFailures": []}
    first, second = inputs(state_machine)
    assert (first["snapshot_date"], first["bucket"], len(first["keys"])) == ("2025-08-10", BUCKET, 100)
    assert second == {
        "snapshot_date": "2025-08-11",
        "bucket": BUCKET,
        "keys": [bronze("2025-08-11", "a.jsonl")],
    }


def test_what_is_not_bronze_is_taken_from_the_queue_and_starts_nothing(state_machine: Any) -> None:
    records = [
        message(1, "elsewhere/a.jsonl"),
        message(2, bronze("2025-08-10", "_hidden.jsonl")),
        message(3, bronze("2025-08-10", "a.jsonl"), bucket="another"),
        {"messageId": "message-4", "body": "no JSON"},
    ]
    assert handlers.dispatch({"Records": records}, CONTEXT) == {"batchItemFailures": []}
    assert inputs(state_machine) == []


def test_only_the_messages_of_dates_that_were_not_started_come_again(
    state_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_client = clients.make_client

    def client_that_fails_for_one_date(service: str) -> Any:
        def refuse(params: dict[str, Any], **_: Any) -> None:
            if "2025-08-11" in params["input"]:
                raise client.exceptions.ExecutionLimitExceeded(
                    {"Error": {"Code": "ExecutionLimitExceeded"}}, "StartExecution"
                )

        client = make_client(service)
        client.meta.events.register("provide-client-params.stepfunctions.StartExecution", refuse)
        return client

    monkeypatch.setattr(clients, "make_client", client_that_fails_for_one_date)
    records = [
        message(1, bronze("2025-08-10", "a.jsonl")),
        message(2, bronze("2025-08-11", "a.jsonl")),
        message(3, bronze("2025-08-11", "b.jsonl")),
        message(4, bronze("2025-08-12", "a.jsonl")),
    ]
    response = handlers.dispatch({"Records": records}, CONTEXT)
    assert response == {
        "batchItemFailures": [{"itemIdentifier": "message-2"}, {"itemIdentifier": "message-3"}]
    }
    assert [one["snapshot_date"] for one in inputs(state_machine)] == ["2025-08-10", "2025-08-12"]
