"""Tests what a leased run gets: its right to write, its purpose, its time, and the end of a dead run's queries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from runner.aws.invocation import DeadlineReached
from runner.lease.lease import LeaseHeld
from runner.lease.leased_run import leased_run
from runner.settings import Settings
from tests.simulator import virtual
from tests.simulator.histories import initialised
from tests.simulator.scheduler import Process
from tests.simulator.world import World

#: A statement that the simulated Athena knows.
OPTIMIZE = "optimize int_judged_lines rewrite data using bin_pack"


@pytest.fixture
def world() -> World:
    return initialised(1)


def hold(world: World, name: str, seconds: float, **options: float) -> list[str]:
    """Hold the lease for some seconds as a program, and report its error."""
    told: list[str] = []

    def program() -> None:
        try:
            with leased_run(Settings.from_environment(), name, **options) as invocation:
                told.append("holds")
                world.scheduler.sleep(seconds)
                invocation.check()
        except (LeaseHeld, DeadlineReached) as error:
            told.append(f"{type(error).__name__}: {error}")

    world.start(name, program)
    return told


def test_who_finds_the_lease_held_is_told_the_purpose_and_waits_only_if_it_says_so(world: World) -> None:
    with virtual.entered(world):
        hold(world, "transform 2025-08-10", 20)
        world.scheduler.sleep(2)
        hurried, began = hold(world, "maintain", 1), world.scheduler.now
        patient = hold(world, "init", 1, wait=30)
        while not hurried:
            world.scheduler.sleep(0.1)
        waited = world.scheduler.now - began
        world.scheduler.wait_for_all()

    assert "(transform 2025-08-10) holds the lake's lease since" in hurried[0]
    assert waited < 0.9
    assert patient == ["holds"]


@pytest.mark.parametrize(("seconds", "ends"), [(29.0, ["holds"]), (31.0, ["holds", "DeadlineReached"])])
def test_a_run_has_the_time_that_it_was_given(world: World, seconds: float, ends: list[str]) -> None:
    with virtual.entered(world):
        limited = hold(world, "limited", seconds, seconds_left=30)
        world.scheduler.wait_for_all()
        unlimited = hold(world, "unlimited", 5000)
        world.scheduler.wait_for_all()
        began = world.scheduler.now
        hold(world, "ends early", 5, seconds_left=3000)
        world.scheduler.wait_for_all()

    assert [one.partition(":")[0] for one in limited] == ends
    assert unlimited == ["holds"]
    # No alarm is left that would stop the queries of a run that has ended.
    assert world.scheduler.now - began < 60


def test_the_queries_of_a_run_that_died_are_ended_by_the_next(world: World) -> None:
    def die() -> None:
        with leased_run(Settings.from_environment(), "dies") as invocation:
            invocation.athena.start_query_execution(QueryString=OPTIMIZE)
            world.scheduler.kill(process)

    process: Process
    program: Callable[[], None] = die
    with virtual.entered(world):
        process, _ = world.start("dies", program, query_fates=("takes_minutes",))
        world.scheduler.sleep(1)
        states: list[str] = []

        def look() -> None:
            with leased_run(Settings.from_environment(), "next", wait=90):
                states.extend(query.state for query in world.athena.queries.values())

        world.start("next", look)
        world.scheduler.wait_for_all()

    assert states == ["CANCELLED"]
