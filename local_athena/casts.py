"""Casts: what Trino coerces by itself, and what CAST and TRY_CAST do."""

from __future__ import annotations

from local_athena import types, udfs
from local_athena.errors import QueryFailed, Refused
from local_athena.plans import Typed
from local_athena.types import JSON, UNKNOWN, Type

_MOMENTS = ("date", "timestamp", "timestamp with time zone")


def cast_sql(value: Typed, kind: Type) -> str:
    """A value coerced to a wider type that `types.common` found."""
    if value.type == kind or (value.type.base == kind.base == "varchar"):
        return value.sql
    return f"CAST({value.sql} AS {types.to_duckdb(kind)})"


def cast(value: Typed, kind: Type, where: str, *, safe: bool) -> Typed:
    """CAST or TRY_CAST.

    Raises:
        QueryFailed: Trino has no such cast.
        Refused: local Athena has not.
    """
    source = value.type
    if source == kind:
        return value
    if source == UNKNOWN:
        return Typed(f"CAST({value.sql} AS {types.to_duckdb(kind)})", kind)
    if source == JSON:
        return Typed(f"{udfs.from_json(kind, safe=safe)}({value.sql})", kind)
    if kind == JSON:
        if source.base == "varchar":
            source = types.VARCHAR
        return Typed(f"{udfs.to_json(source)}({value.sql})", JSON)
    sql = _sql(value, kind, safe=safe)
    if sql is None:
        raise QueryFailed("TYPE_MISMATCH", f"{where}Cannot cast {source} to {kind}")
    return Typed(sql, kind)


def _sql(value: Typed, kind: Type, *, safe: bool) -> str | None:
    source = value.type
    if source.base == "varchar":
        return _from_varchar(value, kind, safe=safe)
    if kind.base == "varchar":
        return _to_varchar(value, kind)
    if source.is_numeric and kind.is_numeric:
        return _between_numbers(value, kind, safe=safe)
    if (source.base == "boolean" and kind.is_numeric) or (source.is_numeric and kind.base == "boolean"):
        return f"CAST({value.sql} AS {types.to_duckdb(kind)})"
    if source.base in _MOMENTS and kind.base in _MOMENTS:
        return _between_moments(value, kind)
    if source.items and source.base == kind.base and len(source.items) == len(kind.items):
        return _between_containers(value, kind, safe=safe)
    return None


def _guarded(value: Typed, kind: Type, pattern: str, converted: str, *, safe: bool) -> str:
    """A text converted if it looks as Trino wants it; else null or a failure."""
    problem = "NULL" if safe else f"CAST({_failure(value, kind)} AS {types.to_duckdb(kind)})"
    return (
        f"(CASE WHEN {value.sql} IS NULL THEN NULL WHEN regexp_full_match({value.sql}, '{pattern}') "
        f"THEN {converted} ELSE {problem} END)"
    )


def _failure(value: Typed, kind: Type) -> str:
    name = str(kind).upper() if kind.is_integer else str(kind)
    return f"t_fail('INVALID_CAST_ARGUMENT|Cannot cast ''' || {value.sql} || ''' to {name}')"


def _from_varchar(value: Typed, kind: Type, *, safe: bool) -> str | None:
    target = types.to_duckdb(kind)
    tried = f"TRY_CAST({value.sql} AS {target})"
    if not safe:
        tried = f"coalesce({tried}, CAST({_failure(value, kind)} AS {target}))"
    if kind.base == "varchar":
        return value.sql if not kind.params else f"substr({value.sql}, 1, {kind.params[0]})"
    if kind.is_integer:
        return _guarded(value, kind, "[+-]?[0-9]+", tried, safe=safe)
    if kind.base in ("double", "real"):
        pattern = r"\s*[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)\s*"
        return _guarded(value, kind, pattern, tried, safe=safe)
    if kind.base == "decimal":
        return _guarded(value, kind, r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)", tried, safe=safe)
    if kind.base == "boolean":
        return _guarded(value, kind, "(?i)true|false|t|f|1|0", tried, safe=safe)
    if kind.base == "date":
        return _guarded(value, kind, r"\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\s*", tried, safe=safe)
    if kind.base == "timestamp":
        pattern = r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?"
        return _guarded(value, kind, pattern, tried, safe=safe)
    return None


def _to_varchar(value: Typed, kind: Type) -> str | None:
    source = value.type
    if source.is_integer or source.base in ("boolean", "date", "decimal"):
        text = f"CAST({value.sql} AS VARCHAR)"
    elif source.base == "timestamp":
        precision = source.params[0] if source.params else 3
        width = 19 if precision == 0 else 20 + precision
        text = f"left(strftime({value.sql}, '%Y-%m-%d %H:%M:%S.%f'), {width})"
    elif source.base == "timestamp with time zone":
        precision = source.params[0] if source.params else 3
        width = 19 if precision == 0 else 20 + precision
        text = f"(left(strftime({value.sql} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f'), {width}) || ' UTC')"
    elif source.base == "double":
        text = f"t_double_text({value.sql})"
    else:
        return None
    return text if not kind.params else f"substr({text}, 1, {kind.params[0]})"


def _between_numbers(value: Typed, kind: Type, *, safe: bool) -> str:
    # Both round half away from zero when a fraction becomes an integer, except that DuckDB rounds a
    # double half to even.
    sql = value.sql
    if value.type.base in ("double", "real") and kind.is_integer:
        sql = f"round({sql})"
    return f"{'TRY_CAST' if safe else 'CAST'}({sql} AS {types.to_duckdb(kind)})"


def _between_moments(value: Typed, kind: Type) -> str:
    if value.type.base == "timestamp with time zone":
        value = Typed(f"({value.sql} AT TIME ZONE 'UTC')", value.type)
    if kind.base == "timestamp with time zone":
        return f"(CAST({value.sql} AS TIMESTAMP) AT TIME ZONE 'UTC')"
    sql = f"CAST({value.sql} AS {types.to_duckdb(kind)})"
    own = value.type.params[0] if value.type.params else 3
    if kind.base == "timestamp" and kind.params and value.type.base != "date" and kind.params[0] < own:
        unit = 10 ** (6 - kind.params[0])
        return f"make_timestamp(CAST(round(epoch_us({sql}) / {unit}) AS BIGINT) * {unit})"
    return sql


def _between_containers(value: Typed, kind: Type, *, safe: bool) -> str:
    """Element by element, where DuckDB's own cast is Trino's too."""
    for own, wanted in zip(_leaves(value.type), _leaves(kind), strict=True):
        exact = own in (wanted, UNKNOWN) or types.common(own, wanted) == wanted
        if not exact:
            raise Refused(f"the cast of {value.type} to {kind}")
    if value.type.base == "row":
        names = types.field_names(kind)
        old = types.field_names(value.type)
        quoted = types.quoted
        fields = ", ".join(
            f"{quoted(new)} := CAST(({value.sql}).{quoted(name)} AS {types.to_duckdb(item)})"
            for new, name, item in zip(names, old, kind.items, strict=True)
        )
        return f"(CASE WHEN {value.sql} IS NULL THEN NULL ELSE struct_pack({fields}) END)"
    if any("row" in str(item) for item in kind.items):
        raise Refused(f"the cast of {value.type} to {kind}")
    return f"{'TRY_CAST' if safe else 'CAST'}({value.sql} AS {types.to_duckdb(kind)})"


def _leaves(kind: Type) -> list[Type]:
    return [leaf for item in kind.items for leaf in _leaves(item)] if kind.items else [kind]
