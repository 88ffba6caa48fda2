"""Tests the monthly cost: the documented table, and the deployed resources that it counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import cost
from infra.cost import month, table
from infra.lake_stack import SUPERSEDED
from infra.state_machine import DEFINITION
from runner.lake import prefix, registry
from runner.settings import PROJECT_DIR
from tests.infra.template import Template

pytestmark = pytest.mark.xdist_group("synth")


def test_documented_table_is_what_the_script_prints() -> None:
    assert table() in (PROJECT_DIR / "docs" / "cost.md").read_text("utf-8")


def test_small_runs_pay_athenas_least_bytes_for_each_query() -> None:
    one, two, three = (month(files).athena for files in (1, 2, 3))

    assert one > 0
    assert three - two == pytest.approx(two - one)


def test_runs_are_bounded_by_the_batch_window() -> None:
    assert month(10_000, 300).runs_a_day == 288
    assert month(100, 300).runs_a_day == 100


def test_a_total_is_the_sum_of_its_parts() -> None:
    bill = month(100)

    parts = ("athena", "functions", "storage", "upkeep", "requests", "messages", "fixed")

    assert bill.total == pytest.approx(sum(getattr(bill, name) for name in parts))


@pytest.fixture
def resources(assembly: Path) -> list[dict[str, Any]]:
    """All resources of the stacks."""
    return [
        resource
        for path in assembly.glob("*.template.json")
        for resource in json.loads(path.read_text("utf-8"))["Resources"].values()
    ]


def properties(resources: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [one["Properties"] for one in resources if one["Type"] == kind]


def test_alarms_and_keys_are_those_of_the_stacks(resources: list[dict[str, Any]]) -> None:
    # An alarm on an expression costs as much as an alarm for each of its metrics.
    metrics = [
        len([one for one in alarm["Metrics"] if "MetricStat" in one]) if "Metrics" in alarm else 1
        for alarm in properties(resources, "AWS::CloudWatch::Alarm")
    ]

    assert sum(metrics) == cost.ALARM_METRICS
    assert len(properties(resources, "AWS::KMS::Key")) == cost.KEYS
    assert len(properties(resources, "AWS::CloudWatch::Dashboard")) == 1


@pytest.mark.parametrize(
    ("function", "gigabytes"),
    [
        ("Transform", cost.TRANSFORM_GB),
        ("Expiring", cost.STAGE2_GB),
        ("Maintain", cost.MAINTAIN_GB),
        ("Dispatch", cost.SMALL_GB),
        ("PublishCurrent", cost.SMALL_GB),
    ],
)
def test_functions_have_the_memory_that_is_paid(pipeline: Template, function: str, gigabytes: float) -> None:
    memory = pipeline.named("AWS::Lambda::Function", function)["MemorySize"]

    assert memory / 1024 == pytest.approx(gigabytes, rel=0.001)


def test_upkeep_runs_as_often_as_is_paid(pipeline: Template) -> None:
    expressions = [
        one["ScheduleExpression"]
        for one in pipeline.of_type("AWS::Scheduler::Schedule").values()
        if "Maintain" in str(one["Target"]["Arn"])
    ]

    assert sum(24 if " * * * ? *" in one else 1 for one in expressions) == cost.MAINTENANCE_A_DAY


def test_rejects_exports_are_kept_as_long_as_is_paid(resources: list[dict[str, Any]]) -> None:
    rules = {
        rule.get("Prefix"): rule
        for bucket in properties(resources, "AWS::S3::Bucket")
        for rule in bucket["LifecycleConfiguration"]["Rules"]
    }
    copies = [rules[f"{prefix(name)}/"] for name in ("stage1_query_results", *SUPERSEDED)]

    assert copies[0]["ExpirationInDays"] == cost.QUERY_RESULTS_DAYS
    assert {one["NoncurrentVersionExpiration"]["NoncurrentDays"] for one in copies} == {cost.NONCURRENT_DAYS}


def test_an_execution_enters_as_many_states_as_are_paid() -> None:
    states: dict[str, Any] = json.loads(DEFINITION.read_text("utf-8"))["States"]

    def entered(name: str) -> Iterator[str]:
        yield name
        state = states[name]
        if "Choices" in state:
            yield from entered(state["Choices"][0]["Next"])
        elif "Next" in state:
            yield from entered(state["Next"])

    path = list(entered("ValidateEvent"))

    assert path[-1] == "Success"
    assert len(path) == cost.TRANSITIONS_PER_RUN


def test_metrics_are_those_of_the_runner() -> None:
    codes = [rule for rule in registry()["reject_rules"] if 2 in rule["stages"]]
    of_runs, of_ages, of_stage2 = 4, 2, 7

    assert of_runs + of_ages + of_stage2 + len(codes) == cost.CUSTOM_METRICS


@pytest.mark.parametrize(("window", "most"), [(60, 250), (300, 80)])
def test_10_000_files_a_day_cost_no_more_than_was_promised(window: int, most: float) -> None:
    """This covers what Athena scans (also for maintaining the tables), requests to S3, and storage."""
    bill = month(10_000, window)
    gets = bill.runs_a_day * cost.DAYS * cost.GETS_OF_QUERIES / 1000 * cost.PRICES["S3 GET, per thousand"]
    assert bill.athena + bill.upkeep + gets + bill.storage <= most
