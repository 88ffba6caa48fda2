"""Tests the template of the stack that watches cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.infra.template import Template

pytestmark = pytest.mark.xdist_group("synth")


@pytest.fixture(scope="module")
def money(assembly: Path) -> dict[str, dict[str, Any]]:
    return json.loads((assembly / "MedLaunchMoney.template.json").read_text("utf-8"))["Resources"]


def test_the_budget_tells_the_topic_of_this_deployments_costs(money: dict[str, dict[str, Any]]) -> None:
    (budget,) = Template({"Resources": money}).of_type("AWS::Budgets::Budget").values()
    told = {
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"])
        for one in budget["NotificationsWithSubscribers"]
    }

    assert budget["Budget"]["BudgetLimit"] == {"Amount": 250, "Unit": "USD"}
    assert budget["Budget"]["CostFilters"] == {"TagKeyValue": ["user:Deployment$MedLaunch"]}
    assert told == {("ACTUAL", 80), ("FORECASTED", 100)}
    assert {one["Subscribers"][0]["SubscriptionType"] for one in budget["NotificationsWithSubscribers"]} == {
        "SNS"
    }


def test_an_alarm_adds_up_what_all_queries_scan_in_a_day(money: dict[str, dict[str, Any]]) -> None:
    (alarm,) = Template({"Resources": money}).of_type("AWS::CloudWatch::Alarm").values()
    scanned = [one["MetricStat"] for one in alarm["Metrics"] if "MetricStat" in one]
    states = {
        tuple(sorted(dimension["Value"] for dimension in one["Metric"]["Dimensions"])) for one in scanned
    }

    assert alarm["Threshold"] == 1024**4
    assert {one["Metric"]["MetricName"] for one in scanned} == {"ProcessedBytes"}
    assert {one["Period"] for one in scanned} == {86_400}
    assert states == {
        tuple(sorted((kind, state, "medlaunch-elt")))
        for kind in ("DML", "DDL")
        for state in ("SUCCEEDED", "FAILED", "CANCELED")
    }
