"""Replaces the question marks of a statement with the execution's parameters."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.grammar import PLACE_OF_MARK
from local_athena.sql.parsing import parse


def with_parameters(tree: exp.Expr, parameters: Sequence[str]) -> exp.Expr:
    """The statement with its question marks replaced by the parameters, in the order of its text.

    If the statement has no question mark, the parameters are ignored.

    Args:
        tree: the statement. It is changed.
        parameters: the values. Athena reads a value as an expression if it is one and names no columns. It reads all
            other values as strings (recorded in docs/athena-measured.md).

    Raises:
        QueryFailed: there are more or fewer parameters than question marks.
    """
    marks = sorted(tree.find_all(exp.Placeholder), key=lambda mark: mark.meta[PLACE_OF_MARK])
    if not marks:
        return tree
    if len(marks) != len(parameters):
        raise QueryFailed(
            "INVALID_PARAMETER_USAGE",
            f"line 1:1: Incorrect number of parameters: expected {len(marks)} but found {len(parameters)}",
        )
    for mark, text in zip(marks, parameters, strict=True):
        mark.replace(_value(text))
    return tree


def as_sql(text: str) -> str:
    """The SQL of a parameter: the unchanged parameter if it is an expression, else a quoted string."""
    value = _value(text)
    is_text = isinstance(value, exp.Literal) and value.is_string and value.name == text
    return "'" + text.replace("'", "''") + "'" if is_text else text


def _value(text: str) -> exp.Expr:
    """The syntax tree of a parameter: an expression, or else a string literal."""
    try:
        select = parse(f"select ({text})")
    except Refused:
        raise
    except QueryFailed:
        return exp.Literal.string(text)
    is_lone = (
        isinstance(select, exp.Select)
        and len(select.expressions) == 1
        and not any(value for clause, value in select.args.items() if clause not in ("expressions", "kind"))
    )
    value = select.expressions[0] if is_lone else None
    if not isinstance(value, exp.Paren) or any(value.find_all(exp.Column, exp.Star)):
        return exp.Literal.string(text)
    return value.this
