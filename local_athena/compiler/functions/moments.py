"""Compiles functions of dates and timestamps."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from local_athena.compiler import proven
from local_athena.compiler.functions.registry import FUNCTIONS, Call, ambiguous, coerces, function, simple
from local_athena.compiler.scopes import Typed
from local_athena.compiler.zoned import ZONED, at_zone, constant, local, moment, moment_near, named
from local_athena.errors import QueryFailed
from local_athena.values import moments, types
from local_athena.values.duckdb_types import sql_text, to_duckdb
from local_athena.values.types import (
    BIGINT,
    DATE,
    DOUBLE,
    TIMESTAMP_6,
    TIMESTAMP_TZ,
    TIMESTAMP_TZ_6,
    UNKNOWN,
    UTC,
    VARCHAR,
    Type,
)

#: The functions that return a part of a date or timestamp: DuckDB's function, and whether a date has the part.
_PARTS = {
    **{name: (name, True) for name in ("year", "quarter", "month", "week", "day")},
    **{name: (name, False) for name in ("hour", "minute", "second")},
    "day_of_week": ("isodow", True), "dow": ("isodow", True), "day_of_month": ("day", True),
    "day_of_year": ("dayofyear", True), "doy": ("dayofyear", True), "week_of_year": ("week", True),
    "year_of_week": ("isoyear", True), "yow": ("isoyear", True), "millisecond": ("millisecond", False),
}  # fmt: skip


def _register_part(name: str) -> None:
    own, of_dates = _PARTS[name]
    template = f"{own}({{0}})" if name != "millisecond" else "(millisecond({0}) % 1000)"
    of_day = (((DATE,), BIGINT, template),) if of_dates else ()
    simple(name, *of_day, ((TIMESTAMP_6,), BIGINT, template), complete=False)
    of_local_time = FUNCTIONS[name]

    def handle(call: Call) -> Typed:
        value = call.args[0] if len(call.args) == 1 else None
        if isinstance(value, Typed) and value.type.base == ZONED:
            value = Typed(local(value, call.compiler.note), Type("timestamp", value.type.params))
            return of_local_time(replace(call, args=[value]))
        if isinstance(value, Typed) and value.type.base == "varchar":
            raise call.mismatch(f"{name}(date), {name}(timestamp(p)), {name}(timestamp(p) with time zone)")
        return of_local_time(call)

    FUNCTIONS[name] = handle


for _name in _PARTS:
    _register_part(_name)
simple("last_day_of_month", ((DATE,), DATE, "last_day({0})"), complete=False)
simple(
    "from_unixtime",
    ((DOUBLE,), TIMESTAMP_TZ, "to_timestamp(CAST(t_round_up({0} * 1000) AS BIGINT) / 1000)"),
    complete=False,
)
simple(
    "to_unixtime",
    ((TIMESTAMP_6,), DOUBLE, "(epoch_us({0}) / 1000000)"),
    # Trino adds what lies behind the millisecond to the milliseconds, which rounds otherwise.
    (
        (TIMESTAMP_TZ_6,),
        DOUBLE,
        "(floor(epoch_us({0}) / 1000) / 1000 + (epoch_us({0}) - floor(epoch_us({0}) / 1000) * 1000) * 1e6 / 1e12)",
    ),
)
_from_seconds = FUNCTIONS["from_unixtime"]


@function("from_unixtime")
def _from_unixtime(call: Call) -> Typed:
    if len(call.args) == 1:
        return _from_seconds(call)
    call.require(2)
    if not coerces(call.args[0].type, DOUBLE) or call.args[1].type.base != "varchar":
        raise call.unsupported()
    try:
        zone = named(call.literal_text(1, "a time zone"))
    except QueryFailed as failure:
        raise call.unsupported() from failure
    call.use(DOUBLE, VARCHAR)
    return at_zone(_from_seconds(replace(call, args=call.args[:1])), zone)


@function("at_timezone")
def _at_timezone(call: Call) -> Typed:
    call.require(2)
    value = call.args[0]
    if value.type.base not in (ZONED, "timestamp"):
        raise call.unsupported()
    zone = named(call.literal_text(1, "a time zone"))
    call.use(value.type, VARCHAR)
    return at_zone(value, zone)


@function("with_timezone")
def _with_timezone(call: Call) -> Typed:
    call.require(2)
    value = call.args[0]
    if value.type.base != "timestamp":
        raise call.unsupported()
    zone = named(call.literal_text(1, "a time zone"))
    call.use(value.type, VARCHAR)
    kind = Type(ZONED, value.type.params, zone=zone)
    call.compiler.note(proven.local_time(kind))
    return Typed(moment(value.sql, zone), kind)


@function("timezone_hour", "timezone_minute")
def _part_of_offset(call: Call) -> Typed:
    call.require(1)
    value = call.args[0]
    if value.type.base != ZONED:
        raise call.unsupported()
    call.use(value.type)
    return Typed(f"({_offset(call, value)} {'//' if call.name == 'timezone_hour' else '%'} 60)", BIGINT)


def _offset(call: Call, value: Typed) -> str:
    """The SQL of the minutes by which a timestamp's local time is ahead of UTC."""
    return f"date_sub('minute', ({value.sql} AT TIME ZONE 'UTC'), {local(value, call.compiler.note)})"


@function("from_iso8601_timestamp")
def _from_iso8601_timestamp(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type.base != "varchar":
        raise call.mismatch("from_iso8601_timestamp(varchar(x))")
    call.use(VARCHAR)
    text = call.node.expressions[0]
    if isinstance(text, exp.Literal) and text.is_string:
        try:
            found, zone = moments.iso_timestamp(text.name)
        except moments.NoMoment as error:
            failure = sql_text(f"INVALID_FUNCTION_ARGUMENT|{error}")
            return Typed(f"CAST(t_fail({failure}) AS TIMESTAMPTZ)", TIMESTAMP_TZ)
        return constant(found, 3, zone)
    return Typed(f"t_iso_timestamp({call.args[0].sql})", TIMESTAMP_TZ)


@function("to_iso8601")
def _to_iso8601(call: Call) -> Typed:
    call.require(1)
    value = call.args[0]
    if not value.type.is_moment:
        raise call.mismatch(
            "to_iso8601(date), to_iso8601(timestamp(p)), to_iso8601(timestamp(p) with time zone)"
        )
    call.use(value.type)
    if value.type == DATE:
        return Typed(f"CAST({value.sql} AS VARCHAR)", Type("varchar", (16,)))
    fraction = value.type.params[0] + 1 if value.type.params[0] else 0
    text = f"left(strftime({local(value, call.compiler.note)}, '%Y-%m-%dT%H:%M:%S.%f'), {19 + fraction})"
    if value.type.base != ZONED:
        return Typed(text, Type("varchar", (22 + fraction,)))
    minutes = _offset(call, value)
    sign = f"CASE WHEN {minutes} < 0 THEN '-' ELSE '+' END"
    offset = f"printf('%s%02d:%02d', {sign}, abs({minutes}) // 60, abs({minutes}) % 60)"
    return Typed(
        f"({text} || {chr(39) + 'Z' + chr(39) if value.type.zone == UTC else offset})",
        Type("varchar", (28 + fraction,)),
    )


simple("from_iso8601_date", ((VARCHAR,), DATE, "t_iso_date({0})"))


@function("now")
def _now(call: Call) -> Typed:
    call.require(0)
    call.use()
    return Typed("date_trunc('millisecond', current_timestamp)", types.TIMESTAMP_TZ)


@function("date")
def _date(call: Call) -> Typed:
    call.require(1)
    kind = call.args[0].type
    if not kind.is_moment and kind.base not in ("varchar", "unknown"):
        raise call.mismatch("date(timestamp(p) with time zone), date(timestamp(p)), date(varchar(x))")
    call.use("E")
    return call.compiler.cast(call.args[0], DATE, call.node, safe=False)


_UNITS_OF_TIME = ("millisecond", "second", "minute", "hour")
_UNITS = (*_UNITS_OF_TIME, "day", "week", "month", "quarter", "year")
_DAYS = 3_660_000
_TEN_THOUSAND_YEARS = {
    "millisecond": _DAYS * 86_400_000, "second": _DAYS * 86_400, "minute": _DAYS * 1440, "hour": _DAYS * 24,
    "day": _DAYS, "week": _DAYS // 7, "month": 120_000, "quarter": 40_000, "year": 10_000,
}  # fmt: skip


def _unit(call: Call, kind: Type) -> str:
    """The unit that the first argument names, in lower case.

    Raises:
        QueryFailed: the unit is unknown, or the type has no such unit.
    """
    literal = call.node.expressions[0]
    name = literal.name.lower() if isinstance(literal, exp.Literal) else ""
    if name not in _UNITS or (kind == DATE and name in _UNITS_OF_TIME):
        raise QueryFailed("INVALID_FUNCTION_ARGUMENT", f"'{name}' is not a valid DATE field")
    return name


@function("date_trunc")
def _date_trunc(call: Call) -> Typed:
    call.require(2)
    if call.args[1].type == UNKNOWN:
        raise ambiguous(call.node)
    if not call.args[1].type.is_moment:
        raise call.mismatch("date_trunc(varchar(x), date), date_trunc(varchar(x), timestamp(p))")
    kind = call.args[1].type
    unit = _unit(call, kind)
    call.use(f"'{unit}'", kind)
    value = call.args[1]
    clock = local(value, call.compiler.note)
    truncated = f"date_trunc('{unit}', {clock})"
    if kind.base != ZONED:
        return Typed(f"CAST({truncated} AS {to_duckdb(kind)})", kind)
    if unit in _UNITS_OF_TIME:
        # The moment moves by as much as its local time.
        return Typed(f"({value.sql} - ({clock} - {truncated}))", kind)
    return Typed(moment_near(truncated, value), kind)


@function("date_add")
def _date_add(call: Call) -> Typed:
    call.require(3)
    _, amount, value = call.args
    if value.type == UNKNOWN and amount.type.is_integer:
        raise ambiguous(call.node)
    if not value.type.is_moment or not amount.type.is_integer:
        raise call.mismatch("date_add(varchar(x), bigint, date), date_add(varchar(x), bigint, timestamp(p))")
    unit = _unit(call, value.type)
    call.use(f"'{unit}'", BIGINT, value.type)
    count = call.coerced(1, BIGINT)
    # More than ten thousand years lead out of the dates that are supported.
    refusal = f"CAST(t_refuse('date_add of', CAST({count} AS VARCHAR)) AS BIGINT)"
    limit = _TEN_THOUSAND_YEARS[unit]
    count = f"(CASE WHEN {count} NOT BETWEEN -{limit} AND {limit} THEN {refusal} ELSE {count} END)"
    if unit not in _UNITS_OF_TIME:
        count = f"CAST({count} AS INTEGER)"
    factor, base = (3, "months") if unit == "quarter" else (1, f"{unit}s")
    added = f"to_{base}({count} * {factor})"
    if value.type.base == ZONED and unit not in _UNITS_OF_TIME:
        clock = local(value, call.compiler.note)
        return Typed(moment_near(f"({clock} + {added})", value), value.type)
    return Typed(f"CAST({value.sql} + {added} AS {to_duckdb(value.type)})", value.type)


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
    named_zone = kind.base == ZONED and kind.zone != UTC
    if (kind.base == ZONED and unit in ("month", "quarter", "year")) or (
        named_zone and unit not in _UNITS_OF_TIME
    ):
        # At the ends of months, Trino counts differently with a time zone than without one.
        raise call.unsupported()
    # Like Trino, DuckDB's date_sub counts complete units. DuckDB's date_diff would count the boundaries crossed.
    call.use(f"'{unit}'", kind, kind)
    start, end = call.coerced(1, kind), call.coerced(2, kind)
    if kind.params and kind.params[0] > 3:
        # Trino counts from millisecond to millisecond.
        start, end = (f"date_trunc('millisecond', {each})" for each in (start, end))
    return Typed(f"date_sub('{unit}', {start}, {end})", BIGINT)
