"""What the pipeline's tests put into a lake and read out of it."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from runner.tables import TABLES
from runner.transform import TransformResult

if TYPE_CHECKING:
    from tests.conftest import Lake

Rows = list[tuple[Any, ...]]


def facility(number: int, **changes: Any) -> str:
    """One good bronze line; `changes` replace fields, and None leaves one out."""
    record: dict[str, Any] = {
        "facility_id": f"FAC{number:05}",
        "facility_name": f"Clinic {number}",
        "location": {"address": "1 Main St", "city": "Salem", "state": "OR", "zip": "97301"},
        "employee_count": 10 + number,
        "services": ["ER", "ICU"],
        "labs": [{"lab_name": "Lab", "certifications": ["CLIA"]}],
        "accreditations": [
            {"accreditation_body": "JC", "accreditation_id": f"A{number}", "valid_until": "2026-01-31"}
        ],
    }
    record |= changes
    return json.dumps({name: value for name, value in record.items() if value is not None})


def tables(lake: Lake) -> dict[str, Rows]:
    """All rows of the four tables but for run_ts, sorted."""
    return {table: _rows(lake.query(f"select * from {table}")) for table in TABLES}


def _rows(rows: list[dict[str, Any]]) -> Rows:
    kept = [tuple(str(row[name]) for name in sorted(row) if name != "run_ts") for row in rows]
    return sorted(kept)


def export(lake: Lake, result: TransformResult, name: str) -> list[dict[str, str]]:
    """The rows of one of a run's exports but for run_ts."""
    text = lake.read(result.exports[name]["key"]).decode()
    return [
        {field: value for field, value in row.items() if field != "run_ts"}
        for row in csv.DictReader(io.StringIO(text))
    ]


def temporary_tables(lake: Lake) -> list[str]:
    """Names of what dbt left behind in Glue."""
    pages = lake.glue.get_paginator("get_tables").paginate(DatabaseName=lake.settings.glue_database)
    return [table["Name"] for page in pages for table in page["TableList"] if "__dbt_tmp" in table["Name"]]
