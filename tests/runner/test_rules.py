"""Tests the rules in Python with the cases that also test SQL."""

from __future__ import annotations

import base64
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from runner import rules
from runner.lake import registry

CASES_FILE = Path(__file__).parents[1] / "cases" / "reject_cases.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in CASES_FILE.read_text("utf-8").splitlines()]


def raw_line(case: dict[str, Any]) -> bytes:
    if "line_base64" in case:
        return base64.b64decode(case["line_base64"])
    return case["line"].encode("utf-8")


@pytest.mark.parametrize("stage", [1, 2, 3])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_case_gets_its_codes(case: dict[str, Any], stage: int) -> None:
    found = rules.reject_codes(raw_line(case), stage, date.fromisoformat(case["snapshot_date"]))
    assert found == case[f"stage{stage}"]


def test_there_is_one_predicate_per_code_in_the_registry_s_order() -> None:
    codes = [rule["code"] for rule in registry()["reject_rules"]]
    assert [*rules.PREDICATES, rules.DUPLICATE] == codes


def test_every_code_of_one_line_has_a_case() -> None:
    covered = {code for case in CASES for stage in (1, 2, 3) for code in case[f"stage{stage}"]}
    assert covered == set(rules.PREDICATES)


def test_the_last_file_wins_then_the_greatest_line() -> None:
    lines = [("b.jsonl", b"1"), ("a.jsonl", b"9"), ("b.jsonl", b"2"), ("b.jsonl", b"10")]
    assert rules.winner(lines) == ("b.jsonl", b"2")


def test_files_are_compared_by_the_bytes_of_their_names() -> None:
    astral, private_use = "\U0001f600.jsonl", "\uffee.jsonl"
    assert rules.winner([(private_use, b""), (astral, b"")]) == (astral, b"")


def _object(inside: str) -> bytes:
    return f'{{"x":{inside}}}'.encode()


#: The position where a window of the quick check ends.
SEAM = rules._WINDOW


@pytest.mark.parametrize("length", [60_000, 200_000])
@pytest.mark.parametrize(
    ("inside", "kept"),
    [
        ("1" * 199, True),
        ("1" * 200, False),
        ("1" * 199 + "." + "1" * 199, True),
        (f'"{"1" * 200}"', True),
        ("1e99", True),
        ("1e+100", False),
        ("1E100", False),
        ("1e-100", True),
        ('"e111"', True),
        ("[" * 62 + "]" * 62, True),
        ("[" * 64 + "]" * 64, False),
        (f'"{"[" * 100}"', True),
        (f'{{"{"k" * 50_000}":1}}', True),
        (f'{{"{"k" * 50_001}":1}}', False),
        (f'"{"k" * 50_001}"', True),
        ('{"' + '\\"' * 50_000 + '":1}', True),
        ('{"' + '\\"' * 50_001 + '":1}', False),
        ('{"' + "k" * 49_000 + '\\"' * 1_001 + '":1}', False),
        ('{"' + "漢" * 50_000 + '":1}', True),
        ('{"' + "漢" * 50_001 + '":1}', False),
        ('{"' + "😀" * 25_001 + '":1}', False),
        ('{"' + "\\u00e9" * 50_000 + '":1}', True),
        ('{"' + "\\u00e9" * 50_001 + '":1}', False),
        (f'{{"{"k" * 50_001}" :1}}', False),
        (f'[{{"a":"\\\\"}},{{"{"k" * 50_001}":"\\\\"}}]', False),
    ],
)
def test_the_limits_hold_wherever_in_a_long_line_the_value_is(inside: str, kept: bool, length: int) -> None:
    # Short texts, empty arrays and quotes after backslashes fill the line before and after the value.
    filler = ('"a",[],"\\\\","\\"",' * (length // 16))[:length].rpartition(',"a"')[0]
    for line in (_object(f"[{filler},{inside}]"), _object(f"[{inside},{filler}]"), _object(inside)):
        assert rules.check_syntax(line) is not None
        assert rules.is_within_limits(line) is kept
        assert rules.is_within_limits(bytearray(line)) is kept


@pytest.mark.parametrize("offset", range(-201, 2, 20))
def test_digits_across_a_seam_are_counted_together(offset: int) -> None:
    start = b'{"x":["'
    filler = start + b"a" * (SEAM + offset - len(start) - 2) + b'",'
    assert rules.is_within_limits(filler + b"1" * 199 + b"]}")
    assert not rules.is_within_limits(filler + b"1" * 200 + b"]}")
    assert not rules.is_within_limits(filler + b"1e+100]}")
