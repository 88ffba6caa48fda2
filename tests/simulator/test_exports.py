"""Tests a run's exports: their rows, their order, which attempt writes them, and the limit of S3's copy."""

from __future__ import annotations

from datetime import date

import pytest

from runner.aws.invocation import Invocation
from runner.lake import prefix
from runner.settings import Settings
from runner.tables import exports as exports_module
from runner.tables.exports import (
    MAX_COPY_BYTES,
    Export,
    ExportTooLarge,
    exports,
    was_written_by,
    write_exports,
)
from runner.tables.stage_tables import STAGE3, STAGE3_REJECTS
from tests.simulator import virtual
from tests.simulator.histories import initialised
from tests.simulator.world import World

RUN_TS = "20250810T120000Z-aaaaaaaa"
DATES = [date(2025, 8, 9), date(2025, 8, 10)]


@pytest.fixture
def world() -> World:
    return initialised(1)


def written(world: World, attempt: str) -> list[Export]:
    """The exports that an attempt of a run writes."""
    made: list[Export] = []
    refused: list[ExportTooLarge] = []

    def program() -> None:
        try:
            made.extend(write_exports(Invocation(Settings.from_environment(), attempt), RUN_TS, DATES))
        except ExportTooLarge as error:
            refused.append(error)

    with virtual.entered(world):
        world.start(f"{attempt} at {world.scheduler.now}", program)
        world.scheduler.wait_for_all()
    if refused:
        raise refused[0]
    return made


def test_each_export_says_which_attempt_wrote_it_and_the_last_one_counts(world: World) -> None:
    told: list[tuple[bool, bool]] = []

    def look(keys: list[str]) -> None:
        s3 = Invocation(Settings.from_environment(), "looks").s3
        told.extend(
            (was_written_by(s3, "lake", key, "first"), was_written_by(s3, "lake", key, "second"))
            for key in keys
        )

    keys = [one.key for one in exports(RUN_TS, DATES)]
    for attempt in ("", "first", "second"):
        if attempt:
            assert [one.key for one in written(world, attempt)] == keys
        with virtual.entered(world):
            world.start(f"looks after {attempt or 'nothing'}", lambda: look(keys))
            world.scheduler.wait_for_all()

    assert told == [(False, False)] * 2 + [(True, False)] * 2 + [(False, True)] * 2


def test_a_result_that_s3_copies_in_one_request_is_exported_and_a_larger_one_is_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    assert MAX_COPY_BYTES == 5 * 2**30
    sizes = [len(world.s3.objects[one.key].body) for one in written(world, "first")]

    monkeypatch.setattr(exports_module, "MAX_COPY_BYTES", max(sizes))
    assert len(written(world, "second")) == 2

    monkeypatch.setattr(exports_module, "MAX_COPY_BYTES", sizes[0] - 1)
    with pytest.raises(ExportTooLarge) as refused:
        written(world, "third")
    key = exports(RUN_TS, DATES)[0].key
    assert str(refused.value) == (
        f"export s3://lake/{key} would have {sizes[0]} bytes, but S3 copies at most {sizes[0] - 1} in one "
        "request: transform fewer dates at a time"
    )


def test_the_exports_are_of_the_dates_and_in_an_order() -> None:
    processed, rejects = exports(RUN_TS, DATES)

    assert (processed.name, rejects.name) == ("processed", "rejects")
    for one in (processed, rejects):
        assert "where snapshot_date in (date '2025-08-09', date '2025-08-10')" in one.sql
    assert processed.sql.strip().endswith("order by snapshot_date, state")
    assert rejects.sql.strip().endswith("order by snapshot_date, source_file, raw_line")
    for one, name, folders in (
        (processed, STAGE3, ("stage3_processed_exports", "prod_processed")),
        (rejects, STAGE3_REJECTS, ("stage3_rejects_exports", "prod_rejects")),
    ):
        assert [one.key, one.prod_key] == [f"{prefix(at)}/run_ts={RUN_TS}/{name}.csv" for at in folders]
    assert processed.to_dict("lake") == {
        "bucket": "lake",
        "key": processed.key,
        "copy_source": f"lake/{processed.key}".replace(" ", "%20").replace("=", "%3D"),
    }
