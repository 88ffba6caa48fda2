"""Stage 2 from bronze objects to the CSV and the quarantine, over an S3 server."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from typer.testing import CliRunner

from runner import lake
from runner.cli import app
from runner.expiring import expiring

if TYPE_CHECKING:
    from tests.runner.stage2.conftest import Lake

RUN_DATE = date(2025, 8, 14)


def facility(number: int = 1, *valid_until: str, **fields: Any) -> bytes:
    record: dict[str, Any] = {
        "facility_id": f"FAC{number:05d}",
        "facility_name": "City Hospital",
        "location": {"address": "1 Main St", "city": "Houston", "state": "TX", "zip": "77001"},
        "employee_count": 250,
        "services": ["Surgery"],
        "labs": [],
        "accreditations": [
            {"accreditation_body": "TJC", "accreditation_id": f"A{n}", "valid_until": day}
            for n, day in enumerate(valid_until)
        ],
        "snapshot_date": "2025-08-10",
    }
    return json.dumps(record | fields).encode()


def day(days: int) -> str:
    return (RUN_DATE + timedelta(days)).isoformat()


def test_a_row_has_every_column(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(7, "2025-08-24") + b"\n")
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert stage2_lake.read(lake.expiring_soon_key(RUN_DATE)).decode() == (
        "facility_id,facility_name,address,city,state,zip,accreditation_body,accreditation_id,valid_until,"
        "days_until_expiry,run_date,snapshot_date\n"
        "FAC00007,City Hospital,1 Main St,Houston,TX,77001,TJC,A0,2025-08-24,10,2025-08-14,2025-08-10\n"
    )
    assert (result.files, result.records, result.rows, result.rejects) == (1, 1, 1, 0)
    assert result.output == f"s3://{stage2_lake.bucket}/{lake.expiring_soon_key(RUN_DATE)}"


def test_the_window_includes_both_ends(stage2_lake: Lake) -> None:
    days = [day(-1), day(0), day(30), day(31)]
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, *days))
    expiring(replace(stage2_lake.settings, window_days=30), RUN_DATE)
    rows = stage2_lake.csv_rows(RUN_DATE)
    assert [row["days_until_expiry"] for row in rows] == ["0", "30"]


def test_rows_follow_files_and_lines_and_nothing_is_deduplicated(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-11", "a.jsonl", facility(4, day(1)))
    stage2_lake.put(
        "2025-08-10", "b.jsonl.gz", gzip.compress(facility(3, day(1)) + b"\n" + facility(1, day(1)))
    )
    stage2_lake.put("2025-08-10", "a.jsonl", facility(2, day(1), day(2)) + b"\r\n\r\n" + facility(1, day(1)))
    expiring(stage2_lake.settings, RUN_DATE)
    found = [(row["facility_id"], row["snapshot_date"]) for row in stage2_lake.csv_rows(RUN_DATE)]
    assert found == [
        ("FAC00002", "2025-08-10"),
        ("FAC00002", "2025-08-10"),
        ("FAC00001", "2025-08-10"),
        ("FAC00003", "2025-08-10"),
        ("FAC00001", "2025-08-10"),
        ("FAC00004", "2025-08-11"),
    ]


def test_latest_reads_only_the_newest_date_folder(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, day(1)))
    stage2_lake.put("2025-08-12", "a.jsonl", facility(2, day(1)))
    stage2_lake.put("2025-08-12", "_hidden.jsonl", facility(3, day(1)))
    result = expiring(replace(stage2_lake.settings, snapshots="latest"), RUN_DATE)
    assert [row["facility_id"] for row in stage2_lake.csv_rows(RUN_DATE)] == ["FAC00002"]
    assert (result.files, result.keys_ignored) == (1, 1)


def test_an_empty_lake_gives_a_csv_of_nothing_but_its_header(stage2_lake: Lake) -> None:
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert stage2_lake.csv_rows(RUN_DATE) == []
    assert stage2_lake.read(lake.expiring_soon_key(RUN_DATE)).startswith(b"facility_id,")
    assert (result.files, result.rows) == (0, 0)


def test_rejects_are_quarantined_with_file_line_date_reason_and_raw_line(stage2_lake: Lake) -> None:
    bad_utf8 = facility(2, day(1)).replace(b"City", b"Cit\xff")
    several = facility(3, facility_name=" ", employee_count="many", accreditations=None)
    key = stage2_lake.put(
        "2025-08-10", "a.jsonl", b"\n".join([facility(1, day(1)), b"{", bad_utf8, several, facility(4)])
    )
    result = expiring(stage2_lake.settings, RUN_DATE)
    head = {"file_key": key, "snapshot_date": "2025-08-10"}
    assert stage2_lake.quarantine() == {
        "2025-08-10/a.jsonl_rejects.jsonl": [
            head | {"line_number": 2, "reject_reason": "malformed_json", "raw_line": "{"},
            head
            | {
                "line_number": 3,
                "reject_reason": "malformed_json",
                "raw_line_base64": base64.b64encode(bad_utf8).decode(),
            },
            head
            | {
                "line_number": 4,
                "reject_reason": "blank_facility_name;bad_employee_count;missing_accreditations",
                "raw_line": several.decode(),
            },
            head
            | {
                "line_number": 5,
                "reject_reason": "empty_accreditations",
                "raw_line": facility(4).decode(),
            },
        ]
    }
    assert (result.records, result.rejects) == (5, 4)
    assert result.rejects_by_code == {
        "malformed_json": 2,
        "blank_facility_name": 1,
        "bad_employee_count": 1,
        "missing_accreditations": 1,
        "empty_accreditations": 1,
    }


def test_a_bad_date_rejects_one_accreditation_and_the_others_count(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, "20251115", day(3), "2025-02-29"))
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert [row["accreditation_id"] for row in stage2_lake.csv_rows(RUN_DATE)] == ["A1"]
    (entries,) = stage2_lake.quarantine().values()
    assert [(entry["reject_reason"], entry["detail"]) for entry in entries] == [
        ("bad_valid_until", "valid_until is '20251115'"),
        ("bad_valid_until", "valid_until is '2025-02-29'"),
    ]
    assert result.rejects_by_code == {"bad_valid_until": 2}


def test_quarantine_of_mended_and_of_deleted_files_goes_away(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-10", "mended.jsonl", b"{")
    stage2_lake.put("2025-08-10", "bad.jsonl", b"{")
    deleted = stage2_lake.put("2025-08-11", "deleted.jsonl", b"{")
    expiring(stage2_lake.settings, RUN_DATE)
    assert len(stage2_lake.quarantine()) == 3
    stage2_lake.put("2025-08-10", "mended.jsonl", facility(1, day(1)))
    stage2_lake.s3.delete_object(Bucket=stage2_lake.bucket, Key=deleted)
    expiring(stage2_lake.settings, RUN_DATE)
    assert list(stage2_lake.quarantine()) == ["2025-08-10/bad.jsonl_rejects.jsonl"]


def test_latest_leaves_the_quarantine_of_older_folders_alone(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", b"{")
    stage2_lake.put("2025-08-11", "a.jsonl", b"{")
    expiring(stage2_lake.settings, RUN_DATE)
    stage2_lake.put("2025-08-11", "a.jsonl", facility(1, day(1)))
    expiring(replace(stage2_lake.settings, snapshots="latest"), RUN_DATE)
    assert list(stage2_lake.quarantine()) == ["2025-08-10/a.jsonl_rejects.jsonl"]


def test_the_command_prints_the_result(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, day(1)) + b"\n{\n")
    arguments = ["expiring", "--run-date", RUN_DATE.isoformat(), "--window-days", "1"]
    text = CliRunner().invoke(app, arguments, catch_exceptions=False).output
    assert "1 accreditations expire within 1 days of 2025-08-14" in text
    assert "1 rejects: malformed_json 1" in text
    result = json.loads(CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False).output)
    assert (result["rows"], result["rejects_by_code"]) == (1, {"malformed_json": 1})
