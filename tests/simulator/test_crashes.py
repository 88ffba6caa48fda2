"""Runs a fixed sample of the crash test. `make crashtest` tests every fault at every request of every program."""

from __future__ import annotations

import pytest

from tests.simulator import crashes, explore
from tests.simulator.cloud import KINDS, Kind

#: Every so many requests of a program, one is tested. Each kind of fault starts at another request.
STRIDE = 11
#: Every so many meetings of two runs (see `explore`), one is played.
MEETINGS = 40


@pytest.mark.parametrize("program", crashes.PROGRAMS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_lake_heals_whatever_befalls_a_request(program: str, kind: Kind) -> None:
    call = 0
    for call in crashes.calls(kind, STRIDE):
        outcome = crashes.try_point(program, kind, call)
        if not outcome.request:
            break
        assert not outcome.differences, f"{kind} of call {call}, {outcome.request}"
    assert call > 0


@pytest.mark.parametrize("request_text", ["glue.DeleteTable", "create table"])
@pytest.mark.parametrize("kind", ["crash_before", "crash_after"])
def test_a_full_refresh_that_dies_is_healed(request_text: str, kind: Kind) -> None:
    calls = [call for call, text in enumerate(crashes.requests("full refresh")) if request_text in text]

    assert len(calls) == 5  # one for each table
    for call in calls:
        outcome = crashes.try_point("full refresh", kind, call)
        assert request_text in outcome.request
        assert not outcome.differences, f"{kind} of call {call}, {outcome.request}"


@pytest.mark.parametrize("number", range(MEETINGS))
def test_two_runs_that_meet_leave_what_bronze_says(number: int) -> None:
    everything = list(explore.meetings())
    meeting = everything[number * len(everything) // MEETINGS + number]

    assert explore.meet(meeting) == []
