"""Compiles calls of functions and aggregates, and functions with special syntax such as EXTRACT and TRIM."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from local_athena.compiler.contract import Compiler, Part
from local_athena.compiler.expressions.aggregation import is_aggregated
from local_athena.compiler.functions import AGGREGATES, FUNCTIONS, WINDOW_FUNCTIONS, Call
from local_athena.compiler.functions.unknown import is_unknown
from local_athena.compiler.ordering import order_by
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Scope, Typed
from local_athena.compiler.zoned import ZONED, at_zone, named
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.places import place
from local_athena.values.types import BIGINT, DATE, INTEGER, TIMESTAMP, TIMESTAMP_TZ, common

#: The values of `Scope.clause` for the arguments of aggregates and of window functions.
AGGREGATE, WINDOW = "aggregate function", "window function"
#: The fields of EXTRACT. Each is also a function.
_FIELDS = (
    "year", "quarter", "month", "week", "day", "day_of_month", "day_of_week", "dow", "day_of_year", "doy",
    "year_of_week", "yow", "hour", "minute", "second", "timezone_minute", "timezone_hour",
)  # fmt: skip
_MOMENTS: dict[type[exp.Expr], str] = {
    exp.CurrentDate: "current_date",
    exp.CurrentTimestamp: "current_timestamp",
    exp.Localtimestamp: "localtimestamp",
}


def _function(node: exp.Anonymous, scope: Scope, compiler: Compiler) -> Typed:
    name = node.name.lower()
    if name in AGGREGATES:
        return _aggregate_call(node, scope, "", compiler)
    if name in WINDOW_FUNCTIONS:
        raise QueryFailed("MISSING_OVER", f"{place(node)}Window function {name} requires an OVER clause")
    if name == "try":
        return _try(node, scope, compiler)
    if name == "grouping":
        return _grouping(node, scope, compiler)
    if name == "to_milliseconds":
        return _milliseconds_between(node, scope, compiler)
    if name not in FUNCTIONS:
        raise _no_function(node, name, scope, compiler)
    args = [
        arg
        if isinstance(arg, exp.Lambda) or (name == "sequence" and _is_interval(arg))
        else compiler.expression(arg, scope)
        for arg in node.expressions
    ]
    return FUNCTIONS[name](Call(name, args, node, compiler, scope))


def _no_function(node: exp.Anonymous, name: str, scope: Scope, compiler: Compiler) -> QueryFailed:
    """The error for a function that local Athena does not have. Trino first reports what is wrong with the arguments."""
    if not is_unknown(name):
        return Refused(f"the function {name}")
    for arg in node.expressions:
        if not isinstance(arg, exp.Lambda):
            aggregated = any(map(is_aggregated, arg.walk()))
            compiler.expression(arg, scope if aggregated else replace(scope, keys=None))
    return QueryFailed("FUNCTION_NOT_FOUND", f"{place(node)}Function '{name}' not registered")


def _milliseconds_between(node: exp.Anonymous, scope: Scope, compiler: Compiler) -> Typed:
    """`to_milliseconds(a - b)` of two dates or two timestamps.

    The difference is compiled here, because the compiler supports no other expression with an interval as its value.
    """
    difference = node.expressions[0] if len(node.expressions) == 1 else None
    while isinstance(difference, exp.Paren):
        difference = difference.this
    if not isinstance(difference, exp.Sub):
        raise Refused(f"the function call {node.sql('trino')[:80]}")
    sides = [compiler.expression(side, scope) for side in (difference.this, difference.expression)]
    kind = common(*(side.type for side in sides))
    if kind is None or kind not in (DATE, TIMESTAMP):
        raise Refused(f"to_milliseconds of {sides[0].type} - {sides[1].type}")
    compiler.note(f"to_milliseconds({kind.base} - {kind.base})")
    end, start = (compiler.coerced(side, kind) for side in sides)
    if kind == DATE:
        return Typed(f"(({end} - {start}) * 86400000)", BIGINT)
    return Typed(f"(epoch_ms({end}) - epoch_ms({start}))", BIGINT)


def _is_interval(node: exp.Expr) -> bool:
    """Whether the argument is an interval literal. It is not compiled, because `sequence` reads it from the tree."""
    while isinstance(node, (exp.Neg, exp.Paren)):
        node = node.this
    return isinstance(node, exp.Interval)


def _grouping(node: exp.Anonymous, scope: Scope, compiler: Compiler) -> Typed:
    """GROUPING(): a number with one bit for each key. The bit is 1 if the row's grouping set lacks the key."""
    keys = [compiler.expression(arg, replace(scope, keys=None)) for arg in node.expressions]
    if not keys or scope.keys is None or any(each.sql not in scope.keys for each in keys):
        raise QueryFailed(
            "INVALID_ARGUMENTS", f"{place(node)}The arguments to GROUPING() must be expressions of GROUP BY"
        )
    compiler.note("grouping(K, ...)")
    kind = INTEGER if len(keys) < 32 else BIGINT
    return Typed(f"CAST(grouping({', '.join(each.sql for each in keys)}) AS {kind.base.upper()})", kind)


def _within_group(node: exp.WithinGroup, scope: Scope, compiler: Compiler) -> Typed:
    """`listagg(text, separator) within group (order by …)`."""
    call = node.this
    if not isinstance(call, exp.Anonymous) or call.name.lower() != "listagg" or len(call.expressions) > 2:
        raise Refused(f"WITHIN GROUP on {call.sql('trino')[:80]}")
    if any(isinstance(argument, exp.Distinct) for argument in call.expressions):
        raise Refused("listagg of DISTINCT")
    arguments = [*call.expressions, *([] if len(call.expressions) == 2 else [exp.Literal.string("")])]
    ordered = exp.Order(this=arguments[-1], expressions=node.expression.expressions)
    moved = exp.Anonymous(this="listagg", expressions=[arguments[0], ordered])
    return _aggregate_call(moved, scope, "", compiler)


def _try(node: exp.Anonymous, scope: Scope, compiler: Compiler) -> Typed:
    if len(node.expressions) != 1:
        raise QueryFailed("SYNTAX_ERROR", f"{place(node)}TRY takes one argument")
    if any(isinstance(part, (exp.Subquery, exp.Exists, exp.Select)) for part in node.walk()):
        raise Refused("a subquery inside of try")
    if any(map(is_aggregated, node.walk())):
        raise Refused("an aggregate or window function inside of try")
    compiler.note("try(E)")
    value = compiler.expression(node.expressions[0], scope)
    return Typed(f"TRY({value.sql})", value.type)


def _aggregate_call(node: exp.Anonymous, scope: Scope, tail: str, compiler: Compiler) -> Typed:
    if scope.clause or scope.keys is None:
        clause = scope.clause or "an aggregate function"
        if clause == AGGREGATE:
            raise QueryFailed(
                "NESTED_AGGREGATION",
                f"{place(node)}Cannot nest aggregations inside aggregation: [{node.sql('trino')}]",
            )
        raise QueryFailed(
            "EXPRESSION_NOT_SCALAR",
            f"{place(node)}{clause} cannot contain aggregations, window functions or grouping operations: "
            f"[{node.sql('trino')}]",
        )
    return call_aggregate(node, replace(scope, keys=None, clause=AGGREGATE), tail, compiler)


def call_aggregate(node: exp.Anonymous, inner: Scope, tail: str, compiler: Compiler) -> Typed:
    """The call of an aggregate function.

    Args:
        node: the call.
        inner: the scope of its arguments.
        tail: its FILTER or OVER clause in DuckDB's SQL; empty if it has none.
        compiler: compiles the arguments.
    """
    arguments = list(node.expressions)
    distinct, order = False, None
    if arguments and isinstance(arguments[-1], exp.Order):
        order = arguments[-1]
        arguments[-1] = order.this
    if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
        distinct, arguments = True, arguments[0].expressions
        if arguments and isinstance(arguments[-1], exp.Order):
            order = arguments[-1]
            arguments[-1] = order.this
    name = node.name.lower()
    star = len(arguments) == 1 and isinstance(arguments[0], exp.Star)
    args = [] if star else [compiler.expression(argument, inner) for argument in arguments]
    order_sql = order_by(order, inner, compiler) if order is not None else ""
    call = Call(
        name, args, node, compiler, inner,
        distinct=distinct, order=order_sql, tail=tail, windowed=tail.startswith(" OVER"),
    )  # fmt: skip
    return AGGREGATES[name](call)


def _filter(node: exp.Filter, scope: Scope, compiler: Compiler) -> Typed:
    call = node.this
    if not isinstance(call, exp.Anonymous) or call.name.lower() not in AGGREGATES:
        raise Refused(f"FILTER on {call.sql('trino')[:80]}")
    compiler.note("filter (where ...)")
    inner = replace(scope, keys=None, clause="FILTER clause")
    condition = compiler.condition(node.expression.this, inner, "FILTER clause")
    return _aggregate_call(call, scope, f" FILTER (WHERE {condition.sql})", compiler)


def _concat(node: exp.DPipe, scope: Scope, compiler: Compiler) -> Typed:
    left, right = compiler.expression(node.this, scope), compiler.expression(node.expression, scope)
    return FUNCTIONS["concat"](Call("concat", [left, right], node, compiler, scope))


def _moment(node: exp.Expr, scope: Scope, compiler: Compiler) -> Typed:
    if node.args.get("this") is not None:
        raise Refused(f"the expression {node.sql('trino')}")
    compiler.note(_MOMENTS[type(node)])
    if isinstance(node, exp.CurrentDate):
        return Typed("CAST(current_timestamp AT TIME ZONE 'UTC' AS DATE)", DATE)
    if isinstance(node, exp.Localtimestamp):
        return Typed("date_trunc('millisecond', current_timestamp AT TIME ZONE 'UTC')", TIMESTAMP)
    return Typed("date_trunc('millisecond', current_timestamp)", TIMESTAMP_TZ)


def _extract(node: exp.Extract, scope: Scope, compiler: Compiler) -> Typed:
    name = node.this.name.lower()
    if name not in _FIELDS:
        raise QueryFailed(
            "SYNTAX_ERROR",
            f"{place(node)}Invalid EXTRACT field {name}, valid fields are: {', '.join(_FIELDS)}",
        )
    compiler.note(f"extract({name})")
    value = compiler.expression(node.expression, scope)
    of_day = name in ("hour", "minute", "second")
    missing = {"date": of_day, "time": not of_day and not name.startswith("timezone"), "unknown": False}
    if missing.get(value.type.base, not value.type.is_moment):
        raise QueryFailed(
            "TYPE_MISMATCH", f"{place(node.expression)}Cannot extract {name.upper()} from {value.type}"
        )
    return FUNCTIONS[name](Call(name, [value], node, compiler, scope))


def _trim(node: exp.Trim, scope: Scope, compiler: Compiler) -> Typed:
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")
    args = [compiler.expression(part, scope) for part in (node.this, node.expression) if part is not None]
    return FUNCTIONS[name](Call(name, args, node, compiler, scope))


def _position(node: exp.StrPosition, scope: Scope, compiler: Compiler) -> Typed:
    args = [compiler.expression(part, scope) for part in (node.this, node.args["substr"])]
    return FUNCTIONS["strpos"](Call("strpos", args, node, compiler, scope))


def _substring(node: exp.Substring, scope: Scope, compiler: Compiler) -> Typed:
    parts = (node.this, node.args.get("start"), node.args.get("length"))
    args = [compiler.expression(part, scope) for part in parts if part is not None]
    return FUNCTIONS["substr"](Call("substr", args, node, compiler, scope))


def _at_time_zone(node: exp.AtTimeZone, scope: Scope, compiler: Compiler) -> Typed:
    value = compiler.expression(node.this, scope)
    zone = node.args["zone"]
    if value.type.base in ("time", "unknown"):
        raise Refused(f"AT TIME ZONE of {value.type}")
    if value.type.base not in (ZONED, "timestamp"):
        problem = f"Type of value must be a time or timestamp with or without time zone (actual {value.type})"
        raise QueryFailed("TYPE_MISMATCH", f"{place(node.this)}{problem}")
    if not isinstance(zone, exp.Literal) or not zone.is_string:
        raise Refused("AT TIME ZONE with a zone that is not a literal")
    found = at_zone(value, named(zone.name))
    compiler.note(f"{shape(value.type)} at time zone")
    return found


CALLS: dict[type[exp.Expr], Part] = {
    exp.Anonymous: _function,
    exp.Filter: _filter,
    exp.WithinGroup: _within_group,
    exp.DPipe: _concat,
    exp.CurrentDate: _moment,
    exp.CurrentTimestamp: _moment,
    exp.Localtimestamp: _moment,
    exp.Extract: _extract,
    exp.Trim: _trim,
    exp.StrPosition: _position,
    exp.Substring: _substring,
    exp.AtTimeZone: _at_time_zone,
}
