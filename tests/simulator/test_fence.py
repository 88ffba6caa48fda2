"""Tests the fence in virtual time: it stops the queries of earlier runs, or reports those that it could not stop."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from runner.aws import queries
from runner.lease.fence import QueriesStillRunning, fence
from runner.lease.lease import Holder, now
from runner.settings import Settings
from tests.simulator import virtual
from tests.simulator.histories import initialised
from tests.simulator.world import World

#: Statements that the simulated Athena knows, and that take minutes.
OPTIMIZE = "optimize int_judged_lines rewrite data using bin_pack"


def fenced(world: World, running: list[str]) -> tuple[list[Any], float]:
    """Fence a run while queries of some runs are running. Returns the outcome and the seconds that it took."""
    outcome: list[Any] = []

    def start_queries() -> None:
        athena = boto3.client("athena")
        for run in running:
            athena.start_query_execution(
                QueryString=OPTIMIZE,
                ResultConfiguration={
                    "OutputLocation": queries.output_location(Settings.from_environment(), run)
                },
            )

    def end_them() -> None:
        world.scheduler.sleep(5)
        try:
            outcome.append(fence(Settings.from_environment(), Holder("earlier", "test", now())))
        except QueriesStillRunning as error:
            outcome.append(str(error))
        outcome.append(world.scheduler.now)

    with virtual.entered(world):
        world.start("earlier", start_queries, query_fates=("takes_minutes",) * len(running))
        world.start("next", end_them)
        started = world.scheduler.now
        world.scheduler.wait_for_all()
    return outcome[:-1], outcome[-1] - started - 5


@pytest.fixture
def world() -> World:
    return initialised(1)


def test_the_queries_of_the_run_are_stopped_and_no_others(world: World) -> None:
    assert fenced(world, ["earlier", "another", "earlier", "earlier-not"])[0] == [True]

    assert [query.state for query in world.athena.queries.values()] == [
        "CANCELLED",
        "SUCCEEDED",
        "CANCELLED",
        "SUCCEEDED",
    ]


def test_a_run_without_queries_has_stopped_none(world: World) -> None:
    assert fenced(world, ["another"])[0] == [False]


def test_queries_that_do_not_end_are_named_after_two_minutes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []

    def ignore(call: Any) -> dict[str, Any]:
        stopped.append(call.input["QueryExecutionId"])
        return {}

    monkeypatch.setattr(world.athena, "_stopqueryexecution", ignore)
    (told,), seconds = fenced(world, ["earlier", "earlier"])

    first, second = world.athena.queries
    assert told == f"Athena queries {second}, {first} of run earlier do not end"
    assert {first, second} == set(stopped)
    assert 120 <= seconds < 125
