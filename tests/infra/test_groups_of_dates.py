"""Tests a group of dates in the state machine: it is built at once, or split until the failing date is alone."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any
from unittest import mock

import boto3
import pytest
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

from runner.lambdas.events import bronze_changes
from sandbox.local import Sandbox
from sandbox.state_machine import TRANSFORM, StateMachine

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("state_machine")]


class DataTestsFailed(Exception):
    """An error with the name of the runner's class."""


class Transform:
    """Replaces the function: fails for every group that contains a failing date."""

    def __init__(self, *at_fault: str) -> None:
        self.at_fault = set(at_fault)
        self.built: list[str] = []
        self.failed: list[list[str]] = []
        self.error: type[Exception] = DataTestsFailed

    def __call__(self, event: Mapping[str, Any], _context: Any) -> dict[str, Any]:
        dates = [one.snapshot_date.isoformat() for one in bronze_changes(event, event["bucket"])]
        if self.at_fault & set(dates):
            self.failed.append(dates)
            raise self.error("a test failed")
        self.built += dates
        return {"snapshot_dates": dates, "changed": False}


@pytest.fixture(scope="module")
def machine(sandbox: Sandbox) -> Iterator[StateMachine]:
    environment = sandbox.create_lake("groups", "groups")
    with (
        mock.patch.object(retrier_decl, "time", SimpleNamespace(sleep=lambda _: None)),
        StateMachine(environment) as running,
    ):
        yield running


def dates(count: int) -> list[str]:
    return [f"2025-{month:02}-{day:02}" for month, day in itertools.product(range(1, 13), range(1, 29))][
        :count
    ]


def run(machine: StateMachine, transform: Transform, group: list[str]) -> dict[str, list[str]]:
    """Run a group and all executions that it starts. Returns their statuses by number of dates."""
    client = boto3.client("stepfunctions")
    before = {one["executionArn"] for one in _executions(client, machine)}
    request = {
        "snapshot_date": group[0],
        "snapshot_dates": group,
        "bucket": machine.environment["DATA_BUCKET"],
    }
    with mock.patch.dict(machine._handlers, {TRANSFORM: transform}):
        machine.run(request)
        give_up = time.monotonic() + 120
        while any(one["status"] == "RUNNING" for one in _executions(client, machine)):
            assert time.monotonic() < give_up
            time.sleep(0.1)
    told: dict[str, list[str]] = {}
    for one in _executions(client, machine):
        if one["executionArn"] not in before:
            described = client.describe_execution(executionArn=one["executionArn"])
            size = len(json.loads(described["input"])["snapshot_dates"])
            told.setdefault(one["status"], []).append(f"{size:02}")
    return {status: sorted(sizes) for status, sizes in told.items()}


def _executions(client: Any, machine: StateMachine) -> list[dict[str, Any]]:
    return client.list_executions(stateMachineArn=machine.arn, maxResults=1000)["executions"]


def test_a_group_without_fault_is_one_run(machine: StateMachine) -> None:
    transform = Transform()

    assert run(machine, transform, dates(90)) == {"SUCCEEDED": ["90"]}
    assert transform.built == dates(90)


def test_the_date_at_fault_fails_alone_and_all_others_are_built(machine: StateMachine) -> None:
    group = dates(25)
    transform = Transform(group[13])

    statuses = run(machine, transform, group)

    assert sorted(transform.built) == sorted(set(group) - {group[13]})
    assert [len(one) for one in transform.failed] == [25, 10, 1]
    # The group of 25 dates is split into parts of 10, 10 and 5, and the failing part of 10 into single dates.
    assert statuses == {"FAILED": ["01"], "SUCCEEDED": [*["01"] * 9, "05", "10", "10", "25"]}


def test_a_group_that_waited_in_vain_is_not_split(machine: StateMachine) -> None:
    transform = Transform(dates(5)[0])
    transform.error = type("SettingsError", (Exception,), {})

    assert run(machine, transform, dates(5)) == {"FAILED": ["05"]}
