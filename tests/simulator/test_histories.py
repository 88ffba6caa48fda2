"""Plays histories from seeds: whatever happens, the lake ends as bronze requires. See `histories`."""

from __future__ import annotations

import dataclasses

import pytest

from tests.simulator import healing, histories

#: The number of histories; `make histories N=100000` plays more.
COUNT, AT_A_TIME = 1000, 50


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, COUNT, AT_A_TIME))
def test_every_history_ends_as_bronze_says(first: int) -> None:
    for seed in range(first, first + AT_A_TIME):
        report = histories.play(histories.make(seed))
        assert not report.differences, histories.describe(seed)


def test_a_history_takes_the_same_course_every_time() -> None:
    first, second = (histories.play(histories.make(17)) for _ in range(2))

    assert (first.calls, first.faults, first.runs) == (second.calls, second.faults, second.runs)


def test_a_failing_history_shrinks_to_the_moves_that_matter() -> None:
    history = histories.make(3)
    assert len(history.moves) > 1

    shrunk = histories.shrink(history, lambda one: any(move.kind == "put" for move in one.moves))

    (move,) = shrunk.moves
    assert move.kind == "put"
    assert len(move.lines) <= 1


def test_luck_comes_from_the_seed_unless_the_history_states_it() -> None:
    history = next(one for one in map(histories.make, range(50)) if histories.play(one).luck)
    drawn = histories.play(history)

    stated = histories.play(dataclasses.replace(history, luck=drawn.luck))
    without = histories.play(dataclasses.replace(history, luck={}))

    assert stated.faults == drawn.faults
    assert without.faults == []


def test_a_lake_that_heals_later_than_docs_say_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only event of the file was lost, so the deliveries after the faults build its date."""
    put = histories.Move("move0", 0.0, "put", histories.DAYS[0], "a.jsonl", (0, 1), deliveries=())
    history = histories.History(1, (put,), {})
    assert histories.play(history).differences == []

    monkeypatch.setattr(healing, "DELIVERY_SECONDS", 1.0)

    assert "what delivery 1 started took" in histories.play(history).differences[0]
