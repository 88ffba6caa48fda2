"""Runs SELECT and VALUES."""

from __future__ import annotations

from sqlglot import exp

from local_athena.duckdb_engine.context import StatementContext
from local_athena.errors import Refused
from local_athena.sql.statements import Outcome


def select(tree: exp.Expr, context: StatementContext) -> Outcome:
    """Run a query.

    Raises:
        Refused: the tree is not a query.
    """
    if not isinstance(tree, (exp.Query, exp.Values)):
        raise Refused(f"the statement {context.statement.sql[:80]}")
    compiled = context.compile(tree)
    rows = context.rows(compiled)
    return context.outcome(columns=compiled.columns, rows=rows)
