"""What the four tables do as bronze changes: whatever the way there, they equal a full rebuild."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dbt behaviours")]


def record(number: int, **fields: Any) -> str:
    """A good record of Texas, accredited in 2026; a field of value None is left out."""
    content: dict[str, Any] = {
        "facility_id": f"FAC{number:05d}",
        "facility_name": f"Facility {number}",
        "location": {"address": "1 Main St", "city": "Austin", "state": "TX", "zip": "78701"},
        "employee_count": 100 + number,
        "services": ["Surgery", "Imaging"],
        "labs": [{"lab_name": "Lab", "certifications": ["CLIA"]}],
        "accreditations": [
            {"accreditation_body": "JCAHO", "accreditation_id": "ACC1", "valid_until": "2026-12-31"}
        ],
        **fields,
    }
    return json.dumps({name: value for name, value in content.items() if value is not None})


def bad(number: int) -> str:
    """A record that both stages reject."""
    return record(number, employee_count=-1)


def by_date(lake: Any, table: str, what: str = "count(*)") -> dict[str, Any]:
    """A figure of a table per snapshot date."""
    rows = lake.query(f"select snapshot_date, {what} as figure from {table} group by snapshot_date")
    return {str(row["snapshot_date"]): row["figure"] for row in rows}


def test_first_build_takes_every_date(dbt: Any) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), record(2), bad(3), "not json"])
    dbt.lake.put_bronze("2025-08-11", "a.jsonl", [record(1, location={"state": "CA"})])
    dbt.build_tables()
    assert by_date(dbt.lake, "stage1_facility_metrics") == {"2025-08-10": 2, "2025-08-11": 1}
    assert by_date(dbt.lake, "stage1_facility_metrics_rejects") == {"2025-08-10": 2}
    states = dbt.lake.query("select * from accredited_facilities_per_state order by snapshot_date")
    assert [(str(s["snapshot_date"]), s["state"], s["facility_count"]) for s in states] == [
        ("2025-08-10", "TX", 2),
        ("2025-08-11", "CA", 1),
    ]
    assert by_date(dbt.lake, "accredited_facilities_per_state_rejects") == {"2025-08-10": 2}
    dbt.assert_equals_full_rebuild()


def test_day_two_without_dates_takes_the_newest_date_on(dbt: Any) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1)])
    dbt.lake.put_bronze("2025-08-11", "a.jsonl", [record(1)])
    dbt.build_tables()
    dbt.lake.put_bronze("2025-08-11", "b.jsonl", [record(2)])
    dbt.lake.put_bronze("2025-08-12", "a.jsonl", [record(1), record(2), record(3)])
    dbt.build_tables()
    assert by_date(dbt.lake, "stage1_facility_metrics") == {"2025-08-10": 1, "2025-08-11": 2, "2025-08-12": 3}
    dbt.assert_equals_full_rebuild()


def test_a_run_with_dates_touches_no_other(dbt: Any) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1)])
    dbt.lake.put_bronze("2025-08-11", "a.jsonl", [record(1)])
    dbt.build_tables()
    dbt.lake.put_bronze("2025-08-10", "b.jsonl", [record(2)])
    dbt.lake.put_bronze("2025-08-11", "b.jsonl", [record(2)])
    dbt.build_tables(["2025-08-10"])
    assert by_date(dbt.lake, "stage1_facility_metrics") == {"2025-08-10": 2, "2025-08-11": 1}
    dbt.build_tables(["2025-08-11"])
    dbt.assert_equals_full_rebuild()


@pytest.mark.parametrize(
    ("again", "metrics", "rejects"),
    [
        pytest.param([record(1), bad(9)], 1, 1, id="shrinks"),
        pytest.param([bad(1), bad(2), bad(2)], None, 3, id="only rejects"),
        pytest.param([" ", ""], None, None, id="empties"),
        pytest.param([record(7, location={"state": "CA"})], 1, None, id="other facility and state"),
    ],
)
def test_a_date_sent_again(dbt: Any, again: list[str], metrics: int | None, rejects: int | None) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), record(2), record(3), bad(4), bad(4), "x"])
    dbt.lake.put_bronze("2025-08-11", "a.jsonl", [record(1), bad(2)])
    dbt.build_tables()
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", again)
    dbt.build_tables(["2025-08-10"])
    assert by_date(dbt.lake, "stage1_facility_metrics").get("2025-08-10") == metrics
    assert by_date(dbt.lake, "stage1_facility_metrics_rejects").get("2025-08-10") == rejects
    assert by_date(dbt.lake, "stage1_facility_metrics")["2025-08-11"] == 1
    dbt.assert_equals_full_rebuild()


def test_deleted_files_leave_nothing_behind(dbt: Any) -> None:
    key = dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), bad(2)])
    dbt.lake.put_bronze("2025-08-11", "a.jsonl", [record(1)])
    dbt.build_tables()
    dbt.lake.delete(key)
    dbt.build_tables(["2025-08-10"])
    for rows in dbt.tables().values():
        assert not [row for row in rows if "2025, 8, 10" in str(row)]
    dbt.assert_equals_full_rebuild()


def test_a_facility_that_moves_to_another_file(dbt: Any) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1, employee_count=1), record(2)])
    dbt.lake.put_bronze("2025-08-10", "b.jsonl", [record(1, employee_count=2), record(3)])
    dbt.build_tables()
    counts = dbt.lake.query(
        "select employee_count from stage1_facility_metrics where facility_id = 'FAC00001'"
    )
    assert [row["employee_count"] for row in counts] == [2]
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(2)])
    dbt.lake.put_bronze("2025-08-10", "b.jsonl", [record(3)])
    dbt.lake.put_bronze("2025-08-10", "c.jsonl", [record(1, employee_count=3)])
    dbt.build_tables(["2025-08-10"])
    counts = dbt.lake.query(
        "select employee_count from stage1_facility_metrics where facility_id = 'FAC00001'"
    )
    assert [row["employee_count"] for row in counts] == [3]
    assert by_date(dbt.lake, "stage1_facility_metrics_rejects") == {}
    dbt.assert_equals_full_rebuild()


def test_identical_lines_each_count(dbt: Any) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), record(1), record(1), "x", "x", bad(2), bad(2)])
    dbt.lake.put_bronze("2025-08-10", "b.jsonl", ["x"])
    dbt.build_tables()
    assert by_date(dbt.lake, "stage1_facility_metrics") == {"2025-08-10": 1}
    assert by_date(dbt.lake, "stage1_facility_metrics_rejects") == {"2025-08-10": 7}
    # one of each goes: the MERGE must find the right ones
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), record(1), "x", bad(2)])
    dbt.build_tables(["2025-08-10"])
    assert by_date(dbt.lake, "stage1_facility_metrics_rejects") == {"2025-08-10": 4}
    dbt.assert_equals_full_rebuild()


def test_backfill_of_400_dates(dbt: Any) -> None:
    """More dates than Athena writes partitions at once, by MERGE, by a first run and by a full refresh."""
    first = dt.date(2024, 1, 1)
    dates = [(first + dt.timedelta(days=day)).isoformat() for day in range(400)]
    dbt.lake.put_bronze(dates[0], "a.jsonl", [record(1)])
    dbt.build_tables([dates[0]])
    for number, date in enumerate(dates):
        dbt.lake.put_bronze(date, "a.jsonl", [record(number), bad(number)])
    dbt.build_tables(dates)
    assert by_date(dbt.lake, "stage1_facility_metrics") == dict.fromkeys(dates, 1)
    assert by_date(dbt.lake, "accredited_facilities_per_state_rejects") == dict.fromkeys(dates, 1)
    dbt.assert_equals_full_rebuild()


def test_a_table_that_is_empty_takes_every_date(dbt: Any) -> None:
    dbt.build_tables(None, "--empty")
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), bad(2)])
    dbt.lake.put_bronze("2025-08-12", "a.jsonl", [record(1)])
    dbt.build_tables()
    assert by_date(dbt.lake, "stage1_facility_metrics") == {"2025-08-10": 1, "2025-08-12": 1}
    dbt.build_tables(None, "--empty")
    assert by_date(dbt.lake, "stage1_facility_metrics") == {"2025-08-10": 1, "2025-08-12": 1}
    dbt.assert_equals_full_rebuild()


def test_a_run_after_a_failed_run(dbt: Any) -> None:
    """A corrupt gzip ends the run and says so; once it is gone the next run makes good."""
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), bad(2)])
    dbt.build_tables()
    before = dbt.tables()
    dbt.lake.put_bronze("2025-08-10", "b.jsonl", [record(3)])
    key = dbt.lake.put_bronze("2025-08-10", "c.jsonl.gz", b"\x1f\x8b\x08\x00 not gzip")
    outcome = dbt.invoke("run", "--select", "stage1", "stage3", dates=["2025-08-10"])
    assert not outcome.success
    assert all("c.jsonl.gz" in result.message for result in outcome.result if result.status == "error")
    assert dbt.tables() == before
    dbt.lake.delete(key)
    dbt.build_tables(["2025-08-10"])
    assert by_date(dbt.lake, "stage1_facility_metrics") == {"2025-08-10": 2}
    dbt.assert_equals_full_rebuild()


def test_only_files_of_records_count(dbt: Any) -> None:
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1)])
    dbt.lake.put_bronze("2025-08-10", "_b.jsonl", [record(2)])
    dbt.lake.put_bronze("2025-08-10", ".c.jsonl", [record(3)])
    dbt.lake.put_bronze("2025-08-10", "d.json", [record(4)])
    dbt.lake.put_bronze("2025-08-10", "e.jsonl.bak", [record(5)])
    dbt.lake.put_bronze("2025-08-10", "folder/f.jsonl", [record(6)])
    dbt.lake.put_bronze("not-a-date", "g.jsonl", [record(7)])
    dbt.build_tables()
    assert by_date(dbt.lake, "stage1_facility_metrics") == {"2025-08-10": 1}
    assert by_date(dbt.lake, "stage1_facility_metrics_rejects") == {}
