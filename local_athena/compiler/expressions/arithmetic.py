"""Compiles arithmetic: + - * / % on numbers, dates and timestamps plus or minus intervals, and the negative sign."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from local_athena.compiler.casts import cast_sql
from local_athena.compiler.contract import Compiler, Part
from local_athena.compiler.expressions.literals import integer
from local_athena.compiler.functions.numbers import REMAINDER
from local_athena.compiler.functions.registry import ambiguous
from local_athena.compiler.intervals import literal_interval
from local_athena.compiler.proven import shape
from local_athena.compiler.scopes import Scope, Typed
from local_athena.compiler.zoned import ZONED, local, moment_near
from local_athena.errors import QueryFailed, Refused
from local_athena.sql.operators import ARITHMETIC_SIGNS
from local_athena.sql.places import place
from local_athena.values import types
from local_athena.values.duckdb_types import to_duckdb
from local_athena.values.types import DATE, DOUBLE, UNKNOWN

#: A day in shorter units.
_A_DAY = {"hour": 24, "minute": 24 * 60, "second": 24 * 60 * 60}


def _arithmetic(node: exp.Expr, scope: Scope, compiler: Compiler) -> Typed:
    operator = ARITHMETIC_SIGNS[type(node)]
    if isinstance(node.expression, exp.Interval) and operator in "+-":
        return _plus_interval(node, operator, scope, compiler)
    left, right = compiler.expression(node.this, scope), compiler.expression(node.expression, scope)
    kind = types.common(left.type, right.type)
    if operator == "-" and left.type.is_moment and right.type.is_moment:
        raise Refused(f"the operator {left.type} - {right.type}")
    if kind == UNKNOWN:
        raise Refused(f"the operator {operator} on nulls without a type")
    if kind is None or not kind.is_numeric:
        raise QueryFailed(
            "TYPE_MISMATCH", f"{place(node)}Cannot apply operator: {left.type} {operator} {right.type}"
        )
    compiler.note(f"{shape(kind)} {operator} {shape(kind)}")
    a, b = compiler.coerced(left, kind), compiler.coerced(right, kind)
    if kind.base == "decimal":
        return _decimal_arithmetic(operator, left, right)
    symbol = "//" if operator == "/" and kind.is_integer else operator
    if operator == "%" and kind == DOUBLE:
        return Typed(
            f"(CASE WHEN {a} IS NULL THEN NULL WHEN {b} = 0 THEN CAST('NaN' AS DOUBLE) ELSE {a} % {b} END)",
            kind,
        )
    if operator == "%" and not kind.is_integer:
        raise Refused(f"the operator % on {kind}")
    if operator == "%":
        return Typed(REMAINDER.format(a, b), kind)
    if operator == "/" and not kind.is_integer:
        # By IEEE 754, division by zero gives infinity or NaN instead of an error.
        return Typed(f"({a} / {b})", kind)
    return Typed(f"({a} {symbol} {b})", kind)


def _plus_interval(node: exp.Expr, operator: str, scope: Scope, compiler: Compiler) -> Typed:
    value = compiler.expression(node.this, scope)
    unit, amount = literal_interval(node.expression)
    if not value.type.is_moment and (value.type.base != "time" or unit in ("month", "year")):
        raise QueryFailed(
            "TYPE_MISMATCH", f"{place(node)}Cannot apply operator: {value.type} {operator} interval"
        )
    if value.type == DATE and unit in _A_DAY:
        if amount % _A_DAY[unit]:
            raise QueryFailed("INVALID_FUNCTION_ARGUMENT", "Cannot add hour, minutes or seconds to a date")
        unit, amount = "day", amount // _A_DAY[unit]
    kind = value.type
    if kind.params and unit not in ("month", "year"):
        # In Trino, an interval of days or smaller units counts milliseconds, so the result has at least 3 digits.
        kind = replace(kind, params=(max(kind.params[0], 3),))
    compiler.note(f"{shape(kind)} {operator} interval {unit}")
    if kind.base == ZONED and unit in ("month", "year"):
        clock = local(value, compiler.note)
        return Typed(moment_near(f"({clock} {operator} INTERVAL ({amount}) {unit})", value), kind)
    sql = f"{value.sql} {operator} INTERVAL ({amount}) {unit}"
    return Typed(f"CAST({sql} AS {to_duckdb(kind)})", kind)


def _negative(node: exp.Neg, scope: Scope, compiler: Compiler) -> Typed:
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string and inner.name.isdigit():
        # The sign is part of a number's literal: -2147483648 is an integer.
        return integer(-int(inner.name), node, compiler)
    value = compiler.expression(inner, scope)
    if value.type == UNKNOWN:
        raise ambiguous(node)
    if not value.type.is_numeric:
        raise QueryFailed("TYPE_MISMATCH", f"{place(node)}Cannot negate {value.type}")
    compiler.note(f"- {shape(value.type)}")
    return Typed(f"(- {value.sql})", value.type)


def _decimal_arithmetic(operator: str, left: Typed, right: Typed) -> Typed:
    a, b = types.as_decimal(left.type), types.as_decimal(right.type)
    if operator in "/%":
        return _decimal_division(operator, Typed(cast_sql(left, a), a), Typed(cast_sql(right, b), b))
    if operator == "*":
        kind = types.decimal(min(38, a.params[0] + b.params[0]), a.params[1] + b.params[1])
    else:
        scale = max(a.params[1], b.params[1])
        whole = max(a.params[0] - a.params[1], b.params[0] - b.params[1])
        kind = types.decimal(min(38, whole + scale + 1), scale)
    if kind.params[1] > 38:
        raise QueryFailed(
            "TYPE_MISMATCH", f"DECIMAL scale must be in range [0, precision (38)]: {kind.params[1]}"
        )
    sql = f"CAST({cast_sql(left, a)} {operator} {cast_sql(right, b)} AS {to_duckdb(kind)})"
    return Typed(sql, kind)


def _decimal_division(operator: str, left: Typed, right: Typed) -> Typed:
    """A decimal quotient or remainder with Trino's precision and scale. The quotient is rounded half up."""
    (p1, s1), (p2, s2) = left.type.params, right.type.params
    scale = max(s1, s2)
    a, b = (f"CAST({side.sql} AS VARCHAR)" for side in (left, right))
    if operator == "/":
        kind = types.decimal(min(38, p1 + s2 + max(0, s2 - s1)), scale)
        sql = f"t_decimal_quotient({a}, {b}, CAST({scale} AS BIGINT))"
    else:
        kind = types.decimal(min(38, min(p1 - s1, p2 - s2) + scale), scale)
        sql = f"t_decimal_remainder({a}, {b})"
    return Typed(f"CAST({sql} AS {to_duckdb(kind)})", kind)


ARITHMETIC: dict[type[exp.Expr], Part] = {**dict.fromkeys(ARITHMETIC_SIGNS, _arithmetic), exp.Neg: _negative}
