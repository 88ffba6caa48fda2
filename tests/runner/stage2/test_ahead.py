"""Tests Stage 2 with many small files, for which reads and quarantine writes overlap."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pytest

from runner import lake
from runner.aws.clients import s3_client
from runner.stage2.ahead import MAX_SIZE_AHEAD, OBJECTS_AHEAD, fetch_ahead
from runner.stage2.expiring import expiring
from runner.stage2.objects import OutputNotWritten
from runner.stage2.reading import ObjectNotRead
from tests.runner.stage2.faulty_s3 import Fault, FaultyS3

if TYPE_CHECKING:
    from tests.runner.stage2.conftest import Lake

RUN_DATE = date(2025, 8, 14)


def line(number: int) -> bytes:
    return json.dumps(
        {
            "facility_id": f"FAC{number:05d}",
            "facility_name": "City Hospital",
            "employee_count": 1,
            "accreditations": [{"valid_until": "2025-08-20"}],
        }
    ).encode()


def name(number: int) -> str:
    return f"{number:03d}.jsonl"


def put_files(stage2_lake: Lake, count: int) -> None:
    """Put files with one facility, which has the file's number, and one bad line each."""
    for number in range(count):
        stage2_lake.put("2025-08-10", name(number), line(number) + b"\n{" + str(number).encode() + b"\n")


def facilities(stage2_lake: Lake) -> list[int]:
    return [int(row["facility_id"].removeprefix("FAC")) for row in stage2_lake.csv_rows(RUN_DATE)]


def until(condition: Callable[[], bool], met: list[bool]) -> Callable[[], None]:
    """A function for a Fault to call first: it waits for a condition, and notes whether this was met in time."""

    def wait() -> None:
        deadline = time.monotonic() + 20
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.01)
        met.append(condition())

    return wait


def requested(faulty_s3: FaultyS3, method: str, path_end: str) -> Callable[[], bool]:
    return lambda: any(
        seen == method and path.endswith(path_end) for seen, path, _ in list(faulty_s3.requests)
    )


@pytest.mark.parametrize("seed", range(3))
def test_outputs_do_not_depend_on_which_answer_comes_first(
    stage2_lake: Lake, faulty_s3: FaultyS3, seed: int
) -> None:
    put_files(stage2_lake, 30)
    waits = random.Random(seed)
    faulty_s3.faults = [
        Fault(method, name(number) + end, before=partial(time.sleep, waits.uniform(0, 0.05)))
        for number in range(30)
        for method, end in (("GET", ""), ("PUT", "_rejects.jsonl"))
    ]
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert facilities(stage2_lake) == list(range(30))
    assert {
        key: [entry["raw_line"] for entry in entries] for key, entries in stage2_lake.quarantine().items()
    } == {f"2025-08-10/{name(number)}_rejects.jsonl": [f"{{{number}"] for number in range(30)}
    assert (result.files, result.records, result.rows, result.rejects) == (30, 60, 30, 30)


def test_the_next_small_files_are_fetched_while_one_is_awaited(
    stage2_lake: Lake, faulty_s3: FaultyS3
) -> None:
    put_files(stage2_lake, OBJECTS_AHEAD)
    met: list[bool] = []
    last = requested(faulty_s3, "GET", name(OBJECTS_AHEAD - 1))
    faulty_s3.faults = [Fault("GET", name(0), before=until(last, met))]
    expiring(stage2_lake.settings, RUN_DATE)
    assert met == [True]
    assert facilities(stage2_lake) == list(range(OBJECTS_AHEAD))


def test_a_large_file_is_read_when_its_turn_comes(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    put_files(stage2_lake, 1)
    stage2_lake.put("2025-08-10", name(1), line(1) + b"\n" * MAX_SIZE_AHEAD)
    seen: list[bool] = []
    large = requested(faulty_s3, "GET", name(1))
    faulty_s3.faults = [Fault("GET", name(0), before=lambda: (time.sleep(0.3), seen.append(large())))]
    expiring(stage2_lake.settings, RUN_DATE)
    assert seen == [False]
    assert facilities(stage2_lake) == [0, 1]


def test_files_are_judged_while_a_quarantine_object_is_on_its_way(
    stage2_lake: Lake, faulty_s3: FaultyS3
) -> None:
    put_files(stage2_lake, 3)
    met: list[bool] = []
    last = requested(faulty_s3, "PUT", f"{name(2)}_rejects.jsonl")
    faulty_s3.faults = [Fault("PUT", f"{name(0)}_rejects.jsonl", before=until(last, met))]
    expiring(stage2_lake.settings, RUN_DATE)
    assert met == [True]
    assert len(stage2_lake.quarantine()) == 3


def test_the_csv_waits_for_the_last_quarantine_object(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    put_files(stage2_lake, 2)
    csv_put: list[bool] = []
    csv = requested(faulty_s3, "PUT", "expiring_soon.csv")
    faulty_s3.faults = [
        Fault("PUT", f"{name(1)}_rejects.jsonl", before=lambda: (time.sleep(0.5), csv_put.append(csv())))
    ]
    expiring(stage2_lake.settings, RUN_DATE)
    assert csv_put == [False]
    assert csv()


def test_what_happens_to_one_file_concerns_no_other(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    put_files(stage2_lake, 10)
    gone = f"{lake.bronze_folder(date(2025, 8, 10))}{name(4)}"
    faulty_s3.faults = [
        Fault("GET", name(2), cut_after=20),
        Fault(
            "GET", name(4), before=lambda: stage2_lake.s3.delete_object(Bucket=stage2_lake.bucket, Key=gone)
        ),
        Fault("GET", name(6), status=503, code="SlowDown"),
    ]
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert facilities(stage2_lake) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert (result.files, result.files_gone, result.rejects) == (9, 1, 9)


def test_a_file_that_grew_since_it_was_listed_is_read_to_its_end(
    stage2_lake: Lake, faulty_s3: FaultyS3
) -> None:
    put_files(stage2_lake, 2)
    grown = b"".join(line(number) + b"\n" for number in range(20_000))
    assert len(grown) > 4 * MAX_SIZE_AHEAD
    faulty_s3.faults = [
        Fault("GET", name(0), before=lambda: stage2_lake.put("2025-08-10", name(0), grown)),
    ]
    expiring(stage2_lake.settings, RUN_DATE)
    assert facilities(stage2_lake) == [*range(20_000), 1]


def test_a_file_that_is_refused_fails_in_its_turn(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    put_files(stage2_lake, 4)
    faulty_s3.faults = [Fault("GET", name(2), status=403, code="AccessDenied")]

    class Entry:
        size = 1

        def __init__(self, key: str) -> None:
            self.key = key

    read: list[bytes] = []

    def read_all() -> None:
        entries = [Entry(f"{lake.bronze_folder(date(2025, 8, 10))}{name(number)}") for number in range(4)]
        for _, pieces in fetch_ahead(s3_client(), stage2_lake.bucket, entries):
            read.append(b"".join(pieces))

    with pytest.raises(ObjectNotRead, match=rf"{name(2)} could not be read"):
        read_all()
    assert [content.split(b"\n")[0] for content in read] == [line(0), line(1)]


def test_a_quarantine_object_refused_in_the_background_fails_the_run(
    stage2_lake: Lake, faulty_s3: FaultyS3
) -> None:
    put_files(stage2_lake, 10)
    faulty_s3.faults = [Fault("PUT", f"{name(1)}_rejects.jsonl", status=403, code="AccessDenied")]
    with pytest.raises(
        OutputNotWritten, match=rf"{name(1)}_rejects\.jsonl could not be written: .*AccessDenied"
    ):
        expiring(stage2_lake.settings, RUN_DATE)
    assert stage2_lake.keys("expiring_soon") == []
