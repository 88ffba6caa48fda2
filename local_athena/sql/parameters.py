"""The parameters of an execution, in place of a statement's question marks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from local_athena.errors import QueryFailed
from local_athena.sql.parsing import parse


def with_parameters(tree: exp.Expr, parameters: Sequence[str]) -> exp.Expr:
    """The statement with its question marks replaced.

    Args:
        tree: the statement; it is changed.
        parameters: the SQL literals that take their places.

    Raises:
        QueryFailed: there are more or fewer parameters than question marks.
    """
    marks = list(tree.find_all(exp.Placeholder))
    if len(marks) != len(parameters):
        raise QueryFailed(
            "INVALID_PARAMETER_USAGE",
            f"Incorrect number of parameters: expected {len(marks)} but found {len(parameters)}",
        )
    for mark, text in zip(marks, parameters, strict=True):
        select = parse(f"select {text}")
        assert isinstance(select, exp.Select)
        mark.replace(select.expressions[0])
    return tree
