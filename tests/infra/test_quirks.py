"""Tests what AWS documents and a sandbox does not do by itself: size limits, lost answers, repeats, disorder."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from unittest import mock

import boto3
import pytest

from runner.lambdas import handlers, payload
from runner.report.publish import report_key
from sandbox.state_machine import TRANSFORM, Execution, StateMachine
from tests.conftest import Lake
from tests.infra.executions import Alerts, processed, s3_event
from tests.pipeline.facts import facility, tables

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("state_machine")]

#: In bytes of UTF-8: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
LARGEST_PAYLOAD = 262_144
#: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
LARGEST_MESSAGE = 262_144
#: A key has at most 1,024 bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
LONG_NAME = "\u4e2d" * 300
#: The largest set of keys that dispatch puts into one input, in its longest JSON form.
INPUT_KEYS = ["k" * 1_000 for _ in range(16)]


def payloads(execution: Execution) -> list[str]:
    """The inputs, outputs and causes in an execution's history."""
    client = boto3.client("stepfunctions")
    told = client.get_execution_history(executionArn=execution.arn, maxResults=1000)["events"]
    return [
        value
        for event in told
        for details in event.values()
        if isinstance(details, Mapping)
        for name, value in details.items()
        if name in ("input", "output", "cause", "parameters") and isinstance(value, str)
    ]


def largest(execution: Execution) -> int:
    return max(len(one.encode()) for one in payloads(execution))


# 256 KiB


def test_hundreds_of_long_hidden_names_leave_an_execution_far_below_the_limit(
    lake: Lake, machine: StateMachine, day: str
) -> None:
    lake.put_bronze(day, "a.jsonl", [facility(1)])
    for number in range(300):
        lake.put_bronze(day, f"_{number:03}{LONG_NAME}.jsonl", [facility(2)])

    execution = machine.run({"snapshot_date": day, "keys": INPUT_KEYS})

    assert execution.status == "SUCCEEDED"
    assert execution.output["counts_of_lists"]["hidden"] == 300
    assert largest(execution) < LARGEST_PAYLOAD / 2
    key = execution.output["complete"].removeprefix(f"s3://{lake.settings.data_bucket}/")
    assert len(json.loads(lake.read(key))["hidden"]) == 300
    assert len(lake.read(key)) > LARGEST_PAYLOAD


class Huge(Exception):
    """A failure whose message is larger than any payload."""


def test_the_longest_failure_still_reaches_the_topic_whole(
    lake: Lake, machine: StateMachine, alerts: Alerts, day: str
) -> None:
    def fail(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        raise Huge(payload.short("\u4e2d" * LARGEST_PAYLOAD))

    with mock.patch.dict(machine._handlers, {TRANSFORM: fail}):
        execution = machine.run({"snapshot_date": day, "keys": INPUT_KEYS})

    assert (execution.status, execution.error) == ("FAILED", "Huge")
    # "ReadCause" parses the cause. A cause that a service had truncated would not parse.
    assert "ReadCause" in execution.states
    assert largest(execution) < LARGEST_PAYLOAD / 2
    (text,) = alerts.texts()
    assert len(text.encode()) < LARGEST_MESSAGE / 2
    assert json.loads(text)["input"]["keys"] == INPUT_KEYS


# In the next tests, the answer of a function is lost: after a time-out, the function may be done or still running.


class LostAnswers:
    """The transform function, whose first answer is lost.

    Args:
        error: the name of the error that Step Functions reports.
        still_running: whether the function is still running when the state machine calls it again.
    """

    def __init__(self, error: str, *, still_running: bool) -> None:
        self._error = type(error, (Exception,), {})
        self._still_running = still_running
        self.calls = 0
        self.first = threading.Thread(target=lambda: None)

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        self.calls += 1
        if self.calls > 1:
            return handlers.transform(event, context)
        self.first = threading.Thread(target=handlers.transform, args=(event, context))
        self.first.start()
        if not self._still_running:
            self.first.join()
        raise self._error("Task timed out after 900.00 seconds")


# For the time-out of a function, Lambda reports one of two names.
@pytest.mark.parametrize(("error", "still_running"), [("Sandbox.Timedout", False), ("Lambda.Unknown", True)])
def test_a_run_whose_answer_is_lost_is_published_once(
    lake: Lake, machine: StateMachine, day: str, error: str, *, still_running: bool
) -> None:
    lake.put_bronze(day, "a.jsonl", [facility(1), facility(2), "not json"])
    before = set(lake.keys("prod/")) - {report_key()}
    transform = LostAnswers(error, still_running=still_running)

    with mock.patch.dict(machine._handlers, {TRANSFORM: transform}):
        execution = machine.run({"snapshot_date": day})
    transform.first.join()

    assert execution.status == "SUCCEEDED", execution
    assert transform.calls > 1
    assert execution.task_errors[0] == error
    assert set(execution.task_errors[1:]) <= {"LeaseHeld"}
    (row,) = processed(lake, execution)
    assert row["facility_count"] == "2"
    # Two CSVs and the date's manifest.
    assert len(set(lake.keys("prod/")) - {report_key()} - before) == 3
    # The judged lines, the facilities, and a row in each of the other three tables.
    assert sorted(map(len, tables(lake, date.fromisoformat(day)).values())) == [1, 1, 1, 2, 3]


# SQS and EventBridge deliver at least once, so events may be repeated.


def test_the_same_event_many_times_at_once_is_one_publication(
    lake: Lake, machine: StateMachine, day: str
) -> None:
    key = lake.put_bronze(day, "a.jsonl", [facility(1), facility(2)])
    before = set(lake.keys("prod/")) - {report_key()}
    event = s3_event(key, lake.settings.data_bucket)

    with ThreadPoolExecutor(4) as pool:
        executions = list(pool.map(lambda _: machine.run(event), range(4)))

    assert {one.status for one in executions} == {"SUCCEEDED"}
    assert len(set(lake.keys("prod/")) - {report_key()} - before) == 3
    assert len({one.output["run_ts"] for one in executions}) == 1
    assert [row["facility_count"] for row in processed(lake, published(executions))] == ["2"]


def published(executions: list[Execution]) -> Execution:
    """An execution that has copied. Several at once may copy the same objects to the same keys."""
    return next(one for one in executions if "CopyProcessed" in one.states)


# EventBridge keeps no order: a deletion may be reported before the creation.


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_events_in_any_order_leave_what_the_folder_holds(
    lake: Lake, machine: StateMachine, day: str, order: tuple[int, ...]
) -> None:
    bucket = lake.settings.data_bucket
    stays = lake.put_bronze(day, "stays.jsonl", [facility(1)])
    machine.run(s3_event(stays, bucket))
    # One file is created and deleted, and another is deleted and sent again. The three events arrive after all of this.
    goes = lake.put_bronze(day, "goes.jsonl", [facility(2)])
    lake.delete(goes)
    lake.delete(stays)
    lake.put_bronze(day, "stays.jsonl", [facility(1), facility(3)])
    events = [
        s3_event(goes, bucket),
        s3_event(goes, bucket, "Object Deleted"),
        s3_event(stays, bucket, "Object Deleted"),
    ]

    executions = [machine.run(events[number]) for number in order]

    assert {one.status for one in executions} == {"SUCCEEDED"}
    # The first event builds the date, and the others find nothing new.
    assert [one.output["changed"] for one in executions] == [True, False, False]
    assert [row["facility_count"] for row in processed(lake, executions[0])] == ["2"]


def test_a_deletion_that_is_told_before_the_creation_empties_the_date(
    lake: Lake, machine: StateMachine, day: str
) -> None:
    bucket = lake.settings.data_bucket
    key = lake.put_bronze(day, "a.jsonl", [facility(1)])
    machine.run(s3_event(key, bucket))
    lake.delete(key)

    executions = [
        machine.run(s3_event(key, bucket, detail_type))
        for detail_type in ("Object Deleted", "Object Created")
    ]

    assert [one.output["changed"] for one in executions] == [True, False]
    assert processed(lake, executions[0]) == []
    assert all(rows == [] for rows in tables(lake, date.fromisoformat(day)).values())
