"""SQL and Python judge alike: the shared cases, and a corpus of damaged lines."""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import pytest

from runner.lake import registry
from runner.rules import DUPLICATE, WHITE_SPACE, reject_codes

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("dbt project")]

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "cases" / "reject_cases.jsonl").read_text("ascii").splitlines()
]
DATE = "2025-08-10"
STAGES = (1, 2, 3)


def bytes_of(case: dict[str, Any]) -> bytes:
    """The raw line of a case."""
    return case["line"].encode() if "line" in case else base64.b64decode(case["line_base64"])


def sql_codes(dbt: Any, lines: list[bytes]) -> dict[bytes, dict[int, list[str]]]:
    """The failing codes of each line by stage, as stg_facilities tells them."""
    dbt.lake.put_bronze(DATE, "lines.jsonl", b"\n".join(lines))
    rules = [rule for rule in registry()["reject_rules"] if rule["code"] != DUPLICATE]
    rows = dbt.lake.query(
        "select to_hex(to_utf8(line)) as line, "
        "coalesce(cardinality(filter(accreditations, a -> a.valid_until is null)), 0) as bad_dates, "
        f"{', '.join(rule['code'] for rule in rules)} "
        f"from stg_facilities where snapshot_folder = '{DATE}'"
    )
    return {
        bytes.fromhex(row["line"]): {stage: _codes(rules, row, stage) for stage in STAGES} for row in rows
    }


def _codes(rules: list[dict[str, Any]], row: dict[str, Any], stage: int) -> list[str]:
    codes = [rule["code"] for rule in rules if stage in rule["stages"] and row[rule["code"]]]
    if stage != 2:
        return codes
    of_the_line = [code for code in codes if code != "bad_valid_until"]
    return of_the_line or ["bad_valid_until"] * row["bad_dates"]


def test_sql_gives_every_case_its_codes(dbt: Any) -> None:
    found = sql_codes(dbt, [bytes_of(case) for case in CASES])
    wrong = {
        case["name"]: (found[bytes_of(case)], [case[f"stage{stage}"] for stage in STAGES])
        for case in CASES
        if [found[bytes_of(case)][stage] for stage in STAGES] != [case[f"stage{stage}"] for stage in STAGES]
    }
    assert wrong == {}


def damaged_lines(count: int, seed: int) -> list[bytes]:
    """Lines of the cases with bytes changed, cut, repeated and swapped, and tokens put in."""
    dice = random.Random(seed)
    sources = [line for line in map(bytes_of, CASES) if len(line) < 1000]
    tokens = [
        *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b" ", b"\t", b"\x00", b"\x1f", b"\x7f", b"\xff"),
        *(b"\xc3\xa9", b"\xed\xa0\x80", b"\\u0041", b"\\ud83d", b"\\ude00", b"\\", b"null", b"true", b"1e2"),
        *(b"-", b"0", b"9" * 18, b"9" * 200, b".5", b"E+100", b"e-7", b'"FAC"', b'"2025-08-10"', b"[[]]"),
    ]
    lines = set[bytes]()
    while len(lines) < count:
        line = bytearray(dice.choice(sources))
        for _ in range(dice.randint(1, 4)):
            at, end = sorted((dice.randint(0, len(line)), dice.randint(0, len(line))))
            match dice.randrange(5):
                case 0:
                    line[at:at] = dice.choice(tokens)
                case 1:
                    line[at : at + 1] = dice.choice(tokens)
                case 2:
                    del line[at : min(end, at + 12)]
                case 3:
                    line[at:at] = line[at : min(end, at + 30)]
                case _:
                    line[at:] = dice.choice(sources)[at:]
        lines.add(bytes(line))
    return sorted(line for line in lines if line.strip(WHITE_SPACE.encode()))


def test_sql_and_python_agree_on_damaged_lines(dbt: Any) -> None:
    lines = damaged_lines(3000, seed=20250810)
    found = sql_codes(dbt, lines)
    assert sorted(found) == lines
    date = dt.date.fromisoformat(DATE)
    wrong = {
        line: (stage, found[line][stage], reject_codes(line, stage, date))
        for line in lines
        for stage in STAGES
        if found[line][stage] != reject_codes(line, stage, date)
    }
    assert wrong == {}
    kinds = {code for by_stage in found.values() for codes in by_stage.values() for code in codes}
    assert kinds == {rule["code"] for rule in registry()["reject_rules"]} - {DUPLICATE}
