"""Tests that Stage 2 writes the same CSV, byte for byte, from the files and from the table of judged lines."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from runner.aws.csv_fields import FORMULA_STARTS
from runner.lake import expiring_soon_key
from runner.stage2.expiring import expiring
from runner.stage2.staged import NoStagedTable
from runner.tables.exports import exports
from tests.cases.odd_lines import odd_lines

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dbt project")]

RUN_DATE = date(2025, 8, 14)


def outputs(dbt: Any, **settings: Any) -> tuple[bytes, dict[str, Any]]:
    """The CSV of a run, and the run's result."""
    result = expiring(replace(dbt.lake.settings, **settings), RUN_DATE)
    return dbt.lake.read(expiring_soon_key(RUN_DATE)), result.to_dict()


def test_both_engines_write_the_same_csv_of_10_000_odd_lines(dbt: Any) -> None:
    lines = odd_lines(10_000, seed=20250814)
    for number in range(4):
        # The names include some that sort only by their bytes, and a gzip file.
        name = ("b.jsonl", "a.jsonl.gz", "\U0001f600.jsonl", "\uffee.jsonl")[number]
        content = b"\n".join(lines[number::4])
        dbt.lake.put_bronze(
            "2025-08-10" if number else "2025-08-09",
            name,
            gzip.compress(content) if ".gz" in name else content,
        )
    dbt.build_tables(only=["int_judged_lines"])
    for options in ({}, {"window_days": 0}, {"snapshots": "latest"}, {"csv_bom": True}):
        streamed, result = outputs(dbt, stage2_engine="stream", **options)
        staged, staged_result = outputs(dbt, stage2_engine="athena", **options)
        assert staged == streamed
        assert staged_result["rows"] == result["rows"] == len(rows(streamed))
        assert (result["engine"], staged_result["engine"]) == ("stream", "athena")
    everything, _ = outputs(dbt, stage2_engine="stream")
    assert len(rows(everything)) > 500
    texts = {field for row in rows(everything) for field in row}
    assert any(field[:1] == "'" and field[1:2] in FORMULA_STARTS for field in texts)
    assert not any(field.startswith(FORMULA_STARTS) for field in texts)


def rows(content: bytes) -> list[list[str]]:
    """The rows of a CSV, without its header."""
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))[1:]


def test_without_the_table_the_run_says_how_to_get_it(dbt: Any) -> None:
    with pytest.raises(
        NoStagedTable, match=r"int_judged_lines could not be read: .*medlaunch transform.*--engine stream"
    ):
        outputs(dbt, stage2_engine="athena")


def test_auto_reads_the_table_beyond_so_many_bytes(dbt: Any) -> None:
    lines = odd_lines(50, seed=1)
    content = b"\n".join(lines)
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", content)
    dbt.build_tables(only=["int_judged_lines"])
    engines = {
        most: outputs(dbt, stage2_engine="auto", stage2_auto_bytes=most)[1]["engine"]
        for most in (len(content) - 1, len(content))
    }
    assert engines == {len(content) - 1: "athena", len(content): "stream"}


def test_no_raw_line_of_stage_3s_export_starts_a_formula(dbt: Any) -> None:
    lines = [f"{start}1+1" for start in FORMULA_STARTS if start != "\r"] + ["{", "'x"]
    dbt.lake.put_bronze("2025-08-10", "a.jsonl", "\n".join(lines).encode())
    dbt.build_tables()
    (sql,) = (each.sql for each in exports("run", [date(2025, 8, 10)]) if each.name == "rejects")
    exported = sorted(row["raw_line"] for row in dbt.lake.query(sql))
    assert exported == sorted(f"'{line}" if line[0] in FORMULA_STARTS else line for line in lines)
    # The table stores the lines unchanged.
    table = dbt.lake.query("select raw_line from accredited_facilities_per_state_rejects")
    assert sorted(row["raw_line"] for row in table) == sorted(lines)
