"""Functions of numbers."""

from __future__ import annotations

from local_athena.compiler.functions.registry import Call, function, simple
from local_athena.compiler.scopes import Typed
from local_athena.values import types
from local_athena.values.duckdb_types import to_duckdb
from local_athena.values.types import BIGINT, DOUBLE, INTEGER

_INTEGERS = (types.TINYINT, types.SMALLINT, INTEGER, BIGINT)


@function("floor", "ceil", "ceiling", "round")
def _rounded(call: Call) -> Typed:
    """A number without its fraction; a decimal keeps room for one digit more."""
    if len(call.args) != 1:
        raise call.unsupported()
    value, kind = call.args[0].sql, call.args[0].type
    call.use(kind)
    if kind.is_integer:
        return call.args[0]
    if kind == DOUBLE:
        return Typed(f"{call.name}({value})", DOUBLE)
    if kind.base == "decimal":
        precision, scale = kind.params
        wide = types.decimal(min(38, precision - scale + min(scale, 1)), 0)
        return Typed(f"CAST({call.name}({value}) AS {to_duckdb(wide)})", wide)
    raise call.unsupported()


@function("abs")
def _abs(call: Call) -> Typed:
    call.require(1)
    if not (call.args[0].type.is_integer or call.args[0].type.base in ("double", "decimal")):
        raise call.unsupported()
    call.use(call.args[0].type)
    return Typed(f"abs({call.args[0].sql})", call.args[0].type)


simple("sqrt", ((DOUBLE,), DOUBLE, "(CASE WHEN {0} < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt({0}) END)"))
simple("mod", *(((kind, kind), kind, "({0} % {1})") for kind in (INTEGER, BIGINT)), complete=False)
