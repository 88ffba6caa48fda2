"""Writes queries in Trino's format.

Athena stores a view's query in this format, and SHOW CREATE VIEW shows it. tests/local_athena/sql/formatted.jsonl holds
what the formatter of Trino 476 makes of many queries. One thing differs: a decimal literal such as `1.5` becomes the
double `1.5E0`, because Athena reads it as a double (docs/athena-measured.md).
"""

from __future__ import annotations

from sqlglot import exp

from local_athena.sql.formatting.queries import query
from local_athena.sql.formatting.words import formatted_name

__all__ = ["formatted", "formatted_name"]


def formatted(tree: exp.Expr) -> str:
    """A query in Trino's format. Most queries end with a line feed, as in Trino.

    Args:
        tree: the query's syntax tree, as `parsing.parse` returns it.

    Raises:
        Refused: the query has syntax that the package does not know.
    """
    return query(tree)
