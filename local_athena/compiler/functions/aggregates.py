"""Compiles aggregate functions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from local_athena.compiler.functions.registry import AGGREGATES, Call, coerces, function
from local_athena.compiler.scopes import Typed
from local_athena.errors import Refused
from local_athena.values import types
from local_athena.values.duckdb_types import to_duckdb
from local_athena.values.types import BIGINT, BOOLEAN, DOUBLE, UNKNOWN, VARCHAR, Type, array


def _aggregate(call: Call, sql: str, kind: Type) -> Typed:
    return Typed(f"{sql}{call.tail}", kind)


def _inside(call: Call, args: Sequence[str]) -> str:
    return f"{'DISTINCT ' if call.distinct else ''}{', '.join(args)}{call.order}"


@function("count", table=AGGREGATES)
def _count(call: Call) -> Typed:
    if len(call.args) > 1:
        raise call.mismatch("count(), count(t)")
    call.use("E" if call.args else "*")
    inside = _inside(call, [call.args[0].sql]) if call.args else "*"
    return _aggregate(call, f"count({inside})", BIGINT)


@function("count_if", table=AGGREGATES)
def _count_if(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type not in (BOOLEAN, UNKNOWN):
        raise call.mismatch("count_if(boolean)")
    call.use(BOOLEAN)
    return _aggregate(call, f"count({_inside(call, [f'CASE WHEN {call.args[0].sql} THEN 1 END'])})", BIGINT)


@function("sum", table=AGGREGATES)
def _sum(call: Call) -> Typed:
    call.require(1)
    kind = call.args[0].type
    if not kind.is_numeric:
        raise call.mismatch("sum(bigint), sum(decimal(p,s)), sum(double), sum(real)")
    call.use(kind)
    if kind.is_integer:
        return Typed(f"CAST(sum({_inside(call, [call.args[0].sql])}){call.tail} AS BIGINT)", BIGINT)
    if kind.base == "decimal":
        wide = types.decimal(38, kind.params[1])
        return Typed(f"CAST(sum({_inside(call, [call.args[0].sql])}){call.tail} AS {to_duckdb(wide)})", wide)
    # Like Trino, add reals as doubles and round only the sum.
    return Typed(f"CAST(sum({_inside(call, [call.args[0].sql])}){call.tail} AS {to_duckdb(kind)})", kind)


@function("avg", table=AGGREGATES)
def _avg(call: Call) -> Typed:
    call.require(1)
    kind = call.args[0].type
    if kind.is_integer or kind == DOUBLE:
        call.use(kind)
        return _aggregate(call, f"avg({_inside(call, [f'CAST({call.args[0].sql} AS DOUBLE)'])})", DOUBLE)
    if kind.base in ("varchar", "boolean", "varbinary", "json", "time") or kind.is_moment or kind.items:
        raise call.mismatch("avg(bigint), avg(decimal(p,s)), avg(double), avg(real)")
    raise Refused(f"avg of {kind}")


@function("min", "max", table=AGGREGATES)
def _extreme(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type.items or call.args[0].type.base in ("json", "real"):
        raise Refused(f"{call.name} of {call.args[0].type}")
    call.use(call.args[0].type)
    if call.args[0].type == DOUBLE:
        # Trino ignores NaN if there is a number. In DuckDB, NaN is greater than every number.
        value = call.args[0].sql
        number = f"CASE WHEN isnan({value}) THEN NULL ELSE {value} END"
        sides = (f"{call.name}({_inside(call, [each])}){call.tail}" for each in (number, value))
        return Typed(f"coalesce({', '.join(sides)})", DOUBLE)
    return _aggregate(call, f"{call.name}({_inside(call, [call.args[0].sql])})", call.args[0].type)


@function("min_by", "max_by", table=AGGREGATES)
def _extreme_by(call: Call) -> Typed:
    call.require(2)
    value, key = call.args
    call.use("E", key.type)
    # DuckDB skips rows with a null value, so the value is put into a struct, which is never null.
    by = key.sql
    if key.type.base in ("double", "real"):
        # For Trino NaN comes after every number in both directions, for DuckDB it is the greatest.
        last = f"{'' if call.name == 'min_by' else 'NOT '}isnan({by})"
        by = f"CASE WHEN {by} IS NOT NULL THEN struct_pack(last := {last}, k := {by}) END"
    boxed = f"{call.name}(struct_pack(v := {value.sql}), {by}){call.tail}"
    return Typed(f"({boxed}).v", value.type)


@function("arbitrary", "any_value", table=AGGREGATES)
def _arbitrary(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    return _aggregate(call, f"any_value({call.args[0].sql})", call.args[0].type)


@function("listagg", table=AGGREGATES)
def _listagg(call: Call) -> Typed:
    """Joins strings in order. Nulls are skipped."""
    if any(arg.type.base != "varchar" for arg in call.args) or not call.order:
        raise call.unsupported()
    call.use(VARCHAR, VARCHAR)
    return _aggregate(call, f"string_agg({_inside(call, [arg.sql for arg in call.args])})", VARCHAR)


@function("approx_distinct", table=AGGREGATES)
def _approx_distinct(call: Call) -> Typed:
    """The number of distinct values. The count is exact; Trino estimates it with a standard error of 2.3 %."""
    call.require(1)
    call.use(call.args[0].type)
    return _aggregate(call, f"count(DISTINCT {call.args[0].sql})", BIGINT)


@function("approx_percentile", table=AGGREGATES)
def _approx_percentile(call: Call) -> Typed:
    """The value at a percentile, or an array of the values at several percentiles.

    The value is exact. Trino estimates it, but its estimate is exact, too, for fewer than about eighty values.
    """
    call.require(2)
    value, share = call.args
    kind = BIGINT if value.type.is_integer else DOUBLE
    shares = share.type.base == "array"
    if not coerces(value.type, kind) or value.type.base in ("decimal", "real"):
        raise call.unsupported()
    if share.type == UNKNOWN or not coerces(share.type, array(DOUBLE) if shares else DOUBLE):
        raise call.unsupported()
    if call.node.expressions[1].find(exp.Column):
        raise Refused("approx_percentile with a percentile that is no constant")
    call.use(kind, "array(double)" if shares else DOUBLE)
    number, wanted = call.coerced(0, kind), call.coerced(1, array(DOUBLE) if shares else DOUBLE)
    sql = f"t_percentile_{kind}(list({number}){call.tail}, {wanted if shares else f'[{wanted}]'})"
    return Typed(sql, array(kind)) if shares else Typed(f"{sql}[1]", kind)


@function("map_agg", table=AGGREGATES)
def _map_agg(call: Call) -> Typed:
    """A map of keys to values. Null keys are skipped.

    A key that occurs twice is refused when the query runs, because in Trino chance decides which value it gets.
    """
    call.require(2)
    key, value = call.args
    if key.type.base not in ("varchar", "integer", "bigint", "date", "boolean") or value.type == UNKNOWN:
        raise call.unsupported()
    call.use(key.type, "V")
    pairs = f"list(struct_pack(k := {key.sql}, v := {value.sql})){call.tail}"
    known = f"list_filter({pairs}, lambda p: p.k IS NOT NULL)"
    keys = f"list_transform({known}, lambda p: p.k)"
    kind = types.map_of(key.type, value.type)
    wanted = to_duckdb(kind)
    return Typed(
        f"(CASE WHEN len({keys}) <> len(list_distinct({keys})) "
        f"THEN CAST(CAST(t_refuse('map_agg of', 'one key twice') AS INTEGER) AS {wanted}) "
        f"WHEN len({keys}) > 0 THEN CAST(map_from_entries({known}) AS {wanted}) END)",
        kind,
    )


@function("histogram", table=AGGREGATES)
def _histogram(call: Call) -> Typed:
    """A map from each value to the number of times it occurs."""
    call.require(1)
    kind = call.args[0].type
    if kind.base not in ("varchar", "integer", "bigint", "date", "boolean") or call.order:
        raise call.unsupported()
    call.use(kind)
    counted = f"histogram({_inside(call, [call.args[0].sql])}){call.tail}"
    wanted = types.map_of(kind, BIGINT)
    return Typed(f"CAST({counted} AS {to_duckdb(wanted)})", wanted)


@function("array_agg", table=AGGREGATES)
def _array_agg(call: Call) -> Typed:
    """An array of the values. Trino returns distinct values in an arbitrary order, so ours are sorted."""
    call.require(1)
    call.use("E")
    value = call.args[0].sql
    order = f" ORDER BY {value} ASC NULLS LAST" if call.distinct and not call.order else ""
    return _aggregate(call, f"list({_inside(call, [value])}{order})", array(call.args[0].type))


@function("bool_or", "bool_and", "every", table=AGGREGATES)
def _bool(call: Call) -> Typed:
    call.require(1)
    if call.args[0].type not in (BOOLEAN, UNKNOWN):
        raise call.mismatch(f"{call.name}(boolean)")
    call.use(BOOLEAN)
    name = "bool_or" if call.name == "bool_or" else "bool_and"
    return _aggregate(call, f"{name}({_inside(call, [call.args[0].sql])})", BOOLEAN)
