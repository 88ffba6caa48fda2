"""Tests `prod/`: manifests are written last and never go back, and the next run publishes what an earlier one left."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest

from runner.lake import prefix
from runner.tables.exports import exports, was_written_by
from runner.tables.publication import Publication, announce, announced, publish_announced, shown_runs
from runner.tables.superseded import remove_superseded_rejects
from tests.simulator import virtual
from tests.simulator.cloud import Fault, Kind
from tests.simulator.world import World

DAY, OTHER = date(2025, 8, 9), date(2025, 8, 10)
EARLY, LATE = "20250810T100000Z-aaaaaaaa", "20250810T110000Z-bbbbbbbb"


def exported(world: World, run_ts: str, dates: list[date], facilities: int) -> Publication:
    """A run's exports in the lake."""
    header = "snapshot_date,state,facility_count,accredited_facility_count,run_ts\n"
    for export in exports(run_ts, dates):
        rows = "".join(f"{day},OR,{facilities},0,{run_ts}\n" for day in dates if facilities)
        world.s3.put(export.key, (header + rows).encode(), {"built-from": run_ts})
    made = exports(run_ts, dates)
    return Publication(
        run_ts,
        [day.isoformat() for day in dates],
        {one.name: one.to_dict("lake") for one in made},
        {f"{one.name}_key": one.prod_key for one in made},
    )


def manifest(world: World, day: date) -> dict[str, Any]:
    return json.loads(world.s3.objects[f"{prefix('prod_current')}/{day}.json"].body)


@pytest.fixture
def world() -> World:
    return World(1)


def run(world: World, function: Callable[[Any], object], faults: tuple[Fault, ...] = ()) -> list[object]:
    """Run a program with an S3 client. Returns its result, unless it was killed or failed."""
    results: list[object] = []

    def program() -> None:
        try:
            results.append(function(boto3.client("s3")))
        except Exception as error:
            results.append(error)

    with virtual.entered(world):
        world.start(f"program {world.scheduler.now}", program, faults=faults)
        world.scheduler.wait_for_all()
    return results


def test_a_manifest_names_the_run_that_shows_its_date(world: World) -> None:
    publication = exported(world, EARLY, [DAY, OTHER], 3)

    run(world, lambda s3: announce(s3, "lake", publication))
    assert run(world, lambda s3: publish_announced(s3, "lake")) == [[EARLY]]

    for day in (DAY, OTHER):
        shown = manifest(world, day)
        assert (shown["run_ts"], shown["facilities"], shown["snapshot_date"]) == (EARLY, 3, str(day))
        assert shown["processed_key"] in world.s3.objects
        assert shown["rejects_key"] in world.s3.objects
    assert run(world, lambda s3: announced(s3, "lake")) == [[]]
    assert run(world, lambda s3: shown_runs(s3, "lake", [DAY, date(2025, 1, 1)])) == [
        {DAY: EARLY, date(2025, 1, 1): ""}
    ]


def test_a_date_that_was_emptied_shows_no_facility(world: World) -> None:
    for run_ts, facilities in ((EARLY, 3), (LATE, 0)):
        publication = exported(world, run_ts, [DAY], facilities)
        run(world, lambda s3, one=publication: announce(s3, "lake", one))
        run(world, lambda s3: publish_announced(s3, "lake"))

    assert (manifest(world, DAY)["run_ts"], manifest(world, DAY)["facilities"]) == (LATE, 0)


def test_a_manifest_never_goes_back_to_an_earlier_run(world: World) -> None:
    for run_ts in (LATE, EARLY):
        publication = exported(world, run_ts, [DAY], 1)
        run(world, lambda s3, one=publication: announce(s3, "lake", one))
        run(world, lambda s3: publish_announced(s3, "lake"))

    assert manifest(world, DAY)["run_ts"] == LATE
    assert exports(EARLY, [DAY])[0].prod_key in world.s3.objects


@pytest.mark.parametrize(
    "kind", ["crash_before", "crash_after", "crash_late", "lost", "outage", "freeze_before"]
)
@pytest.mark.parametrize("call", range(12))
def test_wherever_a_publisher_dies_the_next_one_publishes(world: World, kind: Kind, call: int) -> None:
    publication = exported(world, EARLY, [DAY, OTHER], 2)
    run(world, lambda s3: announce(s3, "lake", publication))

    run(world, lambda s3: publish_announced(s3, "lake"), (Fault(call, kind),))
    run(world, lambda s3: publish_announced(s3, "lake"))

    assert [manifest(world, day)["run_ts"] for day in (DAY, OTHER)] == [EARLY, EARLY]
    assert world.s3.keys(f"{prefix('pipeline_state')}/unpublished/") == []


def test_an_announcement_whose_exports_are_gone_shows_nothing_and_is_dropped(world: World) -> None:
    publication = exported(world, EARLY, [DAY], 1)
    world.s3.delete(exports(EARLY, [DAY])[1].key)
    run(world, lambda s3: announce(s3, "lake", publication))

    assert run(world, lambda s3: publish_announced(s3, "lake")) == [[]]

    assert world.s3.keys(f"{prefix('prod_current')}/") == []
    assert world.s3.keys(f"{prefix('pipeline_state')}/unpublished/") == []


@pytest.mark.parametrize("garbage", [b"", b"{", b"[]", b'{"run_ts": 1}', b'{"other": "form"}'])
def test_a_manifest_or_an_announcement_that_is_not_ours_does_no_harm(world: World, garbage: bytes) -> None:
    world.s3.put(f"{prefix('prod_current')}/{DAY}.json", garbage)
    world.s3.put(f"{prefix('pipeline_state')}/unpublished/{EARLY}.json", garbage)
    publication = exported(world, LATE, [DAY], 1)

    run(world, lambda s3: announce(s3, "lake", publication))
    run(world, lambda s3: publish_announced(s3, "lake"))

    assert manifest(world, DAY)["run_ts"] == LATE
    assert world.s3.keys(f"{prefix('pipeline_state')}/unpublished/") == []


def test_rejects_exports_that_nothing_shows_are_removed_after_a_day(world: World) -> None:
    """Exports that a manifest names or that an announcement waits for stay, and so do the counts of all runs."""
    waiting, strange = "20250810T120000Z-cccccccc", f"{prefix('prod_rejects')}/run_ts=mine/notes.csv"
    for run_ts in (EARLY, LATE):
        publication = exported(world, run_ts, [DAY], 1)
        run(world, lambda s3, told=publication: announce(s3, "lake", told))
        run(world, lambda s3: publish_announced(s3, "lake"))
    publication = exported(world, waiting, [OTHER], 1)
    run(world, lambda s3: announce(s3, "lake", publication))
    world.s3.put(strange, b"")
    before = world.s3.keys()

    def removed(days: int) -> list[object]:
        now = datetime.fromtimestamp(world.scheduler.now, UTC) + timedelta(days=days)
        return run(world, lambda s3: remove_superseded_rejects(s3, "lake", now))

    assert removed(0) == [[]]
    rejects = exports(EARLY, [DAY])[1]
    assert removed(2) == [[rejects.key, rejects.prod_key]]
    assert removed(2) == [[]]
    assert set(before) - set(world.s3.keys()) == {rejects.key, rejects.prod_key}


def test_an_export_is_of_the_attempt_that_its_metadata_names(world: World) -> None:
    world.s3.put("export", b"", {"attempt": "first"})

    assert run(
        world,
        lambda s3: [
            was_written_by(s3, "lake", key, attempt)
            for key, attempt in (("export", "first"), ("export", "second"), ("none", "first"))
        ],
    ) == [[True, False, False]]
