"""Compiles coalesce, nullif, greatest, least and typeof."""

from __future__ import annotations

from local_athena.compiler.comparing import compared, unified
from local_athena.compiler.functions.registry import Call, function
from local_athena.compiler.scopes import Typed
from local_athena.errors import QueryFailed
from local_athena.values import types
from local_athena.values.types import DOUBLE, UNKNOWN, VARCHAR


@function("coalesce")
def _coalesce(call: Call) -> Typed:
    if len(call.args) < 2:
        raise QueryFailed("INVALID_ARGUMENTS", "The 'coalesce' function must have at least two arguments")
    kind = unified([arg.type for arg in call.args], "All COALESCE operands must be the same type", call.node)
    call.use("E, ...")
    return Typed(f"coalesce({', '.join(call.compiler.coerced(arg, kind) for arg in call.args)})", kind)


@function("nullif")
def _nullif(call: Call) -> Typed:
    call.require(2)
    first, second = call.args
    test = compared("=", first, second, call.node, call.compiler)
    call.use("E", "E")
    return Typed(f"(CASE WHEN {test.sql} THEN NULL ELSE {first.sql} END)", first.type)


@function("greatest", "least")
def _greatest(call: Call) -> Typed:
    kind = types.common_of(arg.type for arg in call.args)
    if kind is None:
        raise call.mismatch(f"{call.name}(E) E:orderable")
    if kind == UNKNOWN or kind.items or kind.base in ("real", "json"):
        raise call.unsupported()
    call.use(kind, "...")
    parts = [call.compiler.coerced(arg, kind) for arg in call.args]
    nulls = " OR ".join(f"{part} IS NULL" for part in parts)
    if kind == DOUBLE:
        # Trino ignores NaN if there is a number.
        numbers = f"list_filter([{', '.join(parts)}], lambda t: NOT isnan(t))"
        best = f"list_{'max' if call.name == 'greatest' else 'min'}({numbers})"
        return Typed(
            f"(CASE WHEN {nulls} THEN NULL ELSE coalesce({best}, CAST('NaN' AS DOUBLE)) END)", DOUBLE
        )
    return Typed(f"(CASE WHEN {nulls} THEN NULL ELSE {call.name}({', '.join(parts)}) END)", kind)


@function("typeof")
def _typeof(call: Call) -> Typed:
    call.require(1)
    call.use("E")
    # The argument stays in the SQL, because an aggregate in it makes the query an aggregated one.
    shown = f"'{call.args[0].type}'"
    return Typed(f"(CASE WHEN {call.args[0].sql} IS NULL THEN {shown} ELSE {shown} END)", VARCHAR)
