"""Tests runs in which one AWS call fails: after a retry, the lake equals that of a run without faults.

Here the process dies right after a call that changes something, once for each kind of such calls, and two calls are
refused or lose their answer. `benchmarks/fault_sweep.py` makes every call fail in every way.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.local import Sandbox
from tests.pipeline.facts import initialised_lake
from tests.pipeline.faults import Mode, Sweep

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]

#: One call of each kind of change: the lease, a MERGE, an export.
CHANGES = (
    "s3.PutObject",
    "athena.StartQueryExecution merge into",
    "s3.CopyObject",
)


@pytest.fixture(scope="module")
def sweep(sandbox: Sandbox) -> Iterator[Sweep]:
    with pytest.MonkeyPatch.context() as patch:
        yield Sweep(initialised_lake(sandbox, patch, "fault-tests", LEASE_SECONDS="1"))


@pytest.fixture(scope="module")
def calls(sweep: Sweep) -> Iterator[list[str]]:
    """The calls of a run without faults."""
    with pytest.MonkeyPatch.context() as patch:
        yield sweep.calls(patch)


@pytest.mark.parametrize("change", CHANGES)
def test_a_run_that_dies_after_a_change_is_healed_by_a_retry(
    sweep: Sweep, calls: list[str], monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    places = [place for place, call in enumerate(calls) if call.startswith(change)]
    # For the lease's writes, the first one: the last one is the run's last call, and the number of renewals differs.
    assert sweep.fail(monkeypatch, "crash", places[0 if change == "s3.PutObject" else -1])


@pytest.mark.parametrize(
    ("mode", "call"),
    [("lost", "athena.StartQueryExecution merge into"), ("refused", "athena.GetQueryExecution")],
)
def test_a_run_that_goes_on_without_an_answer_is_healed_by_a_retry(
    sweep: Sweep, calls: list[str], monkeypatch: pytest.MonkeyPatch, mode: Mode, call: str
) -> None:
    places = [place for place, one in enumerate(calls) if one.startswith(call)]
    assert sweep.fail(monkeypatch, mode, places[len(places) // 2])
