"""Finds the conditions in a WHERE or ON clause that compare a column with literals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

from local_athena.compiler.scopes import Output
from local_athena.tables.pruning import Comparison, Value
from local_athena.values.types import Type

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "in": "in"}
_OPERATORS: dict[type[exp.Expr], str] = {
    exp.EQ: "in",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
ColumnOf = Callable[[exp.Expr], Output | None]


def conjuncts(condition: exp.Expr) -> Iterator[exp.Expr]:
    """The parts of a condition that are joined with AND."""
    if isinstance(condition, exp.Paren):
        yield from conjuncts(condition.this)
    elif isinstance(condition, exp.And):
        yield from conjuncts(condition.this)
        yield from conjuncts(condition.expression)
    else:
        yield condition


def is_false(condition: exp.Expr) -> bool:
    """Whether constants alone make a condition false or null: `false`, `1 = 0`, `a = 1 and null`."""
    for part in conjuncts(condition):
        if not any(part.find_all(exp.Column, exp.Query, exp.Func)):
            folded = simplify(part.copy())
            if isinstance(folded, exp.Null) or (isinstance(folded, exp.Boolean) and not folded.this):
                return True
    return False


def conjunction(
    conditions: Iterable[exp.Expr], column_of: ColumnOf
) -> list[tuple[Output, tuple[Comparison, ...]]]:
    """The comparisons of columns with literals among conditions that are joined with AND.

    Args:
        conditions: the conditions.
        column_of: returns the column that an expression is; None for other expressions.

    Returns:
        A column and its comparisons for each condition that consists of such comparisons.
    """
    comparisons = (_comparisons(condition, column_of) for condition in conditions)
    return [item for item in comparisons if item is not None]


def _comparisons(node: exp.Expr, column_of: ColumnOf) -> tuple[Output, tuple[Comparison, ...]] | None:
    if isinstance(node, exp.Paren):
        return _comparisons(node.this, column_of)
    if isinstance(node, exp.Or):
        return _either(node, column_of)
    if type(node) in _OPERATORS:
        return _compared(node, _OPERATORS[type(node)], column_of)
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        output = column_of(node.this)
        return None if output is None else (output, (Comparison("is null", ()),))
    if isinstance(node, exp.In) and node.expressions:
        return _of_column(node.this, [("in", node.expressions)], column_of)
    if isinstance(node, exp.Between):
        low, high = node.args["low"], node.args["high"]
        return _of_column(node.this, [(">=", [low]), ("<=", [high])], column_of)
    return None


def _compared(
    node: exp.Expr, operator: str, column_of: ColumnOf
) -> tuple[Output, tuple[Comparison, ...]] | None:
    left, right = node.this, node.expression
    return _of_column(left, [(operator, [right])], column_of) or _of_column(
        right, [(_FLIPPED[operator], [left])], column_of
    )


def _of_column(
    node: exp.Expr, tests: list[tuple[str, list[exp.Expr]]], column_of: ColumnOf
) -> tuple[Output, tuple[Comparison, ...]] | None:
    while isinstance(node, exp.Paren):
        node = node.this
    output = column_of(node)
    if output is None:
        return None
    comparisons = []
    for operator, literals in tests:
        values = [_value(literal, output.type) for literal in literals]
        if any(value is None for value in values):
            return None
        comparisons.append(Comparison(operator, tuple(value for value in values if value is not None)))
    return output, tuple(comparisons)


def _either(node: exp.Or, column_of: ColumnOf) -> tuple[Output, tuple[Comparison, ...]] | None:
    """The values of an OR between equalities of one column, as in `a = 1 or a in (2, 3)`."""
    left, right = _comparisons(node.this, column_of), _comparisons(node.expression, column_of)
    if left is None or right is None or left[0] is not right[0]:
        return None
    both = (*left[1], *right[1])
    if len(both) != 2 or any(comparison.operator != "in" for comparison in both):
        return None
    return left[0], (Comparison("in", both[0].values + both[1].values),)


def _value(node: exp.Expr, kind: Type) -> Value | None:
    """A literal's value for a column of the type; None if the node is not a literal of that type."""
    while isinstance(node, exp.Paren):
        node = node.this
    if kind.base == "varchar" and isinstance(node, exp.Literal) and node.is_string:
        return node.name
    if kind.is_integer:
        sign, number = (-1, node.this) if isinstance(node, exp.Neg) else (1, node)
        is_number = isinstance(number, exp.Literal) and not number.is_string and number.name.isdigit()
        return sign * int(number.name) if is_number else None
    if kind.base == "boolean":
        return bool(node.this) if isinstance(node, exp.Boolean) else None
    if kind.base == "date":
        text = _date_text(node)
        try:
            return dt.date.fromisoformat(text) if text and len(text) == len("2025-08-10") else None
        except ValueError:
            return None
    return None


def _date_text(node: exp.Expr) -> str | None:
    """The text of `date '…'`, `cast('…' as date)` or `date('…')`."""
    if isinstance(node, exp.Cast) and node.to.this == exp.DType.DATE:
        inner = node.this
    elif isinstance(node, exp.Anonymous) and node.name.lower() == "date" and len(node.expressions) == 1:
        inner = node.expressions[0]
    else:
        return None
    return inner.name if isinstance(inner, exp.Literal) and inner.is_string else None
