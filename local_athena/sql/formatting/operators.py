"""Formats operators, conditions, CASE, casts, arrays, rows and subscripts."""

from __future__ import annotations

from sqlglot import exp

from local_athena.sql.formatting.parts import expression, formats, joined
from local_athena.sql.formatting.words import text, type_name
from local_athena.sql.grammar import IS_LITERAL, IS_NOT, PLUS_SIGNS, SPELLING
from local_athena.sql.operators import ARITHMETIC_SIGNS, COMPARISON_SIGNS

#: Trino writes NOT before IS DISTINCT FROM.
_OPERATORS = {
    kind: sign
    for kind, sign in {**ARITHMETIC_SIGNS, **COMPARISON_SIGNS}.items()
    if kind is not exp.NullSafeEQ
}
#: The names before literals of which Trino does not keep the spelling.
_LITERAL_NAMES = {"DECIMAL": "DECIMAL", "DOUBLE PRECISION": "DOUBLE"}


@formats(exp.Neg)
def _neg(node: exp.Expr) -> str:
    value = expression(node.this)
    # In Trino's grammar, the sign is a part of a number.
    is_number = (
        isinstance(node.this, exp.Literal) and not node.this.is_string and not node.this.meta.get(PLUS_SIGNS)
    )
    return f"-{value}" if is_number else f"-({value})"


@formats(*_OPERATORS)
def _operator(node: exp.Expr) -> str:
    return f"({expression(node.this)} {_OPERATORS[type(node)]} {expression(node.expression)})"


@formats(exp.Not)
def _not(node: exp.Expr) -> str:
    inner = node.this
    if node.meta.get(IS_NOT):
        return f"({expression(inner.this)} IS NOT NULL)"
    return f"(NOT {expression(inner)})"


@formats(exp.NullSafeEQ)
def _not_distinct(node: exp.Expr) -> str:
    return f"(NOT ({expression(node.this)} IS DISTINCT FROM {expression(node.expression)}))"


@formats(exp.And, exp.Or)
def _connector(node: exp.Expr) -> str:
    return f"({joined(node.flatten(unnest=False), by=f' {node.key.upper()} ')})"


@formats(exp.Is)
def _is_null(node: exp.Expr) -> str:
    return f"({expression(node.this)} IS NULL)"


@formats(exp.Between)
def _between(node: exp.Expr) -> str:
    low, high = expression(node.args["low"]), expression(node.args["high"])
    return f"({expression(node.this)} BETWEEN {low} AND {high})"


@formats(exp.Like)
def _like(node: exp.Expr, escape: str = "") -> str:
    like = f"({expression(node.this)} LIKE {expression(node.expression)}{escape})"
    return f"(NOT {like})" if node.args.get("negate") else like


@formats(exp.Escape)
def _escape(node: exp.Expr) -> str:
    return _like(node.this, f" ESCAPE {expression(node.expression)}")


@formats(exp.Case)
def _case(node: exp.Expr) -> str:
    operand, default = node.this, node.args.get("default")
    parts = ["CASE", *([expression(operand)] if operand is not None else [])]
    parts += [
        f"WHEN {expression(each.this)} THEN {expression(each.args['true'])}" for each in node.args["ifs"]
    ]
    if default is not None:
        parts.append(f"ELSE {expression(default)}")
    return f"({' '.join(parts)} END)"


@formats(exp.If)
def _if(node: exp.Expr) -> str:
    parts = (node.this, node.args["true"], node.args.get("false"))
    return f"IF({joined(part for part in parts if part is not None)})"


@formats(exp.Cast, exp.TryCast)
def _cast(node: exp.Cast) -> str:
    if node.meta.get(IS_LITERAL):
        name = node.to.meta[SPELLING]
        return f"{_LITERAL_NAMES.get(name.upper(), name)} {text(node.this.name)}"
    word = "TRY_CAST" if isinstance(node, exp.TryCast) else "CAST"
    return f"{word}({expression(node.this)} AS {type_name(node.to)})"


@formats(exp.Array)
def _array(node: exp.Expr) -> str:
    return f"ARRAY[{joined(node.expressions, _bare, ',')}]"


def _bare(node: exp.Expr) -> str:
    """An item of an array or a part of a subscript. Trino writes `ROW(1)` there, and `ROW (1)` everywhere else."""
    return f"ROW({joined(node.expressions, _bare)})" if is_row(node) else expression(node)


def is_row(node: exp.Expr) -> bool:
    """Whether an expression is a row: `(1, 2)` or `row(1, 2)`."""
    return isinstance(node, exp.Tuple) or (isinstance(node, exp.Anonymous) and node.name.lower() == "row")


@formats(exp.Tuple)
def row(node: exp.Expr) -> str:
    """A row."""
    return f"ROW ({joined(node.expressions)})"


@formats(exp.Bracket)
def _bracket(node: exp.Expr) -> str:
    return f"{_bare(node.this)}[{joined(node.expressions, _bare)}]"


@formats(exp.Paren)
def _paren(node: exp.Expr) -> str:
    return expression(node.this)


@formats(exp.AtTimeZone)
def _at_time_zone(node: exp.Expr) -> str:
    return f"{expression(node.this)} AT TIME ZONE {expression(node.args['zone'])}"


@formats(exp.DPipe)
def _concat(node: exp.Expr) -> str:
    return f"concat({expression(node.this)}, {expression(node.expression)})"
