"""Compiles functions that write and read dates and timestamps in a format."""

from __future__ import annotations

import re
from itertools import pairwise

from local_athena.compiler.functions.registry import Call, function
from local_athena.compiler.scopes import Typed
from local_athena.compiler.zoned import ZONED, at_zone, local
from local_athena.errors import QueryFailed, Refused
from local_athena.values import types
from local_athena.values.duckdb_types import sql_text
from local_athena.values.types import TIMESTAMP, UTC, VARCHAR, Type

#: The codes of Joda's patterns: DuckDB's code for each number of repeated letters.
_JODA_FORMATS = {
    "yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%-m", "dd": "%d", "d": "%-d", "DDD": "%j",
    "D": "%-j", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S", "s": "%-S",
    "SSS": "%g", "a": "%p", "EEEE": "%A", "EEE": "%a", "EE": "%a", "E": "%a", "e": "%u", "ww": "%V",
}  # fmt: skip


def _joda_pattern(call: Call, kind: Type) -> str:
    """The format argument in DuckDB's codes, quoted. Each code in it has its own signature in the allow-list.

    Raises:
        Refused: the format is not a literal, or has a code that is not supported.
    """
    text, codes, position = call.literal_text(1, "a format"), [], 0
    token = re.compile(r"'(?P<text>(?:[^']|'')*)'|(?P<code>([A-Za-z])\3*)|(?P<plain>[^A-Za-z']+)")
    while position < len(text):
        found = token.match(text, position)
        code = found["code"] if found else None
        if found is None or (code and code not in _JODA_FORMATS):
            raise Refused(f"{call.name} with the format {text!r}")
        if code:
            call.use(kind, f"'{code}'")
            codes.append(_JODA_FORMATS[code])
        else:
            quoted = found["text"]
            plain = found["plain"] if quoted is None else quoted.replace("''", "'") or "'"
            codes.append(plain.replace("%", "%%"))
        position = found.end()
    return sql_text("".join(codes))


_MYSQL_FORMATS = {
    "%Y": "%Y", "%m": "%m", "%d": "%d", "%H": "%H", "%i": "%M", "%s": "%S", "%S": "%S", "%f": "%f", "%M": "%B",
    "%T": "%H:%M:%S", "%b": "%b", "%a": "%a", "%W": "%A", "%j": "%j", "%y": "%y", "%p": "%p", "%h": "%I", "%%": "%%",
    "%e": "%-d", "%c": "%-m", "%k": "%-H", "%l": "%-I", "%I": "%I", "%r": "%I:%M:%S %p", "%v": "%V",
}  # fmt: skip
#: Codes of MySQL on which Trino fails.
_UNSUPPORTED_CODES = ("%D", "%U", "%u", "%V", "%w", "%X")


def _strftime_pattern(call: Call, kind: Type) -> str:
    """The format argument in DuckDB's codes, quoted. Each code in it has its own signature in the allow-list.

    Raises:
        Refused: the format is not a literal, or has a code that is not supported.
    """
    text, codes, position = call.literal_text(1, "a format"), [], 0
    while position < len(text):
        code = text[position : position + 2] if text[position] == "%" else text[position]
        if code in _UNSUPPORTED_CODES:
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"{code} not supported in date format string")
        if code[0] == "%" and code not in _MYSQL_FORMATS:
            raise Refused(f"{call.name} with the format {text!r}")
        if code[0] == "%":
            call.use(kind, f"'{code}'")
        codes.append(_MYSQL_FORMATS.get(code, code))
        position += len(code)
    return sql_text("".join(codes))


@function("date_format", "format_datetime")
def _formatted(call: Call) -> Typed:
    """A moment's local time, rounded to milliseconds, in a format of MySQL's (date_format) or Joda's codes."""
    call.require(2)
    value = call.args[0]
    if not value.type.is_moment:
        raise call.mismatch(
            f"{call.name}(timestamp(p), varchar(x)), {call.name}(timestamp(p) with time zone, varchar(x))"
        )
    if value.type.base == ZONED:
        kind, clock = Type("timestamp", value.type.params), local(value, call.compiler.note)
    else:
        kind = types.common(value.type, TIMESTAMP)
        assert kind is not None
        clock = f"CAST({call.coerced(0, kind)} AS TIMESTAMP)"
    if kind.params[0] > 3:
        clock = f"make_timestamp(CAST(round(epoch_us({clock}) / 1000) AS BIGINT) * 1000)"
    pattern = _strftime_pattern if call.name == "date_format" else _joda_pattern
    return Typed(f"strftime({clock}, {pattern(call, kind)})", VARCHAR)


@function("date_parse")
def _date_parse(call: Call) -> Typed:
    call.require(2)
    if call.args[0].type.base != "varchar":
        raise call.mismatch("date_parse(varchar(x), varchar(y))")
    return _parsed(call, _strftime_pattern(call, VARCHAR), call.node.expressions[1].name)


@function("parse_datetime")
def _parse_datetime(call: Call) -> Typed:
    """The moment that a text has in a format of Joda's codes. Without a time zone in the format, it is in UTC."""
    call.require(2)
    if call.args[0].type.base != "varchar":
        raise call.mismatch("parse_datetime(varchar(x), varchar(y))")
    pattern = _joda_pattern(call, VARCHAR)
    found: list[str] = re.findall(r"%%|%-?.|[^%]+", pattern[1:-1].replace("''", "'"), re.DOTALL)
    numbers = [code[0] == "%" and code not in ("%B", "%b", "%A", "%a", "%p", "%%") for code in found]
    known = {code for code in found if code[0] == "%"} <= set(_JODA_PARSED)
    if not known or any(one and other for one, other in pairwise(numbers)):
        raise Refused(f"parse_datetime with the format {call.node.expressions[1].name!r}")
    parsed = _parsed(call, pattern, "".join(_JODA_PARSED.get(code, code) for code in found))
    return at_zone(parsed, UTC)


#: The codes with which both `date_parse` and `parse_datetime` read texts: MySQL's code for each of DuckDB's.
_JODA_PARSED = {
    "%Y": "%Y", "%m": "%m", "%-m": "%c", "%d": "%d", "%-d": "%e", "%H": "%H", "%-H": "%k", "%M": "%i", "%S": "%s",
    "%%": "%%",
}  # fmt: skip


def _parsed(call: Call, pattern: str, written: str) -> Typed:
    """The timestamp that a text has in a format.

    Args:
        call: the call of date_parse or parse_datetime.
        pattern: the format in DuckDB's codes, quoted.
        written: the format in MySQL's codes.

    Raises:
        Refused: DuckDB reads texts in this format otherwise than Trino.
    """
    text = call.args[0].sql
    if "%V" in pattern:
        raise Refused("date_parse with the format code %v")
    # DuckDB reads numbers with and without leading zeros by the same code.
    pattern = pattern.replace("%-", "%")
    if "%Y" not in pattern and "%y" not in pattern:
        # Without a year in the format, Trino assumes 1970 and DuckDB 1900.
        raise Refused(f"{call.name} with a format that has no year")
    if pattern[1:2].isspace():
        # DuckDB skips leading blanks of the string before it matches the blank in the format.
        raise Refused(f"{call.name} with a format that begins with a blank")
    failure = f"CAST(t_fail('INVALID_FUNCTION_ARGUMENT|Invalid format: \"' || {text} || '\"') AS TIMESTAMP)"
    refusal = f"CAST(t_refuse('{call.name} of', {text}) AS TIMESTAMP)"
    exact, unsure = (_pattern_of_texts(written, codes) for codes in (_PARSED, _PERHAPS_PARSED))
    return Typed(
        f"(CASE WHEN {text} IS NULL THEN NULL WHEN regexp_full_match({text}, {exact}) "
        f"THEN coalesce(try_strptime({text}, {pattern}), {failure}) "
        f"WHEN regexp_full_match({text}, {unsure}) THEN {refusal} ELSE {failure} END)",
        TIMESTAMP,
    )


#: The strings that each code accepts both in DuckDB and in Trino. (DuckDB also skips blanks.)
_PARSED = {
    "%Y": "[0-9]{4}", "%y": "[0-9]{2}", "%j": "[0-9]{1,3}", "%f": "[0-9]{1,6}", "%p": "(?i:am|pm)", "%%": "%",
    "%T": "[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}",
    "%r": "[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2} (?i:am|pm)",
    **dict.fromkeys(("%m", "%d", "%H", "%i", "%s", "%S", "%h", "%e", "%c", "%k", "%l", "%I"), "[0-9]{1,2}"),
    **dict.fromkeys(("%M", "%b", "%a", "%W"), "[A-Za-z]+"),
}  # fmt: skip
#: Further strings that Trino may accept: signs, years of other lengths, longer fractions.
_PERHAPS_PARSED = {code: "[+-]?[0-9]+" if "[0-9]" in taken else taken for code, taken in _PARSED.items()} | {
    "%T": "[0-9]+:[0-9]+:[0-9]+",
    "%r": "[0-9]+:[0-9]+:[0-9]+ (?i:am|pm)",
}


def _pattern_of_texts(written: str, codes: dict[str, str]) -> str:
    """A quoted regular expression for the strings that a format accepts.

    Args:
        written: the format in MySQL's codes.
        codes: the regular expression of each code.
    """
    parts = re.findall(r"%.|[^%]+", written, re.DOTALL)
    pattern = "".join(codes[part] if part[0] == "%" else re.escape(part) for part in parts)
    return sql_text(f"(?s){pattern}")
