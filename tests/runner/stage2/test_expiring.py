"""Tests Stage 2 from bronze objects to the CSV and the quarantine, with an S3 server."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from runner import lake, rules
from runner.errors import DeadlineReached, UsageError
from runner.lambdas import handlers
from runner.settings import Settings
from runner.stage2 import expiring as runner_expiring
from runner.stage2.expiring import TooMuchToRead, expiring
from runner.stage2.lines import HEAD_BYTES, MAX_LINE_BYTES
from runner.stage2.objects import OutputNotWritten
from runner.stage2.reading import ObjectNotRead
from sandbox.generate import Spec, generate
from tests.runner.stage2.faulty_s3 import Fault, FaultyS3

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
        '"facility_id","facility_name","address","city","state","zip","accreditation_body","accreditation_id",'
        '"valid_until","days_until_expiry","run_date","snapshot_date"\n'
        '"FAC00007","City Hospital","1 Main St","Houston","TX","77001","TJC","A0","2025-08-24","10","2025-08-14",'
        '"2025-08-10"\n'
    )
    assert (result.files, result.records, result.rows, result.rejects) == (1, 1, 1, 0)
    assert result.output == f"s3://{stage2_lake.bucket}/{lake.expiring_soon_key(RUN_DATE)}"


def test_the_window_includes_both_ends(stage2_lake: Lake) -> None:
    days = [day(-1), day(0), day(30), day(31)]
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, *days))
    expiring(replace(stage2_lake.settings, window_days=30), RUN_DATE)
    rows = stage2_lake.csv_rows(RUN_DATE)
    assert [row["days_until_expiry"] for row in rows] == ["0", "30"]


def test_rows_follow_files_and_their_own_text_and_nothing_is_deduplicated(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-11", "a.jsonl", facility(4, day(1)))
    stage2_lake.put(
        "2025-08-10", "b.jsonl.gz", gzip.compress(facility(3, day(1)) + b"\n" + facility(1, day(1)))
    )
    stage2_lake.put("2025-08-10", "a.jsonl", facility(2, day(1), day(2)) + b"\r\n\r\n" + facility(1, day(1)))
    expiring(stage2_lake.settings, RUN_DATE)
    found = [(row["facility_id"], row["snapshot_date"]) for row in stage2_lake.csv_rows(RUN_DATE)]
    assert found == [
        ("FAC00001", "2025-08-10"),
        ("FAC00002", "2025-08-10"),
        ("FAC00002", "2025-08-10"),
        ("FAC00001", "2025-08-10"),
        ("FAC00003", "2025-08-10"),
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
    assert stage2_lake.read(lake.expiring_soon_key(RUN_DATE)).startswith(b'"facility_id",')
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


def test_a_long_line_is_not_kept_again_with_each_of_its_bad_dates(stage2_lake: Lake) -> None:
    line = facility(1, *["x" * 1000] * 300, day(3))
    key = stage2_lake.put("2025-08-10", "a.jsonl", b"\n".join([line, facility(2, *["none"] * 5), line]))
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert (result.rows, result.rejects) == (2, 605)
    (entries,) = stage2_lake.quarantine().values()
    assert {entry["file_key"] for entry in entries} == {key}
    of_line = {n: [entry for entry in entries if entry["line_number"] == n] for n in (1, 2, 3)}
    assert {n: len(rejects) for n, rejects in of_line.items()} == {1: 300, 2: 5, 3: 300}
    for n in (1, 3):
        assert [entry.get("raw_line") for entry in of_line[n][:3]] == [line.decode()] * 3
        assert "raw_line" not in of_line[n][-1]
        assert sum(len(entry.get("raw_line", "")) for entry in of_line[n]) < 1_500_000
        assert max(len(entry["detail"]) for entry in of_line[n]) < 100
    assert [entry["raw_line"] for entry in of_line[2]] == [facility(2, *["none"] * 5).decode()] * 5


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


@pytest.mark.parametrize("quarantined_before", [False, True])
def test_a_run_leaves_what_another_has_quarantined_meanwhile(
    stage2_lake: Lake, faulty_s3: FaultyS3, quarantined_before: bool
) -> None:
    if quarantined_before:
        key = stage2_lake.put("2025-08-10", "late.jsonl", b"{{")
        assert expiring(stage2_lake.settings, RUN_DATE).rejects == 1
        delete(stage2_lake, key)

    def another_run_sees_a_new_file() -> None:
        stage2_lake.put("2025-08-10", "late.jsonl", b"[")
        assert expiring(stage2_lake.settings, RUN_DATE + timedelta(1)).rejects == 2

    stage2_lake.put("2025-08-10", "a.jsonl", b"{")
    faulty_s3.faults = [Fault("GET", "a.jsonl", before=another_run_sees_a_new_file)]
    assert expiring(stage2_lake.settings, RUN_DATE).rejects == 1
    assert {key: entry["raw_line"] for key, (entry,) in stage2_lake.quarantine().items()} == {
        "2025-08-10/a.jsonl_rejects.jsonl": "{",
        "2025-08-10/late.jsonl_rejects.jsonl": "[",
    }


def test_a_run_that_another_of_its_day_overtakes_starts_anew(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, day(1)))

    def another_run_sees_a_new_file() -> None:
        stage2_lake.put("2025-08-10", "a.jsonl", facility(2, day(1)) + b"\n" + facility(3, day(1)))
        assert expiring(stage2_lake.settings, RUN_DATE).rows == 2

    faulty_s3.faults = [Fault("PUT", "expiring_soon.csv", before=another_run_sees_a_new_file)]
    assert expiring(stage2_lake.settings, RUN_DATE).rows == 2


def test_the_command_prints_the_result(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, day(1)) + b"\n{\n")
    arguments = ["expiring", "--run-date", RUN_DATE.isoformat(), "--window-days", "1"]
    text = CliRunner().invoke(app, arguments, catch_exceptions=False).output
    assert "1 accreditation expires within 1 day of 2025-08-14" in text
    assert "1 reject: malformed_json 1" in text
    result = json.loads(CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False).output)
    assert (result["rows"], result["rejects_by_code"]) == (1, {"malformed_json": 1})


def test_generated_bad_lines_are_rejected_for_every_reason_of_stage_2(stage2_lake: Lake) -> None:
    spec = Spec(date(2025, 8, 10), n=40, bad=60)
    generate(f"s3://{stage2_lake.bucket}", spec, chunk=30)
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert result.records == 100
    assert set(result.rejects_by_code) == {*rules.codes(2)}
    assert sum(len(entries) for entries in stage2_lake.quarantine().values()) == result.rejects


def test_a_line_over_the_limit_is_quarantined_and_the_others_count(stage2_lake: Lake) -> None:
    lines = [facility(1, day(1)), b"x" * (MAX_LINE_BYTES + 1), facility(2, day(1))]
    stage2_lake.put("2025-08-10", "a.jsonl.gz", gzip.compress(b"\n".join(lines), compresslevel=1))
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert [row["facility_id"] for row in stage2_lake.csv_rows(RUN_DATE)] == ["FAC00001", "FAC00002"]
    ((entry,),) = stage2_lake.quarantine().values()
    assert (entry["line_number"], entry["reject_reason"]) == (2, "line_over_limit")
    assert entry["detail"] == "33554433 bytes; only its start is kept"
    assert entry["raw_line"] == "x" * HEAD_BYTES
    assert (result.records, result.rejects_by_code) == (3, {"line_over_limit": 1})


@pytest.mark.parametrize("damage", ["cut", "not gzip", "flipped bit at its end"])
def test_nothing_of_a_corrupt_file_counts(stage2_lake: Lake, damage: str) -> None:
    content = b"\n".join(facility(n, day(1)) for n in range(20_000)) + b"\n{"
    zipped = gzip.compress(content, compresslevel=1)
    damaged = {
        "cut": zipped[: len(zipped) // 2],
        "not gzip": content,
        "flipped bit at its end": zipped[:-8] + bytes([zipped[-8] ^ 1]) + zipped[-7:],
    }[damage]
    key = stage2_lake.put("2025-08-10", "b.jsonl.gz", damaged)
    stage2_lake.put("2025-08-10", "a.jsonl", facility(77777, day(1)))
    stage2_lake.put("2025-08-10", "c.jsonl", facility(88888, day(1)))
    result = expiring(stage2_lake.settings, RUN_DATE)
    found = [row["facility_id"] for row in stage2_lake.csv_rows(RUN_DATE)]
    assert found == ["FAC77777", "FAC88888"]
    ((entry,),) = stage2_lake.quarantine().values()
    assert entry.pop("detail")
    assert entry == {
        "file_key": key,
        "line_number": None,
        "snapshot_date": "2025-08-10",
        "reject_reason": "corrupt_gzip",
    }
    assert (result.files, result.files_corrupt, result.records, result.rows) == (2, 1, 2, 2)


def test_a_key_deleted_before_it_is_read_is_left_out(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    key = stage2_lake.put("2025-08-10", "a.jsonl", facility(1, day(1)))
    stage2_lake.put("2025-08-10", "b.jsonl", facility(2, day(1)))
    faulty_s3.faults = [Fault("GET", "a.jsonl", before=lambda: delete(stage2_lake, key))]
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert [row["facility_id"] for row in stage2_lake.csv_rows(RUN_DATE)] == ["FAC00002"]
    assert (result.files, result.files_gone) == (1, 1)


def delete(stage2_lake: Lake, key: str) -> None:
    stage2_lake.s3.delete_object(Bucket=stage2_lake.bucket, Key=key)


def many_rows() -> bytes:
    """A file with more rows than one part of the upload can hold."""
    row_per_line = b"\n".join(facility(n, *[day(1)] * 10) for n in range(8_000))
    return b"{\n" + row_per_line


def test_a_key_deleted_while_it_is_read_leaves_no_row(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    content = many_rows()
    key = stage2_lake.put("2025-08-10", "b.jsonl", content)
    stage2_lake.put("2025-08-10", "a.jsonl", facility(77777, day(1)))
    stage2_lake.put("2025-08-10", "c.jsonl", facility(88888, day(1)))
    faulty_s3.faults = [
        Fault("GET", "b.jsonl", cut_after=len(content) - 10),
        Fault("GET", "b.jsonl", before=lambda: delete(stage2_lake, key)),
    ]
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert [row["facility_id"] for row in stage2_lake.csv_rows(RUN_DATE)] == ["FAC77777", "FAC88888"]
    assert any(
        method == "PUT" and path.endswith("expiring_soon.csv") for method, path, _ in faulty_s3.requests
    )
    assert stage2_lake.quarantine() == {}
    assert (result.files_gone, result.records, result.rows, result.rejects) == (1, 2, 2, 0)


def test_a_file_replaced_while_it_is_read_is_read_anew(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    content = many_rows()
    stage2_lake.put("2025-08-10", "a.jsonl", content)
    new = facility(5, day(2)) + b"\n[]"
    faulty_s3.faults = [
        Fault("GET", "a.jsonl", cut_after=len(content) - 10),
        Fault("GET", "a.jsonl", before=lambda: stage2_lake.put("2025-08-10", "a.jsonl", new)),
    ]
    result = expiring(stage2_lake.settings, RUN_DATE)
    assert [row["facility_id"] for row in stage2_lake.csv_rows(RUN_DATE)] == ["FAC00005"]
    ((entry,),) = stage2_lake.quarantine().values()
    assert (entry["line_number"], entry["raw_line"]) == (2, "[]")
    assert (result.files, result.records, result.rows, result.rejects) == (1, 2, 1, 1)


def test_a_broken_read_changes_nothing_of_the_outputs(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    content = many_rows()
    stage2_lake.put("2025-08-10", "a.jsonl", content)
    expiring(stage2_lake.settings, RUN_DATE)
    clean = stage2_lake.read(lake.expiring_soon_key(RUN_DATE)), stage2_lake.quarantine()
    faulty_s3.faults = [Fault("GET", "a.jsonl", cut_after=1_000_000, times=5)]
    expiring(stage2_lake.settings, RUN_DATE)
    assert (stage2_lake.read(lake.expiring_soon_key(RUN_DATE)), stage2_lake.quarantine()) == clean
    assert len(faulty_s3.ranges_of("a.jsonl")) == 1 + 6


def failing_run(stage2_lake: Lake, error: type[Exception], match: str, **options: Any) -> None:
    """A run that fails must leave the earlier CSV, and no upload."""
    stage2_lake.put("2025-08-09", "before.jsonl", facility(1, day(1)))
    expiring(stage2_lake.settings, RUN_DATE, s3=stage2_lake.s3)
    before = stage2_lake.read(lake.expiring_soon_key(RUN_DATE))
    stage2_lake.put("2025-08-10", "a.jsonl", many_rows())
    with pytest.raises(error, match=match):
        expiring(stage2_lake.settings, RUN_DATE, **options)
    assert stage2_lake.read(lake.expiring_soon_key(RUN_DATE)) == before
    assert "Uploads" not in stage2_lake.s3.list_multipart_uploads(Bucket=stage2_lake.bucket)


def test_a_file_that_cannot_be_read_fails_the_run(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    faulty_s3.faults = [Fault("GET", "a.jsonl", cut_after=0, times=100)]
    failing_run(stage2_lake, ObjectNotRead, r"2025-08-10/a\.jsonl kept breaking")


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_csv_that_cannot_be_written_fails_the_run(
    stage2_lake: Lake, faulty_s3: FaultyS3, method: str
) -> None:
    faulty_s3.faults = [Fault(method, "expiring_soon.csv", status=403, code="AccessDenied")]
    failing_run(stage2_lake, OutputNotWritten, r"expiring_soon\.csv could not be written: .*AccessDenied")


def test_a_quarantine_that_cannot_be_written_fails_the_run(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    faulty_s3.faults = [Fault("PUT", "_rejects.jsonl", status=403, code="AccessDenied")]
    failing_run(stage2_lake, OutputNotWritten, r"a\.jsonl_rejects\.jsonl could not be written")


def test_the_deadline_ends_a_run_before_the_csv_is_out(stage2_lake: Lake) -> None:
    failing_run(stage2_lake, DeadlineReached, "ran out of time after 0 files", seconds_left=0.0)


def test_the_deadline_holds_inside_a_line_of_many_rejects(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, accreditations=[{}] * 50_000))
    with pytest.raises(DeadlineReached, match=r"in .*2025-08-10/a\.jsonl; its CSV stays as is"):
        expiring(stage2_lake.settings, RUN_DATE, seconds_left=0.0)
    written = [path for method, path, _ in faulty_s3.requests if method in {"POST", "PUT"}]
    assert written == []  # otherwise the quarantine of the whole line would have been started


@pytest.mark.parametrize(
    ("name", "size", "refused"),
    [
        ("a.jsonl", 1000, False),
        ("a.jsonl", 1020, True),
        ("a.jsonl.gz", 250, False),
        ("a.jsonl.gz", 255, True),
    ],
)
def test_more_bytes_than_can_be_read_in_time_are_refused_before_any_is_read(
    stage2_lake: Lake, monkeypatch: pytest.MonkeyPatch, name: str, size: int, refused: bool
) -> None:
    # Eleven bytes per second instead of hundreds of megabytes.
    monkeypatch.setattr(runner_expiring, "_ALWAYS_TRIED", 0)
    monkeypatch.setattr(runner_expiring, "_MOST_BYTES_PER_SECOND", 1000 / 90 / 2)
    stage2_lake.put("2025-08-10", name, b" " * size)
    settings = replace(stage2_lake.settings, stage2_processes=2)
    if not refused:
        # The file is quarantined because it is not gzip, so it was read.
        assert expiring(settings, RUN_DATE, seconds_left=91).bytes == size
        return
    with pytest.raises(TooMuchToRead) as raised:
        expiring(settings, RUN_DATE, seconds_left=91)
    for way_out in (
        "in the 91 seconds that are left",
        "SNAPSHOTS=latest",
        "STAGE2_ENGINE=athena",
        "more time",
    ):
        assert way_out in str(raised.value)
    assert stage2_lake.keys("expiring_soon") == stage2_lake.keys("quarantine") == []
    # Without a time limit, nothing is refused.
    assert expiring(settings, RUN_DATE).bytes == size


def test_throttling_while_writing_is_waited_out(stage2_lake: Lake, faulty_s3: FaultyS3) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, day(1)))
    faulty_s3.faults = [Fault("PUT", "expiring_soon.csv", status=503, code="SlowDown")]
    assert expiring(stage2_lake.settings, RUN_DATE).rows == 1
    assert len(stage2_lake.csv_rows(RUN_DATE)) == 1


def test_a_bucket_that_is_not_there_is_named(stage2_lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ObjectNotRead, match="s3://no-such-lake could not be listed"):
        expiring(Settings(data_bucket="no-such-lake"), RUN_DATE)


class Context:
    """What Lambda passes to a function beside the event."""

    function_name = "expiring"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:expiring"
    aws_request_id = "1"

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds * 1000)


@pytest.mark.parametrize("event", [{"run_date": "2025-08-14"}, {"time": "2025-08-14T06:00:00Z"}])
def test_the_handler_prints_metrics(
    stage2_lake: Lake, capsys: pytest.CaptureFixture[str], event: dict[str, Any]
) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, day(1)) + b"\n{\n")
    result = handlers.expiring(event, Context(900))
    assert (result["run_date"], result["rows"]) == ("2025-08-14", 1)
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    figures = printed[0]
    assert figures["Stage2Files"] == [1.0]
    assert (figures["Stage2Records"], figures["Stage2Rows"], figures["Stage2Rejects"]) == (
        [2.0],
        [1.0],
        [1.0],
    )
    assert figures["output"].endswith("run_date=2025-08-14/expiring_soon.csv")
    assert figures["Stage2Bytes"] == [float(len(facility(1, day(1))) + 3)]
    assert [(each["reject_reason"], each["Stage2RejectsByCode"]) for each in printed[1:]] == [
        ("malformed_json", [1.0])
    ]


def test_the_handler_keeps_time_back_for_an_orderly_end(stage2_lake: Lake) -> None:
    stage2_lake.put("2025-08-10", "a.jsonl", facility(1, day(1)))
    with pytest.raises(DeadlineReached):
        handlers.expiring({}, Context(handlers.RESERVE_SECONDS - 1))
    assert stage2_lake.keys("expiring_soon") == []


def test_the_handler_refuses_what_is_no_date(stage2_lake: Lake) -> None:
    with pytest.raises(UsageError, match="'20250814'"):
        handlers.expiring({"run_date": "20250814"}, Context(900))
