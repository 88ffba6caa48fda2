"""Runs the synthesised templates as one system, from a landing file to prod/ and the alert."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra import smoke
from runner.lake import prefix
from tests.infra.whole_stack import WholeStack, wait_for
from tests.pipeline.facts import facility

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("synth")]


@pytest.fixture(scope="module")
def stack(assembly: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeStack]:
    with WholeStack(assembly, tmp_path_factory.mktemp("stack")) as running:
        yield running


def put(stack: WholeStack, date: str, name: str, content: bytes | list[str]) -> str:
    body = content if isinstance(content, bytes) else "".join(f"{line}\n" for line in content).encode()
    key = f"{prefix('bronze')}/{date}/{name}"
    stack.client("s3").put_object(Bucket=stack.bucket, Key=key, Body=body)
    return key


def keys(stack: WholeStack, name: str) -> list[str]:
    pages = (
        stack.client("s3").get_paginator("list_objects_v2").paginate(Bucket=stack.bucket, Prefix=prefix(name))
    )
    return [one["Key"] for page in pages for one in page.get("Contents", [])]


def latest(stack: WholeStack, name: str, date: str) -> list[dict[str, str]] | None:
    """The rows of the newest CSV in prod/ that a run over a date has published; None if there is none.

    Every execution of this module has one date. The run's result is in the date's state object.
    """
    state = f"{prefix('pipeline_state')}/fingerprints/{date}.json"
    s3 = stack.client("s3")
    try:
        result = json.loads(s3.get_object(Bucket=stack.bucket, Key=state)["Body"].read())["result"]
    except s3.exceptions.NoSuchKey:
        return None
    # The state of a run that has begun to write, or has failed, has no result.
    found = [key for key in keys(stack, name) if result and f"run_ts={result['run_ts']}/" in key]
    if not found:
        return None
    body = s3.get_object(Bucket=stack.bucket, Key=found[0])["Body"].read().decode()
    return list(csv.DictReader(io.StringIO(body)))


def executions(stack: WholeStack, status: str) -> list[dict[str, Any]]:
    client = stack.client("stepfunctions")
    return client.list_executions(stateMachineArn=stack.state_machine_arn, statusFilter=status)["executions"]


def settle(stack: WholeStack) -> None:
    """Wait until no execution is running and no event is waiting."""
    sqs = stack.client("sqs")
    waiting = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")

    def is_quiet() -> bool:
        told = sqs.get_queue_attributes(QueueUrl=stack.queue_url, AttributeNames=list(waiting))["Attributes"]
        return not executions(stack, "RUNNING") and all(told[name] == "0" for name in waiting)

    wait_for(is_quiet, "quiet")


def test_deployment_has_made_the_tables(stack: WholeStack) -> None:
    tables = stack.client("glue").get_tables(DatabaseName="medlaunch_db")["TableList"]

    assert {table["Name"] for table in tables} >= {
        "facility_lines",
        "us_states",
        "stg_facilities",
        "stage1_facility_metrics",
        "stage1_facility_metrics_rejects",
        "accredited_facilities_per_state",
        "accredited_facilities_per_state_rejects",
    }


def test_one_file_drives_everything_up_to_prod(stack: WholeStack) -> None:
    date = "2025-08-10"
    put(stack, date, "a b.jsonl", [facility(1), facility(2, accreditations=[]), "not json"])

    rejects = wait_for(lambda: latest(stack, "prod_rejects", date), "rejects in prod/")
    (row,) = wait_for(lambda: latest(stack, "prod_processed", date), "counts in prod/")

    assert (row["snapshot_date"], row["state"]) == (date, "OR")
    assert (row["facility_count"], row["accredited_facility_count"]) == ("2", "1")
    assert [(one["reject_reason"], one["raw_line"]) for one in rejects] == [("malformed_json", "not json")]


def test_a_hundred_files_cost_three_runs_at_most_and_a_deleted_one_takes_its_rows_along(
    stack: WholeStack,
) -> None:
    date = "2025-08-11"
    before = len(keys(stack, "stage3_processed_exports"))
    with ThreadPoolExecutor(8) as pool:
        landed = list(pool.map(lambda n: put(stack, date, f"{n:03}.jsonl", [facility(n)]), range(100)))
    wait_for(lambda: counted(stack, date) == 100, "100 facilities in prod/")
    settle(stack)

    assert len(keys(stack, "stage3_processed_exports")) - before <= 3

    stack.client("s3").delete_object(Bucket=stack.bucket, Key=landed[0])
    wait_for(lambda: counted(stack, date) == 99, "99 facilities in prod/")
    settle(stack)

    assert not executions(stack, "FAILED")


def counted(stack: WholeStack, date: str) -> int:
    return sum(int(row["facility_count"]) for row in latest(stack, "prod_processed", date) or [])


def test_a_failure_reaches_the_topics_subscribers(stack: WholeStack) -> None:
    date = "2025-08-12"
    sqs, sns = stack.client("sqs"), stack.client("sns")
    url = sqs.create_queue(QueueName="alerts")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=stack.topic_arn, Protocol="sqs", Endpoint=arn)
    truncated = gzip.compress(facility(1).encode() * 50)[:-20]

    key = put(stack, date, "broken.jsonl.gz", truncated)
    (message,) = wait_for(
        lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"), "an alert"
    )
    alert = json.loads(json.loads(message["Body"])["Message"])

    assert (alert["snapshot_date"], alert["bucket"]) == (date, stack.bucket)
    assert alert["input"]["keys"] == [key]
    assert alert["error"] == "AthenaQueryFailed"
    assert "broken.jsonl.gz" in alert["message"]
    settle(stack)
    assert [one["status"] for one in executions(stack, "FAILED")] == ["FAILED"]
    assert latest(stack, "prod_processed", date) is None


def test_the_smoke_test_of_a_deployment_passes_and_empties_it(
    stack: WholeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)

    assert "published after" in smoke.verify("MedLaunch")
    settle(stack)
    assert smoke.empty("MedLaunch") > 0
    assert not stack.client("s3").list_object_versions(Bucket=stack.bucket).get("Versions")
