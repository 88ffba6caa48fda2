"""Tests that SQL and Python give the same verdicts: on shared cases, on hostile lines, and on odd lines."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from runner.lake import registry
from runner.rules import DUPLICATE
from tests.cases.odd_lines import CASES, odd_lines, raw_line
from tests.cases.parity import STAGES, python_codes, sql_codes

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dbt project")]

DATE = "2025-08-10"


def codes_of(dbt: Any, lines: list[bytes]) -> dict[bytes, dict[int, list[str]]]:
    dbt.lake.put_bronze(DATE, "lines.jsonl", b"\n".join(lines))
    return sql_codes(dbt.lake.query, DATE)


def test_sql_gives_every_case_its_codes(dbt: Any) -> None:
    found = codes_of(dbt, [raw_line(case) for case in CASES])
    wrong = {
        case["name"]: (found[raw_line(case)], [case[f"stage{stage}"] for stage in STAGES])
        for case in CASES
        if [found[raw_line(case)][stage] for stage in STAGES] != [case[f"stage{stage}"] for stage in STAGES]
    }
    assert wrong == {}


def test_sql_and_python_agree_on_odd_lines(dbt: Any) -> None:
    lines = odd_lines(3000, seed=20250810)
    found = codes_of(dbt, lines)
    assert sorted(found) == lines
    date = dt.date.fromisoformat(DATE)
    wrong = {line: found[line] for line in lines if found[line] != python_codes(line, date)}
    assert wrong == {}
    kinds = {code for by_stage in found.values() for codes in by_stage.values() for code in codes}
    assert kinds == {rule["code"] for rule in registry()["reject_rules"]} - {DUPLICATE}


_FIELDS = '"facility_id":"FAC1","facility_name":"A","location":{"state":"TX"},"accreditations":[{"valid_until":"2026-01-01"}]'

HOSTILE = {
    "characters that the DuckDB engine keeps bytes in": f'{{{_FIELDS},"employee_count":1,"x":"\U0010fe80\U0010feff"}}',
    "a dash for a count": f'{{{_FIELDS},"employee_count":"—"}}',
    "a letter for a count": f'{{{_FIELDS},"employee_count":"é"}}',
    "full-width digits for a count": f'{{{_FIELDS},"employee_count":"\uff11"}}',
    "a full-width date": f'{{{_FIELDS.replace("2026", chr(0xFF12) * 4)},"employee_count":1}}',
    "arrays 600 deep": f'{{{_FIELDS},"employee_count":1,"x":{"[" * 600}{"]" * 600}}}',
    "arrays 1500 deep": f'{{{_FIELDS},"employee_count":1,"x":{"[" * 1500}{"]" * 1500}}}',
    "a text of 600 brackets": f'{{{_FIELDS},"employee_count":1,"x":"{"[" * 600}"}}',
    "600 brackets without an end": "[" * 600,
    "a number of 5000 digits": f'{{{_FIELDS},"employee_count":{"1" * 5000}}}',
    "a name of 50,000 characters": f'{{{_FIELDS},"employee_count":1,"{"k" * 50_000}":1}}',
    "a name of 50,001 characters": f'{{{_FIELDS},"employee_count":1,"{"k" * 50_001}":1}}',
}


def test_a_hostile_line_ends_no_query_and_gets_the_same_verdict(dbt: Any) -> None:
    lines = {text.encode(): name for name, text in HOSTILE.items()}
    found = codes_of(dbt, list(lines))
    date = dt.date.fromisoformat(DATE)
    assert {lines[line]: codes for line, codes in found.items()} == {
        name: python_codes(line, date) for line, name in lines.items()
    }
