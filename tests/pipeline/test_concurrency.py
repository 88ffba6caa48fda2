"""Tests overlapping runs in separate processes: the lake always equals a full rebuild."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from runner.settings import PROJECT_DIR
from runner.tables.transform import transform
from sandbox.local import Sandbox, command_environment
from tests.pipeline.facts import facility, initialised_lake, tables, temporary_tables

if TYPE_CHECKING:
    from tests.conftest import Lake

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("concurrency")]

DAYS = ["2025-08-10", "2025-08-11", "2025-08-12"]
#: Where a run is suspended, at one of its MERGEs: `check` is before the lease is checked for the query, `send` is after
#: it, just before the request is sent.
STEPS = [("check", 1), *(("send", merge) for merge in range(1, 6))]

#: A run that is suspended at such a step. It prints a line first, and its outcome after it wakes up.
SLEEPER = """
import os, signal, sys
from datetime import date
from runner.aws.invocation import Invocation
from runner.settings import Settings
from runner.tables.transform import transform
watch = Invocation.watch
merges = []
def sleep_at_the_step():
    merges.append(True)
    if len(merges) == int(sys.argv[3]):
        print("asleep", flush=True)
        os.kill(os.getpid(), signal.SIGSTOP)
def watch_and_sleep(invocation, client):
    def before(params, **_):
        if "merge into" in params["QueryString"]:
            sleep_at_the_step()
    def send(request, **_):
        if b"merge into" in (request.body or b""):
            sleep_at_the_step()
    if client.meta.service_model.service_name == "athena":
        events = client.meta.events
        if sys.argv[1] == "check":
            events.register("before-parameter-build.athena.StartQueryExecution", before)
        else:
            events.register("before-send.athena.StartQueryExecution", send)
    watch(invocation, client)
Invocation.watch = watch_and_sleep
try:
    transform(Settings.from_environment(), [date.fromisoformat(sys.argv[2])])
except Exception as error:
    print(type(error).__name__, error, flush=True)
else:
    print("done", flush=True)
"""


@pytest.fixture(scope="module")
def ready(sandbox: Sandbox) -> Iterator[Lake]:
    """A lake after `medlaunch init` with a short lease, which still outlasts the wait of a process on a busy machine."""
    with pytest.MonkeyPatch.context() as patch:
        yield initialised_lake(sandbox, patch, "concurrency-tests", LEASE_SECONDS="6")


def start(lake: Lake, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=command_environment(os.environ, lake.environment),
        cwd=PROJECT_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )


def assert_equals_full_rebuild(lake: Lake, days: list[str]) -> None:
    """Check that the tables have rows of exactly these dates, and that they are what a full refresh builds."""
    dates = [date.fromisoformat(day) for day in days]
    found = [tables(lake, one) for one in dates]
    transform(lake.settings, dates, full_refresh=True)
    assert found == [tables(lake, one) for one in dates]
    assert any(rows for one in found for rows in one.values())
    assert temporary_tables(lake) == []


def test_transforms_and_a_backfill_that_meet_leave_what_a_full_rebuild_makes(ready: Lake) -> None:
    for number, day in enumerate(DAYS):
        ready.put_bronze(day, "a.jsonl", [facility(number), facility(7), "bad"])
    transform(ready.settings, [date.fromisoformat(day) for day in DAYS])
    ready.put_bronze(DAYS[0], "b.jsonl", [facility(20), facility(7, employee_count=-1)])
    ready.put_bronze(DAYS[1], "a.jsonl", [facility(30)])
    command = ["-m", "cli", "transform", "--wait", "900"]
    runs = [
        start(ready, *command, "--snapshot-date", DAYS[0]),
        start(ready, *command, "--snapshot-date", DAYS[0], "--force"),
        start(ready, *command, "--snapshot-date", DAYS[1]),
        start(ready, *command, "--all", "--force"),
    ]
    assert [run.wait(900) for run in runs] == [0, 0, 0, 0]
    assert_equals_full_rebuild(ready, DAYS)


@pytest.mark.parametrize(("point", "merge"), STEPS)
def test_a_run_that_wakes_up_after_its_lease_was_taken_changes_nothing(
    ready: Lake, point: str, merge: int
) -> None:
    day = f"2025-08-{20 + STEPS.index((point, merge))}"
    ready.put_bronze(day, "a.jsonl", [facility(1), facility(2), "bad"])
    sleeper = start(ready, "-c", SLEEPER, point, day, str(merge))
    assert sleeper.stdout is not None
    assert sleeper.stdout.readline() == "asleep\n"
    wait_until_stopped(sleeper)
    # The folder no longer holds what the suspended run has read.
    ready.put_bronze(day, "a.jsonl", [facility(2, facility_name="Renamed")])
    result = transform(ready.settings, [date.fromisoformat(day)], wait=60)
    assert result.counts["stage1"] == {"curated": 1, "rejected": 0}
    os.kill(sleeper.pid, signal.SIGCONT)
    outcome, _ = sleeper.communicate(timeout=120)
    assert outcome.startswith("LeaseHeld the lease was taken over by run")
    assert_equals_full_rebuild(ready, [day])


def wait_until_stopped(process: subprocess.Popen[Any]) -> None:
    give_up = time.monotonic() + 30
    while os.waitpid(process.pid, os.WNOHANG | os.WUNTRACED) == (0, 0):
        assert time.monotonic() < give_up, "the run did not fall asleep"
        time.sleep(0.02)
