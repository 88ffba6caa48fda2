"""Functions of dates and timestamps."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.functions.registry import Call, function, simple
from local_athena.compiler.scopes import Typed
from local_athena.errors import QueryFailed, Refused
from local_athena.values import types
from local_athena.values.duckdb_types import to_duckdb
from local_athena.values.types import BIGINT, DATE, TIMESTAMP, TIMESTAMP_6, VARCHAR, Type

for _name in ("year", "quarter", "month", "week", "day", "hour", "minute", "second"):
    _of_day = () if _name in ("hour", "minute", "second") else (((DATE,), BIGINT, f"{_name}({{0}})"),)
    simple(_name, *_of_day, ((TIMESTAMP_6,), BIGINT, f"{_name}({{0}})"), complete=False)
simple("from_iso8601_date", ((VARCHAR,), DATE, "t_iso_date({0})"))


@function("now")
def _now(call: Call) -> Typed:
    call.require(0)
    call.use()
    return Typed("date_trunc('millisecond', current_timestamp)", types.TIMESTAMP_TZ)


@function("date")
def _date(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    return call.compiler.cast(call.args[0], DATE, call.node, safe=False)


_UNITS_OF_TIME = ("millisecond", "second", "minute", "hour")
_UNITS = (*_UNITS_OF_TIME, "day", "week", "month", "quarter", "year")


def _unit(call: Call, kind: Type) -> str:
    """The unit that the call names, if there is one of that name for the type.

    Raises:
        QueryFailed: there is none.
    """
    literal = call.node.expressions[0]
    name = literal.name.lower() if isinstance(literal, exp.Literal) else ""
    if name not in _UNITS or (kind == DATE and name in _UNITS_OF_TIME):
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"'{name}' is not a valid DATE field")
    return name


@function("date_trunc")
def _date_trunc(call: Call) -> Typed:
    call.require(2)
    if not call.args[1].type.is_moment:
        raise call.mismatch("date_trunc(varchar(x), date), date_trunc(varchar(x), timestamp(p))")
    kind = call.args[1].type
    unit = _unit(call, kind)
    call.use(f"'{unit}'", kind)
    return Typed(f"CAST(date_trunc('{unit}', {call.args[1].sql}) AS {to_duckdb(kind)})", kind)


@function("date_add")
def _date_add(call: Call) -> Typed:
    call.require(3)
    _, amount, moment = call.args
    if not moment.type.is_moment or not amount.type.is_integer:
        raise call.mismatch("date_add(varchar(x), bigint, date), date_add(varchar(x), bigint, timestamp(p))")
    unit = _unit(call, moment.type)
    call.use(f"'{unit}'", BIGINT, moment.type)
    count = call.coerced(1, BIGINT)
    if unit not in _UNITS_OF_TIME:
        # More than a million years: Trino's outcomes differ by unit, and DuckDB counts such units in 32 bits.
        refusal = f"CAST(t_refuse('date_add of', CAST({count} AS VARCHAR)) AS INTEGER)"
        count = f"(CASE WHEN abs({count}) > 400000000 THEN {refusal} ELSE CAST({count} AS INTEGER) END)"
    factor, base = (3, "months") if unit == "quarter" else (1, f"{unit}s")
    return Typed(
        f"CAST({moment.sql} + to_{base}({count} * {factor}) AS {to_duckdb(moment.type)})", moment.type
    )


@function("date_diff")
def _date_diff(call: Call) -> Typed:
    call.require(3)
    _, first, second = call.args
    kind = types.common(first.type, second.type)
    if kind is None or not kind.is_moment:
        raise call.mismatch(
            "date_diff(varchar(x), date, date), date_diff(varchar(x), timestamp(p), timestamp(p))"
        )
    unit = _unit(call, kind)
    if kind.base == "timestamp with time zone" and unit in ("month", "quarter", "year"):
        # Trino's calendar counts the ends of months otherwise than for timestamps without a zone.
        raise call.unsupported()
    # date_sub counts whole units that have passed, as Trino does; date_diff would count boundaries.
    call.use(f"'{unit}'", kind, kind)
    return Typed(f"date_sub('{unit}', {call.coerced(1, kind)}, {call.coerced(2, kind)})", BIGINT)


_MYSQL_FORMATS = {
    "%Y": "%Y", "%m": "%m", "%d": "%d", "%H": "%H", "%i": "%M", "%s": "%S", "%S": "%S", "%f": "%f", "%M": "%B",
    "%T": "%H:%M:%S", "%b": "%b", "%a": "%a", "%W": "%A", "%j": "%j", "%y": "%y", "%p": "%p", "%h": "%I", "%%": "%%",
}  # fmt: skip


def _strftime_pattern(call: Call, kind: Type) -> str:
    """The format in DuckDB's spelling; each of its codes has its own signature."""
    literal = call.node.expressions[1]
    if not isinstance(literal, exp.Literal) or not literal.is_string:
        raise Refused(f"{call.name} with a format that is no literal")
    text, codes, position = literal.name, [], 0
    while position < len(text):
        code = text[position : position + 2] if text[position] == "%" else text[position]
        if code[0] == "%" and code not in _MYSQL_FORMATS:
            raise Refused(f"{call.name} with the format {text!r}")
        if code[0] == "%":
            call.use(kind, f"'{code}'")
        codes.append(_MYSQL_FORMATS.get(code, code))
        position += len(code)
    return "'" + "".join(codes).replace("'", "''") + "'"


@function("date_format")
def _date_format(call: Call) -> Typed:
    call.require(2)
    if not call.args[0].type.is_moment:
        raise call.mismatch("date_format(timestamp(p), varchar(x))")
    kind = types.common(call.args[0].type, TIMESTAMP)
    assert kind is not None
    moment = f"CAST({call.coerced(0, kind)} AS TIMESTAMP)"
    if kind.params[0] > 3:
        moment = f"make_timestamp(CAST(round(epoch_us({moment}) / 1000) AS BIGINT) * 1000)"
    return Typed(f"strftime({moment}, {_strftime_pattern(call, kind)})", VARCHAR)


@function("date_parse")
def _date_parse(call: Call) -> Typed:
    call.require(2)
    if call.args[0].type.base != "varchar":
        raise call.mismatch("date_parse(varchar(x), varchar(y))")
    text, pattern = call.args[0].sql, _strftime_pattern(call, VARCHAR)
    if "%Y" not in pattern and "%y" not in pattern:
        # For Trino a year that is not given is 1970, for DuckDB 1900.
        raise Refused("date_parse with a format that has no year")
    failure = f"CAST(t_fail('INVALID_FUNCTION_ARGUMENT|Invalid format: \"' || {text} || '\"') AS TIMESTAMP)"
    parsed = f"try_strptime({text}, {pattern})"
    return Typed(f"(CASE WHEN {text} IS NULL THEN NULL ELSE coalesce({parsed}, {failure}) END)", TIMESTAMP)
