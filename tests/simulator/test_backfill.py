"""Tests that a backfill processes its dates in slices, limited by the number of dates and by bytes."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from runner.lake import bronze_folder
from runner.settings import Settings
from runner.tables import transform as module
from runner.tables.transform import DATES_PER_BUILD, transform
from tests.simulator import histories, lake_model, virtual

DATES = [date(2024, 1, 1) + timedelta(days=number) for number in range(400)]
BODY = b"\n".join(histories.LINES[:3])


def slices_of_a_backfill() -> list[list[date]]:
    """The dates of each MERGE into the staged table, after a successful backfill of all dates."""
    world = histories.initialised(1)
    with histories.simulated(), virtual.entered(world):
        for day in DATES:
            world.s3.put(f"{bronze_folder(day)}a.jsonl", BODY)
        outcome: list[object] = []
        world.start("backfill", lambda: outcome.append(transform(Settings.from_environment(), DATES)))
        world.scheduler.wait_for_all()
    assert [result.built for result in outcome] == [[day.isoformat() for day in DATES]]
    assert set(world.athena.table(lake_model.STAGE1)) == set(DATES)
    merges = [
        query.sql
        for query in world.athena.queries.values()
        if re.search(f"^merge into {lake_model.STAGED} ", query.sql, re.MULTILINE)
    ]
    return [[date.fromisoformat(day) for day in re.findall(r'"(\d{4}-\d{2}-\d{2})"', sql)] for sql in merges]


def test_400_dates_are_built_in_slices_of_90() -> None:
    slices = slices_of_a_backfill()
    assert DATES_PER_BUILD == 90
    assert [len(dates) for dates in slices] == [90, 90, 90, 90, 40]
    assert [day for dates in slices for day in dates] == DATES


def test_a_slice_reads_no_more_bytes_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BYTES_PER_BUILD", 50 * len(BODY))
    slices = slices_of_a_backfill()
    assert [len(dates) for dates in slices] == [50] * 8
    assert [day for dates in slices for day in dates] == DATES
