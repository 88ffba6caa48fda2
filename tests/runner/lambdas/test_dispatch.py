"""Tests the dispatch handler with a real Step Functions API: a batch of messages becomes one execution per date."""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
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
def state_machine(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client, and the ARN of a new state machine, which the environment names."""
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
        name=f"dispatch-{uuid.uuid4().hex}",
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


# In the next tests, a bad message never stops the others.


def notification(key: str, name: str = "ObjectCreated:Put", **of_object: str) -> str:
    """An S3 notification with the key exactly as given; S3 would have encoded it."""
    s3 = {"bucket": {"name": BUCKET}, "object": {"key": key, **of_object}}
    return json.dumps({"Records": [{"eventName": name, "s3": s3}]})


def nested(depth: int) -> str:
    """JSON so deeply nested that it can be read but not always written again."""
    return '{"a":' * depth + "1" + "}" * depth


ODD_FOLDER = bronze("2025-08-12", "")
GOOD = [message(1, bronze("2025-08-10", "a.jsonl")), message(2, bronze("2025-08-11", "a.jsonl"))]
#: Bodies that mean something to the sender but are invalid here. They are reported as failed, and come back until they
#: are dead letters.
NONSENSE = {
    "no date": '{"snapshot_date": "x"}',
    "no text": '{"snapshot_date": 20250810}',
    "no real date": '{"snapshot_date": "2025-02-30"}',
    "null": '{"snapshot_date": null}',
    "a list": '{"snapshot_date": ["2025-08-10"]}',
    "no list": '{"snapshot_dates": "2025-08-10"}',
    "an empty list": '{"snapshot_dates": []}',
    "one bad date": '{"snapshot_dates": ["2025-08-10", "x"]}',
    "too many dates": json.dumps({"snapshot_dates": [f"20{n:02}-01-01" for n in range(91)]}),
    "another bucket": '{"snapshot_date": "2025-08-10", "bucket": "other-bucket"}',
    "no bucket": '{"snapshot_date": "2025-08-10", "bucket": {"name": 1}}',
    "keys that are a number": '{"snapshot_date": "2025-08-10", "keys": 7}',
    "keys that are a text": '{"snapshot_date": "2025-08-10", "keys": "a.jsonl"}',
    "a key that is an object": '{"snapshot_date": "2025-08-10", "keys": ["a", {"b": 1}]}',
    "half a surrogate pair": '{"snapshot_date": "2025-08-10", "keys": ["\\ud800"]}',
    "not a number": '{"snapshot_date": NaN}',
    "infinity": '{"snapshot_date": 1e999}',
    "a number of 4,000 digits": f'{{"snapshot_date": {"1" * 4000}}}',
    "true": '{"snapshot_date": true}',
    "a date and a line end": '{"snapshot_date": "2025-08-10\\n"}',
    "a date and NUL": '{"snapshot_date": "2025-08-10\\u0000"}',
    "digits of another script": json.dumps(
        {"snapshot_date": "\u0662\u0660\u0662\u0665-\u0660\u0668-\u0661\u0660"}
    ),
    "the year 0": '{"snapshot_date": "0000-01-01"}',
    "the date twice, the second one none": '{"snapshot_date": "2025-08-10", "snapshot_date": "x"}',
    "an empty bucket": '{"snapshot_date": "2025-08-10", "bucket": null}',
    "a deeply nested bucket": f'{{"snapshot_date": "2025-08-10", "bucket": {nested(900)}}}',
    "a deeply nested key": f'{{"snapshot_date": "2025-08-10", "keys": [{nested(900)}]}}',
    "dates in an object": '{"snapshot_dates": {"2025-08-10": 1}}',
    "dates in two lists": '{"snapshot_dates": [["2025-08-10"]]}',
    "no dates": '{"snapshot_dates": null}',
}
#: Bodies that are not our events. They are taken from the queue and logged.
FOREIGN = {
    "empty": "",
    "no JSON": "{",
    "nested too deeply": "[" * 100_000,
    "nested objects": '{"a":' * 100_000,
    "a huge number": "1" * 5_000,
    "a number": "7",
    "a list of events": '[{"snapshot_date": "2025-08-10"}]',
    "not a number": "NaN",
    "records that are none": '{"Records": {"a": 1}}',
    "a record that is none": '{"Records": [null, 1, []]}',
    "a key that is none": message(0, "x")["body"].replace('"x"', "[1]"),
    "a key with half a surrogate pair": json.dumps(
        {
            "source": "aws.s3",
            "detail-type": "Object Created",
            "detail": {"bucket": {"name": BUCKET}, "object": {"key": bronze("2025-08-12", "\ud800.jsonl")}},
        }
    ),
    "a foreign source with half a surrogate pair": '{"source": "\\udfff", "detail-type": "\\ud800"}',
    "a number of 5,000 digits": f'{{"snapshot_date": {"1" * 5000}}}',
    "a byte order mark": "\ufeff" + notification(f"{ODD_FOLDER}a.jsonl"),
    "two events": notification(f"{ODD_FOLDER}a.jsonl") * 2,
    "S3's test event": json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET}),
    "no record": '{"Records": []}',
    "records that are null": '{"Records": null}',
    "records that are a text": '{"Records": "x"}',
    "a deeply nested name of an event": f'{{"Records": [{{"eventName": {nested(900)}}}]}}',
    "an event within SNS": json.dumps(
        {"Type": "Notification", "Message": notification(f"{ODD_FOLDER}a.jsonl")}
    ),
    "no name": notification(""),
    "a folder's name": notification(ODD_FOLDER),
    "another case": notification(f"{ODD_FOLDER}A.JSONL"),
    "another date's digits": notification(bronze("\u0662\u0660\u0662\u0665-08-12", "a.jsonl")),
    "tags": notification(f"{ODD_FOLDER}a.jsonl", "ObjectTagging:Put"),
}
#: Bodies that look odd but do announce 2025-08-12.
MEANT = {
    "a version": notification(f"{ODD_FOLDER}a.jsonl", versionId="null", sequencer="0"),
    "a delete marker": notification(f"{ODD_FOLDER}a.jsonl", "ObjectRemoved:DeleteMarkerCreated"),
    "slashes encoded": notification(ODD_FOLDER.replace("/", "%2F") + "a.jsonl"),
    "plus and percent": notification(f"{ODD_FOLDER}100%2525+a%2Bb.jsonl"),
    "no encoding that there is": notification(f"{ODD_FOLDER}%FF%GG%.jsonl"),
    "half a surrogate pair encoded": notification(f"{ODD_FOLDER}%ED%A0%80.jsonl"),
    "NUL": notification(f"{ODD_FOLDER}%00.jsonl"),
    "a deeply nested neighbour": notification(f"{ODD_FOLDER}a.jsonl")[:-1] + f', "x": {nested(500)}}}',
    "the date twice, the first one none": '{"snapshot_date": "x", "snapshot_date": "2025-08-12"}',
    "a date and a list of none": '{"snapshot_date": "2025-08-12", "keys": [null]}',
}


@pytest.mark.parametrize(
    ("body", "told"),
    [*((body, True) for body in NONSENSE.values()), *((body, False) for body in FOREIGN.values())],
    ids=[*NONSENSE, *FOREIGN],
)
def test_a_poison_message_fails_alone_and_is_told(
    state_machine: Any, body: str, *, told: bool, log: pytest.LogCaptureFixture
) -> None:
    poison = {"messageId": "poison", "body": body}

    response = handlers.dispatch({"Records": [GOOD[0], poison, GOOD[1]]}, CONTEXT)

    assert response == {"batchItemFailures": [{"itemIdentifier": "poison"}] * told}
    assert [one["snapshot_date"] for one in inputs(state_machine)] == ["2025-08-10", "2025-08-11"]
    assert ("message poison cannot be read" if told else "event ignored") in log.text


@pytest.mark.parametrize("body", MEANT.values(), ids=MEANT)
def test_an_odd_message_is_read_where_its_date_is_plain(state_machine: Any, body: str) -> None:
    odd = {"messageId": "odd", "body": body}

    assert handlers.dispatch({"Records": [GOOD[0], odd, GOOD[1]]}, CONTEXT) == {"batchItemFailures": []}

    started = [one["snapshot_date"] for one in inputs(state_machine)]
    assert started == ["2025-08-10", "2025-08-11", "2025-08-12"]


@pytest.mark.parametrize("body", [None, 7, {"snapshot_date": "2025-08-10"}, ["x"]])
def test_a_body_that_is_no_text_fails_alone(state_machine: Any, body: object) -> None:
    response = handlers.dispatch({"Records": [{"messageId": "poison", "body": body}, *GOOD]}, CONTEXT)

    assert response == {"batchItemFailures": [{"itemIdentifier": "poison"}]}
    assert len(inputs(state_machine)) == 2


def test_long_keys_leave_an_input_far_below_what_an_execution_takes(state_machine: Any) -> None:
    # The longest key has 1,024 bytes of UTF-8. JSON escapes turn each three of these bytes into six.
    folder = bronze("2025-08-10", "")
    long_name = "\u4e2d" * ((1024 - len(folder) - 10) // 3)
    keys = [f"{folder}{n:04}{long_name}.jsonl" for n in range(500)]
    assert max(len(key.encode()) for key in keys) <= 1024

    handlers.dispatch({"Records": [message(n, key) for n, key in enumerate(keys)]}, CONTEXT)

    (request,) = inputs(state_machine)
    assert request["key_count"] == 500
    assert set(request["keys"]) < set(keys)
    for ensure_ascii in (True, False):
        assert len(json.dumps(request, ensure_ascii=ensure_ascii).encode()) < 65_536


def test_a_flood_of_dates_is_a_few_executions_the_newest_dates_first_and_alone(
    state_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[dict[str, Any]] = []
    make_client = clients.make_client

    def watched(service: str) -> Any:
        client = make_client(service)
        client.meta.events.register(
            "provide-client-params.stepfunctions.StartExecution",
            lambda params, **_: started.append(json.loads(params["input"])),
        )
        return client

    monkeypatch.setattr(clients, "make_client", watched)
    today = datetime.now(UTC).date()
    dates = [(today - timedelta(days=n)).isoformat() for n in range(-500, 500)]
    shuffled = random.Random(7).sample(dates, len(dates))

    response = handlers.dispatch(
        {"Records": [message(n, bronze(one, "a.jsonl")) for n, one in enumerate(shuffled)]}, CONTEXT
    )

    assert response == {"batchItemFailures": []}
    assert len(started) == 10 + 11
    alone = [(today - timedelta(days=n)).isoformat() for n in range(-1, 9)]
    assert [one["snapshot_date"] for one in started[:10]] == alone
    assert all("snapshot_dates" not in one for one in started[:10])
    groups = [one["snapshot_dates"] for one in started[10:]]
    assert max(map(len, groups)) == 90
    assert sorted([*alone, *(one for group in groups for one in group)]) == sorted(dates)
    # Past dates first: a folder with a date of the year after next can wait.
    assert groups[0][0] == (today - timedelta(days=9)).isoformat()
    assert groups[-1][-1] == (today + timedelta(days=500)).isoformat()
    assert max(len(json.dumps(one)) for one in started) < 4_096


def test_all_messages_of_a_group_that_was_not_started_come_again(
    state_machine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_client = clients.make_client

    def client_that_refuses_groups(service: str) -> Any:
        def refuse(params: dict[str, Any], **_: Any) -> None:
            if "snapshot_dates" in params["input"]:
                raise client.exceptions.ExecutionLimitExceeded(
                    {"Error": {"Code": "ExecutionLimitExceeded"}}, "StartExecution"
                )

        client = make_client(service)
        client.meta.events.register("provide-client-params.stepfunctions.StartExecution", refuse)
        return client

    monkeypatch.setattr(clients, "make_client", client_that_refuses_groups)
    dates = [f"2025-01-{day:02}" for day in range(1, 16)]

    response = handlers.dispatch(
        {"Records": [message(n, bronze(one, "a.jsonl")) for n, one in enumerate(dates)]}, CONTEXT
    )

    assert response == {
        "batchItemFailures": [{"itemIdentifier": f"message-{n}"} for n in range(5)],
    }
