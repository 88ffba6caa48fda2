"""Tests the model of lease, fence and state: no order of steps breaks an invariant, but without a guard one does."""

from __future__ import annotations

import re
from datetime import date

import pytest

from runner.lake import bronze_folder
from runner.settings import Settings
from runner.tables.transform import transform
from tests.simulator import histories, model, virtual

DAY = date(2025, 8, 10)
#: Requests of a run that the model leaves out, because they change neither the lease nor the state nor the tables.
LEFT_OUT = re.compile(
    r"athena\.(StartQueryExecution (select|merge into (stage1|accredited\w*_rejects))|\w*Get\w+)"
    r"|s3\.(HEAD|GET|PUT (stage3-athena-query-results|pipeline-state/unpublished)/)|glue\.Get"
)


def test_one_run_alone_breaks_nothing() -> None:
    assert model.explore(runs=1, writes=2).wrong == ""


def test_two_runs_break_nothing_in_any_order() -> None:
    explored = model.explore(runs=2, writes=1)

    assert explored.wrong == "", explored.way
    assert explored.states > 10_000


@pytest.mark.slow
def test_two_runs_break_nothing_in_any_order_however_the_file_changes() -> None:
    explored = model.explore(runs=2, writes=2)

    assert explored.wrong == "", explored.way
    assert explored.states > 100_000


@pytest.mark.slow
@pytest.mark.parametrize("guard", model.GUARDS)
def test_without_a_guard_some_order_breaks_an_invariant(guard: str) -> None:
    assert model.explore(runs=2, writes=2, without=[guard]).wrong


def test_the_steps_of_the_model_are_the_requests_of_a_run() -> None:
    world = histories.initialised(1)
    with histories.simulated(), virtual.entered(world):
        world.s3.put(f"{bronze_folder(DAY)}a.jsonl", histories.LINES[0])
        world.scheduler.sleep(5)
        process, _ = world.start("run", lambda: transform(Settings.from_environment(), [DAY]))
        world.scheduler.wait_for_all()
    requests = world.cloud.networks[process].calls

    left = iter(requests)
    for name, request in model.STEPS.items():
        if request:
            assert any(re.match(request, one) for one in left), f"{name} is missing, or in another place"
    steps = [re.compile(request) for request in model.STEPS.values() if request]
    unknown = [one for one in requests if not LEFT_OUT.match(one) and not any(s.match(one) for s in steps)]
    assert unknown == []
    for request, number in (("s3.PUT pipeline-state/lease/", 2), ("s3.PUT pipeline-state/fingerprints/", 2)):
        assert sum(one.startswith(request) for one in requests) == number
