"""Tests that a file beyond a limit is quarantined as a whole, and all other files count."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from runner import lake
from runner.settings import FileCaps, Settings
from runner.stage2.expiring import ExpiringResult, expiring
from tests.runner.stage2.test_expiring import day, facility

if TYPE_CHECKING:
    from tests.runner.stage2.conftest import Lake

RUN_DATE = date(2025, 8, 14)


def run(stage2_lake: Lake, name: str, content: bytes, **caps: Any) -> tuple[ExpiringResult, dict[str, Any]]:
    """Run Stage 2 over a file between two normal ones. Returns the result and the file's quarantine entry."""
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, day(1)))
    key = stage2_lake.put("2025-08-10", name, content)
    stage2_lake.put("2025-08-10", "z.jsonl", facility(2, day(1)) + b"\n{")
    result = expiring(replace(stage2_lake.settings, file_caps=replace(FileCaps(), **caps)), RUN_DATE)
    assert [row["facility_id"] for row in stage2_lake.csv_rows(RUN_DATE)] == ["FAC00001", "FAC00002"]
    assert result.files_over_cap == [key]
    assert (result.files, result.rows, result.rejects) == (2, 2, 2)
    assert result.rejects_by_code == {"file_over_cap": 1, "malformed_json": 1}
    quarantine = stage2_lake.quarantine()
    assert len(quarantine) == 2
    (entry,) = quarantine[f"2025-08-10/{name}_rejects.jsonl"]
    assert (entry["file_key"], entry["line_number"], entry["reject_reason"]) == (key, None, "file_over_cap")
    assert "raw_line" not in entry
    return result, entry


@pytest.mark.parametrize(
    ("caps", "content", "detail"),
    [
        ({"rows": 9}, facility(3, *[day(1)] * 10), "more than 9 rows; STAGE2_MAX_ROWS"),
        ({"rejects": 9}, b"{\n" * 10, "more than 9 rejects; STAGE2_MAX_REJECTS"),
        (
            {"bytes_out": 999},
            facility(3, *[day(1)] * 10),
            "more than 999 bytes of output; STAGE2_MAX_BYTES_OUT",
        ),
        ({"bytes_out": 999}, b"{\n" * 10, "more than 999 bytes of output; STAGE2_MAX_BYTES_OUT"),
    ],
    ids=["rows", "rejects", "bytes of rows", "bytes of rejects"],
)
def test_a_file_over_a_cap(stage2_lake: Lake, caps: dict[str, int], content: bytes, detail: str) -> None:
    _, entry = run(stage2_lake, "m.jsonl", content, **caps)
    assert entry["detail"].startswith(detail)


def test_a_file_that_takes_too_long(stage2_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    stage2_lake.put("2025-08-10", "m.jsonl", facility(3, day(1)))
    result = expiring(replace(stage2_lake.settings, file_caps=FileCaps(seconds=0)), RUN_DATE)
    assert len(result.files_over_cap) == 1
    (entry,) = stage2_lake.quarantine()["2025-08-10/m.jsonl_rejects.jsonl"]
    assert entry["detail"].startswith("more than 0 seconds; STAGE2_MAX_SECONDS")


def test_a_file_at_its_caps_counts(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-10", "m.jsonl", facility(3, *[day(1)] * 10) + b"\n{" * 10)
    result = expiring(replace(stage2_lake.settings, file_caps=FileCaps(rows=10, rejects=10)), RUN_DATE)
    assert (result.files_over_cap, result.rows, result.rejects) == ([], 10, 10)


def test_a_small_gzip_that_asks_for_terabytes_is_quarantined(stage2_lake: Lake) -> None:
    accreditations = b",".join([b'{"valid_until":"%b"}' % day(1).encode()] * 200_000)
    name = b"x" * 900_000
    line = b'{"facility_id":"FAC1","facility_name":"%b","employee_count":1,"accreditations":[%b]}'
    zipped = gzip.compress(line % (name, accreditations), compresslevel=9)
    assert len(zipped) < 50_000
    run(stage2_lake, "m.jsonl.gz", zipped)


def test_a_small_gzip_of_very_many_bad_lines_is_quarantined(stage2_lake: Lake) -> None:
    zipped = gzip.compress(b"x\n" * 400_000)
    assert len(zipped) < 5000
    run(stage2_lake, "m.jsonl.gz", zipped)


def test_a_quarantine_key_is_never_longer_than_s3_takes(stage2_lake: Lake) -> None:
    head = len(lake.bronze_folder(date(2025, 8, 10)))
    names = [
        f"{letter * ((lake.MAX_KEY_BYTES - head - 6) // len(letter.encode()))}.jsonl" for letter in "aé😀"
    ]
    names += [names[0][1:], names[0][2:]]
    for name in names:
        stage2_lake.put("2025-08-10", name, b"{")
    result = expiring(stage2_lake.settings, RUN_DATE)
    keys = stage2_lake.keys("quarantine")
    assert (result.rejects, len(keys)) == (len(names), len(names))
    assert max(len(key.encode()) for key in keys) <= lake.MAX_KEY_BYTES
    assert all(key.endswith("_rejects.jsonl") for key in keys)
    # A second run finds the objects of the first.
    expiring(stage2_lake.settings, RUN_DATE)
    assert stage2_lake.keys("quarantine") == keys


def test_the_caps_are_settings() -> None:
    caps = Settings.from_environment(
        {"DATA_BUCKET": "b", "STAGE2_MAX_ROWS": "1", "STAGE2_MAX_REJECTS": "2", "STAGE2_MAX_BYTES_OUT": "3"}
        | {"STAGE2_MAX_SECONDS": "4"}
    ).file_caps
    assert caps == FileCaps(rows=1, rejects=2, bytes_out=3, seconds=4)
