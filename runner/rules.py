"""The reject rules in Python: one predicate per code of `vars.reject_rules` in dbt_project.yml.

The SQL of the same rules is in the dbt models. tests/cases/reject_cases.jsonl tests both. Its README lists
the points that the JSON standard leaves open and that the cases decide.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn, cast

import msgspec

from runner.lake import parse_date, registry
from runner.settings import PROJECT_DIR

Record = dict[str, Any]

#: White space everywhere in the lake: the six ASCII characters that `bytes.strip()` strips.
WHITE_SPACE = " \t\n\r\v\f"

#: The facility_id of every facility starts with this text.
FACILITY_ID_START = "FAC"

#: Beyond these limits, engines return different results or crash: see tests/cases/README.md.
MAX_NESTING = 64
MAX_NUMBER_DIGITS = 200
MAX_NAME_LENGTH = 50_000
MAX_INTEGER_DIGITS = 18

#: A JSON string. The pattern is possessive, so that the match uses no memory for backtracking.
STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
#: The number of bytes of a line that are checked together.
_WINDOW = 1024 * 1024
_ZEROS_FOR_DIGITS = bytes.maketrans(b"123456789E", b"000000000e")


def nested(plain: bytes, other: bytes, levels: int) -> bytes:
    """A pattern of JSON text: any number of tokens, with brackets that are at most `levels` deep.

    It checks no syntax. Every repetition is possessive, so it runs in linear time and constant memory.

    Args:
        plain: a pattern of a run of text, perhaps empty, without brackets and without what starts `other`.
        other: a pattern of any other token.
        levels: the most levels of brackets.
    """
    pattern = rb"%b(?:(?:%b)%b)*+" % (plain, other, plain)
    for _ in range(levels):
        pattern = rb"%b(?:(?:[\[{]%b[\]}]|%b)%b)*+" % (plain, pattern, other, plain)
    return pattern


@cache
def _within_nesting() -> re.Pattern[bytes]:
    """The pattern that a line within the limit of nesting matches."""
    return re.compile(nested(rb'[^"\[\]{}]*+', STRING, MAX_NESTING), re.DOTALL)


@cache
def _within_limits() -> re.Pattern[bytes]:
    """The pattern that a line within the limits of nesting and of numbers matches.

    Compiling it takes 25 ms.
    """
    other = rb"%b|[0-9]{1,%d}+(?![0-9])|[eE](?!\+?[0-9]{3})" % (STRING, MAX_NUMBER_DIGITS - 1)
    return re.compile(nested(rb'[^"0-9eE\[\]{}]*+', other, MAX_NESTING), re.DOTALL)


#: Text and strings of at most MAX_NAME_LENGTH characters. An escape counts as one. Most strings have no
#: escape.
_SHORT_STRINGS = re.compile(
    rb'(?:[^"]++|"[^"\\]{0,%d}+"|"(?:[^"\\]|\\.){0,%d}+")*+' % (MAX_NAME_LENGTH, MAX_NAME_LENGTH), re.DOTALL
)
_ESCAPED_QUOTES_PASSED = 100
_BACKSLASH = ord("\\")
_STRING_OR_NAME = re.compile(rb"(%b)([ \t\n\r]*+:)?" % STRING, re.DOTALL)


class NumberLiteral(str):
    """A JSON number as it is written, so that 312.0, 1e2 and twenty digits stay apart from 312."""

    __slots__ = ()


class IntegerLiteral(NumberLiteral):
    """A JSON number without fraction and exponent."""

    __slots__ = ()


def as_object(value: Any) -> Record:
    """The members of a JSON object; none for any other value."""
    return cast("Record", value) if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Line:
    """The predicates' view of a line: its JSON object, or None, and its folder's date."""

    record: Record | None
    snapshot_date: date

    @property
    def fields(self) -> Record:
        """The members of the object; none for a malformed line."""
        return self.record or {}

    @property
    def accreditations(self) -> list[Any] | None:
        """The array of accreditations, or None where there is no array."""
        value = self.fields.get("accreditations")
        return cast("list[Any]", value) if isinstance(value, list) else None


class _AnyObject(msgspec.Struct):
    """Accepts any JSON object and checks every byte of it."""


#: Raises msgspec.MsgspecError or RecursionError unless the bytes are one JSON object. It allocates no memory.
check_syntax = msgspec.json.Decoder(_AnyObject).decode
_decode_string = msgspec.json.Decoder(str).decode


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


#: Decodes a JSON text to Python values, with numbers as NumberLiteral.
read_json = json.JSONDecoder(
    parse_int=IntegerLiteral, parse_float=NumberLiteral, parse_constant=_refuse_constant
).decode


def parse_object(line: bytes) -> Record | None:
    """The JSON object of a line, its numbers as NumberLiteral, or None if the line is malformed.

    If a key occurs twice, the last one counts.
    """
    try:
        check_syntax(line)
        text = line.decode("utf-8")
        return read_json(text) if is_within_limits(line) else None
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def is_within_limits(line: bytes | bytearray) -> bool:
    """Whether a line of valid JSON is within the limits beyond which engines differ.

    The limits: MAX_NESTING levels of brackets, fewer than MAX_NUMBER_DIGITS digits in a row in a number, an
    exponent of two digits unless it is negative, MAX_NAME_LENGTH UTF-16 units in a member's name.
    """
    has_plain_numbers = _has_plain_numbers(line)
    if (
        has_plain_numbers
        and len(line) <= MAX_NAME_LENGTH
        and line.count(b"[") + line.count(b"{") <= MAX_NESTING
    ):
        return True
    limits = _within_nesting() if has_plain_numbers else _within_limits()
    return bool(limits.fullmatch(line)) and _names_are_within_limits(line)


def _has_plain_numbers(line: bytes | bytearray) -> bool:
    """A quick check, one window at a time, that does not distinguish strings from other text."""
    for start in range(0, len(line), _WINDOW):
        zeros = line[start : start + _WINDOW + MAX_NUMBER_DIGITS].translate(_ZEROS_FOR_DIGITS, b"+")
        if b"e000" in zeros or b"0" * MAX_NUMBER_DIGITS in zeros:
            return False
    return True


def _names_are_within_limits(line: bytes | bytearray) -> bool:
    position = 0 if _has_long_gap(line) else len(line)
    while position < len(line):
        short = _SHORT_STRINGS.match(line, position)
        assert short is not None  # it also matches the empty text
        string = _STRING_OR_NAME.match(line, short.end())
        if string and string[2] and _is_long(string):
            return False
        position = string.end() if string else len(line)
    return True


def _has_long_gap(line: bytes | bytearray) -> bool:
    """Whether more than MAX_NAME_LENGTH bytes may lie between two quotes that start or end a string.

    It reads only a few bytes. It skips a quote after a backslash, because such a quote may be part of a
    string.
    """
    start = 0
    while start + MAX_NAME_LENGTH < len(line):
        quote = start + MAX_NAME_LENGTH + 1
        for _ in range(_ESCAPED_QUOTES_PASSED):
            quote = line.rfind(b'"', start, quote)
            if quote < 0 or line[quote - 1] != _BACKSLASH:
                break
        else:
            return True
        if quote < 0:
            return True
        start = quote + 1
    return False


def _is_long(name: re.Match[bytes]) -> bool:
    length = name.end(1) - name.start(1) - len('""')
    if not MAX_NAME_LENGTH < length <= MAX_NAME_LENGTH * len("\\u0000"):
        return length > MAX_NAME_LENGTH
    return len(_decode_string(name[1]).encode("utf-16-le")) > MAX_NAME_LENGTH * len(b"\0\0")


def scalar_text(value: Any) -> str | None:
    """A JSON scalar as text, as SQL's json_extract_scalar of parsed JSON gives it.

    Args:
        value: a value from `read_json`.

    Returns:
        A number as Trino writes it: an integer with its digits, any other as Java writes a double. None for
        null, arrays and objects.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, IntegerLiteral):
        return "0" if value == "-0" else str(value)
    if isinstance(value, NumberLiteral):
        return _double_text(float(value))
    return value if isinstance(value, str) else None


def _double_text(value: float) -> str:
    """A double as Java's Double.toString writes it: 7.5, 100.0, 1.0E7."""
    sign = "-" if math.copysign(1, value) < 0 else ""
    shortest = Decimal(repr(abs(value)))
    if not shortest or 1e-3 <= abs(value) < 1e7:
        plain = f"{shortest:f}"
        return f"{sign}{plain}" if "." in plain else f"{sign}{plain}.0"
    shortest = shortest.normalize()
    if len(shortest.as_tuple().digits) == 1:
        # Java writes at least two digits: its smallest double is 4.9E-324, not 5E-324.
        shortest = Decimal(f"{abs(value):.1e}").normalize()
    first, *rest = map(str, shortest.as_tuple().digits)
    return f"{sign}{first}.{''.join(rest) or '0'}E{shortest.adjusted()}"


def read(line: bytes, snapshot_date: date) -> Line:
    """Parse a raw line, without its line end, for the predicates."""
    return Line(parse_object(line), snapshot_date)


def valid_until(accreditation: Any) -> date | None:
    """The date of one element of `accreditations`, or None if it is bad."""
    value = as_object(accreditation).get("valid_until")
    return parse_date(value) if type(value) is str else None


def _malformed_json(line: Line) -> bool:
    return line.record is None


def _bad_facility_id(line: Line) -> bool:
    value = line.fields.get("facility_id")
    return type(value) is not str or not value.startswith(FACILITY_ID_START)


def _blank_facility_name(line: Line) -> bool:
    value = line.fields.get("facility_name")
    return type(value) is not str or not value.strip(WHITE_SPACE)


def _bad_employee_count(line: Line) -> bool:
    value = line.fields.get("employee_count")
    if not isinstance(value, IntegerLiteral):
        return True
    negative = value.startswith("-") and value != "-0"
    return negative or len(value.removeprefix("-")) > MAX_INTEGER_DIGITS


def _bad_services(line: Line) -> bool:
    return "services" in line.fields and not isinstance(line.fields["services"], list)


def _missing_accreditations(line: Line) -> bool:
    return line.accreditations is None


def _empty_accreditations(line: Line) -> bool:
    return line.accreditations == []


def _bad_valid_until(line: Line) -> bool:
    return any(valid_until(accreditation) is None for accreditation in line.accreditations or ())


def _undecided_accreditation(line: Line) -> bool:
    dates = [valid_until(accreditation) for accreditation in line.accreditations or ()]
    return None in dates and not any(day >= line.snapshot_date for day in dates if day)


def _bad_state(line: Line) -> bool:
    value = as_object(line.fields.get("location")).get("state")
    return type(value) is not str or value not in us_states()


#: The only code that depends on other lines: see `winner`.
DUPLICATE = "duplicate_facility"

#: One predicate per other code. It is true when the line fails.
PREDICATES: dict[str, Callable[[Line], bool]] = {
    "malformed_json": _malformed_json,
    "bad_facility_id": _bad_facility_id,
    "blank_facility_name": _blank_facility_name,
    "bad_employee_count": _bad_employee_count,
    "bad_services": _bad_services,
    "missing_accreditations": _missing_accreditations,
    "empty_accreditations": _empty_accreditations,
    "bad_valid_until": _bad_valid_until,
    "undecided_accreditation": _undecided_accreditation,
    "bad_state": _bad_state,
}


@cache
def us_states() -> frozenset[str]:
    """The codes of seeds/us_states.csv: states, DC and territories."""
    with (PROJECT_DIR / "seeds" / "us_states.csv").open(encoding="utf-8", newline="") as file:
        return frozenset(row["state"] for row in csv.DictReader(file))


@cache
def codes(stage: int) -> tuple[str, ...]:
    """The codes that a stage checks on one line, in the registry's order."""
    rules: list[dict[str, Any]] = registry()["reject_rules"]
    return tuple(rule["code"] for rule in rules if stage in rule["stages"] and rule["code"] != DUPLICATE)


def failing(line: Line, stage: int) -> list[str]:
    """The codes that a line fails at a stage (1, 2 or 3), each once, in the registry's order.

    A malformed line has no fields, so `malformed_json` is its only code. In Stage 2 `bad_valid_until`
    concerns single accreditations, so it is checked only if the line passes all other rules.
    """
    if line.record is None:
        return ["malformed_json"]
    codes_failed = [code for code in codes(stage) if PREDICATES[code](line)]
    if stage == 2 and len(codes_failed) > 1:
        return [code for code in codes_failed if code != "bad_valid_until"]
    return codes_failed


def reject_codes(line: bytes, stage: int, snapshot_date: date) -> list[str]:
    """The codes of one raw line at a stage (1, 2 or 3); empty if the line counts.

    In Stages 1 and 3 these are the codes that are joined in `reject_reason`. In Stage 2 `bad_valid_until`
    occurs once per bad accreditation, because each of them is one reject.
    """
    seen = read(line, snapshot_date)
    codes_failed = failing(seen, stage)
    if stage == 2 and codes_failed == ["bad_valid_until"]:
        return [
            code for each in seen.accreditations or () if valid_until(each) is None for code in codes_failed
        ]
    return codes_failed


def winner(lines: Iterable[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The line of a facility, as (source file, line), that is not a `duplicate_facility`.

    All lines are of one snapshot date and pass the stage's other rules. The lexicographically last file wins,
    then the greatest line by bytes. Of identical lines in one file, one wins.
    """
    return max(lines, key=lambda line: (line[0].encode("utf-8"), line[1]))
