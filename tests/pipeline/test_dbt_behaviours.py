"""Tests that the four tables equal a full rebuild after every change of bronze."""

from __future__ import annotations

import datetime as dt
import json
from random import Random
from typing import Any

import pytest

from runner.aws.errors import AthenaQueryFailed
from runner.dbt.dbt_run import DbtNodeFailed
from runner.lake import prefix
from runner.tables.stage_tables import TABLES

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dbt behaviours")]


def record(number: int, **fields: Any) -> str:
    """A good record of a facility in Texas, accredited in 2026."""
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
    return json.dumps(content)


def bad(number: int) -> str:
    """A record that both stages reject."""
    return record(number, employee_count=-1)


def by_date(dbt: Any, table: str) -> dict[str, int]:
    """The number of a table's rows for each snapshot date."""
    rows = dbt.lake.query(f"select snapshot_date, count(*) as n from {table} group by snapshot_date")
    return {str(row["snapshot_date"]): row["n"] for row in rows}


def test_first_build_then_new_days(dbt: Any) -> None:
    """A first run takes every date. The next run without dates takes the newest date in the table and later ones."""
    lake = dbt.lake
    lake.put_bronze("2025-08-10", "a.jsonl", [record(1), record(2), bad(3), "not json"])
    lake.put_bronze("2025-08-11", "a.jsonl", [record(1, location={"state": "CA"})])
    dbt.build_tables()
    assert by_date(dbt, "stage1_facility_metrics") == {"2025-08-10": 2, "2025-08-11": 1}
    assert by_date(dbt, "stage1_facility_metrics_rejects") == {"2025-08-10": 2}
    states = lake.query("select * from accredited_facilities_per_state order by snapshot_date")
    assert [(str(s["snapshot_date"]), s["state"], s["facility_count"]) for s in states] == [
        ("2025-08-10", "TX", 2),
        ("2025-08-11", "CA", 1),
    ]
    assert by_date(dbt, "accredited_facilities_per_state_rejects") == {"2025-08-10": 2}

    lake.put_bronze("2025-08-11", "b.jsonl", [record(2)])
    lake.put_bronze("2025-08-12", "a.jsonl", [record(1), record(2), record(3)])
    dbt.build_tables()
    assert by_date(dbt, "stage1_facility_metrics") == {"2025-08-10": 2, "2025-08-11": 2, "2025-08-12": 3}
    dbt.assert_equals_full_rebuild()


def test_dates_sent_again(dbt: Any) -> None:
    """However a date changes, its rows follow, and the rows of other dates stay."""
    lake = dbt.lake
    shrinks, only_rejects, empties, changes, vanishes, stays = (f"2025-08-{day}" for day in range(10, 16))
    for date in (shrinks, only_rejects, empties, changes, stays):
        lake.put_bronze(date, "a.jsonl", [record(1), record(2), record(3), bad(4), bad(4), "x"])
    key = lake.put_bronze(vanishes, "a.jsonl", [record(1), bad(2)])
    dbt.build_tables()

    lake.put_bronze(shrinks, "a.jsonl", [record(1), bad(9)])
    lake.put_bronze(only_rejects, "a.jsonl", [bad(1), bad(2), bad(2)])
    lake.put_bronze(empties, "a.jsonl", [" ", ""])
    lake.put_bronze(changes, "a.jsonl", [record(7, location={"state": "CA"})])
    lake.delete(key)
    dbt.build_tables([shrinks, only_rejects, empties, changes, vanishes])
    assert by_date(dbt, "stage1_facility_metrics") == {shrinks: 1, changes: 1, stays: 3}
    assert by_date(dbt, "stage1_facility_metrics_rejects") == {shrinks: 1, only_rejects: 3, stays: 3}
    assert by_date(dbt, "accredited_facilities_per_state") == {shrinks: 1, changes: 1, stays: 1}
    dbt.assert_equals_full_rebuild()


def test_two_dates_in_one_process_stay_apart(dbt: Any) -> None:
    """The project is parsed once, and each run merges only its own date."""
    for date in ("2025-08-10", "2025-08-11"):
        dbt.lake.put_bronze(date, "a.jsonl", [record(1)])
    dbt.build_tables()
    for date in ("2025-08-10", "2025-08-11"):
        dbt.lake.put_bronze(date, "b.jsonl", [record(2)])
    dbt.build_tables(["2025-08-10"])
    assert by_date(dbt, "stage1_facility_metrics") == {"2025-08-10": 2, "2025-08-11": 1}
    dbt.build_tables(["2025-08-11"])
    assert by_date(dbt, "stage1_facility_metrics") == {"2025-08-10": 2, "2025-08-11": 2}
    dbt.assert_equals_full_rebuild()


def test_duplicates_across_files_and_within_one(dbt: Any) -> None:
    """The last file wins, then the greatest line. Identical lines are each accounted for."""
    lake = dbt.lake
    counts = "select employee_count from stage1_facility_metrics where facility_id = 'FAC00001'"
    lake.put_bronze(
        "2025-08-10", "a.jsonl", [record(1, employee_count=9), record(2), "x", "x", bad(3), bad(3)]
    )
    lake.put_bronze("2025-08-10", "b.jsonl", [record(1, employee_count=2), record(1, employee_count=3), "x"])
    dbt.build_tables()
    assert [row["employee_count"] for row in lake.query(counts)] == [3]
    assert by_date(dbt, "stage1_facility_metrics_rejects") == {"2025-08-10": 7}

    # The facility moves to another file, and one line of each pair is removed.
    lake.put_bronze("2025-08-10", "a.jsonl", [record(2), "x", bad(3)])
    lake.put_bronze("2025-08-10", "b.jsonl", ["x"])
    lake.put_bronze("2025-08-10", "c.jsonl", [record(1, employee_count=1), record(1, employee_count=1)])
    dbt.build_tables(["2025-08-10"])
    assert [row["employee_count"] for row in lake.query(counts)] == [1]
    assert by_date(dbt, "stage1_facility_metrics_rejects") == {"2025-08-10": 4}
    dbt.assert_equals_full_rebuild()


def test_runs_over_changed_files_move_duplicates_in_the_others(dbt: Any) -> None:
    """The line of a facility that counts follows each change, and so do the rejects in files that did not change."""
    random, day = Random(17), "2025-08-10"
    choices = [record(number, employee_count=size) for number in (1, 2, 3) for size in (1, 2, 3)] + ["x"]
    content: dict[str, list[str]] = {}
    dbt.build_tables((), "--empty")
    for _ in range(8):
        changed = random.sample(["a.jsonl", "b.jsonl", "c's.jsonl", "d.jsonl"], random.choice([1, 1, 2]))
        for name in changed:
            content[name] = random.choices(choices, k=random.choice([0, 1, 3, 5]))
            dbt.lake.put_bronze(day, name, content[name])
        addresses = [
            f"s3://{dbt.lake.settings.data_bucket}/{prefix('bronze')}/{day}/{name}" for name in changed
        ]
        dbt("run", "--select", *TABLES, dates=[day], changed_files=addresses)
        rejects = dbt.lake.query(
            "select source_file, reject_reason, raw_line from stage1_facility_metrics_rejects"
        )
        found = [
            (row["source_file"].rpartition("/")[2], row["reject_reason"], row["raw_line"]) for row in rejects
        ]
        assert sorted(found) == sorted(expected_rejects(content))
    dbt.assert_equals_full_rebuild()


def expected_rejects(content: dict[str, list[str]]) -> list[tuple[str, str, str]]:
    """The file, reason and line of each line that loses to one in a later file, or to a greater one in its own file."""
    lines = [(name, line) for name, lines in content.items() for line in lines]
    rejects = [(name, "malformed_json", line) for name, line in lines if line == "x"]
    for number in (1, 2, 3):
        own = sorted((name, line) for name, line in lines if f"FAC{number:05d}" in line)
        rejects += [(name, "duplicate_facility", line) for name, line in own[:-1]]
    return rejects


def test_more_than_100_dates_are_refused_in_one_line(dbt: Any) -> None:
    """Athena writes at most 100 partitions at once. The error names the commands that process dates in groups."""
    first = dt.date(2024, 1, 1)
    dates = [(first + dt.timedelta(days=day)).isoformat() for day in range(101)]
    for date in dates:
        dbt.lake.put_bronze(date, "a.jsonl", [record(1)])
    for days in ((), dates):
        with pytest.raises(DbtNodeFailed, match=r"more than 100 dates.*medlaunch transform --all") as failure:
            dbt.build_tables(days, only=["int_judged_lines"])
        assert "\n" not in str(failure.value)
    dbt.build_tables(dates[:100])
    assert by_date(dbt, "stage1_facility_metrics") == dict.fromkeys(dates[:100], 1)
    dbt.build_tables()
    assert by_date(dbt, "stage1_facility_metrics") == dict.fromkeys(dates, 1)


def test_tables_made_empty_take_every_date(dbt: Any) -> None:
    """`--empty` creates the tables, and does not change tables that have rows."""
    dbt.build_tables((), "--empty")
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", [record(1), bad(2)])
    dbt.lake.put_bronze("2025-08-12", "a.jsonl", [record(1)])
    dbt.build_tables()
    assert by_date(dbt, "stage1_facility_metrics") == {"2025-08-10": 1, "2025-08-12": 1}
    dbt.build_tables((), "--empty")
    dbt.assert_equals_full_rebuild()


def test_a_run_after_a_failed_run(dbt: Any) -> None:
    """A corrupt gzip file ends the run with an error that names it. The next run repairs the tables."""
    lake = dbt.lake
    lake.put_bronze("2025-08-10", "a.jsonl", [record(1), bad(2)])
    dbt.build_tables()
    before = dbt.tables()
    lake.put_bronze("2025-08-10", "b.jsonl", [record(3)])
    for name in ("_c.jsonl", ".d.jsonl", "e.json", "f.jsonl.bak", "folder/g.jsonl"):
        lake.put_bronze("2025-08-10", name, [record(4)])
    key = lake.put_bronze("2025-08-10", "h.jsonl.gz", b"not gzip")
    with pytest.raises(AthenaQueryFailed, match=r"h\.jsonl\.gz"):
        dbt.build_tables(["2025-08-10"])
    assert dbt.tables() == before
    lake.delete(key)
    dbt.build_tables(["2025-08-10"])
    assert by_date(dbt, "stage1_facility_metrics") == {"2025-08-10": 2}
    assert by_date(dbt, "stage1_facility_metrics_rejects") == {"2025-08-10": 1}
    dbt.assert_equals_full_rebuild()
