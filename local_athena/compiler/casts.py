"""Compiles casts: implicit coercions, CAST and TRY_CAST."""

from __future__ import annotations

import re
from dataclasses import replace

from local_athena.compiler.scopes import Typed
from local_athena.compiler.zoned import ZONED, constant, local
from local_athena.errors import QueryFailed, Refused
from local_athena.udfs import json_functions
from local_athena.udfs.moments import FROM_TEXT, no_moment
from local_athena.values import moments, types, white_space, zones
from local_athena.values.duckdb_types import quoted, sql_text, to_duckdb
from local_athena.values.json import casts as json_casts
from local_athena.values.types import JSON, UNKNOWN, UTC, Type

#: Matches the white space that may surround a number or a date in a string.
_SPACE = "[" + "".join(rf"\x{first:02X}-\x{last:02X}" for first, last in white_space.ASCII_RANGES) + "]*"
_HOUR, _SIXTIETH = "(?:[01]?[0-9]|2[0-3])", "[0-5]?[0-9]"
#: A date of the years 1 to 9999. Trino accepts other years, but the date types of clients do not have them.
_DAY = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-[0-9]{1,2}-[0-9]{1,2}"
#: Matches strings that Trino may cast but local Athena refuses: Java's number suffixes.
_UNSURE_DOUBLE = r"(?is)\s*[+-]?(?:[0-9.]+(?:e[+-]?[0-9]+)?[df]|0x.*)\s*"


def cast_sql(value: Typed, kind: Type) -> str:
    """The SQL of a value, coerced to the wider type that `types.common` returned.

    Raises:
        Refused: local Athena does not support the coercion.
    """
    if to_duckdb(value.type) == to_duckdb(kind) and value.type != UNKNOWN:
        return value.sql
    if value.type.base == "row":
        return _between_containers(value, kind, safe=False)
    if _renames_fields(value.type, kind):
        raise Refused(f"the coercion of {value.type} to {kind}")
    return f"CAST({value.sql} AS {to_duckdb(kind)})"


def _renames_fields(own: Type, wanted: Type) -> bool:
    """Whether two types contain rows with different field names.

    Between rows, DuckDB matches fields by name, but Trino matches them by position.
    """
    if own.base == wanted.base == "row" and own.field_names != wanted.field_names:
        return True
    return any(map(_renames_fields, own.items, wanted.items))


def cast(value: Typed, kind: Type, where: str, *, safe: bool) -> Typed:
    """A value cast to a type: with TRY_CAST if `safe`, else with CAST.

    Args:
        value: the value.
        kind: the type to cast to.
        where: the cast's position in the statement, for error messages.
        safe: whether a value that cannot be cast becomes null instead of an error.

    Raises:
        QueryFailed: Trino has no such cast.
        Refused: local Athena does not support the cast.
    """
    source = value.type
    if kind.base == ZONED and source.is_moment:
        kind = replace(kind, zone=source.zone)
    if source == kind:
        return value
    if source == UNKNOWN:
        return Typed(f"CAST({value.sql} AS {to_duckdb(kind)})", kind)
    if source.base == "varchar" and kind.base in FROM_TEXT:
        return _moment_from_text(value, kind, safe=safe)
    if source == JSON:
        return _from_json(value, kind, where, safe=safe)
    if kind == JSON:
        return _to_json(value, where)
    if _is_impossible(source, kind):
        raise QueryFailed("TYPE_MISMATCH", f"{where}Cannot cast {source} to {kind}")
    sql = _sql(value, kind, safe=safe)
    if sql is None:
        raise Refused(f"the cast of {source} to {kind}")
    return Typed(sql, kind)


def _from_json(value: Typed, kind: Type, where: str, *, safe: bool) -> Typed:
    if not json_casts.can_cast(kind):
        if any(leaf.is_moment or leaf.base == "varbinary" for leaf in (kind, *_leaves(kind))):
            raise QueryFailed("TYPE_MISMATCH", f"{where}Cannot cast json to {kind}")
        raise Refused(f"the cast of json to {kind}")
    return Typed(f"{json_functions.from_json(kind, safe=safe)}({value.sql})", kind)


def _to_json(value: Typed, where: str) -> Typed:
    source = types.VARCHAR if value.type.base == "varchar" else value.type
    if any(leaf.base == "varbinary" for leaf in _leaves(source)):
        raise QueryFailed("TYPE_MISMATCH", f"{where}Cannot cast {source} to json")
    if any(
        leaf.base in ("real", "timestamp", "timestamp with time zone", "time") for leaf in _leaves(source)
    ):
        raise Refused(f"the cast of {source} to json")
    return Typed(f"{json_functions.to_json(source)}({value.sql})", JSON)


def _is_impossible(source: Type, kind: Type) -> bool:
    """Whether Trino is known to have no such cast."""
    if bool(source.items) != bool(kind.items):
        return True
    if source.items:
        return source.base != kind.base or len(source.items) != len(kind.items)
    plain = ("boolean", *types.NUMERICS)
    if {source.base, kind.base} & set(types.MOMENTS) and {source.base, kind.base} & set(plain):
        return True
    if kind.base == "time" and (source.is_numeric or source.base in ("boolean", "date")):
        return True
    return source.base == "varbinary" or (kind.base == "varbinary" and source.base != "varchar")


def _sql(value: Typed, kind: Type, *, safe: bool) -> str | None:
    source = value.type
    if source.base == "varchar":
        return _from_varchar(value, kind, safe=safe)
    if kind.base == "varchar":
        return text_of(value) if not kind.params else _within(value, kind, safe=safe)
    if source.is_numeric and kind.is_numeric:
        return _between_numbers(value, kind, safe=safe)
    if (source.base == "boolean" and kind.is_numeric) or (source.is_numeric and kind.base == "boolean"):
        return f"CAST({value.sql} AS {to_duckdb(kind)})"
    if source.is_moment and kind.is_moment:
        return _between_moments(value, kind)
    if kind.base == "time" and source.base in ("time", "timestamp", "timestamp with time zone"):
        return _to_time(value, kind)
    if source.items and source.base == kind.base and len(source.items) == len(kind.items):
        return _between_containers(value, kind, safe=safe)
    return None


def _guarded(
    value: Typed, kind: Type, pattern: str, converted: str, *, safe: bool, unsure: str, shown: str
) -> str:
    """SQL that converts a string if Trino accepts its format.

    Other strings become null (TRY_CAST) or an error (CAST). Strings that Trino may accept are refused.

    Args:
        value: the string.
        kind: the type to cast to.
        pattern: a regular expression for the strings that Trino accepts.
        converted: the SQL to cast, for example the trimmed string.
        safe: whether the cast is TRY_CAST.
        unsure: a regular expression for the strings that Trino may accept.
        shown: the error message, with {} for the string.
    """
    target = to_duckdb(kind)
    problem = "NULL" if safe else f"CAST({_failure(value, shown)} AS {target})"
    refusal = f"CAST(t_refuse('the cast to {kind} of', {value.sql}) AS {target})"
    tried = f"TRY_CAST({converted} AS {target})"
    if not safe:
        tried = f"coalesce({tried}, {problem})"
    literal = _literal_text(value.sql)
    if literal is not None and re.fullmatch(pattern, literal):
        return tried
    if literal is not None:
        if re.fullmatch(unsure, literal):
            raise Refused(f"the cast to {kind} of {literal!r}")
        return problem
    return (
        f"(CASE WHEN {value.sql} IS NULL THEN NULL WHEN regexp_full_match({value.sql}, '{pattern}') THEN {tried} "
        f"WHEN regexp_full_match({value.sql}, '{unsure}') THEN {refusal} ELSE {problem} END)"
    )


def _literal_text(sql: str) -> str | None:
    """The text of a string literal; None for other SQL. A literal's cast is checked while the query compiles."""
    literal = re.fullmatch(r"'((?:[^']|'')*)'", sql)
    return literal[1].replace("''", "'") if literal else None


def _failure(value: Typed, shown: str) -> str:
    before, _, after = shown.partition("{}")
    return f"t_fail('INVALID_CAST_ARGUMENT|{before}' || {value.sql} || '{after}')"


_SQL_INTEGERS = {"tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INT", "bigint": "BIGINT"}


def _from_varchar(value: Typed, kind: Type, *, safe: bool) -> str | None:
    if kind.base == "varchar":
        return value.sql if not kind.params else f"substr({value.sql}, 1, {kind.params[0]})"
    if kind.base == "varbinary":
        return f"t_to_utf8({value.sql})"
    trimmed = f"trim({value.sql}, {_TRIMMED})"
    name = _SQL_INTEGERS.get(kind.base) or str(kind).upper()
    shown = f"Cannot cast ''{{}}'' to {name}"
    if kind.is_integer:
        # Java also accepts the digits of other scripts.
        unsure = r"(?s).*[^\x00-\x7F].*"
        pattern = rf"{_SPACE}[+-]?[0-9]+{_SPACE}"
        return _guarded(value, kind, pattern, trimmed, safe=safe, unsure=unsure, shown=shown)
    if kind.base == "double":
        pattern = rf"{_SPACE}[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?){_SPACE}"
        return _guarded(value, kind, pattern, trimmed, safe=safe, unsure=_UNSURE_DOUBLE, shown=shown)
    if kind.base == "decimal":
        shown = f"Cannot cast VARCHAR ''{{}}'' to {name}"
        pattern = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)"
        return _guarded(value, kind, pattern, value.sql, safe=safe, unsure=r".*[eE].*", shown=shown)
    if kind.base == "boolean":
        return _guarded(
            value, kind, "(?i)true|false|t|f|1|0", value.sql, safe=safe, unsure="[^\\s\\S]", shown=shown
        )
    return None


def _moment_from_text(value: Typed, kind: Type, *, safe: bool) -> Typed:
    """A string cast to a date, time or timestamp. A literal is cast while the query compiles.

    Raises:
        Refused: local Athena does not support the moment or the time zone of the literal.
    """
    literal, target = _literal_text(value.sql), to_duckdb(kind)
    precision = kind.params[0] if kind.params else 0
    if literal is not None:
        try:
            return _moment_literal(literal, kind, precision)
        except moments.NoMoment:
            failure = f"t_fail({sql_text(f'INVALID_CAST_ARGUMENT|{no_moment(literal, kind)}')})"
            return Typed(f"CAST({'NULL' if safe else failure} AS {target})", kind)
        except zones.UnsupportedZone as error:
            raise Refused(f"the time zone {error}") from None
    read = f"t_{'try_' if safe else ''}{FROM_TEXT[kind.base]}({value.sql}, CAST({precision} AS BIGINT))"
    if kind.base in ("time", ZONED):
        return Typed(f"CAST({read} AS {target})", kind)
    # DuckDB reads the usual forms itself, which is faster.
    fraction = rf"(?:\.[0-9]{{1,{precision}}})?" if precision else ""
    clock = rf"(?: {_HOUR}:{_SIXTIETH}(?::{_SIXTIETH}{fraction})?)?" if kind.base == "timestamp" else ""
    return Typed(
        f"(CASE WHEN {value.sql} IS NULL THEN NULL WHEN regexp_full_match({value.sql}, '{_DAY}{clock}') "
        f"THEN coalesce(TRY_CAST({value.sql} AS {target}), {read}) ELSE {read} END)",
        kind,
    )


def _moment_literal(text: str, kind: Type, precision: int) -> Typed:
    if kind.base == ZONED:
        moment, zone = moments.zoned(text, precision)
        return constant(moment, precision, zone)
    if kind.base == "timestamp":
        return Typed(f"TIMESTAMP '{moments.timestamp(text, precision).isoformat(sep=' ')}'", kind)
    found = moments.date(text) if kind.base == "date" else moments.time(text, precision)
    return Typed(f"{kind.base.upper()} '{found.isoformat()}'", kind)


def _within(value: Typed, kind: Type, *, safe: bool) -> str | None:
    """A value cast to varchar(n). A text with more characters is an error; only strings are cut to length.

    For some types this is an error of Trino's own, which TRY_CAST does not catch.
    """
    text = text_of(value)
    if text is None:
        return None
    if value.type.base in ("boolean", "time", "timestamp", ZONED):
        otherwise = f"t_fail('GENERIC_INTERNAL_ERROR|Character count exceeds length limit {kind.params[0]}')"
    else:
        shown = f"{text} || ')'" if value.type.base == "double" else text
        before = f"CAST({value.sql} AS VARCHAR) || ' (' || " if value.type.base == "double" else ""
        message = f"'INVALID_CAST_ARGUMENT|Value ' || {before}{shown} || ' cannot be represented as {kind}'"
        otherwise = "NULL" if safe else f"t_fail({message})"
    return f"(CASE WHEN length({text}) > {kind.params[0]} THEN {otherwise} ELSE {text} END)"


_TRIMMED = " || ".join(f"chr({ord(character)})" for character in white_space.ASCII)


def text_of(value: Typed) -> str | None:
    """The SQL of a value as varchar, written as Trino writes it; None if local Athena does not support the type."""
    source = value.type
    if source.base == "decimal" and source.params[0] == source.params[1]:
        # DuckDB leaves out the zero before the decimal point.
        return f"regexp_replace(CAST({value.sql} AS VARCHAR), '^(-?)\\.', '\\10.')"
    if source.is_integer or source.base in ("boolean", "date", "decimal"):
        return f"CAST({value.sql} AS VARCHAR)"
    if source.base in ("timestamp", "timestamp with time zone"):
        precision = source.params[0] if source.params else 3
        width = 19 if precision == 0 else 20 + precision
        text = f"left(strftime({_local(value)}, '%Y-%m-%d %H:%M:%S.%f'), {width})"
        return text if source.base == "timestamp" else f"({text} || ' {source.zone}')"
    if source.base == "time":
        width = 8 if source.params[0] == 0 else 9 + source.params[0]
        return f"left(strftime(DATE '1970-01-01' + {value.sql}, '%H:%M:%S.%f'), {width})"
    if source.base == "double":
        return f"t_double_text({value.sql})"
    return None


def _between_numbers(value: Typed, kind: Type, *, safe: bool) -> str:
    """The SQL of a number cast to another numeric type.

    Halves are rounded away from zero. A number outside of the new type's range is an error, or null if `safe`.
    """
    source, sql, target = value.type, value.sql, to_duckdb(kind)
    if kind.base == "double" or (kind.is_integer and types.common(source, kind) == kind):
        return f"CAST({sql} AS {target})"
    if source.base in ("double", "real") and kind.is_integer:
        sql = f"round({sql})"
    if source.base in ("double", "real") and kind.base == "decimal":
        # As in Java, the shortest decimal digits of the number are rounded: 1.005 becomes 1.01, although the double's
        # exact value is below 1.005.
        sql = f"t_{source.base}_decimal(CAST({sql} AS DOUBLE), CAST({kind.params[1]} AS BIGINT))"
    if kind.base == "real":
        # What is too large becomes infinite, as in Java.
        sql = (
            f"CASE WHEN isfinite(CAST({sql} AS DOUBLE)) AND TRY_CAST({sql} AS FLOAT) IS NULL "
            f"THEN CAST(sign({sql}) * CAST('Infinity' AS DOUBLE) AS DOUBLE) ELSE {sql} END"
        )
    tried = f"TRY_CAST({sql} AS {target})"
    if safe:
        return tried
    code = "INVALID_CAST_ARGUMENT"
    shown = f"CAST({value.sql} AS VARCHAR)"
    message = f"Cannot cast ''' || {shown} || ''' to {str(kind).upper()}"
    if kind.is_integer and source.base != "decimal" and kind.base != "bigint":
        code = f"' || CASE WHEN isnan(CAST({value.sql} AS DOUBLE)) THEN 'INVALID_CAST_ARGUMENT' ELSE "
        code += "'NUMERIC_VALUE_OUT_OF_RANGE' END || '"
        message = f"Out of range for {kind}: ' || {shown} || '"
    failure = f"CAST(t_fail('{code}|{message}') AS {target})"
    return f"(CASE WHEN {value.sql} IS NULL THEN NULL ELSE coalesce({tried}, {failure}) END)"


def _between_moments(value: Typed, kind: Type) -> str | None:
    if value.type.base == kind.base == ZONED:
        # The moment is rounded like a timestamp without time zone.
        in_utc = Typed(value.sql, replace(value.type, zone=UTC))
        rounded = _between_moments(in_utc, Type("timestamp", kind.params))
        return f"({rounded} AT TIME ZONE 'UTC')"
    if kind.base == ZONED:
        return f"(CAST({value.sql} AS TIMESTAMP) AT TIME ZONE 'UTC')"
    sql = f"CAST({_local(value)} AS {to_duckdb(kind)})"
    own = value.type.params[0] if value.type.params else 3
    if kind.base == "timestamp" and kind.params and value.type.base != "date" and kind.params[0] < own:
        unit = 10 ** (6 - kind.params[0])
        return f"make_timestamp(CAST(round(epoch_us({sql}) / {unit}) AS BIGINT) * {unit})"
    return sql


def _local(value: Typed) -> str:
    """The SQL of a timestamp's local time. `proven.casts` has the signature of reading the time zone."""
    return local(value, lambda _: None)


def _to_time(value: Typed, kind: Type) -> str:
    """The SQL of a value's time of day, rounded to the type's precision. A time rounded up to midnight is 00:00."""
    moment = f"(DATE '1970-01-01' + {value.sql})" if value.type.base == "time" else _local(value)
    own = value.type.params[0] if value.type.params else 3
    if kind.params[0] < own:
        unit = 10 ** (6 - kind.params[0])
        rounded = f"make_timestamp(CAST(round(epoch_us({moment}) / {unit}) AS BIGINT) * {unit})"
        # Before 1970 Trino's result is a second off.
        refusal = f"CAST(t_refuse('the cast to {kind} of', CAST({moment} AS VARCHAR)) AS TIMESTAMP)"
        moment = (
            f"(CASE WHEN epoch_us({moment}) < 0 AND {rounded} <> {moment} THEN {refusal} ELSE {rounded} END)"
        )
    return f"CAST({moment} AS TIME)"


def _between_containers(value: Typed, kind: Type, *, safe: bool, depth: int = 0) -> str:
    """The SQL of an array, map or row cast to another such type, element by element.

    Args:
        value: the array, map or row.
        kind: the type to cast to.
        safe: whether the cast is TRY_CAST.
        depth: the number of lambdas around this cast, which keeps the names of their parameters distinct.

    Raises:
        Refused: DuckDB casts an element differently from Trino.
    """
    for own, wanted in zip(_leaves(value.type), _leaves(kind), strict=True):
        exact = own in (wanted, UNKNOWN) or types.common(own, wanted) == wanted
        as_text = wanted == types.VARCHAR and own.is_integer
        if not exact and not (own.base == wanted.base == "varchar" and not wanted.params) and not as_text:
            raise Refused(f"the cast of {value.type} to {kind}")
    if value.type.base == "row":
        names = kind.field_names
        old = value.type.field_names
        fields = ", ".join(
            f"{quoted(new)} := {_element(Typed(f'({value.sql}).{quoted(name)}', own), item, safe=safe, depth=depth)}"
            for new, name, own, item in zip(names, old, value.type.items, kind.items, strict=True)
        )
        return f"(CASE WHEN {value.sql} IS NULL THEN NULL ELSE struct_pack({fields}) END)"
    if any(map(_has_row, kind.items)):
        if kind.base == "map":
            raise Refused(f"the cast of {value.type} to {kind}")
        name = f"e{depth}"
        element = _element(Typed(name, value.type.items[0]), kind.items[0], safe=safe, depth=depth + 1)
        return f"list_transform({value.sql}, lambda {name}: {element})"
    return f"{'TRY_CAST' if safe else 'CAST'}({value.sql} AS {to_duckdb(kind)})"


def _element(value: Typed, kind: Type, *, safe: bool, depth: int) -> str:
    """The SQL of a cast element. Rows are cast field by field, because DuckDB would match their fields by name."""
    if _has_row(kind) and value.type != UNKNOWN:
        return _between_containers(value, kind, safe=safe, depth=depth)
    return f"CAST({value.sql} AS {to_duckdb(kind)})"


def _has_row(kind: Type) -> bool:
    return kind.base == "row" or any(map(_has_row, kind.items))


def _leaves(kind: Type) -> list[Type]:
    return [leaf for item in kind.items for leaf in _leaves(item)] if kind.items else [kind]
