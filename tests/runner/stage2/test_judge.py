"""Tests that the quick way to a verdict agrees with the rules, on the shared cases and on fuzzed lines."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner import rules
from runner.aws.csv_fields import FORMULA_STARTS
from runner.lake import parse_date
from runner.stage2.csv_rows import COLUMNS, HEADER, csv_rows
from runner.stage2.judge import Judge, Window
from runner.stage2.lines import Lines
from runner.stage2.record import decode_facility
from tests.runner.test_rules import CASES, raw_line

RUN_DATE = date(2025, 8, 14)
SNAPSHOT = date(2025, 8, 10)
WINDOW_DAYS = 180


def judged(line: bytes, line_end: bytes = b"") -> tuple[list[list[str]], list[str]]:
    """The CSV rows and the reject codes of one line."""
    verdict = Judge(Window(RUN_DATE, WINDOW_DAYS), SNAPSHOT).judge_lines(Lines(1, [line + line_end]))
    assert {reject.line for reject in verdict.rejects} <= {line + line_end}
    assert verdict.records == (1 if line.strip() else 0)
    rows = [["" if field is None else field for field in row] for row in verdict.rows]
    return rows, [code for reject in verdict.rejects for code in reject.codes]


def expected_rows(line: bytes) -> list[list[str]]:
    """The required rows, computed without the code under test except for the rules' verdict."""
    codes = rules.reject_codes(line, 2, SNAPSHOT)
    if set(codes) - {"bad_valid_until"}:
        return []
    record = rules.parse_object(line)
    rows = []
    for accreditation in record["accreditations"]:
        until = rules.valid_until(accreditation)
        if until is None or not 0 <= (until - RUN_DATE).days <= WINDOW_DAYS:
            continue
        location = record.get("location") if isinstance(record.get("location"), dict) else {}
        values = [
            record["facility_id"],
            record["facility_name"],
            *(location.get(name) for name in ("address", "city", "state", "zip")),
            accreditation.get("accreditation_body"),
            accreditation.get("accreditation_id"),
            until.isoformat(),
            str((until - RUN_DATE).days),
            RUN_DATE.isoformat(),
            SNAPSHOT.isoformat(),
        ]
        rows.append([as_text(value) for value in values])
    return rows


def as_text(value: Any) -> str:
    return rules.scalar_text(value) or ""


def assert_agreement(line: bytes) -> None:
    expected = expected_rows(line), rules.reject_codes(line, 2, SNAPSHOT)
    for line_end in (b"", b"\n", b"\r\n", b"\r"):
        assert judged(line, line_end) == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_quick_way_agrees_on_a_case(case: dict[str, Any]) -> None:
    assert_agreement(raw_line(case))


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["FAC1", "FA", " ", "\t\n", "", "2025-09-01", "2025-02-29", "20251115", "0000-01-01"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def mostly(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(usual, usual, usual, values)


dates = st.dates(date(2025, 8, 1), date(2026, 3, 1)).map(date.isoformat)
names = st.text(max_size=12) | st.sampled_from(['say "A, B"', "two\nlines", "a\rb", "São João", "😀"])


def objects(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    extra = st.dictionaries(st.text(max_size=6), values, max_size=1)
    return st.tuples(st.fixed_dictionaries(required, optional=optional), extra).map(
        lambda two: two[0] | two[1]
    )


accreditations = objects(
    {"valid_until": mostly(dates)}, {"accreditation_body": mostly(names), "accreditation_id": mostly(names)}
)
locations = objects({}, {name: mostly(names) for name in ("address", "city", "state", "zip")})
records = objects(
    {
        "facility_id": mostly(st.sampled_from(["FAC1", "FAC", "FAD", "FA", "fac1"])),
        "facility_name": mostly(names),
        "employee_count": mostly(st.integers(0, 10**18)),
        "accreditations": mostly(st.lists(mostly(accreditations), max_size=3)),
    },
    {
        "location": mostly(locations),
        "services": mostly(st.lists(names, max_size=2)),
        "labs": mostly(
            st.lists(objects({}, {"lab_name": names, "certifications": st.lists(names)}), max_size=2)
        ),
        "snapshot_date": mostly(dates),
    },
)
lines_of_records = st.builds(
    lambda record, ascii_only: json.dumps(record, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"),
    records,
    st.booleans(),
)


@settings(max_examples=250, deadline=None)
@given(lines_of_records)
def test_the_quick_way_agrees_on_records_of_any_shape(line: bytes) -> None:
    assert_agreement(line)


_GOOD = (
    b'{"facility_id":"FAC1","facility_name":"A \xc3\xa9","location":{"address":"1 Main St","state":"TX"},'
    b'"employee_count":12,"services":["x"],"labs":[{"lab_name":"y","certifications":["CAP"]}],'
    b'"accreditations":[{"accreditation_body":"b","accreditation_id":"i","valid_until":"2025-09-01"}],'
    b'"extra":{"n":[1.5e3,{"deep":null}]},"snapshot_date":"2025-08-10"}'
)
_FRAGMENTS = st.one_of(
    st.binary(max_size=3),
    st.sampled_from(
        [
            *(b"[" * n for n in (1, 61, 65)),
            *(b'{"a":' * n for n in (1, 62, 65)),
            *(b"9" * n for n in (17, 18, 199, 200)),
            b"e99",
            b"E+100",
            b"e-100",
            b"1e100",
            b"NaN",
            b"-0",
            b"-",
            b".0",
            b"\\ud800",
            b"\\udc00",
            b"\\ud83d\\ude00",
            b"\\u0000",
            b"\\",
            b'"',
            b"\xff",
            b"\xed\xa0\x80",
            b"\xef\xbb\xbf",
            b',"facility_id":"X"',
            b',"accreditations":[]',
            b',"employee_count":1e2',
            b"}",
            b"]]]",
        ]
    ),
)


def damage(cuts: list[tuple[int, int, bytes]]) -> bytes:
    line = _GOOD
    for start, length, fragment in cuts:
        line = line[:start] + fragment + line[start + length :]
    return line.translate(None, b"\r\n")


damaged = st.lists(
    st.tuples(st.integers(0, len(_GOOD)), st.integers(0, 4), _FRAGMENTS), min_size=1, max_size=2
).map(damage)


@settings(max_examples=600, deadline=None)
@given(damaged)
def test_the_quick_way_agrees_on_damaged_lines(line: bytes) -> None:
    assert_agreement(line)


fields = st.text() | st.none() | st.sampled_from(FORMULA_STARTS).map(lambda start: f"{start}1+1")


@given(st.lists(st.tuples(*[fields] * len(COLUMNS)), max_size=3))
def test_fields_are_quoted_so_that_every_reader_gets_them_back(rows: list[tuple[str | None, ...]]) -> None:
    read = csv.reader(io.StringIO("\n".join(csv_rows(rows)), newline=""))
    assert [tuple(row) for row in read] == [tuple(map(without_formula, row)) for row in rows]


def without_formula(field: str | None) -> str:
    if field is None:
        return ""
    return f"'{field}" if field[:1] in FORMULA_STARTS else field


def test_null_is_nothing_and_an_empty_text_is_quotes() -> None:
    assert csv_rows([("a", None, "", *"bcdefghij")]) == ['"a",,"","b","c","d","e","f","g","h","i","j"']


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_starts_a_formula(start: str) -> None:
    row = ("FAC1", f"{start}cmd|'/c calc'!A0", *("x" * 10))
    assert csv_rows([row])[0].startswith(f'"FAC1","\'{start}cmd')
    # Also among rows that need no escaping, and in each column.
    for column in range(len(COLUMNS)):
        row = tuple(start if place == column else "x" for place in range(len(COLUMNS)))
        plain = ("x",) * len(COLUMNS)
        expected = ",".join(f'"\'{start}"' if place == column else '"x"' for place in range(len(COLUMNS)))
        assert csv_rows([plain, row, plain])[1] == expected


def test_a_file_of_lines_with_an_unknown_field_needs_no_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    record = json.loads(_GOOD)
    with pytest.raises(ValueError, match="unknown field"):
        decode_facility(_GOOD)
    monkeypatch.delattr(rules, "read")
    rows, codes = judged(json.dumps(record).encode())
    assert (len(rows), codes) == (1, [])


def test_dates_beyond_what_is_remembered_are_judged_alike() -> None:
    window = Window(date(1, 1, 1), 100_000)
    for days in range(60_000):
        day = date.fromordinal(1 + days)
        assert window.texts(day) == (day.isoformat(), str(days))
    assert window.texts.cache_info().currsize < 60_000


def test_a_window_beyond_the_last_date_ends_there() -> None:
    assert Window(date(9999, 12, 1), 180).last == date.max


_DATE_CHARACTERS = st.sampled_from("0123456789-:TZ+ .\u0662\uff12/")


@settings(max_examples=500, deadline=None)
@given(
    st.one_of(
        st.dates().map(date.isoformat),
        st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True),
        st.builds(
            lambda day, at, cut, put: day[:at] + put + day[at + cut :],
            st.dates(date(1999, 1, 1)).map(date.isoformat),
            st.integers(0, 10),
            st.integers(0, 2),
            st.text(_DATE_CHARACTERS, max_size=2),
        ),
    )
)
def test_the_decoder_takes_the_same_dates_as_the_rules(text: str) -> None:
    for written in (
        json.dumps(text),
        json.dumps(text, ensure_ascii=False),
        json.dumps(text).replace("-", "\\u002d"),
    ):
        line = _GOOD.replace(b'"2025-09-01"', written.encode()).replace(
            b'"extra":{"n":[1.5e3,{"deep":null}]},', b""
        )
        try:
            decoded = decode_facility(line).accreditations[0].valid_until
        except msgspec.ValidationError:
            decoded = None
        assert decoded == parse_date(text)


def test_the_columns_are_those_of_the_contract() -> None:
    assert HEADER == (
        '"facility_id","facility_name","address","city","state","zip","accreditation_body","accreditation_id",'
        '"valid_until","days_until_expiry","run_date","snapshot_date"'
    )
