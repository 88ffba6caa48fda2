"""The parameters of an execution, in place of a statement's question marks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from local_athena.errors import QueryFailed, Refused
from local_athena.sql.grammar import PLACE_OF_MARK
from local_athena.sql.parsing import parse


def with_parameters(tree: exp.Expr, parameters: Sequence[str]) -> exp.Expr:
    """The statement with its question marks replaced, in the order in which they stand in its text.

    Args:
        tree: the statement; it is changed.
        parameters: the values. As Athena was measured to do, one that is an expression without names of columns counts
            as that expression, everything else as a text. Without any question mark they are ignored.

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
    """A parameter as the SQL that it stands for: itself if it is an expression, or else a text in quotes."""
    value = _value(text)
    is_text = isinstance(value, exp.Literal) and value.is_string and value.name == text
    return "'" + text.replace("'", "''") + "'" if is_text else text


def _value(text: str) -> exp.Expr:
    """What a parameter stands for."""
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
