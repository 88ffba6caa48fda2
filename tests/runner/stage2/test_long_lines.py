"""Tests that lines of megabytes get the verdict of the rules, in little more memory than their own bytes."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from benchmarks.stage2_shapes import SHAPES
from runner import rules
from runner.stage2 import long_lines
from runner.stage2.csv_rows import csv_rows
from runner.stage2.judge import Judge, Verdict, Window
from runner.stage2.lines import MAX_USUAL_LINE_BYTES, Lines, LongLine
from tests.runner.stage2.test_judge import RUN_DATE, SNAPSHOT, WINDOW_DAYS, damaged, lines_of_records
from tests.runner.test_rules import CASES, raw_line


def summed(line: bytes) -> Verdict:
    """The verdict on a line that is judged as a long line."""
    total = Verdict()
    for verdict in Judge(Window(RUN_DATE, WINDOW_DAYS), SNAPSHOT).judge(LongLine(1, bytearray(line))):
        total.records += verdict.records
        total.rows += verdict.rows
        total.rejects += verdict.rejects
    return total


def assert_agreement(line: bytes) -> None:
    usual = Judge(Window(RUN_DATE, WINDOW_DAYS), SNAPSHOT).judge_lines(Lines(1, [line]))
    assert summed(line) == usual


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_as_a_long_line_gets_the_same_verdict(case: dict[str, Any]) -> None:
    assert_agreement(raw_line(case))


@settings(max_examples=250, deadline=None)
@given(lines_of_records)
def test_records_of_any_shape_get_the_same_verdict(line: bytes) -> None:
    assert_agreement(line)


@settings(max_examples=400, deadline=None)
@given(damaged)
def test_damaged_lines_get_the_same_verdict(line: bytes) -> None:
    assert_agreement(line)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("size", [3000, 200_000])
def test_a_line_of_a_hostile_shape_gets_the_same_verdict(shape: Callable[[int], bytes], size: int) -> None:
    assert_agreement(shape(size))


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_memory_of_a_line_of_a_hostile_shape_is_bounded(shape: Callable[[int], bytes]) -> None:
    line = bytearray(shape(4 * MAX_USUAL_LINE_BYTES))
    judge = Judge(Window(RUN_DATE, WINDOW_DAYS), SNAPSHOT)
    tracemalloc.start()
    try:
        for verdict in judge.judge(LongLine(1, line)):
            csv_rows(verdict.rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000


def record(**fields: Any) -> bytes:
    return json.dumps(
        {
            "facility_id": "FAC1",
            "facility_name": "A",
            "employee_count": 1,
            "accreditations": [{"accreditation_id": "a", "valid_until": "2025-09-01"}],
        }
        | fields
    ).encode()


LONG = "x" * (long_lines.MAX_TEXT_LENGTH + 1)


@pytest.mark.parametrize(
    ("line", "detail"),
    [
        (record(facility_name=LONG), "facility_name has more than 1000000 characters"),
        (record(facility_name="\n" + LONG), "facility_name has more than 1000000 characters"),
        (record(facility_id="FAC" + LONG), "facility_id has more than 1000000 characters"),
        (record(location={"city": LONG}), "city has more than 1000000 characters"),
    ],
    ids=["name", "name after a blank", "id", "place"],
)
def test_a_text_over_the_limit_rejects_the_line(line: bytes, detail: str) -> None:
    (reject,) = summed(line).rejects
    assert (reject.number, reject.codes, reject.detail) == (1, ("text_over_limit",), detail)
    assert reject.line == line


def test_a_text_over_the_limit_rejects_one_accreditation_and_the_others_count() -> None:
    line = record(
        accreditations=[
            {"accreditation_body": LONG, "valid_until": "2025-09-01"},
            {"accreditation_body": "b", "valid_until": "2025-09-01"},
            {"accreditation_body": "b", "valid_until": LONG},
        ]
    )
    verdict = summed(line)
    assert [reject.codes for reject in verdict.rejects] == [("text_over_limit",), ("bad_valid_until",)]
    assert verdict.rejects[1].detail.startswith("valid_until is 'xxxxxxxxxx")
    assert [row[6] for row in verdict.rows] == ["b"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"facility_name": " \t\n\r\v\f" * 200_000}, "blank_facility_name"),
        ({"facility_id": LONG}, "bad_facility_id"),
        ({"employee_count": LONG}, "bad_employee_count"),
        ({"accreditations": LONG}, "missing_accreditations"),
    ],
)
def test_a_long_text_breaks_the_rules_as_a_short_one_does(fields: dict[str, str], code: str) -> None:
    assert [reject.codes for reject in summed(record(**fields)).rejects] == [(code,)]


def test_a_text_of_the_limit_counts() -> None:
    for text in ("é" * long_lines.MAX_TEXT_LENGTH, "\x00" * long_lines.MAX_TEXT_LENGTH):
        ((_, name, *_),) = summed(record(facility_name=text)).rows
        assert name == text


def test_the_name_of_a_field_may_have_50_000_characters() -> None:
    for name, within in (
        ("k" * 50_000, True),
        ("k" * 50_001, False),
        ("漢" * 50_000, True),
        ("漢" * 50_001, False),
        ("😀" * 25_000, True),
        ("😀" * 25_001, False),
    ):
        for ascii_only in (True, False):
            line = json.dumps(json.loads(record()) | {name: 1}, ensure_ascii=ascii_only).encode()
            assert rules.reject_codes(line, 2, date(2025, 8, 10)) == ([] if within else ["malformed_json"])
            assert_agreement(line)
    # The limit applies to names. A text of this length is allowed.
    assert rules.reject_codes(record(x="k" * 60_000), 2, date(2025, 8, 10)) == []
