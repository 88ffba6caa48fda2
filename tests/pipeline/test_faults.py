"""A run whose AWS calls fail, one at a time: after a retry the lake equals that of a clean run.

Here the process dies right after a call that changes something, once for each kind of such calls, and a call
of every kind is refused. `benchmarks/fault_sweep.py` goes over every call, in every way of failing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from runner.initialise import initialise
from runner.settings import Settings
from tests.pipeline.faults import Sweep

if TYPE_CHECKING:
    from tests.conftest import Lake

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]


def test_a_run_that_dies_after_any_kind_of_change_is_healed_by_a_retry(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "1")
    lake.settings = Settings.from_environment()
    initialise(lake.settings)
    sweep = Sweep(lake)
    calls = sweep.calls(monkeypatch)
    print(len(calls), calls)
