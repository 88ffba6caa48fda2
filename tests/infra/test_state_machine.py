"""Tests all paths of the state machine: the deployed definition, the real handlers, and faults below them."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

import pytest

from runner import lake as keys
from runner.lambdas.handlers import RESERVE_SECONDS
from runner.telemetry import NAMESPACE, SERVICE
from sandbox.state_machine import StateMachine
from tests.conftest import Lake
from tests.infra import faults
from tests.infra.executions import PUBLISHED, Alerts, processed, rows, s3_event
from tests.pipeline.facts import facility

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("state_machine")]

NOTIFIED = ["NotifyFailure", "Failed"]
#: One attempt and five retries, as in the definition.
COPY_ATTEMPTS = NOTIFY_ATTEMPTS = 6


def test_a_date_is_rebuilt_and_published_then_there_is_nothing_new(
    lake: Lake, machine: StateMachine, day: str
) -> None:
    lake.put_bronze(day, "a.jsonl", [facility(1), facility(2, accreditations=[]), "not json"])

    first = machine.run({"snapshot_date": day, "bucket": lake.settings.data_bucket, "keys": ["a"]})
    before = lake.keys("prod/")
    second = machine.run({"snapshot_date": day})

    assert (first.status, first.states) == ("SUCCEEDED", PUBLISHED), first
    (row,) = processed(lake, first)
    assert (row["snapshot_date"], row["state"], row["facility_count"]) == (day, "OR", "2")
    assert row["accredited_facility_count"] == "1"
    assert row["run_ts"] == first.output["run_ts"]
    (reject,) = rows(lake, first.output["prod"]["rejects_key"])
    assert (reject["reject_reason"], reject["raw_line"]) == ("malformed_json", "not json")
    assert second.status == "SUCCEEDED"
    assert second.states == [
        "ValidateEvent",
        "ReadRequest",
        "RunStage3",
        "CheckCounts",
        "PublishCurrent",
        "PublishReport",
        "ReportResult",
        "Success",
    ]
    assert lake.keys("prod/") == before


def test_a_run_tells_the_metrics_that_are_alarmed_on(
    lake: Lake, machine: StateMachine, day: str, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = [facility(1), facility(2), facility(3, owner="a field that nobody knows"), "not json"]
    lake.put_bronze(day, "a.jsonl", lines)

    outcome = machine.run({"snapshot_date": day})

    told = [json.loads(line) for line in capfd.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    assert [(one["RejectRatio"], one["service"]) for one in told] == [([0.25], SERVICE)]
    warned = outcome.output["tests"]["warned"]
    assert "records_have_known_fields" in warned
    assert told[0]["DataTestWarnings"] == [len(warned)]
    assert told[0]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == NAMESPACE


def test_bare_event_of_a_file_publishes_its_date(lake: Lake, machine: StateMachine, day: str) -> None:
    key = lake.put_bronze(day, "a b.jsonl", [facility(1)])

    execution = machine.run(s3_event(key, lake.settings.data_bucket))

    assert execution.states == ["ValidateEvent", "ReadS3Event", *PUBLISHED[2:]]
    assert execution.output["snapshot_dates"] == [day]
    assert len(processed(lake, execution)) == 1


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"hello": "world"},
        {"snapshot_date": 20250810},
        s3_event(f"{keys.prefix('bronze')}/2025-08-10/a.csv", "{bucket}"),
        s3_event(f"{keys.prefix('bronze')}/2025-08-10/a.jsonl", "another-bucket"),
        s3_event(f"{keys.prefix('prod_processed')}/run_ts=1/a.jsonl", "{bucket}"),
        # Only events.py knows that these are not record files of a date. They must end just as quietly.
        s3_event(f"{keys.prefix('bronze')}/2025-02-30/a.jsonl", "{bucket}"),
        s3_event(f"{keys.prefix('bronze')}/2025-08-10/deeper/a.jsonl", "{bucket}"),
        s3_event(f"{keys.prefix('bronze')}/2025-08-10/_hidden.jsonl", "{bucket}"),
    ],
    ids=["empty", "foreign", "no text", "csv", "bucket", "prod", "no date", "deeper", "hidden"],
)
def test_what_is_not_bronze_ends_quietly(
    machine: StateMachine, lake: Lake, alerts: Alerts, event: dict[str, Any]
) -> None:
    text = json.dumps(event).replace("{bucket}", lake.settings.data_bucket)

    execution = machine.run(json.loads(text))

    assert execution.status == "SUCCEEDED"
    assert "CopyProcessed" not in execution.states
    assert execution.output == {"snapshot_dates": [], "changed": False}
    assert alerts.received() == []


def test_a_date_without_rows_is_published_as_headers(lake: Lake, machine: StateMachine, day: str) -> None:
    key = lake.put_bronze(day, "a.jsonl", [facility(1)])
    full = machine.run({"snapshot_date": day})
    lake.delete(key)

    emptied = machine.run({"snapshot_date": day})

    assert emptied.states == PUBLISHED
    assert emptied.output["counts"]["stage3"] == {"processed": 0, "rejected": 0}
    assert len(processed(lake, full)) == 1
    assert lake.read(emptied.output["prod"]["processed_key"]).startswith(b'"snapshot_date","state"')
    assert processed(lake, emptied) == []
    assert rows(lake, emptied.output["prod"]["rejects_key"]) == []


def test_a_throttled_run_is_retried_until_it_succeeds(lake: Lake, machine: StateMachine, day: str) -> None:
    lake.put_bronze(day, "a.jsonl", [facility(1)])
    invoked, starts = machine.invocations, faults.athena("StartQueryExecution")

    with faults.answer(
        lambda request: machine.invocations == invoked + 1 and starts(request),
        status=400,
        body=faults.json_error("TooManyRequestsException"),
    ) as fault:
        execution = machine.run({"snapshot_date": day})

    assert fault.answered
    # The failed run, its retry, the publication and the report.
    assert machine.invocations == invoked + 4
    assert execution.task_errors == ["AthenaThrottled"]
    assert execution.states == PUBLISHED


def test_a_failed_data_test_is_told_and_not_retried(
    lake: Lake, machine: StateMachine, alerts: Alerts, day: str
) -> None:
    key = lake.put_bronze(day, "a.jsonl", [facility(1)])
    before = lake.keys("prod/")

    # With this change, the query of stage3_accounts_for_every_line returns the dates that are correct.
    with faults.rewritten(b"<> coalesce(used.line_count, 0)", b"=  coalesce(used.line_count, 0)"):
        execution = machine.run({"snapshot_date": day, "keys": [key]})

    assert execution.task_errors == ["DataTestsFailed"], execution.cause
    assert (execution.status, execution.error) == ("FAILED", "DataTestsFailed")
    assert execution.states[-4:] == ["DescribeFailure", "ReadCause", *NOTIFIED]
    assert lake.keys("prod/") == before
    (alert,) = alerts.received()
    assert alert["subject"] == f"MedLaunch ELT: snapshot {day} failed"
    assert (alert["bucket"], alert["snapshot_date"]) == (lake.settings.data_bucket, day)
    assert alert["error"] == "DataTestsFailed"
    assert alert["input"]["keys"] == [key]
    assert alert["execution"]["id"] == execution.arn
    assert alert["execution"]["link"].endswith(f"/v2/executions/details/{execution.arn}")
    assert "stage3_accounts_for_every_line" in alert["message"]
    assert "run_ts=" in alert["message"]


def test_queries_that_hang_are_given_up_before_lambda_does_and_told(
    lake: Lake, machine: StateMachine, alerts: Alerts, day: str
) -> None:
    lake.put_bronze(day, "a.jsonl", [facility(1)])
    running = json.dumps({"QueryExecution": {"QueryExecutionId": "x", "Status": {"State": "RUNNING"}}})

    with (
        mock.patch.object(machine, "lambda_seconds", RESERVE_SECONDS + 8),
        faults.answer(faults.until_stopped(), status=200, body=running) as fault,
    ):
        execution = machine.run({"snapshot_date": day})

    assert fault.answered
    assert execution.task_errors == ["DeadlineReached"] * 3
    assert (execution.status, execution.error) == ("FAILED", "DeadlineReached")
    assert [alert["error"] for alert in alerts.received()] == ["DeadlineReached"]


@pytest.mark.parametrize(
    ("prefix", "state"), [("prod_processed", "CopyProcessed"), ("prod_rejects", "CopyRejects")]
)
def test_a_failed_copy_is_told_and_the_next_run_publishes(
    lake: Lake, machine: StateMachine, alerts: Alerts, day: str, prefix: str, state: str
) -> None:
    lake.put_bronze(day, "a.jsonl", [facility(1), "not json"])

    with faults.answer(
        faults.copies_to(keys.prefix(prefix)), status=503, body=faults.xml_error("SlowDown")
    ) as fault:
        failed = machine.run({"snapshot_date": day})
    retried = machine.run({"snapshot_date": day})

    assert fault.answered == COPY_ATTEMPTS
    assert failed.status == "FAILED"
    assert failed.states[-5:] == [state, "DescribeFailure", "QuoteCause", *NOTIFIED]
    (alert,) = alerts.received()
    assert "injected" in alert["message"]
    assert alert["result"]["run_ts"] == retried.output["run_ts"]
    assert retried.states == PUBLISHED
    assert retried.output["built"] == []
    assert len(processed(lake, retried)) == len(rows(lake, retried.output["prod"]["rejects_key"])) == 1


def test_a_copy_that_fails_once_is_retried(lake: Lake, machine: StateMachine, day: str) -> None:
    lake.put_bronze(day, "a.jsonl", [facility(1)])

    with faults.answer(
        faults.copies_to(keys.prefix("prod_processed")),
        status=503,
        body=faults.xml_error("SlowDown"),
        times=1,
    ) as fault:
        execution = machine.run({"snapshot_date": day})

    assert fault.answered == 1
    assert execution.states == PUBLISHED


def test_an_execution_fails_with_its_own_error_even_if_nobody_can_be_told(
    lake: Lake, machine: StateMachine, alerts: Alerts, day: str
) -> None:
    lake.put_bronze(day, "a.jsonl", [facility(1)])
    copies = faults.copies_to(keys.prefix("prod_processed"))

    with (
        faults.answer(copies, status=503, body=faults.xml_error("SlowDown")),
        faults.answer(
            faults.sns_publish, status=403, body=faults.query_error("AuthorizationError")
        ) as silenced,
    ):
        execution = machine.run({"snapshot_date": day})

    assert silenced.answered == NOTIFY_ATTEMPTS
    assert execution.status == "FAILED"
    assert "s3" in execution.error.lower()
    assert "injected" in execution.cause
    assert execution.states[-2:] == NOTIFIED
    assert alerts.received() == []
