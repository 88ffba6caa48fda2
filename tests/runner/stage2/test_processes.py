"""Tests that several processes give what one process gives: the same CSV, quarantine, figures and errors."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import threading
from dataclasses import replace
from datetime import date
from multiprocessing.context import ForkProcess
from typing import TYPE_CHECKING, Any

import pytest

from runner import lake
from runner.errors import DeadlineReached
from runner.settings import Settings
from runner.stage2 import expiring as stage2
from runner.stage2 import processes
from runner.stage2.expiring import expiring
from runner.stage2.processes import ProcessDied, vcpus
from runner.stage2.reading import ObjectNotRead
from sandbox.generate import Spec, facility_lines
from tests.runner.stage2.faulty_s3 import Fault, FaultyS3

if TYPE_CHECKING:
    from tests.runner.stage2.conftest import Lake

RUN_DATE = date(2025, 8, 14)


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lower the limits, so that several processes start for few bytes, and a task has few bytes."""
    monkeypatch.setattr(stage2, "_WORTH_PROCESSES", 1)
    monkeypatch.setattr(processes, "_TASK_SIZE", 100_000)
    monkeypatch.setattr(processes, "_MAX_SENT", 50_000)


def put_files(stage2_lake: Lake, count: int = 12) -> None:
    """Put files of many sizes, some of them gzipped, one corrupt."""
    for number in range(count):
        size = 20 + number % 4 * 200
        lines = facility_lines(Spec(date(2025, 8, 10), n=size, bad=7, start_index=number * 1000))
        content = b"".join(lines)
        name = f"{number:03}.jsonl"
        if number % 3 == 2:
            stage2_lake.put("2025-08-10", f"{name}.gz", gzip.compress(content))
        else:
            stage2_lake.put("2025-08-10", name, content)
    stage2_lake.put("2025-08-11", "corrupt.jsonl.gz", b"no gzip")


def outputs(stage2_lake: Lake, count: int) -> tuple[bytes, Any, dict[str, Any]]:
    result = expiring(replace(stage2_lake.settings, stage2_processes=count), RUN_DATE).to_dict()
    del result["seconds"]
    return stage2_lake.read(lake.expiring_soon_key(RUN_DATE)), stage2_lake.quarantine(), result


@pytest.mark.parametrize("count", [2, 5])
def test_several_processes_give_what_one_gives(stage2_lake: Lake, count: int) -> None:
    put_files(stage2_lake)
    alone = outputs(stage2_lake, 1)
    assert alone[2]["rows"] > 500
    assert outputs(stage2_lake, count) == alone


def test_the_order_does_not_depend_on_which_process_ends_first(
    stage2_lake: Lake, faulty_s3: FaultyS3
) -> None:
    put_files(stage2_lake)
    alone = outputs(stage2_lake, 1)
    faulty_s3.faults = [Fault("GET", "000.jsonl", before=lambda: threading.Event().wait(1))]
    assert outputs(stage2_lake, 3) == alone


def test_an_error_of_a_process_is_the_error_of_the_run(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    put_files(stage2_lake)
    faulty_s3.faults = [Fault("GET", "004.jsonl", status=403, code="AccessDenied")]
    with pytest.raises(ObjectNotRead, match=r"004\.jsonl could not be read: .*AccessDenied"):
        outputs(stage2_lake, 2)
    assert stage2_lake.keys("expiring_soon") == []
    assert "Uploads" not in stage2_lake.s3.list_multipart_uploads(Bucket=stage2_lake.bucket)


def test_the_deadline_holds_in_every_process(stage2_lake: Lake) -> None:
    put_files(stage2_lake)
    settings = replace(stage2_lake.settings, stage2_processes=2)
    with pytest.raises(DeadlineReached, match=r"after 0 files, in .*000\.jsonl"):
        expiring(settings, RUN_DATE, seconds_left=0.0)


def test_a_process_that_is_killed_ends_the_run(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    put_files(stage2_lake)

    def kill_a_process() -> None:
        process = next(each for each in multiprocessing.active_children() if isinstance(each, ForkProcess))
        process.kill()

    faulty_s3.faults = [Fault("GET", "006.jsonl", before=kill_a_process)]
    with pytest.raises(ProcessDied, match=r"exit code -9 .*STAGE2_PROCESSES"):
        outputs(stage2_lake, 2)
    assert stage2_lake.keys("expiring_soon") == []


def test_lambda_gives_one_vcpu_per_1769_mb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    assert vcpus() == 4
    for memory, expected in (("512", 1), ("1769", 1), ("3538", 2), ("10240", 4)):
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory)
        assert vcpus() == expected


def test_the_setting_takes_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment({"DATA_BUCKET": "b"}).stage2_processes == 0
    assert Settings.from_environment({"DATA_BUCKET": "b", "STAGE2_PROCESSES": "3"}).stage2_processes == 3
