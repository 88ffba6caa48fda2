"""Helpers that put data into a lake and read results from it."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from runner.tables.initialise import initialise
from runner.tables.result import TransformResult
from runner.tables.stage_tables import TABLES
from sandbox.local import Sandbox

if TYPE_CHECKING:
    from tests.conftest import Lake

Rows = list[tuple[Any, ...]]


def facility(number: int, **changes: Any) -> str:
    """A good bronze line. `changes` replace fields; a field with the value None is left out."""
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


def initialised_lake(sandbox: Sandbox, patch: pytest.MonkeyPatch, name: str, **environment: str) -> Lake:
    """A new lake after `medlaunch init`. The environment of the process points at it."""
    from tests.conftest import Lake

    environment = sandbox.create_lake(name, name.replace("-", "_")) | environment
    for variable in [variable for variable in os.environ if variable.startswith("AWS_")]:
        patch.delenv(variable)
    for variable, value in environment.items():
        patch.setenv(variable, value)
    lake = Lake(sandbox, environment)
    initialise(lake.settings)
    return lake


def tables(lake: Lake, day: date | None = None) -> dict[str, Rows]:
    """All rows of the four tables, or those of one date, sorted, without run_ts."""
    where = f" where snapshot_date = date '{day}'" if day else ""
    return {table: _rows(lake.query(f"select * from {table}{where}")) for table in TABLES}


def _rows(rows: list[dict[str, Any]]) -> Rows:
    kept = [tuple(str(row[name]) for name in sorted(row) if name != "run_ts") for row in rows]
    return sorted(kept)


def export(lake: Lake, result: TransformResult, name: str) -> list[dict[str, str]]:
    """The rows of one of a run's exports, without run_ts."""
    text = lake.read(result.exports[name]["key"]).decode()
    return [
        {field: value for field, value in row.items() if field != "run_ts"}
        for row in csv.DictReader(io.StringIO(text))
    ]


def temporary_tables(lake: Lake) -> list[str]:
    """The names of temporary tables that dbt has left in Glue."""
    pages = lake.glue.get_paginator("get_tables").paginate(DatabaseName=lake.settings.glue_database)
    return [table["Name"] for page in pages for table in page["TableList"] if "__dbt_tmp" in table["Name"]]
