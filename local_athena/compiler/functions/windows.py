"""Compiles window functions."""

from __future__ import annotations

from sqlglot import exp

from local_athena.compiler.functions.registry import WINDOW_FUNCTIONS, Call, coerces, function
from local_athena.compiler.scopes import Typed
from local_athena.values import types
from local_athena.values.types import BIGINT, DOUBLE


@function("row_number", "rank", "dense_rank", table=WINDOW_FUNCTIONS)
def _rank(call: Call) -> Typed:
    call.require(0)
    call.use()
    return Typed(f"{call.name}(){call.tail}", BIGINT)


@function("percent_rank", "cume_dist", table=WINDOW_FUNCTIONS)
def _share(call: Call) -> Typed:
    call.require(0)
    call.use()
    return Typed(f"{call.name}(){call.tail}", DOUBLE)


@function("ntile", table=WINDOW_FUNCTIONS)
def _ntile(call: Call) -> Typed:
    call.require(1)
    count = call.coerced(0, BIGINT)
    literal = call.node.expressions[0]
    if not isinstance(literal, exp.Literal) or literal.is_string or not int(literal.name):
        raise call.unsupported()
    call.use(BIGINT)
    return Typed(f"ntile({count}){call.tail}", BIGINT)


@function("nth_value", table=WINDOW_FUNCTIONS)
def _nth_value(call: Call) -> Typed:
    call.require(2)
    literal = call.node.expressions[1]
    if not isinstance(literal, exp.Literal) or literal.is_string or not int(literal.name):
        raise call.unsupported()
    call.use("E", BIGINT)
    return Typed(f"nth_value({call.args[0].sql}, {call.coerced(1, BIGINT)}){call.tail}", call.args[0].type)


@function("lag", "lead", table=WINDOW_FUNCTIONS)
def _neighbour(call: Call) -> Typed:
    """LAG or LEAD: the value a number of rows before or after. Trino fails on a negative or null offset, DuckDB does not."""
    call.require(1, 2, 3)
    offset = call.args[1] if len(call.args) > 1 else None
    if offset is None:
        call.use("E")
        return Typed(f"{call.name}({call.args[0].sql}){call.tail}", call.args[0].type)
    if not coerces(offset.type, BIGINT):
        raise call.mismatch(f"{call.name}(t), {call.name}(t, bigint), {call.name}(t, bigint, t)")
    value, default = call.args[0], ""
    if len(call.args) == 3:
        kind = types.common(value.type, call.args[2].type)
        if kind is None or types.UNKNOWN in (kind, offset.type):
            raise call.mismatch(f"{call.name}(t), {call.name}(t, bigint), {call.name}(t, bigint, t)")
        call.use("E", offset.type, "E")
        value, default = Typed(call.coerced(0, kind), kind), f", {call.coerced(2, kind)}"
    else:
        call.use("E", offset.type)
    count = call.coerced(1, BIGINT)
    wrong = (
        f"CAST(t_fail('INVALID_FUNCTION_ARGUMENT|Offset must ' || CASE WHEN {count} IS NULL THEN 'not be null' "
        "ELSE 'be at least 0' END) AS BIGINT)"
    )
    checked = f"(CASE WHEN {count} >= 0 THEN {count} ELSE {wrong} END)"
    return Typed(f"{call.name}({value.sql}, {checked}{default}){call.tail}", value.type)


@function("first_value", "last_value", table=WINDOW_FUNCTIONS)
def _edge_value(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    return Typed(f"{call.name}({call.args[0].sql}){call.tail}", call.args[0].type)
