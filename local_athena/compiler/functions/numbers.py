"""Compiles functions of numbers."""

from __future__ import annotations

from local_athena.compiler.functions.registry import Call, function, simple
from local_athena.compiler.scopes import Typed
from local_athena.values import types
from local_athena.values.duckdb_types import to_duckdb
from local_athena.values.types import BIGINT, BOOLEAN, DOUBLE, INTEGER

_INTEGERS = (types.TINYINT, types.SMALLINT, INTEGER, BIGINT)


@function("floor", "ceil", "ceiling", "round")
def _rounded(call: Call) -> Typed:
    """A number rounded to an integer. A decimal with a fraction gets one more digit, because rounding can carry."""
    if call.name == "round" and len(call.args) == 2:
        return _rounded_to(call)
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


def _rounded_to(call: Call) -> Typed:
    """A number rounded to a number of decimal places."""
    value, kind = call.args[0], call.args[0].type
    if call.args[1].type == BIGINT:
        raise call.mismatch(f"round(double), round(double, integer), round({kind}, integer)")
    if not call.args[1].type.is_integer or kind.base not in ("integer", "bigint", "double", "decimal"):
        raise call.unsupported()
    call.use(kind, BIGINT)
    digits = call.coerced(1, BIGINT)
    if kind == DOUBLE:
        return Typed(f"t_round({value.sql}, {digits})", DOUBLE)
    if kind.base == "decimal":
        precision, scale = kind.params
        kind = types.decimal(min(38, precision + 1), scale)
    rounded = f"t_round_decimal(CAST({value.sql} AS VARCHAR), {digits})"
    return Typed(f"CAST({rounded} AS {to_duckdb(kind)})", kind)


@function("sign")
def _sign(call: Call) -> Typed:
    call.require(1)
    kind = call.args[0].type
    if kind.base not in ("integer", "bigint"):
        raise call.unsupported()
    call.use(kind)
    return Typed(f"CAST(sign({call.args[0].sql}) AS {to_duckdb(kind)})", kind)


@function("random", "rand")
def _random(call: Call) -> Typed:
    """A random double from 0 to 1, a random integer below a bound, or a random integer between two bounds."""
    call.require(0, 1, 2)
    if not all(arg.type.is_integer for arg in call.args):
        raise call.unsupported()
    if not call.args:
        call.use()
        return Typed("random()", DOUBLE)
    kind = types.common_of(arg.type for arg in call.args)
    if kind not in (INTEGER, BIGINT):
        raise call.unsupported()
    call.use(*(kind for _ in call.args))
    bounds = [call.coerced(index, kind) for index in range(len(call.args))]
    low, high = bounds if len(bounds) == 2 else ("0", bounds[0])
    problem = "CAST(t_fail('INVALID_FUNCTION_ARGUMENT|bound must be positive') AS DOUBLE)"
    share = f"(CASE WHEN {high} > {low} THEN random() ELSE {problem} END)"
    return Typed(f"CAST({low} + floor({share} * ({high} - {low})) AS {to_duckdb(kind)})", kind)


@function("abs")
def _abs(call: Call) -> Typed:
    call.require(1)
    if not (call.args[0].type.is_integer or call.args[0].type.base in ("double", "decimal")):
        raise call.unsupported()
    call.use(call.args[0].type)
    return Typed(f"abs({call.args[0].sql})", call.args[0].type)


simple("sqrt", ((DOUBLE,), DOUBLE, "(CASE WHEN {0} < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt({0}) END)"))
simple("is_nan", ((DOUBLE,), BOOLEAN, "isnan({0})"), complete=False)
simple("is_finite", ((DOUBLE,), BOOLEAN, "isfinite({0})"))
simple("is_infinite", ((DOUBLE,), BOOLEAN, "isinf({0})"), complete=False)
simple("pi", ((), DOUBLE, "pi()"))
simple("e", ((), DOUBLE, "CAST('2.718281828459045' AS DOUBLE)"))
for _name, _operator in (("and", "{0} & {1}"), ("or", "{0} | {1}"), ("xor", "xor({0}, {1})")):
    simple(f"bitwise_{_name}", ((BIGINT, BIGINT), BIGINT, f"({_operator})"))
simple("bitwise_not", ((BIGINT,), BIGINT, "(~{0})"))
simple("nan", ((), DOUBLE, "CAST('NaN' AS DOUBLE)"))
simple("infinity", ((), DOUBLE, "CAST('Infinity' AS DOUBLE)"))
simple("truncate", ((DOUBLE,), DOUBLE, "trunc({0})"), complete=False)
#: The remainder of integers. DuckDB would divide, and the smallest number by -1 is too large.
REMAINDER = "(CASE WHEN {1} = -1 THEN {0} - {0} ELSE {0} % {1} END)"
simple("mod", *(((kind, kind), kind, REMAINDER) for kind in (INTEGER, BIGINT)), complete=False)
